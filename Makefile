# `make demo` and `make test` are the first two to try. Every target builds .venv by itself when it is missing
# or when pyproject.toml or constraints.txt changed. Any Python from 3.11 on will do.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
RUFF := $(BIN)/ruff format --check . && $(BIN)/ruff check .
MAKEFLAGS += --no-print-directory

.PHONY: help demo test format lint bench pictures audit bundle release clean

help:
	@echo 'make demo     play supply-chain finance on four local nodes and write report.html'
	@echo 'make test     formatting, lint, types and every test'
	@echo 'make format   rewrite the files in the one format'
	@echo 'make lint     formatting, lint and types without the tests'
	@echo 'make bench    throughput, latency, memory and growth on this machine'
	@echo 'make pictures take the pictures of the README again, from a real run'
	@echo 'make bundle   a folder for a USB stick that installs without internet; FOR="windows macos" for these as well, TO=folder'
	@echo 'make release  wheel, source archive and bill of materials of the last commit, in dist/release; publishes nothing'
	@echo 'make audit    static security check, and known vulnerabilities of what is installed (asks the package index)'
	@echo 'make clean    remove caches, builds and reports; .venv and networks stay'

demo: $(VENV)/installed
	@$(BIN)/tallystick demo

# The types, on which one processor works alone, are judged while the tests run.
test: $(VENV)/installed-for-tests
	@$(RUFF)
	@$(BIN)/mypy & types=$$!; $(BIN)/python -m pytest -n auto --dist worksteal; tests=$$?; \
		wait $$types || { echo 'The types do not fit: mypy says above where.'; exit 1; }; exit $$tests

lint: $(VENV)/installed-for-tests
	@$(RUFF)
	@$(BIN)/mypy

format: $(VENV)/installed-for-tests
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

bench: $(VENV)/installed
	@$(BIN)/tallystick bench

pictures: $(VENV)/installed-for-tests
	@$(BIN)/python -m tests.readme_pictures

bundle: $(VENV)/installed
	@$(PIP_INSTALL) packaging
	@$(BIN)/python -m scenarios.workshop.bundle $(FOR) $(if $(TO),--to '$(TO)')

# Both tools live apart, so that what they need is not taken for what the project needs. Findings that are accepted, each
# with its reason, stand in nodes/README.md; most rules of bandit are ruff's `S` as well, which `make lint` runs.
audit: $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check bandit==1.9.4 pip-audit==2.10.1
	@$(VENV)/audit/bin/bandit --quiet --recursive ledger nodes scenarios --skip B101,B104,B105,B311,B404,B603,B608,B704
	@$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

# `twine` lives apart like the tools of the audit, and asks nobody: it reads whether an index would take what was built.
release: $(VENV)/installed-for-tests
	@$(BIN)/python -m venv $(VENV)/release
	@$(VENV)/release/bin/python -m pip install --quiet --disable-pip-version-check twine==7.0.0
	@$(BIN)/python -m tests.release
	@$(VENV)/release/bin/twine check --strict dist/release/*.whl dist/release/*.tar.gz

clean:
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis tallystick-report report.html
	@find ledger nodes scenarios tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What runs, and what tests it on top: a first demo does not wait for the tools of the tests.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing into $(VENV) from constraints.txt (once) ...'
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/installed-for-tests: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing into $(VENV) from constraints.txt, with the tools of the tests (once) ...'
	@$(PIP_INSTALL) --editable '.[test]'
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || \
		echo 'The tests of the pages need a browser and will fail; on Debian: apt install chromium'
	@touch $(VENV)/installed $@

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Tallystick needs Python 3.11 or newer as python3, or: make PYTHON=/path/to/python'; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'Python lacks its venv module; on Debian or Ubuntu: apt install python3-venv'; exit 2; }
