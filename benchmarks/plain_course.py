"""A plain nbgrader course for the benchmark: nine functions, nine tests, nothing of convbook in it; and its hand-ins.

The notebook has 33 cells: two figures, two first tries, and one test that trains a small network with PyTorch for a
few steps. The hand-ins are the same at every call: right answers, wrong ones, untouched ones, no two notebooks alike.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

UNIT = "ps1"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "plain"
"""
STUB = "    raise NotImplementedError()"
# The function's head, a right body, wrong bodies, its test, its points.
FUNCTIONS: dict[str, tuple[str, str, list[str], str, int]] = {
    "relu": (
        "def relu(x):",
        "    return np.maximum(x, 0)",
        ["    return np.abs(x)", "    return np.maximum(x, 0)[:-1]"],
        "np.testing.assert_allclose(relu(np.array([-1.0, 0.0, 2.0])), [0, 0, 2])\n"
        "assert relu(np.ones((3, 4))).shape == (3, 4), 'the shape stays'",
        3,
    ),
    "softmax": (
        "def softmax(scores):",
        "    e = np.exp(scores - scores.max(axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)",
        ["    return np.exp(scores) / np.exp(scores).sum()", "    return scores / scores.sum()"],
        "np.testing.assert_allclose(softmax(np.zeros((2, 4))), np.full((2, 4), 0.25))\n"
        "### BEGIN HIDDEN TESTS\nassert np.isfinite(softmax(np.array([[1000.0, 0.0]]))).all(), 'no overflow'\n"
        "### END HIDDEN TESTS",
        4,
    ),
    "one_hot": (
        "def one_hot(labels, classes):",
        "    return np.eye(classes)[labels]",
        ["    return np.eye(classes)[labels].T", "    return labels"],
        "np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])",
        3,
    ),
    "accuracy": (
        "def accuracy(scores, labels):",
        "    return float((scores.argmax(axis=1) == labels).mean())",
        ["    return float((scores.argmax(axis=0) == labels).mean())", "    return 1.0"],
        "rng = np.random.default_rng(1)\ntable = rng.normal(size=(200, 10))\n"
        "assert accuracy(table, table.argmax(axis=1)) == 1.0\n"
        "assert accuracy(table, (table.argmax(axis=1) + 1) % 10) == 0.0",
        3,
    ),
    "correlate": (
        "def correlate(image, kernel):",
        "    h, w = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1\n"
        "    return np.array([[(image[i:i + kernel.shape[0], j:j + kernel.shape[1]] * kernel).sum()\n"
        "                      for j in range(w)] for i in range(h)])",
        [
            "    return image * kernel.sum()",
            "    h, w = image.shape[0] - kernel.shape[0], image.shape[1] - kernel.shape[1]\n"
            "    return np.array([[(image[i:i + kernel.shape[0], j:j + kernel.shape[1]] * kernel).sum()\n"
            "                      for j in range(w)] for i in range(h)])",
        ],
        "import torch.nn.functional as F\nimage = np.random.default_rng(2).normal(size=(28, 28))\n"
        "kernel = np.arange(9.0).reshape(3, 3)\n"
        "wanted = F.conv2d(torch.from_numpy(image)[None, None], torch.from_numpy(kernel)[None, None])[0, 0]\n"
        "np.testing.assert_allclose(correlate(image, kernel), wanted.numpy())",
        5,
    ),
    "max_pool": (
        "def max_pool(image, size):",
        "    h, w = image.shape[0] // size, image.shape[1] // size\n"
        "    return image[:h * size, :w * size].reshape(h, size, w, size).max(axis=(1, 3))",
        ["    return image[::size, ::size]", "    return image.reshape(size, -1, size, 2).max(axis=(0, 2))"],
        "np.testing.assert_array_equal(max_pool(np.arange(16).reshape(4, 4), 2), [[5, 7], [13, 15]])\n"
        "assert max_pool(np.ones((7, 9)), 3).shape == (2, 3)",
        4,
    ),
    "normalise": (
        "def normalise(batch):",
        "    return (batch - batch.mean(axis=0)) / batch.std(axis=0)",
        ["    return (batch - batch.mean()) / batch.std()", "    return batch - batch.mean(axis=0)"],
        "batch = np.random.default_rng(3).normal(5, 3, size=(1000, 100))\nchanged = normalise(batch)\n"
        "np.testing.assert_allclose(changed.mean(axis=0), 0, atol=1e-9)\n"
        "np.testing.assert_allclose(changed.std(axis=0), 1)",
        3,
    ),
    "primes": (
        "def primes(n):",
        "    return [k for k in range(2, n) if all(k % d for d in range(2, int(k ** 0.5) + 1))]",
        ["    return [k for k in range(2, n + 1) if all(k % d for d in range(2, k))]", "    return [2, 3, 5, 7]"],
        "found = [primes(10) == [2, 3, 5, 7], primes(3) == [2], primes(2) == [], len(primes(1000)) == 168]\nsum(found)",
        4,
    ),
    "train": (
        "def train(images, labels, steps):",
        "    torch.manual_seed(0)\n"
        "    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 4))\n"
        "    optimizer, losses = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9), []\n"
        "    for _ in range(steps):\n"
        "        loss = nn.functional.cross_entropy(net(images), labels)\n"
        "        optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()\n"
        "        losses.append(loss.item())\n    return losses",
        [
            "    net = nn.Sequential(nn.Flatten(), nn.Linear(256, 4))\n"
            "    return [nn.functional.cross_entropy(net(images), labels).item() for _ in range(steps)]",
            "    return []",
        ],
        "generator = torch.Generator().manual_seed(4)\nimages = torch.randn(128, 1, 16, 16, generator=generator)\n"
        "labels = torch.arange(128) % 4\nfor n in range(4):\n    images[n::4, :, 4 * n:4 * n + 4] += 1\n"
        "losses = train(images, labels, 12)\n"
        "assert len(losses) == 12\nassert losses[-1] < losses[0] / 2, 'the loss falls to less than half'",
        4,
    ),
}  # fmt: skip
TRIES = {
    "softmax": "np.round(softmax(np.array([[1.0, 2.0, 3.0]])), 3)",
    "correlate": "picture = np.outer(np.hanning(28), np.hanning(28))\n"
    "plt.imshow(correlate(picture, np.ones((3, 3))), cmap='gray')\nplt.title('blurred');",
    "max_pool": "print(max_pool(picture, 4).shape)",
    "train": "plt.plot(train(torch.randn(64, 1, 16, 16), torch.arange(64) % 4, 5))\nplt.xlabel('step');",
}
IMPORTS = "import matplotlib.pyplot as plt\nimport numpy as np\nimport torch\nfrom torch import nn"


