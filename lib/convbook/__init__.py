"""A course on convolutional networks that you can run.

Importing this package loads nothing heavy: `convbook.checks`, `convbook.figures`
and the rest are imported when they are asked for. In a notebook it listens for cells that are no Python (`unread`).
"""

import sys

__version__ = "0.1.0"

if "IPython" in sys.modules:
    from convbook.unread import listen

    listen(sys.modules["IPython"].get_ipython())
