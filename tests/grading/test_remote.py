"""What lives in the student's process behaves, on the trusted side, as it would beside the test.

Every test here is a check cell: it runs in the trusted process, and `square` and the rest are proxies.
"""

from __future__ import annotations

import pytest

from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from hand_in import job, last, said

# The same for every test, so that the warm processes are started once.
COURSE = (Cell("setup", "setup", "import numpy as np\nfrom convbook.answers import hold"),)
TORCH = (*COURSE, Cell("torch", "setup", "import torch\nimport convbook.answers.module"))


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


FUNCTIONS = """
import numpy as np
counter = 0
limits = {"low": (1, 2.5), "names": ["a", "b"]}
class Node:
    def __init__(self, value): self.value = value
class Odd(ValueError): pass
def make(value): return Node(value)
def read(node): return node.value
def kind(*args, **kwargs): return [type(a).__name__ for a in args] + sorted(kwargs)
def flags(x): return x.flags.writeable, x.flags.c_contiguous, x.strides
def fill(x): x[...] = 7
def hand(f, x, y): f(x, y=y); return x.tolist() + y.tolist()
def push(items): items.append(len(items))
def mark(table): table["new"] = [1]
def twice(f, x): return f(f(x))
def total(numbers): return sum(numbers)
def draw(rng, n=3): return rng.random(n)
def count():
    for n in range(4): yield n * n
def complain(x):
    if x > 9: raise Odd(f"{x} is odd")
    if x > 5: raise KeyError("six")
    raise ValueError("x is small")
def stub(x): raise NotImplementedError()
def say(x): print("said", x); return x
def slow():
    while True: pass
def seconds(seconds, forbid): return seconds + forbid
def bump():
    global counter
    counter += 1
    return counter
def same(x): return x
def mapped(x): return map(lambda n: 2 * n, x)
def keyed(): return {"a": 1, "b": 2}.keys()
class own:
    def __init__(self, n): self.n = n
    def __iter__(self): return iter([self.n] * 2)
def later(f, x): return map(f, x)
import collections, fractions
def counted(x): return collections.Counter(x)
def top(counter): return counter.most_common(1)[0][0]
class Stack(list):
    def push(self, x): self.append(x)
def depth(stack): return len(stack)
class Always(float):
    def __eq__(self, other): return True
def always(): return Always(1)
def third(): return fractions.Fraction(1, 3)
def sort(x): x.sort(); return x
def copied(x): return x[:]
"""

