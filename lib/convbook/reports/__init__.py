"""What an instructor takes away from a graded class: a page, tables, files for Canvas and Moodle."""
