# A fresh clone needs Python 3.11 or newer, git and make. Everything else is installed into $(VENV), on demand.

VENV ?= .venv
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	"$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$name" && break; done)
JOBS ?= 2

BIN := $(VENV)/bin
READY := $(VENV)/.headstart-installed
READY_DEV := $(VENV)/.headstart-installed-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo demo-detect demo-segment test check bench bench-dense bench-text format clean
.DELETE_ON_ERROR:

help:
	@echo "make demo     fine-tune a bundled model on real images, without the network"
	@echo "make demo-detect    the same for boxes, on scenes of digits"
	@echo "make demo-segment   the same for the class of every pixel, on scenes of digits"
	@echo "make test     run the tests"
	@echo "make check    format, lint, types and import rules"
	@echo "make format   put the code into the project's format"
	@echo "make bench    measure what benchmarks/README.md reports"
	@echo "make bench-dense, make bench-text    the same for boxes and masks, and for texts; row by row, for hours"
	@echo "make clean    remove what tools have left behind, except $(VENV)"

demo: $(READY)
	$(BIN)/headstart demo

demo-detect: $(READY)
	$(BIN)/headstart demo --task object-detection -o headstart-demo-detect

demo-segment: $(READY)
	$(BIN)/headstart demo --task semantic-segmentation -o headstart-demo-segment

# One thread a process: the processes share the cores.
test: $(READY_DEV)
	@echo "Running the tests in $(JOBS) processes, without the network."
	@HF_HUB_OFFLINE=1 HEADSTART_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS)

check: $(READY_DEV)
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/ruff check --no-cache .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks

bench-dense: $(READY)
	$(BIN)/python -m benchmarks.dense_detection
	$(BIN)/python -m benchmarks.dense_segmentation

bench-text: $(READY)
	$(BIN)/python -m benchmarks.text_accuracy
	$(BIN)/python -m benchmarks.ner_accuracy
	$(BIN)/python -m benchmarks.text_chinese
	$(BIN)/python -m benchmarks.text_few_labels

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

$(READY): pyproject.toml | $(BIN)/python
	@echo "Installing Headstart and what it needs into $(VENV). PyTorch is large: this can take some minutes."
	@$(PIP) --editable .
	@touch $@

$(READY_DEV): pyproject.toml | $(BIN)/python
	@echo "Installing Headstart, what it needs and the developers' tools into $(VENV)."
	@echo "PyTorch is large: this can take some minutes."
	@$(PIP) --editable '.[dev]'
	@touch $(READY) $@

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or newer with its venv module was found." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi
	@echo "Creating the virtual environment $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv $(VENV)
