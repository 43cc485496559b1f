"""pip, conda and CI install the same things, and nobody gets CUDA unasked."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

CONDA_NAMES = {"pytorch": "torch"}  # all others are called alike


@pytest.fixture(scope="module")
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def environment(repository):
    return yaml.safe_load((repository / "environment.yml").read_text())


@pytest.fixture(scope="module")
def pinned(repository):
    lines = (repository / "constraints.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {r.name.lower().replace("_", "-"): r for r in requirements}


def wanted(requirements: list[str]) -> dict[str, SpecifierSet]:
    parsed = map(Requirement, requirements)
    return {r.name: r.specifier for r in parsed}


def conda_wanted(environment: dict) -> dict[str, SpecifierSet]:
    listed = environment["dependencies"]
    from_pip = [
        spec for part in listed if isinstance(part, dict) for spec in part["pip"]
    ]  # not on conda-forge
    specs = [spec for spec in [*listed, *from_pip] if isinstance(spec, str) and not spec.startswith("--")]
    words = [spec.split() for spec in specs]
    return {CONDA_NAMES.get(w[0], w[0]): SpecifierSet(w[1] if len(w) > 1 else "") for w in words}


def test_conda_and_pip_ask_for_the_same(project, environment):
    conda = conda_wanted(environment)
    conda.pop("python"), conda.pop("pip")
    assert conda == wanted(project["dependencies"])


def test_conda_and_pip_want_a_python_that_both_have(project, environment):
    allowed = SpecifierSet(project["requires-python"]) & conda_wanted(environment)["python"]
    assert [v for v in ("3.10", "3.11", "3.12", "3.13", "3.14") if v in allowed] == ["3.11", "3.12", "3.13"]


def test_conda_installs_the_cpu_build_and_the_course_itself(environment):
    torch = next(s for s in environment["dependencies"] if isinstance(s, str) and s.startswith("pytorch"))
    assert torch.split()[2] == "cpu*"
    assert environment["dependencies"][-1] == {"pip": ["quickjs-ng >=0.17", "--editable ."]}
    assert environment["channels"][0] == "conda-forge"


def test_ci_pins_everything_that_is_asked_for(project, pinned):
    asked = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    for name, specifier in wanted(asked).items():
        assert name in pinned, f"constraints.txt has no {name}"
        (pin,) = pinned[name].specifier
        assert pin.operator == "=="
        assert specifier.contains(Version(pin.version)), f"{name} {pin.version} does not satisfy {specifier}"


def test_the_makefile_names_the_cpu_build_of_the_pinned_torch(repository, pinned):
    makefile = (repository / "Makefile").read_text()
    (pin,) = pinned["torch"].specifier
    assert re.findall(r"torch==(\S+)", makefile) == [f"{pin.version}+cpu", pin.version]


def test_no_path_installs_the_course_before_the_cpu_build(repository):
    recipes = (repository / "Makefile").read_text()
    assert recipes.index("$(TORCH)\n") < recipes.index("--editable")
    installs = [line for line in recipes.splitlines() if "$(PIP)" in line and "--editable" in line]
    assert installs and all("--constraint constraints.txt" in line for line in installs)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
class TestMake:
    def make(self, repository, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["make", *words], cwd=repository, capture_output=True, text=True)

    def test_help_names_every_target_a_person_uses(self, repository):
        text = self.make(repository, "help").stdout
        for target in ("make lab", "make test", "make check", "make release", "make clean-env"):
            assert target in text

    def test_a_machine_without_a_fitting_python_is_told_so(self, repository, tmp_path):
        done = self.make(repository, "lab", "PYTHON=", f"VENV={tmp_path / 'v'}")
        assert done.returncode != 0
        assert "No Python 3.11, 3.12 or 3.13" in done.stdout

    def test_a_python_that_cannot_make_environments_is_told_so(self, repository, tmp_path):
        crippled = tmp_path / "python"
        crippled.write_text("#!/bin/sh\nexit 1\n")
        crippled.chmod(0o755)
        done = self.make(repository, "lab", f"PYTHON={crippled}", f"VENV={tmp_path / 'v'}")
        assert done.returncode != 0
        assert f"{crippled} will not do" in done.stdout

    def test_this_python_would_do(self, repository, tmp_path):
        done = self.make(repository, "-n", "lab", f"PYTHON={sys.executable}", f"VENV={tmp_path / 'v'}")
        assert f"{sys.executable} -m venv" in done.stdout
