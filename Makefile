# GNU make 3.81 will do, which is what macOS brings.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check fast unit browser laws baddays fuzz attack soak bench score screenshots format pins clean

VENV := .venv
BIN  := $(VENV)/bin
PORT ?= 8501
EXAMPLES ?= 200
TIMES ?= 10
SECONDS ?= 300
MINUTES ?= 30
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run  ## Open the board with demo data; PORT=8501, KPI_HOST=127.0.0.1 unless given
	@case "$${KPI_HOST:-127.0.0.1}" in \
		127.*|localhost|::1) \
			echo "Open to this machine only. To open it to the office: KPI_HOST=0.0.0.0 make run" ;; \
		*) \
			echo "Open to the network at http://$$(hostname):$(PORT)."; \
			echo "For a password: $(BIN)/python -m kpi_core password set" ;; \
	esac
	KPI_DEMO=$${KPI_DEMO:-1} $(BIN)/streamlit run app.py --server.port $(PORT) \
		--server.address "$${KPI_HOST:-127.0.0.1}"

test: check unit browser  ## Check and test everything

check: $(VENV)/.test  ## Format, lint, import contracts, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy --num-workers 2

fast: $(VENV)/.test  ## The tests of the method: domain, analysis, plans, evaluation, reports
	$(BIN)/python -m pytest tests/domain tests/analysis tests/plans tests/evaluation tests/reports -n 2

unit: $(VENV)/.test  ## Every test that needs no browser
	$(BIN)/python -m pytest -m "not browser" -n 2 --dist worksteal

browser: $(VENV)/.test  ## The tests that look at the board in Chromium
	@sh .ci/browser
	$(BIN)/python -m pytest -m browser -n 2 --dist worksteal

laws: $(VENV)/.test  ## The store against a recount, EXAMPLES=200 histories for each law
	KPI_LAWS=$(EXAMPLES) $(BIN)/python -m pytest tests/facts/test_laws.py -n 2 --dist worksteal

baddays: $(VENV)/.test  ## Kills, full disks and ruined files, TIMES=10 at each point, 50 by each way in
	KPI_BAD_DAYS=$(TIMES) $(BIN)/python -m pytest tests/facts/test_bad_days.py tests/web/test_kills.py -n 2 --dist worksteal

fuzz: $(VENV)/.test  ## Damaged files against the importer, for SECONDS=300
	$(BIN)/python -m tests.ingest.fuzz --seconds $(SECONDS)

attack: $(VENV)/.test  ## Bombs, floods and stalls against a board that runs
	$(BIN)/python -m tests.attack

soak: $(VENV)/.test  ## A wall in a browser for MINUTES=30, with data that change every second
	@sh .ci/browser
	$(BIN)/python -m tests.browser.soak --minutes $(MINUTES)

bench: $(VENV)/.test  ## Measure speed: each benchmarks/*.py in turn; BENCH=--small for a quick look
	@set -e; for file in benchmarks/[a-z]*.py; do \
		$(BIN)/python -m benchmarks.$$(basename $$file .py) $(BENCH); \
	done

score: $(VENV)/.test  ## Score the forecast of the month's end on the shared series
	$(BIN)/python -m benchmarks.forecast_score

screenshots: $(VENV)/.test  ## Take the pictures of docs/ again
	@sh .ci/browser
	$(BIN)/python docs/screenshots.py

format: $(VENV)/.test  ## Format the code and repair what lint can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pins: $(VENV)/.test  ## Update requirements*.txt from requirements*.in
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --upgrade \
		--custom-compile-command "make pins" requirements.in -o requirements.txt
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --upgrade \
		--custom-compile-command "make pins" requirements-dev.in -o requirements-dev.txt

clean:  ## Remove the environment and caches, never data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a second run installs nothing until the pins change.

$(VENV)/.made: .ci/venv
	@sh .ci/venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@
