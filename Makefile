# Everything a developer does, each in one word. `make help` lists it. Python does the work; this file only names it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PLUGIN ?= pii_filter
CRATE := gwplugins-$(subst _,-,$(PLUGIN))
CARGO := cd rustlib && cargo
N ?= 1000000
PREFIX ?= /usr/local
LIBDIR ?= lib
INCLUDEDIR ?= include
INSTALL := tools/install.py --prefix '$(PREFIX)' --libdir '$(LIBDIR)' --includedir '$(INCLUDEDIR)' --destdir '$(DESTDIR)'
HOOKS := prompt_pre_fetch prompt_post_fetch tool_pre_invoke tool_post_invoke resource_pre_fetch resource_post_fetch

# An editable install: Python files are used in place; a change of Rust or C makes the next target install again.
SOURCES := setup.py build_ffi.py pyproject.toml $(shell find rustlib include pyplugins -name '*.rs' -o -name '*.toml' -o -name '*.c' -o -name '*.h' | grep -v /target/)

.PHONY: help run test test-hosts parity wheel install uninstall bench bench-compare status new-plugin clean \
	rust-dev rust-build rust-test rust-verify rust-bench rust-check rust-test-all rust-coverage rust-audit rust-fuzz

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.run: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet -e '.[cli]'
	@touch $@

$(VENV)/.dev: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet -e '.[cli,bench,dev]'
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## build, then push recorded MCP traffic through the chain of plugins/config.yaml
	@$(BIN)/gwplugins doctor
	@for hook in $(HOOKS); do \
	  echo; echo "== $$hook: examples/traffic/$$hook.jsonl"; \
	  $(BIN)/gwplugins run --config plugins/config.yaml --hook $$hook examples/traffic/$$hook.jsonl >$(VENV)/run-$$hook.jsonl; \
	  code=$$?; [ $$code -le 1 ] || exit $$code; \
	done
	@echo; echo "One of the messages, as it came and as it goes on:"
	@sed -n '8s/.*"payload": \(.*\)}/  \1/p' examples/traffic/tool_pre_invoke.jsonl
	@sed -n '8s/.*"payload": \(.*\), "metadata".*/  \1/p' $(VENV)/run-tool_pre_invoke.jsonl
	@echo; echo "Results, one JSON line for each payload, are in $(VENV)/run-*.jsonl"

test: $(VENV)/.dev ## the whole suite; without cargo the Python part, naming what is left out
	$(BIN)/python tools/run_tests.py

test-hosts: $(VENV)/.dev ## the library in C, C++, Rust, Go, Node and Java, as make install puts it in place; a missing language is red
	GWPLUGINS_REQUIRE_HOSTS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile tests/hosts

parity: $(VENV)/.dev ## N generated cases through all implementations (N=1000000)
	PARITY_N=$(N) $(BIN)/python -m pytest -q tests/parity

bench: $(VENV)/.dev ## our own implementations
	$(BIN)/python -m bench --plugin $(PLUGIN)

bench-compare: $(VENV)/.dev ## our implementations beside the peers, in one run; writes bench/results/
	$(BIN)/python -m bench --plugin $(PLUGIN) --compare

wheel: $(VENV)/.dev ## a manylinux_2_17 wheel, checked by auditwheel and abi3audit
	$(BIN)/python tools/build_wheel.py

install: ## library, headers, pkg-config file and CMake package for other languages (PREFIX=/usr/local DESTDIR=)
	$(PYTHON) $(INSTALL) install -- $(CARGO_ARGS)
uninstall: ## removes what install put below PREFIX
	$(PYTHON) $(INSTALL) uninstall

status: $(VENV)/.dev ## writes rustlib/IMPLEMENTATION_STATUS.md and rustlib/BUILD_AND_TEST_RESULTS.md
	$(BIN)/python tools/status.py

new-plugin: ## the skeleton of a plugin in every layer (NAME=word_count, API=WordCount; docs/new-plugin.md)
	$(PYTHON) tools/new_plugin.py $(NAME) $(if $(API),--api $(API))

rust-dev: ## debug build
	$(CARGO) build --locked -p gwplugins --features probe
rust-build: ## release library
	$(CARGO) build --locked --release -p gwplugins
rust-test: ## tests of one engine
	$(CARGO) test --locked -p $(CRATE)
rust-test-all: ## tests of every crate
	$(CARGO) test --locked --workspace
rust-verify: ## the header is what the code says
	$(CARGO) test --locked -p gwplugins --test header
rust-check: ## format and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
rust-bench: ## criterion benches of one engine
	$(CARGO) bench --locked -p $(CRATE)
rust-coverage: ## line coverage of the Rust tests (needs cargo-llvm-cov and llvm-22; docs/building.md)
	$(CARGO) llvm-cov --locked --workspace --summary-only
rust-audit: ## licences, bans and sources (needs cargo-deny)
	$(CARGO) deny --locked check licenses bans sources
rust-fuzz: ## each fuzz target for a minute (needs cargo-fuzz)
	cd rustlib/fuzz && for target in $$(cargo fuzz list); do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=60 || exit 1; done

clean: ## everything that was built here
	rm -rf $(VENV) .venv-* build dist wheelhouse *.egg-info rustlib/target
