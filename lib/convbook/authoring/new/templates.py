"""What a new unit and a new exercise begin with: a small example that runs, to be replaced piece by piece.

The example of a function is the mean of every row of an array, that of a class a convolution with its batch norm and ReLU.
`$name` stands for what the author chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

UNIT = '''\
"""The checks of unit $number: $title."""

from __future__ import annotations

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.forms import Unit

unit = Unit("$folder", $title_in_quotes, ())
progress = reporter(unit)
drill = driller(unit)

__all__ = ["drill", "progress", "unit"]
'''

PAGE = '"""$title: a page of the checks of unit $number."""\n\nfrom __future__ import annotations\n'

WAYS = '"""Right answers to the exercises of unit $number, in other styles than the solution\'s: only tests may know them."""\n\nfrom __future__ import annotations\n'

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

CHECK_CELL = "check.$name($name)"

HINTS_CELL = """\
<details><summary>Hint — which symptom does a learner see?</summary>

What to look at, in one or two sentences. Not the method.

</details>

<details><summary>Help — "operands could not be broadcast together"</summary>

What this error means here.

</details>"""

BANNER_CELL = """\
### ✏️ Exercise $plain_number.$place — $title
**10 min · ●●○ · $points points** — write `$name`: $task."""


@dataclass(frozen=True)
class Example:
    """What an exercise begins with: its check, two right answers, and the cells that differ from one kind to the other."""

    imports: str
    check: str
    ways_imports: str
    ways: str
    task: str
    answer: str
    attempt: str


FUNCTION = Example(
    imports="""\
from collections.abc import Iterator
import numpy as np
from convbook.checks.engine.declare import case, drawn, every_layout, exercise, mistake
from convbook.forms import Case
""",
    check='''\
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
''',
    ways_imports="import numpy as np\nfrom right import way\n",
    ways="""\
@way("$name")
def ${name}_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("$name")
def ${name}_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]
""",
    task="the mean of every row of an array",
    answer='''\
def $name(x):
    """Return the mean of every row of an array.

    Shapes: x (h, w) -> (h,)
    """
    ### BEGIN SOLUTION
    raise NotImplementedError("the solution of $name goes here")
    ### END SOLUTION''',
    attempt="$name(np.array([[1.0, 2.0, 6.0], [4.0, 5.0, 0.0]]))",
)

CLASS = Example(
    imports="""\
from collections.abc import Iterator
import numpy as np
from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.modules import Modules, built, small
from convbook.checks.engine.modules.edits import without
from convbook.forms import Case
""",
    check='''\
def ${lower_name}_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield what the class is built with and an image: numbers that differ, a readable image first, then some from the seed."""
    yield built(2, 3, x=small(2, 2, 5, 6))
    yield built(3, 2, x=small(1, 3, 6, 4))
    c_in, c_out = (int(c) for c in rng.integers(2, 6, 2))
    yield built(c_in, c_out, x=rng.normal(size=(2, c_in, 7, 5)), drawn=True)


@exercise(
    $title_in_quotes, points=$points, cases=${lower_name}_cases, shapes="x (n, c_in, h, w)",
    observe=Modules(), forbid="torchvision",
    why="a 3×3 convolution from {c_in} to {c_out} maps without bias, batch norm, ReLU",
    mistakes=(mistake("the ReLU is missing", "two layers without a ReLU between them are one linear map", edit=without("kind:relu")),),
)  # fmt: skip
def $name(x, c_in, c_out):
    return x.conv(c_out, 3, bias=False).bn().relu()
''',
    ways_imports="import torch\nfrom torch import nn\nfrom right import way\n",
    ways="""\
@way("$name")
class ${name}InOneLine(nn.Sequential):
    def __init__(self, c_in, c_out):
        super().__init__(nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


@way("$name")
class ${name}WithAClamp(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.norm = nn.BatchNorm2d(c_out)
        self.convolution = nn.Conv2d(c_in, c_out, (3, 3), padding="same", bias=False)

    def forward(self, x):
        return torch.clamp(self.norm(self.convolution(x)), min=0)
""",
    task="a 3×3 convolution, batch norm and ReLU in one",
    answer='''\
class $name(nn.Module):
    """A 3×3 convolution without bias, batch norm, ReLU.

    Shapes: x (n, c_in, h, w) -> (n, c_out, h, w)
    """

    def __init__(self, c_in, c_out):
        super().__init__()
        ### BEGIN SOLUTION
        raise NotImplementedError("the solution of $name goes here")
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        raise NotImplementedError("the solution of $name goes here")
        ### END SOLUTION''',
    attempt="$name(3, 8)(torch.zeros(1, 3, 5, 6)).shape",
)


def example(name: str) -> Example:
    """Return what an exercise begins with: a name with a capital letter is a class."""
    return CLASS if name[0].isupper() else FUNCTION


def filled(template: str, names: dict[str, str]) -> str:
    """Return a template with the author's names in it."""
    return Template(template).substitute(names)
