# SPDX-License-Identifier: GPL-2.0-only
#
# Each target is one call of a program in scripts/; make help lists them.

# the variables that a user gave, by name; TREE=X is TREES=X, ARCH=X is ARCHES=X
given  := $(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v))
# KSRC= and KDIR= name a folder of one tree
TREES  ?= $(or $(if $(filter TREE,$(given)),$(TREE)),$(if $(KSRC)$(KDIR),,7.3 6.12))
ARCHES ?= $(or $(if $(filter ARCH,$(given)),$(ARCH)),x86 s390)
export KSRC KDIR V W C O CHECK
# kbuild would take O= and V= of this make from MAKEFLAGS
unexport MAKEFLAGS MAKELEVEL CDPATH

setup = @TREES="$(TREES)" ARCHES="$(ARCHES)" scripts/tree/arguments "$(MAKECMDGOALS)" $(given) && \
	scripts/lib/host-setup
kdir = $(or $(KDIR),/lib/modules/$(or $(KVER),$(shell uname -r))/build)
# vfio_ccw needs headers of css and its trace events, which only the kernel's source has
ccw = $(if $(filter s390x,$(shell uname -m)),fetch)
# the compiler of the other architecture, where that is built
cross = $(if $(filter s390,$(ARCHES)),cross)

# of make check; scripts/check/parts.py has them
parts := static tools docs series fixes mdev proof mdev-mutations rust cocci abi channel-programs model vfio_ccw vfio_ccw-mutations fresh

all: ## fetch, apply, build and gate the ABI for every tree and architecture; ends in a table
	$(setup) fetch build cocci abi $(cross)
	@scripts/report/build-all --trees "$(TREES)" --arches "$(ARCHES)"

check: ## every test, the virtual machines included; ends in "N passed, N failed, N skipped" [ONLY="static tools"]
	$(setup) fetch build cross check fuzz model vm abi cocci git chroot docs
	@scripts/check/check --only "$(ONLY)"

modules: ## our modules against a headers folder, into out/modules: make modules KDIR=/lib/modules/$(uname -r)/build
	$(setup) modules $(ccw)
	@KDIR="$(or $(KDIR),$(error KDIR= is required: make modules KDIR=/lib/modules/$$(uname -r)/build))" \
		scripts/build/for-kdir

rust: ## the driver in Rust, into out/rust: make rust [TREE=7.3] [ARCH=x86], or KDIR= of a kernel with CONFIG_RUST=y
	$(setup) fetch build cocci $(if $(filter s390,$(ARCH)),cross)
	@scripts/build/rust-module "$(or $(TREE),7.3)" "$(or $(ARCH),x86)"

install: ## install the modules for the running kernel or KDIR=: make install [KVER=] [DESTDIR=] [INSTALL_MOD_PATH=] [FORCE=1]
	$(setup) modules kmod $(ccw)
	@KDIR="$(kdir)" scripts/build/for-kdir
	@KDIR="$(KDIR)" KVER="$(KVER)" scripts/install/modules install

uninstall: ## remove what make install installed: make uninstall [KDIR=] [KVER=] [DESTDIR=] [INSTALL_MOD_PATH=]
	@KDIR="$(KDIR)" KVER="$(KVER)" scripts/install/modules uninstall

deb: ## Debian package mdev-lifecycle-dkms, into out/deb: DKMS builds the modules for each kernel; s390x from TREES=
	$(setup) deb fetch cocci
	@scripts/install/deb $(TREES)

kernel: ## a bootable kernel with the series in it: make kernel TREE=7.3 ARCH=s390 [VARIANT=lock|kasan]
	$(setup) fetch build cross cocci vm
	@scripts/build/export-kernel "$(or $(TREE),7.3)" "$(or $(ARCH),s390)" "$(or $(VARIANT),lock)"

apply: ## apply the series to your own kernel tree, in place: make apply DIR=/path/to/linux [FORCE=1]
	$(setup) cocci
	@scripts/series/apply --checked --in-place "$(or $(DIR),$(error DIR= is required: make apply DIR=/path/to/linux))"

