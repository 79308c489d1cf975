# Two commands for a newcomer: `make demo` and `make test`. They need Python 3.11 and make, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
READY := $(VENV)/.installed
INSTALL := $(VENV)/bin/pip install --quiet --disable-pip-version-check

PEERS := $(VENV)/peers

.PHONY: demo test test-slow test-all dashboard lint peers gpu

demo: $(READY)
	@$(VENV)/bin/scfm run flows/studies/demo.toml

dashboard: $(READY)
	@$(VENV)/bin/scfm dashboard

# Three files at a time, each with one thread: tests wait for processes and disks, and two cores are kept busy.
test: $(READY)
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses=3 --dist=loadfile -m "not slow"

# What takes longer: whole runs of many kinds, published models in true size, other packages, the whole atlas.
test-slow: $(READY)
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses=3 --dist=loadfile -m slow

# Both in one go, so that a file of fast and slow tests sets up what they share once.
test-all: $(READY)
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses=3 --dist=loadfile

# Other packages of the field, which tests and benchmarks hold ours against. What they need more than the lock lies in
# an environment of its own that sees the other.
peers: $(PEERS)/.installed

# What only a GPU can show, in at most twelve minutes; figures go to tests/benchmarks/measured/gpu.json.
gpu: $(READY)
	$(VENV)/bin/python -m tests.benchmarks.gpu

lint: $(READY)
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy

# Everything comes from the locks, the project itself without looking for anything newer.
$(READY): $(wildcard locks/*.txt) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "scfm-atlas needs Python 3.11: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --no-deps --require-hashes -r locks/python3.11.txt
	$(INSTALL) -r locks/torch.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(PEERS)/.installed: $(READY) tests/peers/peers.lock
	$(VENV)/bin/python -m venv $(PEERS)
	echo 'import site; site.addsitedir("$(abspath $(VENV))/lib/python3.11/site-packages")' > $(PEERS)/lib/python3.11/site-packages/scfm.pth
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/peers/peers.lock
	@touch $@