def source() -> dict[str, Any]:
    """Return the instructor's notebook."""
    cells = [_cell("markdown", "title", "# Problem set 1"), _cell("code", "imports", IMPORTS)]
    for name, (head, right, _, test, points) in FUNCTIONS.items():
        cells.append(_cell("markdown", f"about-{name}", f"## `{name}`\n\nWrite `{head}`"))
        body = f"{head}\n    ### BEGIN SOLUTION\n{right}\n    ### END SOLUTION"
        cells.append(_cell("code", name, body, solution=True))
        if name in TRIES:
            cells.append(_cell("code", f"try-{name}", TRIES[name]))
        cells.append(_cell("code", f"test-{name}", test, grade=True, locked=True, points=points))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, name: str, text: str, **marks: Any) -> dict[str, Any]:
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    metadata = {"nbgrader": {"grade_id": name, **plain, **marks}} if marks else {}
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": text, **code}


def hand_in(released: dict[str, Any], place: int) -> dict[str, Any]:
    """Return the hand-out as student number `place` hands it in: about 7 of 10 answers right, 2 wrong, 1 untouched."""
    draw = random.Random(place)
    notebook = json.loads(json.dumps(released))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in FUNCTIONS:
            head, right, wrong, _, _ = FUNCTIONS[name]
            body = draw.choices([right, draw.choice(wrong), STUB], [7, 2, 1])[0]
            cell["source"] = f"{head}\n{STUB if place % 16 == 15 else body}"
    notebook["cells"][0]["source"] = f"# Problem set 1\n\nHand-in {place}."
    return notebook


def lay_out(folder: Path) -> Path:
    """Make the course's folder: configuration and source."""
    (folder / "source" / UNIT).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (folder / "source" / UNIT / f"{UNIT}.ipynb").write_text(json.dumps(source()), encoding="utf-8")
    return folder