series: ## the series as patches for git am, a commit a step, into out/series: make series TREE=7.3
	$(setup) fetch cocci git
	@scripts/series/patches "$(or $(TREE),7.3)"

fixes: ## fixes for the stock files as patches for git am, one bug each, into out/fixes: make fixes TREE=7.3
	$(setup) fetch cocci git
	@scripts/series/patches --fixes "$(or $(TREE),7.3)"

fixes-check: ## every fix builds, and its test fails before and passes after it: make fixes-check [TREE=6.12] [ARCH=s390] [VARIANT=lock|kasan]
	$(setup) fetch build cross cocci vm
	@scripts/check/fixes --variant "$(or $(VARIANT),debian)" "$(or $(TREE),6.12)" "$(or $(ARCH),s390)"

migrate: ## convert mdev drivers to the core: make migrate SRC=DIR|FILES [MODE=patch|report|explain] [IN_PLACE=1 [FORCE=1]] [LIMIT=shown|parent] [TIMEOUT=s] or TREE=5.10
	$(setup) cocci $(if $(TREE),fetch)
	@scripts/migrate/migrate --mode $(or $(MODE),patch) $(if $(filter 1,$(IN_PLACE)),--in-place) \
		$(if $(TIMEOUT),--timeout $(TIMEOUT)) $(foreach word,$(LIMIT),--limit $(word)) \
		$(if $(TREE),--tree $(TREE),$(or $(SRC),$(error SRC= or TREE= is required: make migrate SRC=DIR, or TREE=5.10)))

cocci-check: ## the golden tests of the semantic patches
	$(setup) cocci
	@scripts/migrate/golden-tests

abi-check: ## compare our interface with stock; any two builds: make abi-check OLD=a.ko NEW=b.ko HEADERS=dir, also of folders and of vmlinux
	$(setup) abi $(if $(OLD)$(NEW)$(HEADERS),,fetch build cocci $(cross))
	@scripts/abi/check $(if $(OLD)$(NEW)$(HEADERS),--old "$(OLD)" --new "$(NEW)" --headers "$(HEADERS)" $(if $(SYMBOLS),--symbols "$(SYMBOLS)"),--trees "$(TREES)" --arches "$(ARCHES)")

abi-update: ## write the reviewed baselines in abi/ anew: make abi-update REASON="why the interface changes"
	$(setup) fetch build cocci abi $(cross)
	@scripts/abi/update --reason "$(REASON)" --trees "$(TREES)" --arches "$(ARCHES)"

htmldocs: ## HTML pages of Documentation/ and of the kernel-doc comments, into out/htmldocs
	$(setup) fetch docs
	@scripts/docs/htmldocs

bench: ## create+remove of mdevs, and round trips through vfio-ccw, per second: stock beside ours
	$(setup) fetch build cross vm cocci
	@scripts/report/bench; mdev=$$?; scripts/report/bench-ccw && exit $$mdev

soak: ## the tests for longer, on the kernels with every debugging aid, in pieces: make soak [ONLY="model"] [MINUTES=60] [FORCE=1: from the start]
	$(setup) fetch build cross check fuzz model vm abi cocci git chroot docs deb
	@scripts/check/check --soak --only "$(ONLY)" $(if $(MINUTES),--minutes "$(MINUTES)") \
		$(if $(filter 1,$(FORCE)),--again)

clean: ## drop build/ and out/; the cache of downloads and kernels stays
	rm -rf build out

help: ## this list
	@echo "make [TREES='7.3 6.12-rt'|all] [ARCHES='x86 s390'] [KSRC=tree] [KDIR=headers] [V=1] [W=1] [C=2] [O=folder]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r name what; do printf '  %-12s %s\n' "$$name" "$$what"; done

.PHONY: all check modules rust install uninstall deb kernel apply series fixes fixes-check migrate cocci-check abi-check abi-update htmldocs bench soak clean help
.DEFAULT_GOAL := all
