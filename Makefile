# The two commands of the README are `make demo` and `make test`. Both set up what they need.

CARGO ?= cargo
NPM ?= npm
NODE ?= node
TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)

# Where tests note what they could not do on this machine.
SKIPPED := $(abspath $(TARGET_DIR))/skipped-tests.txt

# What is selected decides the features of the dependencies: with the whole workspace each time, the program of
# `make demo` and the tests of both engines are made of the same compiled crates.
PROGRAM := --workspace --locked --bin centime

# Test programs whose tests ask a database, of the engine that is tested. Those of `metabase` always ask PostgreSQL.
ON_POSTGRES := $(addprefix --test ,centime pipeline server warehouse)

# What runs once: what holds the engines against each other, or is about PostgreSQL alone, has run there already; what
# follows links, copies the site and adds up drawn marks takes long and asks the database for nothing that other tests
# do not.
NOT_ON_POSTGRES := $(addprefix --skip ,differential:: postgres:: below:: crawl:: sharing:: reuse:: figures::marks \
  figures::a_lie links::a_copy site::the_copy report::many_views access::every_address)

# What the program carries of the site: scripts and fonts.
ASSETS := web/dist/assets/charts.js

.PHONY: help demo web test test-rust test-web test-encryption test-tools test-compose lint lint-rust lint-structure lint-docs lint-web lint-notice lint-deny notice postgres browser docs screenshot bench bench-check clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## Build and serve the demonstration on 127.0.0.1
	# Crates are retrieved while the scripts are made.
	@$(CARGO) fetch --locked --quiet --target "$$($(CARGO) -vV | sed -n 's/^host: //p')" & crates=$$!; \
	  $(MAKE) --no-print-directory web && wait $$crates
	$(CARGO) build $(PROGRAM)
	$(TARGET_DIR)/debug/centime up --sample=demo

web: $(ASSETS) ## Make the scripts and fonts that the program carries

$(ASSETS): web/node_modules web/build.mjs $(wildcard web/charts/*.ts web/site/*.ts web/css/*.css)
	$(NPM) --prefix web run --silent build

test: lint test-rust test-web ## Everything that must pass
	@if [ -s $(SKIPPED) ]; then echo "Not tested on this machine:"; sort -u $(SKIPPED); fi

test-rust: web postgres
	@mkdir -p $(dir $(SKIPPED)) && rm -f $(SKIPPED)
	CENTIME_TEST_SKIPPED=$(SKIPPED) $(CARGO) test --workspace --locked --quiet
	CENTIME_TEST_SKIPPED=$(SKIPPED) CENTIME_TEST_ENGINE=postgres $(CARGO) test --workspace --locked --quiet $(ON_POSTGRES) -- $(NOT_ON_POSTGRES)

test-encryption: web ## The tests of encrypted SQLite files, which need OpenSSL's libssl-dev
	$(CARGO) test --locked --quiet --features encryption --package centime-warehouse --test warehouse encryption
	$(CARGO) test --locked --quiet --features encryption --package centime --test centime rekeyed

test-web: web browser
	$(CARGO) build --quiet $(PROGRAM)
	CENTIME_BINARY=$(abspath $(TARGET_DIR))/debug/centime $(NPM) --prefix web test

# Programs of others, in a folder of their own; an extension of DuckDB that it would fetch by itself.
TOOLS := $(abspath $(TARGET_DIR))/tools

test-tools: web ## Run the snippets of docs/tools.md with programs of others, which are fetched
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet pandas polars pyarrow duckdb==1.5.5 duckdb-extension-httpfs==1.5.5
	HOME=$(TOOLS) $(TOOLS)/bin/python crates/cli/tests/tools/duckdb_extension.py
	CENTIME_TEST_TOOLS=$(TOOLS) $(CARGO) test --workspace --locked --quiet --test centime docs::the_snippets -- --nocapture

test-compose: ## Run the stack of deploy/ on an engine for containers, where there is one
	deploy/test/compose.sh

lint: lint-rust lint-structure lint-docs lint-web lint-notice lint-deny ## Formatting, lints, imports, types, links of comments, licences

lint-rust: web
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked --quiet -- --deny warnings

# A circle of imports, or one against the layers of a crate.
lint-structure:
	@if python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; then \
	  python3 tools/structure.py --check >/dev/null; \
	else \
	  echo "lint: there is no python3 of 3.9 or later: circles of imports, and imports against the layers, are not looked for"; \
	fi

lint-docs: web
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --locked --quiet --no-deps --keep-going

# Advisories are a list of others, which is fetched.
lint-deny:
	@if ! $(CARGO) deny --version >/dev/null 2>&1; then \
	  echo "lint: cargo-deny is not installed: advisories and licences of dependencies are not checked"; \
	elif $(CARGO) deny --log-level error fetch db >/dev/null 2>&1; then \
	  $(CARGO) deny --log-level error check; \
	else \
	  echo "lint: the list of advisories cannot be fetched: dependencies are not held against it"; \
	  $(CARGO) deny --offline --log-level error check bans licenses sources; \
	fi

lint-web: web/node_modules
	$(NPM) --prefix web run lint

lint-notice: web/node_modules
	CARGO=$(CARGO) $(NODE) tools/notice.mjs --check

notice: web/node_modules ## Write NOTICE, of what the program carries, anew
	CARGO=$(CARGO) $(NODE) tools/notice.mjs

web/node_modules: web/package-lock.json
	$(NPM) --prefix web ci --no-fund --no-audit
	@touch $@

# The tests start PostgreSQL servers of their own.
postgres:
	@crates/test-database/install.sh

# The tests look at the site in a real browser.
browser:
	@web/tests/browser.sh

docs: web ## Write the pages of docs/ that are made from the program
	CENTIME_WRITE_DOCS=1 $(CARGO) test --locked --quiet --package centime --bin centime reference
	CENTIME_WRITE_DOCS=1 $(CARGO) test --locked --quiet --package centime --test centime docs::
	CENTIME_WRITE_DOCS=1 $(CARGO) test --locked --quiet --package centime-server --test server api::the_document

screenshot: web browser ## Take the picture of the README
	$(CARGO) build --quiet $(PROGRAM)
	CENTIME_BINARY=$(abspath $(TARGET_DIR))/debug/centime $(NPM) --prefix web run --silent screenshot

bench: web ## Measure against what people use today, for bench/RESULTS.md
	bench/install.sh
	CARGO=$(CARGO) bench/run.py --write

bench-check: web ## Count instructions, and fail where there are more than before
	$(CARGO) bench --locked --quiet --package centime-micro

clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf web/node_modules web/dist
