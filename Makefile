# Two commands are enough on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run demo test processes kills lint fix bench train pictures lock clean
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp      ## start the bot
	@$(BIN)/python -m bot run

demo: $(VENV)/run.stamp     ## a recorded week at high speed, offline
	@$(BIN)/python -m bot demo

test: $(VENV)/dev.stamp     ## all tests but those of whole processes, in under four minutes
	@$(BIN)/python -m pytest -n 2 -m "not bench and not kills and not slow"

processes: $(VENV)/dev.stamp ## the command line, some kills, any history of a story (two minutes)
	@$(BIN)/python -m pytest -n 2 -m slow

kills: $(VENV)/dev.stamp    ## 200 kills on both platforms, and outages of a real process (some minutes)
	@$(BIN)/python -m pytest -m kills -s -p no:cacheprovider tests/scenarios

lint: $(VENV)/dev.stamp     ## format, lint, types, import floors
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

fix: $(VENV)/dev.stamp      ## mend what a tool can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp    ## figures: matching, relevance, grouping, summaries, fan-out, pacing
	@$(BIN)/python -m pytest -m bench -s -p no:cacheprovider tests/bench

train: $(VENV)/dev.stamp    ## learn config/subject/relevance.json anew (needs the labelled data)
	@$(BIN)/python -m tests.bench.train_relevance

pictures: $(VENV)/dev.stamp ## draw the pictures of the README anew (needs chromium)
	@$(BIN)/python -m tests.bench.draw_alerts

lock:                       ## write the lock files anew
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make lock" --group run pyproject.toml -o requirements.lock
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make lock" --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Faultline needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make run PYTHON=python3.12"; exit 1; }
	@echo "Making $(VENV) (once)..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing from $< ..."
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@echo "Installing from $< ..."
	@$(PIP) install --require-hashes -r $<
	@touch $@

clean:                      ## remove what make made (not data/)
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
