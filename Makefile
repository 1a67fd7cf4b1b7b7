# 颐安 Yian. Two commands: `make up` and `make test`. Needed: Python 3.11, 3.12 or 3.13, and make.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
# Certificates of the machine where it has some: many an office network shows its own.
CERTS := $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),--system-certs)
# The user's cache, or one below .venv where there is none to write.
CACHE := $(shell cache="$${XDG_CACHE_HOME:-$$HOME/.cache}"; mkdir -p "$$cache" 2> /dev/null && test -w "$$cache" \
  || echo --cache-dir $(VENV)/cache)
UV := $(VENV)/uv/bin/uv
READY := $(VENV)/.ready
# Where Python may not keep bytecode (PYTHONDONTWRITEBYTECODE) each start of a process would spend seconds on it.
BYTECODE = $(BIN)/python -m compileall -q -j 0 -x '/tests?/'
OURS := backbone bench contracts device_sim dispatch ingest_gateway services tests yian
# Files, paths and output are UTF-8 in every locale.
export PYTHONUTF8 := 1

.PHONY: help up test reset environment machine lock web lint types imports kernel python-test web-test explore

help:
	@echo "make up      a whole city on this machine: ARGS='--real' with Mosquitto and Kafka, ARGS='--help' for the rest"
	@echo "make test    everything, real servers included"
	@echo "make explore the properties, with other examples each time and many more of them"
	@echo "make reset   delete the data of make up (.yian/)"

up: $(READY)
	@$(BYTECODE) $(OURS)
	@$(BIN)/yian up $(ARGS)

reset: $(READY)
	@$(BIN)/yian reset

environment: $(READY)

# The environment, from lock files with hashes. Made again when they change; nothing is fetched when they have not.
$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here: use a Python 3.11, 3.12 or 3.13,\
	 for example \`make PYTHON=python3.11 up\`."; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	  "Python %d.%d is too %s for Yian: use 3.11, 3.12 or 3.13, for example `make PYTHON=python3.11 up`." \
	  % (v[0], v[1], "old" if v < (3, 11) else "new"))'
	@echo "  Environment: Python packages from requirements.lock (the first time about a minute)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make an environment: install its venv module\
	 (Debian: apt-get install python3-venv), then run make again."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
	  --target $(VENV)/uv -r requirements-uv.lock
	@$(UV) pip sync $(CERTS) $(CACHE) --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install $(CERTS) $(CACHE) --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BYTECODE) $(VENV)/lib/python3.*/site-packages
	@touch $@

# What the tests need from the machine; as root on Debian it is installed, elsewhere it is named.
machine:
	@deploy/machine.sh

# The lock files, from pyproject.toml: what is locked already stays as it is.
lock: $(READY)
	$(UV) pip compile $(CERTS) $(CACHE) pyproject.toml --group dev --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock
	$(UV) pip compile $(CERTS) $(CACHE) pyproject.toml --python-version 3.11 --generate-hashes --no-header --quiet -c requirements.lock -o requirements-run.lock

web: $(READY)
	@$(BIN)/yian pages

# What needs no server first, two at a time; then the tests.
test: machine $(READY)
	@$(MAKE) --no-print-directory -j2 kernel lint types imports web-test
	@$(MAKE) --no-print-directory python-test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# The machine code of the dispatch search: two minutes, once for each version of it. `make up` makes it by itself.
kernel: $(READY)
	$(BIN)/python -m dispatch.kernel.warmup

web-test: web
	$(BIN)/yian pages --run lint
	$(BIN)/yian pages --run test

# Four at a time, a file each, for half of their time is waiting; never more than two with a city (tests/conftest.py says which go together).
python-test: web
	@$(BYTECODE) $(OURS)
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=15

# What is found becomes an example of its test.
explore: kernel
	$(BIN)/pytest -m hypothesis --hypothesis-profile=explore -n 2 --dist worksteal $(or $(ARGS),tests/unit)
