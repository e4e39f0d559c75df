# make demo     build the demo city and serve it (ARGS="--port 9000" and the like are passed on)
# make test     the test suite, on SQLite and PostgreSQL (ARGS="tests/grid -k area")
# make check    format, lint, types, layers, templates, translations, migrations
# make check-security  what an adversary would try: bombs, floods, fuzzed parsers (ARGS="--full")
# make bench    the measurements behind every speed claim (ARGS="…")
# make setup    only prepare this folder; the four above do that themselves
# make lock     write the locks anew, to the newest versions allowed
# make clean    remove all that set-up made; var/ with your data stays

.PHONY: demo test check check-security bench setup lock translations clean
SETUP = python3 -m scripts.setup
PYTHON = .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE

demo:
	@$(SETUP) run
	@.venv/bin/govgrid demo $(ARGS)

test:
	@$(SETUP) test
	@$(PYTHON) -m pytest -n auto --dist worksteal -m "not security" $(ARGS)

check:
	@$(SETUP) check
	@$(PYTHON) -m scripts.check

check-security:
	@$(SETUP) test
	@$(PYTHON) -m scripts.security $(ARGS)

bench:
	@$(SETUP) check
	@$(PYTHON) -m benchmarks $(ARGS)

setup:
	@$(SETUP) run

lock:
	@$(SETUP) check
	@python3 -m scripts.lock

translations:
	@$(SETUP) check
	@$(PYTHON) -m scripts.translations --update

clean:
	rm -rf .venv node_modules vendor .setup .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage .coverage.* *.egg-info
	find govgrid migrations tests benchmarks scripts -name __pycache__ -prune -exec rm -rf {} + \
		2>/dev/null || true
	find govgrid -name '*.mo' -delete
