"""What stays of a run: the gradebook, `autograded/`, the report, the feedback, and what is remembered for the next one."""
