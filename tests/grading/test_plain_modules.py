"""Plain tests of modules and classes run in the trusted process, and what only looks right earns nothing there."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from convbook.forms import LearnerError  # noqa: E402
from convbook.grading.job import Cell, Job  # noqa: E402
from convbook.grading.rpc import modules  # noqa: E402
from convbook.grading.rpc.chance import InStep  # noqa: E402
from convbook.grading.rpc.chance import states as there_are  # noqa: E402
from convbook.grading.rpc.described import describe  # noqa: E402
from convbook.grading.rpc.frame import Malformed  # noqa: E402
from convbook.grading.rpc.shared import Shared  # noqa: E402
from convbook.grading.running import sandbox  # noqa: E402
from convbook.grading.running.engine import Engine  # noqa: E402
from hand_in import LIMITS, last, said  # noqa: E402
from module_tests import CASES, TORCH, Case  # noqa: E402

nn = torch.nn
BY_NAME = {case.name: case for case in CASES}
OWN_STEPS = """
class Steps:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
    @torch.no_grad()
    def step(self):
        for p in self.params:
            p -= self.lr * p.grad
def fit(model, x, y, optimizer, criterion):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
def twice(a, b): return a * b
class Unknown(KeyError): pass
def find(x): raise Unknown(x)
"""
STEPS_TEST = """
torch.manual_seed(0)
one, other = nn.Linear(3, 2), nn.Linear(3, 2)
other.load_state_dict(one.state_dict())
own, theirs = Steps(one.parameters(), 0.1), torch.optim.SGD(other.parameters(), lr=0.1)
x, y = torch.randn(5, 3), torch.randn(5, 2)
for model, steps in ((one, own), (other, theirs)):
    for _ in range(2):
        model.zero_grad()
        F.mse_loss(model(x), y).backward()
        steps.step()
assert torch.allclose(one.weight, other.weight)
w = torch.ones(2, requires_grad=True)
twice(w, w).sum().backward()
assert torch.equal(w.grad, 2 * torch.ones(2))
one.zero_grad()
twice(one.bias, one.bias).sum().backward()
assert torch.allclose(one.bias.grad, 2 * one.bias)
adam = torch.optim.Adam(one.parameters(), lr=0.05)
losses = [fit(one, x, y, adam, nn.MSELoss()) for _ in range(20)]
assert losses[-1] < losses[0] and adam.state[one.weight]["step"] == 20
try:
    find("a")
except Unknown as error:
    assert isinstance(error, KeyError)
"""
STEPS = Case("own optimizer", OWN_STEPS, (OWN_STEPS.replace("p -=", "p +="), ""), STEPS_TEST)
CHOSEN = [STEPS, *(BY_NAME[name] for name in (
    "kinds of layers", "seeded like a reference", "batch norm", "gradients against autograd", "overfits one batch",
    "shared weights", "hooks see shapes", "double precision, save and load", "a custom autograd function",
    "a training loop given a model", "a layer in NumPy", "a stack", "properties, calls and operators",
))]  # fmt: skip
# One notebook with all of them, so that the warm processes are started once.
INSTRUCTOR = (
    Cell("setup", "setup", TORCH + "torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)"),
    *(Cell(f"{kind} {case.name}", role, source)
      for case in (STEPS, *CASES)
      for kind, role, source in (("answer", "student", case.right), ("test", "check", case.test))),
)  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


def judged(engine, case: Case, answer: str):
    cells = (Cell("setup", "student", TORCH), Cell(f"answer {case.name}", "student", answer))
    cells += (Cell(f"test {case.name}", "check", case.test, 1.0),)
    limits = replace(LIMITS, cell_seconds=30.0, memory_bytes=2 * 1024**3)
    handed = Job(case.name, "anna", "unit", cells, instructor=INSTRUCTOR, limits=limits)
    return engine.submit(handed).result()


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_a_plain_test_runs_apart_from_the_code_that_it_tests(engine, case):
    result = judged(engine, case, case.right)
    assert (last(result).status, last(result).weak, result.events) == ("ok", False, []), said(result)
    wrong = judged(engine, case, case.wrong[0])
    assert last(wrong).status == "error" and not wrong.events, said(wrong)


ANYTHING = """
class Anything:
    shape, dtype, grad = (5, 10), torch.float32, 1
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    def __bool__(self): return True
    def __sub__(self, other): return torch.zeros(5, 10)
    def __contains__(self, x): return True
    def __array__(self, *a, **k): return np.zeros(3)
    def __getattr__(self, name): return lambda *a, **k: True
    __hash__ = None
