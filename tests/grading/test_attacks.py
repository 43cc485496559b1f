"""Hostile submissions: no points, no harm, and the honest one beside them is untouched."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import hand_in
from convbook.grading.job import Cell, Limits
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine
from hand_in import LIMITS, SQUARE, job, last, said

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacle()), reason=f"no sandbox here: {sandbox.obstacle()}")
SECRET = 8_675_309_8_675_309  # a seed that must never be seen


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=2) as running:
        yield running


NO_POINTS = {
    "leaves in the function": "import sys\ndef square(x): sys.exit(0)",
    "leaves at once": "import os\ndef square(x): os._exit(0)",
    "leaves at once in its cell": "import os\nos._exit(0)",
    "crashes": "import ctypes\ndef square(x): ctypes.string_at(0)",
    "aborts": "import os\ndef square(x): os.abort()",
    "recurses for ever": ("import sys\nsys.setrecursionlimit(10**9)\ndef square(x): return [square(x)]"),
    "never ends": "def square(x):\n    while True: pass",
    "swallows every interrupt": (
        "def square(x):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass"
    ),
    "sleeps": "import time\ndef square(x): time.sleep(10**6)",
    "waits for itself": (
        "import threading\nlock = threading.Lock()\ndef square(x):\n    lock.acquire()\n    lock.acquire()"
    ),
    "raises KeyboardInterrupt": "def square(x): raise KeyboardInterrupt",
    "takes all memory": "def square(x): return bytearray(10**11)",
    "takes memory bit by bit": "def square(x):\n    kept = []\n    while True: kept.append(bytes(10**7))",
    "returns what equals everything": (
        "class Anything:\n    __array_priority__ = 1e9\n"
        "    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return image**2\n"
        "    def __bool__(self): return True\n    def __sub__(self, other): return 0\n    __hash__ = None\n"
        "def square(x): return Anything()"
    ),
    "derives from a number that equals everything": (
        "class Always(float):\n    def __eq__(self, other): return True\ndef square(x): return Always(1)"
    ),
    "derives from an array that equals everything": (
        "class Always(np.ndarray):\n    def __array_ufunc__(self, *a, **k): return True\n"
        "    def __eq__(self, other): return True\ndef square(x): return np.zeros(3).view(Always)"
    ),
    "replaces np.allclose": "np.allclose = lambda *a, **k: True\ndef square(x): return 9",
    "replaces the builtins": (
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\n"
        "builtins.AssertionError = Exception\ndef square(x): return x"
    ),
    "replaces its own __builtins__": (
        "__builtins__ = {'AssertionError': type('Nothing', (Exception,), {})}\ndef square(x): return x"
    ),
    "replaces modules": (
        "import sys, types\nsys.modules['numpy'] = types.SimpleNamespace(allclose=lambda *a, **k: True)\n"
        "np = sys.modules['numpy']\ndef square(x): return x"
    ),
    "replaces np.testing": (
        "np.testing.assert_allclose = lambda *a, **k: None\nnp.array_equal = lambda *a, **k: True\n"
        "def square(x): return x"
    ),
    "replaces the data of the test": "image = np.zeros((4, 4))\nrng = None\ndef square(x): return x",
    "turns asserts off": "import sys\nsys.flags = None\n__debug__ if True else 0\ndef square(x): return x",
    "hooks IPython": (
        "ip = get_ipython()\nip.run_cell = lambda *a, **k: None\n"
        "ip.ast_transformers.append(None)\ndef square(x): return x"
    ),
    "returns a function": "def square(x): return lambda *a: True",
    "returns a class": "def square(x): return type('int', (int,), {'__eq__': lambda s, o: True})",
    "returns its own list forever": "loop = []\nloop.append(loop)\ndef square(x): return loop",
    "returns too much": "def square(x): return np.zeros(70_000_000)",
    "is no function": "square = 9",
    "is a module": "import numpy as square",
    "starts threads that go on": (
        "import threading\ndef work():\n    while True: pass\n"
        "for _ in range(8): threading.Thread(target=work, daemon=True).start()\ndef square(x): return x"
    ),
    "takes the numbers from the stack": (
        "import inspect\ndef square(x):\n    for frame in inspect.stack():\n        found = frame.frame.f_locals\n"
        "        if 'expected' in found: return found['expected']\n    return 0"
    ),
    "takes the solution from the garbage": (
        "import gc, types\ngc.unfreeze()\nfound = [o for o in gc.get_objects() if isinstance(o, types.FunctionType)"
        " and o.__name__ == 'square']\nif found: square = found[0]"
    ),
    "deletes its name": SQUARE + "del square",
    "does nothing": "",
    "is no Python": "def square(x: return",
}


@pytest.mark.parametrize("source", NO_POINTS.values(), ids=NO_POINTS)
def test_a_hostile_answer_earns_nothing(engine, source):
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 2.0})
    hostile = engine.submit(job(source, limits=limits))
    honest = engine.submit(job(student="bea"))
    assert last(hostile.result()).status != "ok"
    assert [cell.status for cell in honest.result().cells] == ["ok", "ok", "ok"]


def test_a_module_beside_the_notebook_shadows_nothing_where_the_tests_run(engine):
    fake = b"def allclose(*a, **k): return True\nclass random:\n    default_rng = None\n"
    result = engine.submit(
        job("def square(x): return x", files={"numpy.py": fake, "numpy/__init__.py": fake})
    )
    assert last(result.result()).status == "error"


FORGE_FRAMES = """
import gc, os, socket, struct, json
def fds():
    for number in range(3, 256):
        try:
            if os.fstat(number).st_mode & 0o170000 == 0o140000: yield number
        except OSError: pass
