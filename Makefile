# make lab   opens the course          make test   proves it          make help   explains the rest

# The first Python 3.11-3.13 that can make an environment. `make lab PYTHON=/path/to/python` overrides.
CAN_SERVE := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(CAN_SERVE)' >/dev/null 2>&1 && { echo $$p; break; }; done)

VENV := .venv
LOWEST := $(VENV)-lowest
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check

# PyTorch for the CPU. On Linux the ordinary index has only builds that bring gigabytes of CUDA, so
# the exact CPU build is named: no other file can be taken for it. Where PyTorch's own index
# cannot be reached, pip says so and looks in the other places it knows.
ifeq ($(shell uname -s),Linux)
TORCH := --retries 1 --timeout 30 --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu
else
TORCH := torch==2.13.0
endif

.DEFAULT_GOAL := help
.PHONY: help lab test test-lowest check book release lint javascript pytest clean-env installed system-packages node-modules

help:
	@echo "make lab        install once, then open the course in JupyterLab"
	@echo "make test       install what the tests need, then prove the whole course"
	@echo "make test-lowest  test with the oldest versions that pyproject.toml allows (Python 3.11)"
	@echo "make check      only the course's own health: solutions, release, points, leaks"
	@echo "make book       the course as a site to read, with every widget alive, in book/"
	@echo "make release    bring sources into their committed form and renew notebooks/ and the README's table"
	@echo "make clean-env  remove the environment; your own work/ stays"
	@echo
	@echo "PYTHON=/path/to/python chooses the interpreter (3.11, 3.12 or 3.13)."

lab: $(VENV)/.lab-installed
	@$(BIN)/python -m convbook lab

test: $(VENV)/.test-installed system-packages
	@$(MAKE) --no-print-directory --keep-going lint javascript check pytest

# All that the tests need, independent of each other: with --jobs they wait for the network at the same time.
installed: $(VENV)/.test-installed $(LOWEST)/.installed node-modules

system-packages:
	@bash .ci/system-packages

node-modules: system-packages
	@bash .ci/javascript install

# click, shown or hidden: make book SOLUTIONS=hidden
SOLUTIONS := click
book: $(VENV)/.test-installed
	OMP_NUM_THREADS=1 $(BIN)/python -m convbook book --jobs 2 --solutions $(SOLUTIONS)

check: $(VENV)/.lab-installed
	OMP_NUM_THREADS=1 $(BIN)/python -m convbook check --jobs 2

release: $(VENV)/.lab-installed
	$(BIN)/python -m convbook clean
	$(BIN)/python -m convbook release

lint: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

javascript:
	@bash .ci/javascript

# A file's tests run in one process, in order: a class graded once serves them all.
pytest: $(VENV)/.test-installed
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

# What meets the libraries in most places: an assignment's whole way with nbgrader, a class graded by our engine, the
# checks of two units, a release, answers, data, figures, training. The longest come first, so that both cores end together.
# Left out is what says how the engine reasons and meets no library in a new place: pairs of mistakes, other seeds.
LOWEST_PIP = $(LOWEST)/bin/python -m pip install --disable-pip-version-check --quiet --no-compile \
	--constraint constraints-lowest.txt
LOWEST_TESTS := tests/course/test_plain_nbgrader.py tests/checks/test_units.py \
	tests/grading/test_grading_whole.py tests/authoring/test_release.py \
	tests/answers tests/data $(filter-out %/test_pages.py,$(wildcard tests/figures/test_*.py)) $(wildcard tests/test_*.py)

test-lowest: $(LOWEST)/.installed
	CONVBOOK_TEST_UNITS="00 06" $(LOWEST)/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --disable-warnings \
		-k "not two_mistakes and not with_the_seed and not whatever_the_seed" $(LOWEST_TESTS)

clean-env:
	rm -rf $(VENV) $(LOWEST) node_modules

define find_python
@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 that can make environments was found:" \
	"install one (on Debian and Ubuntu with python3-venv), or name it with PYTHON=/path/to/python."; exit 1; }
@$(PYTHON) -c '$(CAN_SERVE)' >/dev/null 2>&1 || { echo "$(PYTHON) will not do: the course needs Python" \
	"3.11, 3.12 or 3.13 with its modules venv and ensurepip."; exit 1; }
endef

# A stamp stands only where everything above it went well; an interrupted installation is taken up again.
$(VENV)/.lab-installed: pyproject.toml constraints.txt
	$(find_python)
	@echo "Installing the course into $(VENV): 1.6 GB on disk, some minutes, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --constraint constraints.txt $(TORCH)
	@$(PIP) --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test-installed: $(VENV)/.lab-installed
	@$(PIP) --quiet --constraint constraints.txt --editable ".[dev,cluster,hub,book]"
	@touch $@

# The oldest NumPy and SciPy have builds for Python 3.11, and none for 3.13.
$(LOWEST)/.installed: pyproject.toml constraints-lowest.txt
	@command -v python3.11 >/dev/null || { echo "make test-lowest needs Python 3.11, called python3.11:" \
		"install it, or leave this test to CI."; exit 1; }
	@echo "Installing the oldest versions that are allowed into $(LOWEST): 1.5 GB on disk."
	@rm -rf $(LOWEST)
	@python3.11 -m venv $(LOWEST)
	@$(LOWEST_PIP) $(TORCH)
	@$(LOWEST_PIP) --editable ".[dev,cluster,hub]"
	@touch $@
