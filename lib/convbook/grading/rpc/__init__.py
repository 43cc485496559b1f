"""Plain values between the student's process and the trusted one: how they are written, sent, read and used."""
