"""What a new unit and a new exercise begin with: a small example that runs, to be replaced piece by piece.

The example is the mean of every row of an array. `$name` stands for what the author chose.
"""

from __future__ import annotations

from string import Template

UNIT = '''\
"""The checks of unit $number: $title."""

from __future__ import annotations

from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

unit = Unit("$folder", $title_in_quotes, ())
progress = reporter(unit)

__all__ = ["progress", "unit"]
'''

PAGE = '"""$title: a page of the checks of unit $number."""\n\nfrom __future__ import annotations\n'

PAGE_IMPORTS = """\
from collections.abc import Iterator
import numpy as np
from convbook.checks.engine.declare import case, drawn, every_layout, exercise, mistake
from convbook.forms import Case
"""

EXERCISE = '''\
def ${name}_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield the simplest case first, sides of different lengths, every layout in memory, then some from the seed."""
    yield case(np.array([[1.0, 2.0, 6.0], [4.0, 5.0, 0.0]]))
    yield from every_layout(np.arange(8.0).reshape(4, 2))
    for _ in range(6):
        yield drawn(rng.normal(size=tuple(rng.integers(2, 7, 2))))


@exercise(
    $title_in_quotes, points=$points, cases=${name}_cases, shapes="x (h, w) -> (h,)",
    why="each of the {h} results is shared out over {w} numbers",
    shape="one number for each of the {h} rows",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("it is the sum, not the mean", "a mean is the sum divided by how many there are",
                "there are {w} numbers in a row", result=lambda y, w: y * w),
        mistake("the last number of every row is left out", "`range(n)` already stops at n − 1: all {w} numbers count",
                x=lambda x: x[:, :-1]),
        mistake("it is one mean for every column", "a row runs along the last axis", "there are {h} rows, and {w} columns",
                instead=lambda x: x.mean(0)),
    ),
)  # fmt: skip
def $name(x):
    return x.mean(1)
'''

WAYS = '"""Right answers to the exercises of unit $number, in other styles than the solution\'s: only tests may know them."""\n\nfrom __future__ import annotations\n'

WAYS_IMPORTS = "import numpy as np\nfrom right import way\n"

TWO_WAYS = """\
@way("$name")
def ${name}_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("$name")
def ${name}_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]
"""

TITLE_CELL = """\
# $plain_number · $title
One sentence of promise: what will a learner have built?

**After this notebook you can**
- …

**5 min · 0 exercises · 0 points · needs 0 Start here · runs on a CPU**"""

IMPORTS_CELL = """\
import numpy as np
from convbook.checks import $topic as check

rng = np.random.default_rng($plain_number)"""

RECAP_CELL = """\
## Recap
What cell one promised, now in the past tense.

**Think further**
1. A first open question?
2. A second one?"""

BANNER_CELL = """\
### ✏️ Exercise $plain_number.$place — $title
**10 min · ●●○ · $points points** — write `$name`: the mean of every row of an array."""

ANSWER_CELL = '''\
def $name(x):
    """Return the mean of every row of an array.

    Shapes: x (h, w) -> (h,)
    """
    ### BEGIN SOLUTION
    raise NotImplementedError("the solution of $name goes here")
    ### END SOLUTION'''

TRY_CELL = "$name(np.array([[1.0, 2.0, 6.0], [4.0, 5.0, 0.0]]))"

CHECK_CELL = "check.$name($name)"

HINTS_CELL = """\
<details><summary>Hint — which symptom does a learner see?</summary>

What to look at, in one or two sentences. Not the method.

</details>

<details><summary>Help — "operands could not be broadcast together"</summary>

What this error means here.

</details>"""


def filled(template: str, names: dict[str, str]) -> str:
    """Return a template with the author's names in it."""
    return Template(template).substitute(names)
