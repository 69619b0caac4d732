# Two commands: `make run` serves the portal with demo data, `make test` runs every test. Both set up what they need.
.PHONY: run test lint clean
SHELL := /bin/sh
export PYTHONPATH := $(CURDIR)
export LC_ALL := C.UTF-8

run:
	@tools/setup.sh run
	@DEMO=$${DEMO:-1} exec .venv/bin/python -m portal.cli serve

test:
	@tools/setup.sh dev
	@.venv/bin/python tools/browser.py >/dev/null
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint:
	@tools/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --config .importlinter
	.venv/bin/djlint --lint --quiet templates

clean:
	@[ ! -x .venv/bin/python ] || .venv/bin/python -m portal.embedded
	rm -rf .venv var
