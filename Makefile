# The front door: `make` alone lists what it opens. Everything here runs from the top of the checkout.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
export PYTHON PORT
export UV_SYSTEM_CERTS := true

READY := .venv/.ready
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: $(READY) ## make .venv with everything in it (PYTHON=python3.12 chooses the interpreter)

$(READY): requirements/uv.txt requirements/dev.txt pyproject.toml
	@scripts/setup
	@touch $@

.PHONY: run
run: $(READY) ## migrate the shop's dump and serve it on http://127.0.0.1:8000 (PORT=)
	@scripts/run

.PHONY: migrate
migrate: $(READY) ## migrate a MySQL dump to PostgreSQL: DUMP=file [TO=url] [ARGS="--jobs 4"]
	@test -n "$${DUMP:-}" || { echo 'make migrate: name the dump, for example: make migrate DUMP=shop.sql TO=postgresql://localhost/shop' >&2; exit 2; }
	@.venv/bin/migrate mysql-to-pg "$$DUMP" $${TO:+--to "$$TO"} $(ARGS)

.PHONY: dump
dump: $(READY) .venv/.tools ## make db_dumps/secondhand.sql again, with a throwaway MariaDB server
	@.venv/bin/python db_dumps/generate.py

.PHONY: check
check: $(READY) ## lint, format, types, shell scripts, lock files
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/shellcheck .ci/run $$(grep -dskip -lE '^#!.*\b(ba)?sh\b' scripts/*)
	@! grep -nE '://|^ *-[-a-z]*(index|find-links)' requirements/*.txt || { echo 'a lock file names a host: run make lock' >&2; exit 1; }

.PHONY: test
test: $(READY) .venv/.tools ## run the tests, two at a time (ARGS="-k name" chooses some)
	.venv/bin/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

.PHONY: fuzz
fuzz: $(READY) .venv/.tools ## damage dumps in thousands of ways, load whatever MariaDB holds (minutes; ARGS="-k name" chooses some)
	.venv/bin/python -m pytest -m slow tests/migrate $(ARGS)

.PHONY: bench
bench: $(READY) .venv/.tools ## time the migration beside psql and pgloader (ARGS="--size 600 --rounds 5"; --help)
	@.venv/bin/python -m bench $(ARGS)

.PHONY: bench-shop
bench-shop: $(READY) ## time the shop beside Flask-SQLAlchemy and a bare Starlette (ARGS="--most 1000"; --help)
	@.venv/bin/python -m bench.shop $(ARGS)

.venv/.tools: scripts/install-tools $(READY)
	@scripts/install-tools
	@touch $@

.PHONY: docs
docs: $(READY) ## write docs/cli.md and the table of types again, from the commands' help and the rules
	.venv/bin/python scripts/cli_reference.py > docs/cli.md
	.venv/bin/python scripts/type_table.py

.PHONY: screenshots
screenshots: $(READY) .venv/.tools ## photograph the pages of a throwaway shop into docs/images
	.venv/bin/python scripts/screenshots.py

.PHONY: lock
lock: $(READY) ## make requirements/*.txt again from pyproject.toml (ARGS=--upgrade takes newer releases)
	$(COMPILE) $(ARGS) --all-extras pyproject.toml -o requirements/dev.txt
	for extra in site migrate embedded; do \
		$(COMPILE) --extra $$extra -c requirements/dev.txt pyproject.toml -o requirements/$$extra.txt; done
	echo uv | $(COMPILE) --no-annotate -c requirements/dev.txt - -o requirements/uv.txt

.PHONY: clean
clean: ## stop the checkout's PostgreSQL and delete .venv and .local, the shop's data with it
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m migrate.postgres.embedded stop > /dev/null; fi
	rm -rf .venv .local .pytest_cache .mypy_cache .ruff_cache .hypothesis

-include deploy.mk