"""
CHEATS = {
    "an object equal to everything": (
        "copied weights against a reference", ANYTHING + "class MLP(nn.Module):\n    def __init__(self, *a):\n"
        "        super().__init__()\n        self.fc1, self.fc2 = nn.Linear(4, 7), nn.Linear(7, 3)\n    def forward(self, x): return Anything()"),
    "a result equal to everything": (
        "a stack", ANYTHING + "class Stack:\n    items = Anything()\n    def __getattr__(self, name): return lambda *a: Anything()\n"
        "    def __len__(self): return 0"),
    "a tensor that lies about its shape": (
        "shapes", "class Fake(torch.Tensor):\n    @property\n    def shape(self): return torch.Size([5, 10])\n"
        "class Net(nn.Module):\n    def __init__(self, *a): super().__init__()\n"
        "    def forward(self, x): return torch.zeros(1).as_subclass(Fake)"),
    "parameters() that lies": (
        "parameter count", "class Net(nn.Module):\n    def parameters(self, recurse=True): yield nn.Parameter(torch.zeros(4266))\n"
        "    def named_parameters(self, *a, **k): yield 'w', nn.Parameter(torch.zeros(4266))"),
    "forward that looks for the tester's reference": (
        "copied weights against a reference", "import gc, inspect\nclass MLP(nn.Module):\n    def __init__(self, a, b, c):\n"
        "        super().__init__()\n        self.fc1, self.fc2 = nn.Linear(a, b), nn.Linear(b, c)\n    def forward(self, x):\n"
        "        for frame in inspect.stack():\n            ref = {**frame.frame.f_globals, **frame.frame.f_locals}.get('ref')\n"
        "            if ref is not None: return ref(x)\n"
        "        for one in gc.get_objects():\n            if type(one) is nn.Sequential and len(one) == 3: return one(x)\n        return x"),
    "a class that is another": (
        "kinds of layers", "class Net:\n    __class__ = nn.Module\n    conv1 = conv2 = type('Conv', (), {'__class__': nn.Conv2d,\n"
        "        'kernel_size': (3, 3), 'padding': (1, 1), 'in_channels': 4, 'out_channels': 4})()\n"
        "    def modules(self): return [self.conv1, self.conv2]\n    def named_children(self): return [('conv1', 1), ('conv2', 2), ('fc', 3)]"),
    "methods that always say yes": (
        "a custom autograd function", ANYTHING + "def square(x): return Anything()\ntorch.equal = lambda *a: True\n"
        "torch.autograd.gradcheck = lambda *a, **k: True"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "answer"), CHEATS.values(), ids=CHEATS)
def test_what_only_looks_right_earns_nothing(engine, name, answer):
    result = judged(engine, BY_NAME[name], answer)
    assert last(result).status == "error", said(result)


YES = Case("yes", "", ("", ""), "assert square(torch.ones(2)).allclose(torch.ones(2))")
SAYS_YES = {
    "an object": "class Yes:\n    def allclose(self, *a): return True\ndef square(x): return Yes()",
    "a module": "class Yes(nn.Module):\n    def allclose(self, *a): return True\ndef square(x): return Yes()",
    "a function": "def yes(): pass\nyes.allclose = lambda *a: True\ndef square(x): return yes",
    "a class": "class Yes:\n    allclose = lambda *a: True\ndef square(x): return Yes",
    "a class in the function's place": "class square(nn.Module):\n    def __init__(self, x): super().__init__()\n"
    "    def allclose(self, *a): return True",
}


@pytest.mark.parametrize("answer", SAYS_YES.values(), ids=SAYS_YES)
def test_what_a_function_returns_is_not_asked_whether_it_is_right(engine, answer):
    result = judged(engine, YES, answer)
    assert last(result).status == "error" and "AttributeError" in said(result), said(result)
    assert last(judged(engine, YES, "def square(x): return x * x")).status == "ok"


# --- what a hostile process may say of a module


class Side(Shared):
    """Hold modules on one of two sides of the same process."""

    def __init__(self):
        self.mine = []
        super().__init__(
            self.lend_one, lambda n: self.mine[n], lambda node: nn.Module(), lambda module, n: None, {}
        )

    def lend_one(self, module):
        if not any(one is module for one in self.mine):
            self.mine.append(module)
        return next(n for n, one in enumerate(self.mine) if one is module)


def test_both_sides_hold_a_module_alike():
    here, there = Side(), Side()
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding_mode="reflect", padding=1), nn.BatchNorm2d(2), nn.LSTM(4, 3)
    )
    copy = there.accept(here.offer(net))
    assert repr(copy) == repr(net) and list(copy.state_dict()) == list(net.state_dict())
    x = torch.randn(2, 1, 4, 4)
    assert torch.equal(copy[1](copy[0](x)), net[1](net[0](x)))
    weight = net[0].weight
    copy[0].weight.data.fill_(3.0)
    copy[0].weight.requires_grad_(False)
    copy.double().eval()
    here.hear(there.news())
    assert net[0].weight is weight and (weight == 3).all() and not weight.requires_grad
    assert weight.dtype == torch.float64 and not net[1].training
    assert there.news() == [] and here.news() == []
    copy[1] = nn.Identity()
    here.hear(there.news())
    assert isinstance(net[1], nn.Identity) and net[0].weight is weight


def spoilt(change):
    told = describe(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), Side().refer)
    change(told["nodes"], told["tensors"])
    return told


SPOILT = {
    "a module within itself": lambda nodes, tensors: nodes[1]["children"].update(a=0),
    "a part that is not there": lambda nodes, tensors: nodes[0]["children"].update(a=9),
    "a tensor that is not there": lambda nodes, tensors: nodes[1]["parameters"].update(weight=99),
    "a gradient of another shape": lambda nodes, tensors: tensors[0].__setitem__(1, torch.zeros(7)),
    "no tensor": lambda nodes, tensors: tensors[0].__setitem__(0, 3),
    "a name with a dot": lambda nodes, tensors: nodes[1]["parameters"].update({"a.b": 0}),
    "too many parts": lambda nodes, tensors: nodes.extend(nodes[1:] * 2000),
    "no nodes": lambda nodes, tensors: nodes.clear(),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_a_description_that_cannot_be_is_refused(change):
    with pytest.raises(Malformed):
        Side().accept(spoilt(change))


def test_a_description_replaces_no_method_and_runs_no_constructor():
    def hostile(nodes, tensors):
        nodes[1]["attributes"] |= {"forward": 1, "_modules": 2, "__class__": 3, "in_features": 10**12}
        nodes[2]["base"] = "Module.__subclasses__"

    module = Side().accept(spoilt(hostile))
    assert module[0](torch.ones(1, 2)).shape == (1, 3) and module[0].in_features == 10**12
    assert type(module[1]) is nn.Module


FITTING_NONE = ([torch.zeros(7)], [], "none", [3])


@pytest.mark.parametrize("told", FITTING_NONE, ids=["another shape", "too few", "a text", "a number"])
def test_gradients_that_do_not_fit_are_an_error_of_the_answer(monkeypatch, told):
    monkeypatch.setattr(modules, "operated", lambda *asked: told)
    weight = torch.zeros(2, requires_grad=True)
    (output,) = modules.Boundary.apply(None, [torch.ones(3)], weight, torch.zeros(()))
    with pytest.raises(LearnerError, match="gradient"):
        output.sum().backward()


def test_a_generator_goes_only_where_it_comes_by_drawing():
    here, there = InStep(trusts=False), InStep(trusts=True)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    there.hear(here.news())
    drawn = torch.randn(70_000)
    told, expected = there.news(), torch.rand(2)
    torch.set_rng_state(before)
    here.news()
    here.hear(told)
    assert list(told) == ["torch"] and torch.equal(torch.rand(2), expected) and drawn.shape == (70_000,)
    torch.manual_seed(4)
    told = there.news()
    torch.set_rng_state(before)
    here.news()
    here.hear(told)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_generator_is_not_led_beyond_its_own_words():
    here, there = InStep(trusts=False), InStep(trusts=True)
    torch.manual_seed(3)
    there.hear(here.news())
    words, (*_, seed), spare = there_are()["torch"]
    for wrong in ((600, 624, seed), (1, 624, -1), (1, 624)):
        with pytest.raises(Malformed, match="random generator"):
            here.hear({"torch": [words, wrong, spare]})
    here.hear({"torch": [words, (1, 624, seed), spare]})


def test_a_long_computation_of_a_students_layer_ends_with_its_process():
    child = os.fork()
    if child == 0:
        try:
            with sandbox.processor_limit(0.2):
                3 ** (10**9)  # no alarm of Python's interrupts it
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGPROF
