"""What an answer must not use is not in its process: whoever reaches for it finds nothing, and the honest lose nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from convbook.grading.job import Cell, Job
from convbook.grading.plan import drawn_from
from convbook.grading.recording.store import digest
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine, needed_by_none
from convbook.grading.running.faces import is_inside
from hand_in import LIMITS, SQUARE, job, last, said

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacle()), reason=f"no sandbox here: {sandbox.obstacle()}")

IMPORTS = "import numpy as np\nfrom convbook.checks import convolution as check"
FLIP = "def flip180(k):\n    return k[::-1, ::-1]\n"
CHECK = "check.flip180(flip180)"


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


def numpy_exercise(answer: str = FLIP, *more: Cell, **changes) -> Job:
    """Return a job of one exercise that rules PyTorch out."""
    first = Cell("imports", "setup", IMPORTS)
    cells = (
        Cell("imports", "student", IMPORTS),
        Cell("flip180", "student", answer),
        *more,
        Cell("check", "check", CHECK, 2),
    )
    instructor = (first, Cell("flip180", "student", FLIP), Cell("check", "check", CHECK))
    made = Job(
        "key",
        "ada",
        "unit",
        cells,
        instructor=instructor,
        limits=LIMITS,
        seed=3,
        hidden=("torch",),
    )
    return replace(made, **changes)


TORCH = "t = __import__('to' + 'rch')\ndef by_torch(k): return t.flip(t.tensor(k.copy()), (0, 1)).numpy()\n"
ATTACKS = {
    "by a name put together": TORCH + "flip180 = by_torch",
    "with the watch switched off": TORCH + """
import contextlib, sys
import convbook.answers.calling as calling
@contextlib.contextmanager
def nothing(library): yield
calling.watched = nothing
for name, module in list(sys.modules.items()):
    if name.endswith((".blank", ".faces", ".student")):
        for inner in ("without", "ruled_out", "_use"):
            if hasattr(module, inner): setattr(module, inner, (lambda library, f: f) if inner == "without" else nothing)
def flip180(k): return by_torch(k)
""",
    "in a thread that was started before": TORCH
    + """
import queue, threading
asked, told, flip, tensor = queue.Queue(), queue.Queue(), t.flip, t.tensor
def work():
    while True: told.put(flip(tensor(asked.get().copy()), (0, 1)).numpy())
threading.Thread(target=work, daemon=True).start()
def flip180(k):
    asked.put(k)
    return told.get(timeout=2)
""",
    "by the grader's own way back": TORCH
    + """
import sys, threading
def flip180(k):
    for name, module in list(sys.modules.items()):
        if name.startswith("convbook.grading") and hasattr(module, "put_back"): module.put_back()
        if name.endswith(".faces"): module.STATE.ruled_out = frozenset()
    told = []
    one = threading.Thread(target=lambda: told.append(by_torch(k)))
    one.start(); one.join()
    return told[0]
""",
    "by imports that are answered no more": """
import sys
def flip180(k):
    sys.meta_path[:] = [one for one in sys.meta_path if not hasattr(one, "stands_for")]
    for name in [n for n in sys.modules if n.split(".")[0] == "to" + "rch"]: del sys.modules[name]
    real = __import__("to" + "rch")
    return real.flip(real.tensor(k.copy()), (0, 1)).numpy()
""",
    "by what the garbage collector knows": """
import gc, types
gc.unfreeze()
found = [o for o in gc.get_objects() if isinstance(o, types.BuiltinFunctionType) and o.__name__ == "flip"]
def flip180(k): return found[0](k, (0, 1))
""",
    "in a child": TORCH + """
import os, pickle
ask, told = os.pipe(), os.pipe()
if os.fork() == 0:
    while True: os.write(told[1], pickle.dumps(by_torch(pickle.loads(os.read(ask[0], 2**16)))))
os.close(told[1])
def flip180(k):
    os.write(ask[1], pickle.dumps(k))
    return pickle.loads(os.read(told[0], 2**16))
""",
    "in a child of the answer's": TORCH
    + """
import os, pickle, sys, threading
def work(k, end):
    for name, module in list(sys.modules.items()):
        if name.startswith("convbook.grading") and hasattr(module, "put_back"): module.put_back()
    one = threading.Thread(target=lambda: os.write(end, pickle.dumps(by_torch(k))))
    one.start(); one.join()
    os._exit(0)
def flip180(k):
    read, write = os.pipe()
    if os.fork() == 0: work(k, write)
    os.close(write)
    return pickle.loads(os.read(read, 2**16))
""",
    "in a new interpreter": """
import pickle, subprocess, sys
code = "import pickle, sys, torch; k = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(pickle.dumps(torch.tensor(k).flip((0, 1)).numpy()))"
def flip180(k): return pickle.loads(subprocess.run([sys.executable, "-c", code], input=pickle.dumps(k.copy()), capture_output=True).stdout)
""",
    "from its files": """
import ctypes, glob, importlib.util, sys, numpy
site = numpy.__file__.rsplit("/numpy/", 1)[0]
def flip180(k):
    files = glob.glob(site + "/to" + "rch/**/*", recursive=True)
    for name in files:
        if name.endswith((".so", "__init__.py")):
            if name.endswith(".so"): ctypes.CDLL(name)
    spec = importlib.util.spec_from_file_location("other", site + "/to" + "rch/__init__.py", submodule_search_locations=[site + "/to" + "rch"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.flip(module.tensor(k.copy()), (0, 1)).numpy()
""",
    "from a pickle": """
import pickle, base64
call = b"cbuiltins\\ngetattr\\n(cto" + b"rch\\nTensor\\nVflip\\ntR."
def flip180(k): return pickle.loads(call)(pickle.loads(b"cto" + b"rch\\ntensor\\n.")(k.copy()), (0, 1)).numpy()
""",
    "with the oracle of the check": """
from convbook.checks.engine.declare import question_of
from convbook.checks import convolution
oracle = question_of(convolution.flip180).oracle
def flip180(k): return oracle.run((k,), {})
""",
    "with the library's sources": """
import convbook, pathlib, re
def flip180(k):
    folder = pathlib.Path(convbook.__file__).parent / "checks" / "convolution"
    (text,) = [t for t in map(pathlib.Path.read_text, folder.glob("*.py")) if "def flip180" in t]
    return k[::-1, ::-1]
""",
}  # fmt: skip
REPORTED = {
    "with the watch switched off": "inside",
    "with the oracle of the check": "inside",
    "by a name put together": "forbidden",
}


@needs_sandbox
@pytest.mark.parametrize("name", ATTACKS)
def test_an_answer_that_reaches_for_what_is_ruled_out_earns_nothing(engine, name):
    result = engine.submit(numpy_exercise(ATTACKS[name])).result()
    assert last(result).status != "ok", said(result)
    if name in REPORTED:
        assert REPORTED[name] in [event["kind"] for event in result.events], result.events


def test_beside_them_the_honest_one_has_no_remark(engine):
    tried = Cell("own", "student", """
import torch, torch.nn.functional as F
from torch import nn
print(torch.__version__, torch.cuda.is_available())
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
for images, labels in torch.utils.data.DataLoader([1], batch_size=2): net(images)
def annotated(x: torch.Tensor | None, dtype=torch.float32) -> list[torch.Tensor]: return [x]
losses = [float(net(torch.ones(2)).mean().item())]
from torch import *
class Net(nn.Module):
    def __init__(self): super().__init__(); self.layer = nn.Linear(2, 3)
@torch.no_grad()
def compare(x): return F.relu(torch.tensor(x)).numpy()
with torch.no_grad(): out = net(torch.zeros(1, 1, 5, 5))
assert np.allclose(compare(np.ones(3)), 1) and (out.shape[0] + 1 > 0) and f"{out:.3f}"
check.flip180(flip180); Net()(torch.ones(2)).sum().backward()
from convbook import figures, widgets, drills, data
figures.grids({"a": 1}); widgets.Predict("?").truth(3)
assert data.digits().train_images.ndim == 4
""")  # fmt: skip
    result = engine.submit(numpy_exercise(FLIP, tried)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 4 and result.events == [], said(result)


def test_what_a_cell_of_the_hand_out_shows_of_faces_is_left_out(engine):
    shows = Cell("shows", "student", "print(check.flip180)\na, b = check.pair()")
    handed_out = numpy_exercise(FLIP, shows)
    handed_out = replace(
        handed_out,
        instructor=(*handed_out.instructor[:2], replace(shows, role="setup"), handed_out.instructor[2]),
    )
    result = engine.submit(handed_out).result()
    assert result.cells[2].status == "ok" and result.cells[2].outputs == []


def test_a_check_of_ours_that_runs_beside_the_answer_passes_nobody(engine):
    """Where it would meet faces: what is declared weak earns nothing, and where no source is left the library is whole."""
    wrong = numpy_exercise("def flip180(k):\n    return k\n")
    weak = tuple(replace(c, declared_weak=c.role == "check") for c in wrong.cells)
    result = engine.submit(replace(wrong, cells=weak)).result()
    assert last(result).weak and "is not there" in said(result)
    for answer, status in ((FLIP, "ok"), (wrong.cells[1].source, "error")):
        cells = tuple(replace(c, source=answer) if c.id == "flip180" else c for c in weak)
        whole = replace(wrong, cells=cells, hidden=(), whole=True)
        assert last(engine.submit(whole).result()).status == status


def test_the_insides_are_known_by_their_names():
    inside = (
        "checks.engine",
        "checks.engine.judge",
        "checks.resnet.blocks",
        "grading.job",
        "answers",
        "drills.norms",
    )
    outside = (
        "checks",
        "checks.resnet",
        "figures.blocks",
        "widgets",
        "data",
        "training.pieces",
        "earlier",
        "stand_in",
        "drills",
    )
    assert all(is_inside(f"convbook.{name}") for name in inside)
    assert not any(is_inside(f"convbook.{name}") for name in outside) and not is_inside("convbook")


BLOCK = """class BasicBlock(nn.Module):
    expansion = 1
    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c, 3, stride, 1, bias=False), nn.BatchNorm2d(c)
        self.conv2, self.bn2 = nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c)
        self.downsample = None
        if stride != 1 or c_in != c:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c, 1, stride, bias=False), nn.BatchNorm2d(c))
    def forward(self, x):
        f = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(f + (x if self.downsample is None else self.downsample(x)))
"""
BLOCK_IMPORTS = "import torch\nfrom torch import nn\nfrom convbook.checks import resnet as check"
BLOCKS = {
    "run by the check's recipe": """
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.modules.running import bent_class
question = question_of(check.BasicBlock)
BasicBlock = bent_class("BasicBlock", lambda *a: question.observer.graph(question.oracle, a), {"expansion": 1})
""",
    "a declared mistake, mended": """
wrong = next(m for m in check.BasicBlock.mistakes if m.name == "no ReLU at the end").answer
class BasicBlock(wrong):
    expansion = 1
    def forward(self, x): return torch.relu(super().forward(x))
""",
}


def block(answer: str) -> Job:
    cells = [Cell("imports", "student", BLOCK_IMPORTS), Cell("block", "student", answer), Cell("check", "check", "check.BasicBlock(BasicBlock)", 10)]  # fmt: skip
    instructor = (replace(cells[0], role="setup"), replace(cells[1], source=BLOCK), cells[2])
    return Job("key", "ada", "unit", tuple(cells), instructor=instructor, limits=LIMITS, seed=3)


def test_a_block_made_of_the_check_s_own_recipe_or_mistake_earns_nothing(engine):
    assert last(engine.submit(block(BLOCK)).result()).status == "ok"
    for name, answer in BLOCKS.items():
        result = engine.submit(block(answer)).result()
        assert last(result).status != "ok", name
        assert ("inside" in [e["kind"] for e in result.events]) == ("import" in answer.split("class")[0]), (
            name
        )


def test_which_libraries_can_be_taken_away_follows_from_what_the_tests_ruled_out():
    assert needed_by_none(["torch"]) == ("torch",)
    assert needed_by_none(["", "torch"]) == () and needed_by_none([]) == ()
    assert needed_by_none(["", "torchvision"]) == needed_by_none(["torch", "torchvision"]) == ("torchvision",)


def test_a_notebook_of_both_kinds_has_a_process_of_each(engine):
    """One exercise may use PyTorch, the other may not: the answers live in both processes, PyTorch in one."""
    made = numpy_exercise(
        "import sys, torch\nk = 2\n" + FLIP + "def doubled(x): return torch.tensor(x) * k\n",
        Cell("free", "check", "assert doubled(2.0).item() == 4"),
        hidden=(),
    )
    instructor = (
        *made.instructor[:2],
        Cell("free", "check", "assert doubled(2.0).item() == 4"),
        made.instructor[2],
    )
    result = engine.submit(replace(made, instructor=instructor)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 4, said(result)
    assert result.asked == ["", "torch"]
    cheat = made.cells[1].source + TORCH + "flip180 = by_torch"
    cheated = replace(
        made,
        instructor=instructor,
        cells=tuple(replace(c, source=cheat) if c.id == "flip180" else c for c in made.cells),
    )
    result = engine.submit(cheated).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "ok", "error"], said(result)


# --- what a course rules out

RULED_OUT = {
    "a package, by name": ("from scipy import signal\ndef square(x): return signal.convolve([x], [x])[0]", ("scipy",)),
    "a package, by a name put together": ("s = __import__('sci' + 'py.signal').signal\ndef square(x): return s.convolve([x], [x])[0]", ("scipy",)),
    "a part, by another name": ("from numpy import linalg as L\ndef square(x): return L.norm(x) ** 2", ("numpy.linalg",)),
    "a part, through another variable": ("L = np.linalg\nn = L\ndef square(x): return n.norm(x) ** 2", ("numpy.linalg",)),
    "a part, by getattr": ("L = getattr(np, 'lin' + 'alg')\ndef square(x): return L.norm(x) ** 2", ("numpy.linalg",)),
}  # fmt: skip


@pytest.mark.parametrize("name", RULED_OUT)
def test_what_a_course_rules_out_no_answer_uses(engine, name):
    answer, forbid = RULED_OUT[name]
    test = "assert abs(square(3) - 9) < 1e-9"
    result = engine.submit(job(answer, test=test, forbid=forbid)).result()
    assert last(result).status == "error" and "which this course rules out" in said(result), said(result)
    assert [event["kind"] for event in result.events] == ["forbidden"]
    beside = job(
        "from numpy import linalg\nimport scipy\n" + SQUARE + "scipy.fft; linalg.norm([1])",
        test=test,
        forbid=forbid,
    )
    assert [cell.status for cell in engine.submit(beside).result().cells] == ["ok"] * 3


# --- every test in a fork that is thrown away

RECORD = """
seen = []
def square(x):
    seen.append(x)
    return x * x
"""


def test_what_a_test_calls_leaves_nothing_for_later_cells(engine):
    later = Cell("later", "student", "print('seen', seen)")
    result = engine.submit(replace(job(RECORD), cells=(*job(RECORD).cells, later))).result()
    assert last(result).status == "ok" and "seen []" in said(result)


def seen(*tests: str, number: int) -> tuple[Cell, ...]:
    """Return tests, of which students were given the first `number`."""
    return tuple(Cell(f"test-{n}", "check", text, seen=n < number) for n, text in enumerate(tests))


def test_only_a_test_that_students_were_given_leaves_something_behind(engine):
    cells = Cell("answer", "student", RECORD), *seen("square(2)", "square(3)", number=1)
    later = Cell("later", "student", "print('seen', seen)")
    result = engine.submit(replace(job(RECORD), cells=(*cells, later))).result()
    assert last(result).status == "ok" and "seen [2]" in said(result)


MODULE = "import torch\nfrom torch import nn\nclass Twice(nn.Linear):\n    def forward(self, x): return 2 * super().forward(x)"
TWICE = (
    "import torch\ntorch.manual_seed(0)\nlayer = Twice(3, 2)\nx = torch.ones(4, 3)\n"
    "assert torch.allclose(layer(x), 2 * (x @ layer.weight.T + layer.bias))\nlayer(x).sum().backward()\n"
    "assert layer.weight.grad.shape == (2, 3)\n"
)


def test_modules_stay_in_step_where_forks_and_the_process_itself_take_turns(engine):
    cells = Cell("answer", "student", MODULE), *seen(TWICE, TWICE, number=1)
    cells = (*cells, Cell("again", "check", TWICE + "del layer, x", seen=True))
    handed = Job("turns", "ada", "unit", cells, limits=LIMITS, instructor=cells)
    result = engine.submit(handed).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 4, said(result)


def test_names_that_were_put_back_for_a_test_are_the_notebook_s_again_after_it(engine):
    answer = "import numpy as np\nnp = 3\ndef square(x):\n    return np.multiply(x, x)"
    made = job(answer, test="assert square(3) == 9")
    cells = (
        *(replace(cell, seen=True) for cell in made.cells),
        Cell("later", "student", "print('np is', np)"),
    )
    result = engine.submit(replace(made, cells=cells)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 4 and "np is 3" in said(result), said(result)


RECORDING = """
import pathlib, pickle
def flip180(k):
    with pathlib.Path("seen").open("ab") as file: pickle.dump((k.shape, k.tobytes(), k[::-1, ::-1].copy()), file)
    return k[::-1, ::-1]
