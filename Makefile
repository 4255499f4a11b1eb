.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv: pyproject.toml constraints.txt
	python3 -m venv .venv
	.venv/bin/pip install -q -c constraints.txt -e '.[dev]'
	@touch .venv

install: .venv ## an environment with everything, in .venv

demo: .venv ## the try-it page
	.venv/bin/twoticks demo

format: .venv ## rewrite the code's layout
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lint: .venv ## format, lint and types, changing nothing
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

test: .venv ## all tests
	$(PYTHON) -m tests

check: lint test ## what runs before each commit

bench: .venv ## the measurements of the README
	$(PYTHON) -m tests.bench delivery
	$(PYTHON) -m tests.bench taps
	$(PYTHON) -m tests.bench open
	$(PYTHON) -m tests.bench roster
	$(PYTHON) -m tests.bench letters

.PHONY: help install demo format lint test check bench
