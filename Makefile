# Every command of the project. `make help` lists them from the comments behind the targets.
#
# ENV names an environment of infra/environments, on make's command line. Where nothing can
# be harmed it is local unless said otherwise; apply and destroy want it named.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# ARGS are more flags for the command: make apply ENV=local ARGS=--official-twilio
GO ?= go
GO_DIRS := cloudfunction test tools
# Not ./..., which would take in what lies in build/.
PACKAGES := $(GO_DIRS:%=./%/...)
FLEXSWEEP := $(GO) run ./tools
LINTER_VERSION := v2.15.0
LINTER := build/bin/golangci-lint-$(LINTER_VERSION)

# Only the command line counts: a shell may export an ENV of its own.
named_env = $(if $(filter command line,$(origin ENV)),$(ENV))
env = $(or $(named_env),local)
yes = $(if $(YES),--yes)

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it and change it

.PHONY: demo
demo: ## play some days of a contact centre, and check every channel
	@echo "compiling the demo; with an empty build cache that takes a minute, later a second …"
	@$(GO) run ./test/demo $(ARGS)

.PHONY: test
test: test-infra ## every test, with the race detector where there is a C compiler
	@if command -v "$$($(GO) env CC)" >/dev/null; then \
		set -x; $(GO) test -race -timeout 20m $(PACKAGES); \
	else \
		echo "no C compiler ($$($(GO) env CC)): the tests run without the race detector"; \
		set -x; $(GO) test -timeout 20m $(PACKAGES); \
	fi

.PHONY: test-infra
test-infra: ## format, validity and plans of infra/ (part of test; needs Terraform)
	@.ci/infra

.PHONY: lint
lint: check-fmt $(LINTER) ## formatting, vet, golangci-lint, import rules
	$(GO) vet $(PACKAGES)
	$(LINTER) run $(PACKAGES)
	$(GO) test -count=1 ./test/architecture

.PHONY: fmt
fmt: ## format Go and, where Terraform is found, infra/
	gofmt -w $(GO_DIRS)
	@if command -v terraform >/dev/null; then terraform fmt -recursive infra; fi

.PHONY: check-fmt
check-fmt: ## fail if a Go file is not formatted (part of lint)
	@files=$$(gofmt -l $(GO_DIRS)); \
	if [ -n "$$files" ]; then printf 'not formatted (make fmt mends it):\n%s\n' "$$files"; exit 1; fi

.PHONY: generate
generate: ## write what Go knows into infra/ and docs/, and how each behaviour of the fake is known
	$(FLEXSWEEP) generate
	$(GO) run ./test/parity -write

.PHONY: bench
bench: ## measure flexsweep beside the sample's algorithm, and the function's own work
	$(GO) run ./test/bench $(ARGS)
	$(GO) test -run '^$$' -bench . -benchmem ./cloudfunction/...

.PHONY: model
model: ## explore every schedule of the protocol
	$(GO) run ./test/model $(ARGS)

.PHONY: soak
soak: ## minutes of random traffic, failures and kills; ARGS='-events N' for more or less
	$(GO) run ./test/soak $(ARGS)

.PHONY: conformance
conformance: ## hold the fake Twilio against Twilio's OpenAPI files and clients (part of test; needs npm)
	@if command -v npm >/dev/null; then \
		FLEXSWEEP_CONFORMANCE=1 $(GO) test -count=1 -timeout 20m ./test/conformance/... && cat build/conformance/report.json; \
	else echo "npm is not installed: the fake is not held against Twilio's originals"; fi

.PHONY: parity
parity: ## hold the fake against the real Twilio; without LIVE=quick (or slow) it says what it would do
	LIVE=$(LIVE) $(GO) run ./test/parity $(ARGS)

##@ Run it (ENV=local is a whole flexsweep on this machine, with no account)

.PHONY: bundle
bundle: ## build the zip that is deployed
	$(FLEXSWEEP) bundle

# Where install puts the program; GOBIN, or bin below GOPATH, as go install does.
BINDIR ?= $(or $(shell $(GO) env GOBIN),$(shell $(GO) env GOPATH)/bin)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)

.PHONY: install
install: ## build flexsweep, with its version, into BINDIR (default: where go install puts programs)
	$(GO) build -trimpath -ldflags "-X main.stamped=$(VERSION)" -o "$(BINDIR)/flexsweep" ./tools
	@"$(BINDIR)/flexsweep" version
	@echo "completion of commands and environments: source <(flexsweep completion bash)"

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

.PHONY: release
release: ## build flexsweep for every platform, with checksums, into build/release
	@rm -rf build/release && mkdir -p build/release
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/}; \
		echo "$$platform"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags "-s -w -X main.stamped=$(VERSION)" \
			-o build/release/flexsweep_$(VERSION)_$${os}_$$arch ./tools; \
	done
	@cp LICENSE build/release/
	@cd build/release && sha256sum flexsweep_* LICENSE >SHA256SUMS

.PHONY: plan output check status
plan: ## show what apply would change; ENV=…, default local
output: ## print what Terraform knows of an environment; ENV=…, default local
check: ## check that an environment works; ENV=…, default local
status: ## show what runs where; ENV=…, default local
plan output check status:
	$(FLEXSWEEP) $@ $(env) $(ARGS)

.PHONY: apply destroy
apply: ## make it so; ENV=… must be named, YES=1 asks no question
destroy: ## take it all down; ENV=… must be named, YES=1 asks no question
apply destroy:
	@if [ -z "$(named_env)" ]; then \
		echo "make $@: name the environment, for example: make $@ ENV=local" >&2; exit 2; fi
	$(FLEXSWEEP) $@ $(env) $(yes) $(ARGS)

.PHONY: clean
clean: ## remove what was built; not while ENV=local runs
	@if [ -d build/local ]; then \
		echo "make clean: ENV=local may be running; first: make destroy ENV=local" >&2; exit 2; fi
	rm -rf build

# The linter is pinned, and kept out of go.mod: its dependencies are not the project's.
$(LINTER):
	@mkdir -p build/bin
	GOBIN=$(CURDIR)/build/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINTER_VERSION)
	@mv build/bin/golangci-lint $@
