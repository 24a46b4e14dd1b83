# make lab    open JupyterLab on the map of the course, in a copy of the notebooks
# make test   run the tests, the browser's too
# make slow   run the rest: what compiles much or counts over many seeds, and the students' notebooks once more
# make bench  measure what a step costs, also beside C, PyTorch and JAX (several minutes)
# make html   the notebooks as pages that move without a kernel, in build/html
# All need only make and Python 3.11 or newer with venv. Another Python: make lab PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: lab test slow bench lint notebooks verdicts html binder clean

lab: $(VENV)/lab.stamp
	$(VENV)/bin/nbt-edu lab

# Two processes; the tests of a file stay together, for they share servers, browsers and machine code.
PYTEST := $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(VENV)/test.stamp
	$(PYTEST) -m "not slow"

slow: $(VENV)/test.stamp
	$(PYTEST) -m slow

bench: $(VENV)/bench.stamp
	$(VENV)/bin/nbt-edu bench
	$(PY) benchmarks/peers.py

lint: $(VENV)/test.stamp
	$(PY) -m ruff check .

notebooks: $(VENV)/test.stamp
	$(PY) notebooks/build.py

# The page of verdicts, from the results that the package brings along.
verdicts: $(VENV)/test.stamp
	$(PY) -c "import nbt_edu as nbt; from nbt_edu.experiments.summary import page; open('docs/verdicts.md', 'w').write(page(nbt.experiments.shipped()))"

html: $(VENV)/lab.stamp
	$(VENV)/bin/nbt-edu html build/html

# What Binder does, without conda: its list of packages in a fresh environment, postBuild, notebook 00.
binder:
	$(PYTHON) -m venv --clear build/binder
	sed -n 's/^      - //p' binder/environment.yml > build/binder/requirements.txt
	build/binder/bin/pip install --requirement build/binder/requirements.txt
	PATH="$(CURDIR)/build/binder/bin:$$PATH" binder/postBuild
	build/binder/bin/jupyter execute notebooks/00_learn_as_you_go.ipynb

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .ruff_cache

# A stamp is newer than pyproject.toml once its install has succeeded: the next call starts at once.
$(VENV)/lab.stamp: EXTRAS := lab,shakespeare
$(VENV)/test.stamp: EXTRAS := test
$(VENV)/bench.stamp: EXTRAS := bench
$(VENV)/lab.stamp $(VENV)/test.stamp $(VENV)/bench.stamp: pyproject.toml | $(VENV)/made.stamp
	$(PY) -m pip install --editable '.[$(EXTRAS)]'
	touch $@

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nbt_edu needs Python 3.11 or newer, but $(PYTHON) is %d.%d: name a newer one, as in make $(or $(MAKECMDGOALS),lab) PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear $(VENV)
	touch $@