def frame(value):
    header = json.dumps({"sizes": [], "value": value}).encode()
    return struct.pack(">4sIQ", b"cvb1", len(header), 0) + header
def shout(value):
    for number in fds():
        os.write(number, frame(value))
"""


def test_a_forged_reply_ends_the_process_and_is_reported(engine):
    early = "shout({'dict': [['reply', 'anything'], ['value', 9]]})\ndef square(x): return 0"
    result = engine.submit(job(FORGE_FRAMES + early)).result()
    assert last(result).status != "ok"
    assert [event["kind"] for event in result.events] == ["protocol"]


def test_noise_on_the_line_ends_the_process_and_is_reported(engine):
    result = engine.submit(
        job(FORGE_FRAMES + "for n in fds(): os.write(n, b'GET / HTTP/1.1\\r\\n\\r\\n' * 9)")
    ).result()
    assert last(result).status != "ok"
    assert "protocol" in [event["kind"] for event in result.events]


def test_calling_what_was_not_lent_ends_the_process(engine):
    ask = "def square(x):\n    shout({'dict': [['ask', 'x'], ['do', 'call'], ['id', 1], ['args', []], ['kwargs', {'dict': []}]]})"
    result = engine.submit(job(FORGE_FRAMES + ask)).result()
    assert last(result).status != "ok"
    assert "protocol" in [event["kind"] for event in result.events]


def test_a_reply_with_the_right_number_is_worth_no_more_than_a_returned_value(engine):
    find = """
def square(x):
    for found in gc.get_objects():
        if type(found) is dict and isinstance(found.get("ask"), str):
            shout({'dict': [['reply', found['ask']], ['value', {'dict': [['status', 'returned'], ['value', True]]}]]})
    return 0
"""
    assert last(engine.submit(job(FORGE_FRAMES + find)).result()).status != "ok"


def test_a_closed_line_costs_the_cell_only(engine):
    closing = FORGE_FRAMES + "for n in fds(): os.close(n)\ndef square(x): return x * x"
    result = engine.submit(job(closing)).result()
    assert [cell.status for cell in result.cells[:2]] == ["ok", "died"]


def test_the_seed_is_nowhere_in_the_student_s_process(engine):
    look = f"""
