"""What was handed in and what was asked: notebooks read whatever has happened to them, repaired, and understood without running."""