CELLS = {
    "plain values cross both ways": "assert same([1, (2, None), {'a': 1j}]) == [1, (2, None), {'a': 1j}]",
    "values are values": "assert limits == {'low': (1, 2.5), 'names': ['a', 'b']} and counter == 0",
    "types arrive": "assert kind(1, 2.0, 'a', (1,), [1], np.float32(1), b=2) == ['int','float','str','tuple','list','float32','b']",
    "layouts arrive": "assert flags(np.zeros((3, 4))[::-1, ::-1])[2] == (-32, -8)",
    "read-only arrays arrive": "x = np.zeros(3); x.flags.writeable = False; assert flags(x)[0] is False",
    "an array is changed in place": "x = np.zeros((2, 2)); fill(x); assert (x == 7).all()",
    "a list is changed in place": "items = [1]; push(items); push(items); assert items == [1, 1, 2]",
    "a dict is changed in place": "table = {}; mark(table); assert table == {'new': [1]}",
    "objects stay there and come back": "node = make(5); assert read(node) == 5 and type(node).__name__ == 'Node'",
    "an object's attributes are values": "node = make(5); assert node.value == 5 and not hasattr(node, 'next')",
    "functions can be lent": "assert twice(lambda x: x + 1, 3) == 5",
    "what a lent function raises is raised": (
        "def fail(x): raise ZeroDivisionError('no')\n"
        "try: twice(fail, 1)\nexcept ZeroDivisionError as e: assert str(e) == 'no'\nelse: assert False"
    ),
    "the student's functions can be lent": "assert twice(same, 4) == 4",
    "generators can be lent": "assert total(n for n in range(5)) == 10",
    "generators are gone through once, and are no lists": (
        "squares = count()\nassert squares != [0, 1, 4, 9] and next(squares) == 0 and list(squares) == [1, 4, 9]\n"
        "assert list(squares) == [] and total(count()) == 14 and [n for n in count()] == [0, 1, 4, 9]"
    ),
    "a check sees a generator's items": "assert hold(count).call().value == [0, 1, 4, 9]",
    "views of a dict are views": (
        "assert keyed() == {'a', 'b'} and keyed() | {'c'} == {'a', 'b', 'c'} and 'a' in keyed() and keyed() != ['a', 'b']\n"
        "assert same({'a': 1}.items()) == {('a', 1)} and sorted(same({'a': 2}.values())) == [2]"
    ),
    "a random generator draws as the original": (
        "assert np.array_equal(draw(np.random.default_rng(3)), np.random.default_rng(3).random(3))"
    ),
    "a random generator moves on": (
        "rng, twin = np.random.default_rng(3), np.random.default_rng(3)\n"
        "draw(rng); draw(rng, n=2); twin.random(5)\nassert rng.random() == twin.random()"
    ),
    "exceptions are what they were": (
        "import traceback\nfor x, kind in ((1, ValueError), (6, KeyError), (10, ValueError)):\n"
        "    try: complain(x)\n    except kind as error: assert type(error).__name__ in ('ValueError', 'KeyError', 'Odd')\n"
        "    else: assert False"
    ),
    "an exception's words are what they were": (
        "try: complain(1)\nexcept ValueError as error: assert str(error) == 'x is small'\nelse: assert False"
    ),
    "an exception tells the student's line": (
        "try: complain(1)\nexcept ValueError as error: assert 'Cell In[' in error.trace and 'x is small' in error.trace"
    ),
    "what is printed is printed": (
        "import io, contextlib\nheard = io.StringIO()\nwith contextlib.redirect_stdout(heard): say(3)\n"
        "assert heard.getvalue() == 'said 3\\n'"
    ),
    "any name of an argument will do": "assert seconds(seconds=1, forbid=2) == 3",
    "state is kept between calls": "assert [bump(), bump()] == [1, 2]",
    "names and callability are told": "assert callable(same) and same.__name__ == 'same'",
    "a reply tells a stub": "assert hold(stub).call(1).status == 'stub'",
    "a reply tells an endless call": (
        "reply = hold(slow).call(seconds=0.3)\nassert reply.status == 'endless'"
    ),
    "a reply tells an exception": (
        "reply = hold(complain).call(6)\n"
        "assert (reply.status, reply.error_kind) == ('raised', 'KeyError')"
    ),
    "a map can be gone through": "assert list(mapped([1, 2])) == [2, 4] and sorted(keyed()) == ['a', 'b'] and sum(own(3)) == 6",
    "an iterator goes on where it was": "it = mapped([1, 2]); assert next(it) == 2 and list(it) == [4]",
    "what is gone through late may call what was lent": "assert list(later(lambda n: n + 1, [1, 2])) == [2, 3]",
    "a class derived from a dictionary holds what it holds": (
        "found = counted('aab'); assert found == {'a': 2, 'b': 1} and isinstance(found, dict) and top(found) == 'a'"
    ),
    "a class derived from a list is changed in place": "s = Stack(); push(s); push(s); assert s == [0, 1] and depth(s) == 2",
    "a derived number's own comparison does not come along": "assert always() == 1.0 and not always() == 2.0",
    "a fraction is a fraction": "assert third() * 3 == 1",
    "an argument that comes back is itself": "x = [1]; assert same(x) is x and list(same((1,))) is not x",
    "an argument that was changed and comes back is itself": "x = [2, 1]; assert sort(x) is x and x == [1, 2]",
    "what a lent function changes in its arguments is changed for the caller": (
        "def spoil(x, y): x[0], y[1] = 7, 8\nassert hand(spoil, np.zeros(2), np.zeros(2)) == [7, 0, 0, 8]"
    ),
    "a copy is no argument": "x = [1]; y = copied(x); assert y == x and y is not x",
    "a function's docstring is not told": "assert same.__doc__ is None and not same.__annotations__",
    "the source can be read": "assert hold(same).source() == 'def same(x): return x'",
    "what is unknown is not defined": "try: nothing_of_that_name\nexcept NameError: pass\nelse: assert False",
}  # fmt: skip


