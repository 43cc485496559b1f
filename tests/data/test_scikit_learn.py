"""The files that come with scikit-learn: read without importing it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from convbook import data
from convbook.data import scikit_learn


def test_the_images_are_those_that_scikit_learn_loads():
    from sklearn.datasets import load_digits, load_sample_image

    digits, theirs = data.digits(), load_digits()
    test = data.handwriting.every_fifth_of_each_class(theirs.target)
    assert np.array_equal(digits.train_images[:, 0] * 16, theirs.images[~test])
    assert np.array_equal(digits.test_labels, theirs.target[test])
    for name, photo in data.photographs().items():
        assert np.allclose(photo.transpose(1, 2, 0) * 255, load_sample_image(f"{name}.jpg"))


def test_they_are_there_without_the_seconds_that_scikit_learn_takes():
    read = "from convbook import data; data.digits(), data.photographs()"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; {read}; print('sklearn' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "False\n"


@pytest.mark.parametrize("found", [None, "elsewhere"])
def test_a_file_that_is_gone_is_told_with_its_remedy(monkeypatch, tmp_path, found):
    spec = found and type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr(scikit_learn.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(data.DataError, match=r"digits\.csv\.gz comes with scikit-learn.*pip install"):
        data.digits()
