# SPDX-License-Identifier: GPL-2.0-only
#
# What a person types. Each target is one call of a small program in scripts/; make help lists them.

TREES  ?= 7.3 6.12
ARCHES ?= x86 s390
export KSRC KDIR V W C O CHECK

setup = @scripts/lib/host-setup

all: ## fetch, apply, build and gate the ABI for every tree and architecture; ends in a table
	$(setup) build abi
	@scripts/report/build-all --trees "$(TREES)" --arches "$(ARCHES)"

check: ## every test, the virtual machines included; ends in "N passed, N failed, N skipped"
	$(setup) build check vm abi cocci
	@scripts/check/check

modules: ## our modules against a headers folder, into out/modules: make modules KDIR=/lib/modules/$(uname -r)/build
	$(setup) build
	@scripts/build/for-kdir

kernel: ## a bootable kernel with the series in it: make kernel TREE=7.3 ARCH=s390 [VARIANT=lock|kasan]
	$(setup) build vm
	@scripts/build/export-kernel "$(or $(TREE),7.3)" "$(or $(ARCH),s390)" "$(or $(VARIANT),lock)"

apply: ## put the series into your own kernel tree, in place: make apply DIR=/path/to/linux
	$(setup) build
	@scripts/series/apply --in-place "$(or $(DIR),$(error say which tree: make apply DIR=/path/to/linux))"

series: ## the series as patches for git am, a commit a step, into out/series: make series TREE=7.3
	$(setup) build
	@scripts/series/patches "$(or $(TREE),7.3)"

migrate: ## convert mdev drivers to the core: make migrate SRC=DIR|FILES [MODE=patch|report|explain] [IN_PLACE=1] or TREE=5.10
	$(setup) cocci
	@scripts/migrate/migrate --mode $(or $(MODE),patch) $(if $(IN_PLACE),--in-place) \
		$(if $(TREE),--tree $(TREE),$(or $(SRC),$(error SRC= or TREE= is required: make migrate SRC=DIR, or TREE=5.10)))

cocci-check: ## the golden tests of the semantic patches
	$(setup) cocci
	@scripts/migrate/golden-tests

abi-check: ## is our interface still the tree's? any two builds: make abi-check OLD=a.ko NEW=b.ko HEADERS=dir
	$(setup) build abi
	@scripts/abi/check $(if $(OLD)$(NEW)$(HEADERS),--old "$(OLD)" --new "$(NEW)" --headers "$(HEADERS)",--trees "$(TREES)" --arches "$(ARCHES)")

abi-update: ## write the reviewed baselines in abi/ anew: make abi-update REASON="why it may change"
	$(setup) build abi
	@scripts/abi/update --reason "$(REASON)" --trees "$(TREES)" --arches "$(ARCHES)"

bench: ## create+remove of mdevs, and round trips through vfio-ccw, per second: the tree's own beside ours
	$(setup) build vm cocci
	@scripts/report/bench; mdev=$$?; scripts/report/bench-ccw && exit $$mdev

soak: ## the races of make check for longer, on the kernels with every debugging aid
	$(setup) build check vm abi cocci chroot
	@scripts/check/check --soak

clean: ## drop build/ and out/; the cache of downloads and kernels stays
	rm -rf build out

help: ## this list
	@echo "make [TREES='7.3 6.12'] [ARCHES='x86 s390'] [KSRC=tree] [KDIR=headers] [V=1] [W=1] [C=2] [O=folder]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r name what; do printf '  %-12s %s\n' "$$name" "$$what"; done

.PHONY: all check modules kernel apply series migrate cocci-check abi-check abi-update bench soak clean help
.DEFAULT_GOAL := all
