"""What a student's cells say: which of them define a name, and whether it reaches for what is ruled out."""

from __future__ import annotations

import pytest

from convbook.grading.reading.sources import binds, definition, parsed, reaches

REACHING = {
    "by its name": ["import torch", "def f(x): return torch.relu(x)"],
    "by another name": ["import torch.nn.functional as F", "def f(x): return F.relu(x)"],
    "from inside": ["def f(x):\n    import torch as t\n    return t.relu(x)"],
    "taken from it": ["from torch import relu", "def f(x): return relu(x)"],
    "through a helper": ["import torch", "def g(x): return torch.relu(x)", "def f(x): return g(x)"],
    "through a variable": ["import torch\nr = torch.relu", "def f(x): return r(x)"],
    "through two variables": ["import torch\nr = torch.relu\ns = r", "def f(x): return s(x)"],
    "through a lambda": ["import torch\nr = lambda x: torch.relu(x)", "def f(x): return r(x)"],
    "through partial": [
        "import torch, functools\nr = functools.partial(torch.relu)",
        "def f(x): return r(x)",
    ],
    "as the answer itself": ["import torch\nf = torch.relu"],
    "by a word": ["def f(x): return __import__('torch').relu(x)"],
    "by a word of importlib": [
        "import importlib\ndef f(x): return importlib.import_module('torch.nn').ReLU()(x)"
    ],
    "after another cell imported it": ["def f(x): return torch.relu(x)", "import torch"],
}
INNOCENT = {
    "a note": ["import torch", "def f(x):\n    'As torch.relu does.'\n    return x"],
    "an argument of that name": ["import torch.nn.functional as F", "def f(x, F): return F.sum()"],
    "a variable of that name": ["import torch.nn.functional as F", "def f(x):\n    F = 3\n    return F * x"],
    "another cell": [
        "import torch\nk = torch.arange(3)",
        "def f(x):\n    for k in range(3): x = x + k\n    return x",
    ],
    "data made with it": ["import torch\nw = torch.ones(3).numpy()", "def f(x): return x * w"],
    "a name taken back": ["import torch as t", "t = 3", "def f(x): return t * x"],
    "a first try that was replaced": ["import torch\ndef f(x): return torch.relu(x)", "def f(x): return x"],
    "nothing at all": [],
    "no Python": ["import torch\ndef f(x: return"],
}


@pytest.mark.parametrize("sources", REACHING.values(), ids=REACHING)
def test_the_use_of_torch_is_found(sources):
    assert reaches(tuple(sources), "f", "torch")


@pytest.mark.parametrize("sources", INNOCENT.values(), ids=INNOCENT)
def test_the_innocent_are_not_accused(sources):
    assert reaches(tuple(sources), "f", "torch") == ""


def test_the_last_definition_counts_and_magics_do_no_harm():
    cells = ["def f(): return 1", "%time 1\ndef f():\n    return 2", "f()"]
    assert definition(cells, "f") == "def f():\n    return 2"
    assert definition(cells, "g") == ""


def test_names_bound_anywhere_at_the_top_are_found():
    source = "import a.b, c as d\nwith x as e:\n    f = 1\nfor g, h in y:\n    pass\ntry:\n    pass\nexcept E as i:\n    j: int = 1\n"
    assert set().union(*map(binds, parsed(source).body)) == {"a", "d", "e", "f", "g", "h", "i", "j"}
