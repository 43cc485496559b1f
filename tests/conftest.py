"""What all tests share: nothing of the person's own settings gets in, and nothing of the tests gets out."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from browser import chromium, open_page, watch

__all__ = ["chromium", "open_page", "watch"]  # one browser for all tests of a process

# Set before anything is imported that reads them: workers on two cores must not fight for threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
os.environ["IPYTHONDIR"] = tempfile.mkdtemp(prefix="convbook-test-ipython-")

settings.register_profile("convbook", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "convbook")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the folder of the whole course."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def interruptible():
    """Give Ctrl-C its usual meaning, which a shell takes from what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
