"""The container's recipe: a linter has nothing against it, and what it says agrees with the course."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet


@pytest.fixture(scope="module")
def recipe(repository) -> Path:
    return repository / "etc" / "hub" / "Dockerfile"


@pytest.fixture(scope="module")
def steps(recipe) -> list[tuple[str, str]]:
    """Return the recipe's steps: instruction and the rest of its line, continuations joined."""
    text = re.sub(r"^#.*\n", "", recipe.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def told(steps: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for name, rest in steps if name == instruction]


def test_the_linter_has_nothing_against_it(recipe):
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, recipe], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_would_find_a_fault(recipe, tmp_path):
    spoilt = tmp_path / "Dockerfile"
    spoilt.write_text(recipe.read_text().replace("WORKDIR /opt/source", "RUN cd /opt/source"))
    hadolint = Path(sys.executable).parent / "hadolint"
    assert "DL3003" in subprocess.run([hadolint, spoilt], capture_output=True, text=True).stdout


def test_its_base_has_a_version_that_the_course_allows(steps, repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    (base,) = told(steps, "ARG")
    version = re.fullmatch(r"BASE=python:(3\.\d+\.\d+)-slim-\w+", base)
    assert version, f"{base} names no exact version"
    assert version[1] in SpecifierSet(project["requires-python"])


def test_the_server_does_not_run_as_root_and_nbgrader_takes_the_hubs_names(steps):
    assert told(steps, "USER")[-1] == "1000", "a number, so that Kubernetes can see that it is not root"
    assert any("useradd --create-home --uid 1000 jovyan" in rest for rest in told(steps, "RUN"))


def test_it_installs_the_pinned_versions_and_the_cpu_build_first(steps, repository):
    installs = [rest for rest in told(steps, "RUN") if rest.startswith("pip install")]
    assert len(installs) == 2 and all("--constraint constraints.txt" in one for one in installs)
    (pin,) = re.findall(r"^torch==(\S+)", (repository / "constraints.txt").read_text(), re.MULTILINE)
    assert installs[0].endswith(f"torch=={pin}+cpu") and installs[1].endswith('".[hub]"')


def test_all_that_is_copied_is_there_and_is_let_through(steps, repository):
    copied = [word for rest in told(steps, "COPY") for word in shlex.split(rest)[:-1]]
    ignored = (repository / "etc" / "hub" / "Dockerfile.dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    for path in copied:
        assert (repository / path).exists(), path
        assert Path(path).parts[0] in let_through, path
    for private in ("work", "grading", "solutions"):
        assert not any(fnmatch(private, name) for name in let_through)


def test_all_that_the_package_is_built_from_is_copied(steps, repository):
    copied = [word for rest in told(steps, "COPY") for word in shlex.split(rest)[:-1]]
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [project["project"]["readme"], *project["project"]["license-files"], *wheel["packages"]]
    for path in [*needed, *wheel["shared-data"], "pyproject.toml"]:
        assert any(path == one or path.startswith(one + "/") for one in copied), path


def test_it_sets_what_nbgraders_settings_ask_for(steps, repository):
    asked = (repository / "etc" / "hub" / "everyone" / "nbgrader_config.py").read_text()
    names = set(re.findall(r'os\.environ\["(\w+)"\]', asked))
    given = {word.split("=")[0] for rest in told(steps, "ENV") for word in shlex.split(rest)}
    assert names and names <= given
