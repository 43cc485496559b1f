"""pip, conda and CI install the same things, and nobody gets CUDA unasked."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

CONDA_NAMES = {"pytorch": "torch"}  # all others are called alike


@pytest.fixture(scope="module")
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def environment(repository):
    return yaml.safe_load((repository / "environment.yml").read_text())


def pins(file: Path) -> dict[str, Requirement]:
    """Return the requirements of a file of constraints by their normalised names."""
    lines = [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


@pytest.fixture(scope="module")
def pinned(repository):
    return pins(repository / "constraints.txt")


@pytest.fixture(scope="module")
def lowest(repository):
    return pins(repository / "constraints-lowest.txt")


def asked(project: dict) -> list[str]:
    """Return everything that pyproject.toml asks for, the extras too."""
    return [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]


def wanted(requirements: list[str]) -> dict[str, SpecifierSet]:
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, requirements)}


def conda_wanted(environment: dict) -> dict[str, SpecifierSet]:
    listed = environment["dependencies"]
    from_pip = [
        spec for part in listed if isinstance(part, dict) for spec in part["pip"]
    ]  # not on conda-forge
    specs = [spec for spec in [*listed, *from_pip] if isinstance(spec, str) and not spec.startswith("--")]
    words = [spec.split() for spec in specs]
    named = [(CONDA_NAMES.get(w[0], w[0]), w[1] if len(w) > 1 else "") for w in words]
    return {canonicalize_name(name): SpecifierSet(specifier) for name, specifier in named}


def pin_of(name: str, pinned: dict[str, Requirement]) -> Version:
    """Return the one version that a file of constraints allows."""
    assert name in pinned, f"no version of {name} is pinned"
    (pin,) = pinned[name].specifier
    assert pin.operator == "=="
    return Version(pin.version)


def test_conda_and_pip_ask_for_the_same(project, environment):
    conda = conda_wanted(environment)
    conda.pop("python"), conda.pop("pip")
    assert conda == wanted(project["dependencies"])


PYTHONS = {"3.11", "3.12", "3.13"}


def test_pip_conda_and_make_take_the_same_pythons(project, environment, repository):
    (lowest, highest) = re.search(r"\((3, \d+)\) <= sys.version_info\[:2\] <= \((3, \d+)\)",
                                  (repository / "Makefile").read_text()).groups()  # fmt: skip
    make = SpecifierSet(f">={lowest.replace(', ', '.')},<={highest.replace(', ', '.')}")
    for allowed in (SpecifierSet(project["requires-python"]), conda_wanted(environment)["python"], make):
        assert {f"3.{minor}" for minor in range(20) if f"3.{minor}" in allowed} == PYTHONS


def test_readme_and_make_name_the_pythons(repository):
    named = "3.11, 3.12 or 3.13"
    assert f"Python {named}" in (repository / "README.md").read_text()
    assert f"({named})" in (repository / "Makefile").read_text()


def test_conda_installs_the_cpu_build_and_the_course_itself(environment):
    torch = next(s for s in environment["dependencies"] if isinstance(s, str) and s.startswith("pytorch"))
    assert torch.split()[2] == "cpu*"
    assert environment["dependencies"][-1] == {"pip": ["quickjs-ng >=0.17.0.2", "--editable ."]}
    assert environment["channels"][0] == "conda-forge"


def test_ci_pins_everything_that_is_asked_for(project, pinned):
    for name, specifier in wanted(asked(project)).items():
        assert specifier.contains(pin_of(name, pinned)), f"{name} does not satisfy {specifier}"


def test_the_lowest_versions_are_exactly_the_lower_bounds(project, lowest):
    for name, specifier in wanted(asked(project)).items():
        (bound,) = [Version(part.version) for part in specifier if part.operator == ">="]
        pin = pin_of(name, lowest)
        assert pin == bound, f"{name} {bound} is declared and {pin} tested: run .ci/lowest-versions"


def test_the_slow_jsonschema_is_kept_out_for_everyone(project, environment, pinned, lowest):
    for allowed in (wanted(project["dependencies"]), conda_wanted(environment)):
        assert "4.24.1" in allowed["jsonschema"] and "4.25" not in allowed["jsonschema"]
    assert max(pin_of("jsonschema", pinned), pin_of("jsonschema", lowest)) < Version("4.25")
    assert version("jsonschema") < "4.25"


def test_the_makefile_names_the_cpu_build_of_the_pinned_torch(repository, pinned):
    makefile = (repository / "Makefile").read_text()
    (pin,) = pinned["torch"].specifier
    assert re.findall(r"torch==(\S+)", makefile) == [f"{pin.version}+cpu", pin.version]


def imported(source: str) -> set[str]:
    """Return the names of the top-level modules that a source imports."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.split(".")[0] for name in (*plain, *froms)}


def sources(folder: Path) -> Iterator[str]:
    """Yield the source of every Python file and of every notebook's code below a folder."""
    for file in folder.rglob("*.py"):
        yield file.read_text(encoding="utf-8")
    for file in folder.rglob("*.ipynb"):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield TransformerManager().transform_cell("".join(cell["source"]))


def third_party(folder: Path, beside: Path | None = None) -> set[str]:
    """Return the distributions, by their normalised names, that the code below a folder imports from.

    `beside` is another folder of ours from which it imports.
    """
    found = set().union(*map(imported, sources(folder)))
    near = beside.iterdir() if beside else ()
    ours = {path.stem for path in (*folder.rglob("*"), *near)} | {"convbook"}
    installed = packages_distributions()
    names = [installed.get(name, [name])[0] for name in found - ours - set(sys.stdlib_module_names)]
    return {canonicalize_name(name) for name in names}


@pytest.mark.parametrize(("folder", "extras"), [
    ("lib", ["book", "cluster"]), ("solutions", []), ("tests", ["cluster", "dev"]), ("benchmarks", ["dev"]), ("docs", ["dev"]),
    ("etc", ["hub"]),
])  # fmt: skip
def test_everything_that_is_imported_is_declared(repository, project, folder, extras):
    declared = [
        *project["dependencies"],
        *(r for extra in extras for r in project["optional-dependencies"][extra]),
    ]
    beside = repository / "tests" if folder in ("benchmarks", "docs") else None  # they use the tests' tools
    needed = third_party(repository / folder, beside)
    assert needed, f"no import was found in {folder}"
    assert needed <= wanted(declared).keys(), f"{folder}/ imports what pyproject.toml does not declare for it"


def test_an_import_is_found_wherever_it_stands():
    source = "import numpy.linalg as a, torch\ndef f():\n    from PIL import Image\nfrom . import near"
    assert imported(source) == {"numpy", "torch", "PIL"}


def test_no_path_installs_the_course_before_the_cpu_build(repository):
    recipes = (repository / "Makefile").read_text()
    assert recipes.index("$(TORCH)\n") < recipes.index("--editable")
    lines = recipes.replace("\\\n", "").splitlines()
    installs = [line for line in lines if "PIP)" in line and "--editable" in line]
    assert len(installs) == 3
    for line in installs:
        assert "--constraint constraints.txt" in line or line.startswith("\t@$(LOWEST_PIP)")
    (tool,) = [line for line in lines if line.startswith("LOWEST_PIP =")]
    assert "--constraint constraints-lowest.txt" in tool
    assert recipes.index("$(LOWEST_PIP) $(TORCH)") < recipes.index("$(LOWEST_PIP) --editable")


def test_the_lowest_versions_are_tried_with_the_python_they_were_found_for(repository):
    assert "--python-version 3.11" in (repository / ".ci" / "lowest-versions").read_text()
    assert "python3.11 -m venv $(LOWEST)" in (repository / "Makefile").read_text()
    assert "test-lowest" in (repository / ".ci" / "run").read_text()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
class TestMake:
    def make(self, repository, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["make", *words], cwd=repository, capture_output=True, text=True)

    def test_help_names_every_target_a_person_uses(self, repository):
        text = self.make(repository, "help").stdout
        for target in (
            "make lab",
            "make test",
            "make test-lowest",
            "make check",
            "make book",
            "make release",
            "make clean-env",
        ):
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
