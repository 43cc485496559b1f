"""Python and JavaScript say the same words and compute the same numbers, by vectors that Python writes.

To write them anew: `python tests/widgets/test_golden.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
VECTORS = HERE / "golden.json"
ROOT = HERE.parent.parent


def text() -> str:
    import cases

    groups = [
        f'"{name}": [\n' + ",\n".join(map(_line, group)) + "\n]" for name, group in cases.golden().items()
    ]
    return "{" + ",\n".join(groups) + "}\n"


def _line(case: dict) -> str:
    return json.dumps(case, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_the_committed_vectors_are_what_python_and_torch_give_now():
    committed, now = json.loads(VECTORS.read_text("utf-8")), json.loads(text())
    for widget, cases in now.items():
        for case, old in zip(cases, committed[widget], strict=True):
            outputs = case.pop("outputs", None)
            if outputs is not None:
                assert _flat(outputs) == pytest.approx(_flat(old.pop("outputs")))
            assert case == old, case["about"]


def _flat(outputs: list) -> list[float]:
    return [value for rows in outputs for row in rows for value in row]


def test_the_pure_javascript_agrees_with_the_vectors():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine (Debian: apt-get install nodejs)")
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_javascript_is_clean_for_the_type_checker():
    checker = ROOT / "node_modules" / ".bin" / "tsc"
    if not checker.exists():
        pytest.skip("TypeScript is not installed (run: npm install)")
    done = subprocess.run(
        [checker, "-p", "tsconfig.json", "--noEmit"], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stdout[-4000:]


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