"""
PRINTING = """
import io
stream, table = io.BytesIO(pathlib.Path("seen").read_bytes()), {}
while stream.tell() < len(stream.getvalue()):
    shape, data, flipped = pickle.load(stream)
    table[shape, data] = flipped.tolist()
print("table =", table)
"""
BY_TABLE = "def flip180(k):\n    return np.array(table[k.shape, k.tobytes()], dtype=k.dtype)\n"


def test_a_table_of_recorded_cases_handed_in_again_earns_nothing(engine):
    first = numpy_exercise(RECORDING)
    later = Cell("later", "student", PRINTING)
    result = engine.submit(replace(first, cells=(*first.cells, later))).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 4, said(result)
    table = next(text for text in said(result).split("\n") if text.startswith("table ="))
    again = table + "\n" + BY_TABLE
    assert last(engine.submit(numpy_exercise(again)).result()).status == "ok"  # if the cases were the same
    other = numpy_exercise(again, seed=drawn_from(7, digest(again)))
    assert last(engine.submit(other).result()).status == "error"


def test_a_crash_costs_no_replay_of_the_notebook(engine):
    slow = "import time\ntime.sleep(1.0)\nimport ctypes\ndef square(x): ctypes.string_at(0)\ndef cube(x): return x ** 3"
    more = [Cell(f"crash-{n}", "check", "square(2)") for n in range(3)] + [
        Cell("cube", "check", "assert cube(2) == 8")
    ]
    made = job(slow)
    result = engine.submit(replace(made, cells=(*made.cells, *more))).result()
    assert [cell.status for cell in result.cells[2:]] == ["died"] * 4 + ["ok"]
    assert (
        "a segmentation fault" in said(result) and result.seconds < 3.0
    )  # the second of sleep is spent once
    given = tuple(replace(cell, seen=True) for cell in (*made.cells, *more))
    result = engine.submit(replace(made, key="given", cells=given)).result()
    assert [cell.status for cell in result.cells[2:]] == ["died"] * 4 + ["ok"]
    assert result.seconds < 5.0  # and where the first to die is the process itself, once more


def test_a_test_finds_what_the_tests_before_it_have_made(engine):
    test = (
        Cell("one", "check", "made = square(3)\nkept = square"),
        Cell("two", "check", "assert made == 9 and kept(2) == 4"),
    )
    made = job()
    result = engine.submit(replace(made, cells=(*made.cells, *test))).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 5, said(result)


def test_tests_that_need_what_others_left_behind_run_in_one_process(engine):
    counting = "total = 0\ndef add(x):\n    global total\n    total += x\n    return total"
    tests = Cell("one", "check", "assert add(2) == 2"), Cell("two", "check", "assert add(3) == 5")
    cells = (Cell("add", "student", counting), *tests)
    shared = Job("key", "ada", "unit", cells, instructor=cells, limits=LIMITS)
    tried = engine.tried(shared)
    assert tried.shared and not tried.weak and not tried.unsolved
    assert [c.status for c in engine.submit(replace(shared, shared=True)).result().cells] == ["ok"] * 3


# --- threads and processes are nobody's offence

HELPERS = {
    "tqdm": "from tqdm.auto import tqdm\ndef flip180(k):\n    return np.array([row[::-1] for row in tqdm(list(k[::-1]))])",
    "a thread pool": "from concurrent.futures import ThreadPoolExecutor\ndef flip180(k):\n    with ThreadPoolExecutor(3) as pool:\n"
    "        return np.array(list(pool.map(lambda row: row[::-1], k[::-1])))",
    "a thread pool from before": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(3)\n"
    "list(pool.map(abs, [1, 2]))\ndef flip180(k):\n    return np.array(list(pool.map(lambda row: row[::-1], k[::-1])))",
    "a timer": "import threading\ndef flip180(k):\n    t = threading.Timer(30, print); t.start(); t.cancel()\n    return k[::-1, ::-1]",
    "a pool of processes": "import multiprocessing\ndef back(row): return row[::-1]\ndef flip180(k):\n"
    "    with multiprocessing.get_context('fork').Pool(2) as pool: return np.array(pool.map(back, list(k[::-1])))",
    "another program": "import subprocess\nsubprocess.run(['true'])\n" + FLIP,
    "a fork": "import os\nif os.fork() == 0: os._exit(0)\nos.wait()\n" + FLIP,
}  # fmt: skip


@pytest.mark.parametrize("name", HELPERS)
def test_threads_and_processes_in_a_right_answer_cost_nothing(engine, name):
    result = engine.submit(numpy_exercise(HELPERS[name])).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 3 and result.events == [], said(result)


# --- the clock


@needs_sandbox
def test_a_busy_machine_changes_no_verdict(engine):
    """Eight processes compete for the processors: the answer's own time is counted, not the time it waits."""
    import subprocess
    import sys

    slow = "import time\ndef square(x):\n    ends = time.process_time() + 0.7\n    while time.process_time() < ends: pass\n    return x * x"
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        limits = replace(LIMITS, cell_seconds=1.2)
        result = engine.submit(job(slow, test="assert square(3) == 9", limits=limits)).result()
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert [cell.status for cell in result.cells] == ["ok"] * 3, said(result)


def test_a_long_computation_in_c_is_ended_by_its_own_time(engine):
    stuck = "def square(x): return sum(range(10**12))"
    result = engine.submit(job(stuck, limits=replace(LIMITS, cell_seconds=1.0))).result()
    assert last(result).status in ("time-out", "died") and result.seconds < 25