@pytest.mark.parametrize("test", CELLS.values(), ids=CELLS)
def test_a_proxy_behaves_like_the_function(engine, test):
    result = engine.submit(job(FUNCTIONS, setup="import numpy as np", test=test, instructor=COURSE)).result()
    assert last(result).status == "ok", said(result)


MODULES = """
import torch
from torch import nn
class Net(nn.Module):
    expansion = 4
    def __init__(self, width=3):
        super().__init__()
        self.first = nn.Linear(width, 2)
        self.norm = nn.BatchNorm1d(2)
    def forward(self, x):
        return torch.relu(self.norm(self.first(x)))
def stack(block, n): return nn.Sequential(*[block(2) for _ in range(n)])
def relu_twice(x): return 2 * torch.relu(x)
def not_a_module(): return 3
def loss(x): return (x ** 2).sum()
"""

MODULE_CELLS = {
    "a module is built and called": (
        "net = hold(Net).build(3).value\nassert net.call(np.ones((4, 3), np.float32)).value.shape == (4, 2)"
    ),
    "its state goes out and in": (
        "net = hold(Net).build(3).value\nstate = net.state().value\nassert list(state)[:2] == ['first.weight', 'first.bias']\n"
        "state['first.bias'] = np.array([3.0, 4.0], np.float32)\nassert net.load_state(state).status == 'returned'\n"
        "assert net.state().value['first.bias'].tolist() == [3, 4]"
    ),
    "it is differentiated": (
        "net = hold(Net).build(3).value\nnet.double(); net.train(False)\n"
        "reply = net.gradient(np.ones((4, 3)))\nassert reply.status == 'returned', reply\n"
        "assert reply.value['inputs'][0].shape == (4, 3) and 'norm.weight' in reply.value['parameters']"
    ),
    "its operations are told": (
        "net = hold(Net).build(3).value\nkinds = [entry['kind'] for entry in net.trace(np.ones((4, 3), np.float32)).value]\n"
        "assert kinds == ['linear', 'bn', 'relu'], kinds"
    ),
    "its names and kinds are told": (
        "net = hold(Net).build(3).value\nassert net.parameters().value[0] == 'first.weight'\n"
        "assert net.kinds[:2] == ('Net', 'Module') and net.shapes().value['first.weight'] == (2, 3)\n"
        "assert net.attribute('expansion').value == 4 and hold(Net).attribute('expansion').value == 4"
    ),
    "a class of the student's can be handed over": (
        "built = hold(stack).build(Net, 2)\nassert built.status == 'returned', built\nassert 'Sequential' in built.value.kinds"
    ),
    "what is no module is told": "assert hold(not_a_module).build().value == __import__('convbook.answers.values', fromlist=['Opaque']).Opaque('int')",
    "a function becomes a module": (
        "reply = hold(relu_twice).as_module().gradient(np.array([1.0, -1.0]))\nassert reply.value['inputs'][0].tolist() == [2, 0]"
    ),
    "a failing build is a reply": "assert hold(Net).build('wide').status == 'raised'",
    "tensors cross": "import torch\nassert loss(torch.ones(3)).item() == 3",
}  # fmt: skip


@pytest.mark.parametrize("test", MODULE_CELLS.values(), ids=MODULE_CELLS)
def test_a_remote_module_does_what_a_local_one_does(engine, test):
    pytest.importorskip("torch")
    result = engine.submit(job(MODULES, setup="import numpy as np", test=test, instructor=TORCH)).result()
    assert last(result).status == "ok", said(result)
