"""A course on convolutional networks that you can run.

Importing this package loads nothing heavy: `convbook.checks`, `convbook.figures`
and the rest are imported when they are asked for.
"""

__version__ = "0.1.0"