import gc, os
def square(x):
    texts = [repr(dict(os.environ))]
    texts += [repr(o) for o in gc.get_objects() if type(o) in (dict, list, tuple) and len(o) < 50]
    return 9 if any(str({SECRET // 2} * 2 + {SECRET % 2}) in text for text in texts) else 0
"""
    assert last(engine.submit(job(look, seed=SECRET)).result()).status != "ok"


def test_neither_the_test_nor_the_solution_is_in_the_student_s_memory(engine):
    solution = "def square(x):\n    'only the solution says this'\n    return x * x\n"
    test = "assert square(3) == 9, 'only the test says this'\n"
    scan = """
import gc, types
gc.unfreeze()
texts, codes = set(), []
for found in gc.get_objects():
    if isinstance(found, types.FunctionType): codes.append(found.__code__)
    for inner in gc.get_referents(found):
        if type(inner) is str: texts.add(inner)
        if isinstance(inner, types.CodeType): codes.append(inner)
for code in codes: texts |= {c for c in code.co_consts if type(c) is str} | {str(code.co_name)}
print('texts', len(texts) > 10_000, 'seen', [t[:80] for t in texts if 'only the ' + 'solution says' in t or 'only the ' + 'test says' in t])
"""
    text = said(engine.submit(job(scan, test=test, solution=solution)).result())
    assert "texts True seen []" in text, text


def test_the_environment_tells_nothing(engine, monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", "tell-nobody")
    with Engine(workers=1) as fresh:
        result = fresh.submit(job("import os\nprint(dict(os.environ))")).result()
    assert "tell-nobody" not in said(result)


@needs_sandbox
def test_files_of_the_machine_are_not_there(tmp_path):
    course = tmp_path / "gradebook.db"
    course.write_text("all grades")
    places = [
        str(course),
        __file__,
        str(Path(hand_in.__file__)),
        "/etc/passwd",
        "/etc/shadow",
        "/root/.bashrc",
    ]
    look = (
        f"import os\nfor place in {places}:\n    print('there' if os.path.exists(place) else 'gone', place)"
    )
    with Engine(workers=1) as engine:
        text = said(engine.submit(job(look)).result())
    assert text.count("gone") == len(places), text


@needs_sandbox
def test_the_folders_above_hold_only_python_and_this_library(engine):
    import convbook

    above = Path(convbook.__file__).resolve().parents[2]
    result = engine.submit(
        job(f"import os\nprint(os.listdir('.'), os.listdir('..'), os.listdir({str(above)!r}))")
    ).result()
    text = said(result)
    assert "solutions" not in text and "notebooks" not in text and "tests" not in text
    assert text.startswith("[] [")


@needs_sandbox
def test_there_is_no_network(engine):
    dial = """
import socket
for family, address in ((socket.AF_INET, ('192.0.2.1', 80)), (socket.AF_INET, ('127.0.0.1', 22))):
    try:
        socket.create_connection(address, timeout=1); print('through')
    except OSError as error: print('refused', error)
"""
    result = engine.submit(job(dial + SQUARE)).result()
    assert said(result).count("refused") == 2 and "through" not in said(result)
    assert last(result).status == "ok"
    assert {event["kind"] for event in result.events} == {"network"}


@needs_sandbox
def test_sockets_that_know_no_namespaces_are_refused(engine):
    families = """
import socket
for family in (1, 2, 10, 16, 17, 38, 40, 44):  # … packets, the kernel's cryptography, the virtual machine's host, XDP
    try: socket.socket(family, socket.SOCK_DGRAM if family == 16 else socket.SOCK_STREAM).close(); print(family, 'made')
    except PermissionError: print(family, 'refused')
    except OSError as error: print(family, error)
"""
    text = said(engine.submit(job(families)).result())
    assert all(f"{family} refused" in text for family in (17, 38, 40, 44)), text
    assert all(f"{family} refused" not in text for family in (1, 2, 10, 16)) and "1 made" in text, text


@needs_sandbox
def test_nobody_else_can_be_ended(engine):
    kill = """
import os, signal
for pid in [1, os.getppid(), -1, *range(2, 3000)]:
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
print([p for p in os.listdir('/proc') if p.isdigit()])
"""
    mine = os.getpid()
    waiting = engine.submit(job("import time\ntime.sleep(1)\n" + SQUARE, student="bea"))
    result = engine.submit(job(kill)).result()
    assert "['1']" in said(result)  # it sees itself alone
    assert last(waiting.result()).status == "ok" and os.getpid() == mine


@needs_sandbox
def test_nobody_can_be_traced_and_no_limits_left(engine):
    escape = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, *arguments):
    print(name, libc[name](*arguments), ctypes.get_errno())
tried('ptrace', 16, 1, 0, 0)
tried('unshare', 0x10000000)
tried('mount', b'none', b'/tmp', b'tmpfs', 0, None)
tried('memfd_create', b'hidden', 0)
import resource
try: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)); print('free')
except (ValueError, OSError): print('bound')
import os
try: os.setuid(0); print('root')
except OSError: print('nobody')
"""
    text = said(engine.submit(job(escape)).result())
    for name in ("ptrace", "unshare", "mount", "memfd_create"):
        assert f"{name} -1 1" in text, text
    assert "bound" in text and "nobody" in text


@needs_sandbox
def test_a_fork_bomb_stays_small_and_alone(engine):
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 2.0, "processes": 20})
    bombed = engine.submit(job(bomb, limits=limits))
    honest = [engine.submit(job(student=name)) for name in ("bea", "carl", "dora")]
    assert all(last(result.result()).status == "ok" for result in honest)
    assert bombed.result().cells[1].status in ("time-out", "died")
    time.sleep(0.3)
    assert last(engine.submit(job()).result()).status == "ok"


@needs_sandbox
def test_a_full_disk_is_the_student_s_own(engine):
    fill = (
        """
import os
written = 0
try:
    for number in range(1000):
        with open(f'{number}', 'wb') as file: written += file.write(bytes(2**20))
except OSError as error: print('full after', written >> 20, error)
"""
        + SQUARE
    )
    result = engine.submit(job(fill)).result()
    assert "full after 3" in said(result) and last(result).status == "ok"
    assert "full" not in said(engine.submit(job("open('a', 'wb').write(bytes(2**24))")).result())


@needs_sandbox
def test_nothing_stays_for_the_next_student(engine):
    leave = """
import builtins, os, subprocess, sys, time
builtins.left_behind = True
for place in ('/tmp/left', '/tmp/notebook/left', '/dev/shm/left', '/var/tmp/left'):
    try: open(place, 'w').write('answer')
    except OSError: pass
subprocess.Popen([sys.executable, '-c', 'import time\\nwhile True: time.sleep(1)'], start_new_session=True)
"""
    find = """
import builtins, os
print('found', hasattr(builtins, 'left_behind'), os.path.exists('/tmp/left'), os.listdir('.'), os.listdir('/dev/shm'))
print([open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdigit() and p != '1'])
"""
    with Engine(workers=1) as alone:
        alone.submit(job(leave)).result()
        text = said(alone.submit(job(find, student="bea")).result())
    assert "found False False [] []" in text and "\n[]" in text, text


def test_a_symbolic_link_as_a_file_name_leads_nowhere(engine):
    files = {"../escaped.txt": b"x", "/tmp/absolute.txt": b"x", "folder/fine.txt": b"y"}
    look = "import os\nprint(sorted(os.listdir('.')), os.path.exists('../escaped.txt'))"
    text = said(engine.submit(job(look, files=files)).result())
    assert "['folder'] False" in text
    assert not Path("/tmp/absolute.txt").exists()


@needs_sandbox
def test_a_link_made_in_the_cell_leads_to_nothing_of_ours(engine):
    link = "import os\nos.symlink('/root', 'home')\ntry: print('home', os.listdir('home'))\nexcept OSError as e: print('none', e)"
    text = said(engine.submit(job(link)).result())
    assert "none" in text or "home ['.pyenv']" in text or "home []" in text


def test_a_flood_of_output_is_cut_with_one_sentence(engine):
    result = engine.submit(job("for n in range(10**5): print('x' * 100)\n" + SQUARE)).result()
    assert len(said(result)) < 300_000
    assert said(result).count("the rest of the output was cut") == 1
    assert last(result).status == "ok"


def test_output_on_stderr_is_no_fault(engine):
    noisy = "import sys, warnings\ndef square(x):\n    print('hm', file=sys.stderr); warnings.warn('old')\n    return x * x"
    assert last(engine.submit(job(noisy)).result()).status == "ok"


def test_another_check_object_in_the_notebook_changes_nothing(engine):
    import convbook.checks.start_here  # noqa: F401  the check exists

    setup = "import numpy as np\nfrom convbook.checks import start_here as check"
    solution = "def brightness(image):\n    return image.mean()"
    wrong = "def brightness(image):\n    return 0.0\n"
    tricks = {
        "overwritten": "class check:\n    brightness = staticmethod(lambda answer: None)",
        "patched": (
            "import convbook.checks.start_here as there, convbook.forms as forms\n"
            "forms.Exercise.__call__ = lambda self, answer: None\n"
            "there.brightness = lambda answer: None\ncheck = there\ncheck.brightness(brightness)"
        ),
        "judged elsewhere": (
            "import convbook.checks.judge as judge\njudge.judge = lambda *a: None\n"
            "import convbook.answers.calling as calling\ncalling.observe = lambda *a, **k: None"
        ),
    }
    from convbook.grading.job import Job

    def one(who: str, source: str) -> Job:
        cells = (
            Cell("a", "student", setup),
            Cell("b", "student", source),
            Cell("c", "check", "check.brightness(brightness)", 2),
        )
        instructor = (
            Cell("a", "setup", setup),
            Cell("b", "student", solution),
            Cell("c", "check", cells[2].source),
        )
        return Job(who, who, "unit", cells, instructor=instructor, limits=LIMITS, seed=1)

    assert last(engine.submit(one("honest", solution)).result()).status == "ok"
    for name, trick in tricks.items():
        assert last(engine.submit(one(name, wrong + trick)).result()).status != "ok", name


USED_UP = {
    "memory by a cell": Cell("bad", "student", "kept = []\nwhile True: kept.append(np.ones(10**6))"),
    "memory by a call": Cell("bad", "check", "fill()"),
    "processes": Cell(
        "bad",
        "student",
        "import os, time\nwhile True:\n    try:\n        if os.fork() == 0: time.sleep(99); os._exit(0)\n"
        "    except OSError: break",
    ),
}


@needs_sandbox
@pytest.mark.parametrize("bad", USED_UP.values(), ids=USED_UP)
def test_what_a_cell_uses_up_the_next_ones_have_again(engine, bad):
    fill = "kept = []\ndef fill():\n    while True: kept.append(np.ones(10**6))\n"
    limits = Limits(**{**vars(LIMITS), "processes": 20})
    result = engine.submit(job(fill + SQUARE, more=(bad,), limits=limits)).result()
    assert last(result).status == "ok", said(result)


@needs_sandbox
def test_a_cell_that_leaves_little_memory_does_not_starve_the_next_one(engine):
    hog = "kept = []\ntry:\n    while True: kept.append(bytearray(10**6))\nexcept MemoryError: del kept[-25:]"
    more = (Cell("hog", "student", hog), Cell("next", "student", "room = np.ones(5 * 10**6)"))  # 40 MB
    result = engine.submit(job(SQUARE, more=more)).result()
    assert [cell.status for cell in result.cells] == ["ok"] * 5, said(result)


def test_a_loop_that_calls_the_test_s_own_function_costs_only_its_test(engine):
    loop = "def twice(f, x):\n    while True: f(x)\n" + SQUARE
    more = (Cell("twice", "check", "twice(lambda x: x, 1)"), Cell("after", "student", "after = 5"))
    limits = Limits(**{**vars(LIMITS), "cell_seconds": 2.0})
    result = engine.submit(job(loop, more=more, limits=limits)).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "time-out", "ok", "ok"], said(result)
    assert result.events == []


def test_what_a_test_makes_of_an_answer_is_bounded(engine):
    answer = "def square(x):\n    return np.ones(12_000_000)"
    keep = Cell("keep", "check", "answer = square(3)\nkept = [answer + n for n in range(30)]")  # 2.9 GB
    result = engine.submit(job(answer, more=(keep,), test="assert square(1).shape == (12_000_000,)")).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "error", "ok"], said(result)
    assert "MemoryError" in said(result)


def test_a_weak_test_is_not_to_be_read_in_a_later_cell(engine):
    more = (
        Cell("weak", "check", "assert square(12) == 144", 1.0, True),
        Cell("look", "student", "print(In, _i, _ii)"),
    )
    result = engine.submit(job(more=more)).result()
    assert result.cells[2].status == "ok" and "144" not in said(result)


def test_what_a_cell_is_said_to_reach_for_is_short(engine):
    shout = """
import gc
for found in gc.get_objects():
    if type(found).__name__ == "Audit": found.seen += [["file", "x" * 10**6]]
"""
    (event,) = engine.submit(job(shout + SQUARE)).result().events
    assert len(event["sentence"]) < 300


def test_one_bad_cell_costs_one_cell(engine):
    more = (
        Cell("bad", "student", "import os\nos._exit(1)"),
        Cell("worse", "student", "import ctypes\nctypes.string_at(0)"),
        Cell("good", "student", "after = square(2)\nprint('after', after)"),
    )
    result = engine.submit(job(more=more)).result()
    assert [cell.status for cell in result.cells] == ["ok", "ok", "died", "died", "ok", "ok"]
    assert "after 4" in said(result)
