# SPDX-License-Identifier: GPL-2.0
#
# vhost-accel. `make help` lists what can be made.

KDIR ?= /lib/modules/$(shell uname -r)/build
DEPMOD ?= depmod
MODULES_DIR = $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)
RUN_DEPMOD = $(DEPMOD) -a $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(RELEASE)
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

# All warnings; `make sparse` adds sparse.
KBUILD_FLAGS = M=$(CURDIR) W=1

# BTF needs pahole; modules without it work as well.
ifeq ($(shell command -v pahole 2>/dev/null),)
KBUILD_FLAGS += CONFIG_DEBUG_INFO_BTF_MODULES=
endif

.DEFAULT_GOAL := modules

.PHONY: modules
modules: | kdir
	$(MAKE) -C $(KDIR) $(KBUILD_FLAGS) modules

.PHONY: kdir
kdir:
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR)."; \
		echo "Install them (apt install linux-headers-$$(uname -r)) or name others: make KDIR=/path/to/headers"; \
		exit 1; } >&2

# Modules in updates/ win over those of the kernel package: modprobe vhost_net
# then takes ours.
.PHONY: install
install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_DIR=updates modules_install
	$(RUN_DEPMOD)

.PHONY: uninstall
uninstall:
	rm -rf $(MODULES_DIR)/updates/vhost $(MODULES_DIR)/updates/vhost_net
	$(RUN_DEPMOD)

.PHONY: sparse
sparse: | kdir
	$(MAKE) -C $(KDIR) $(KBUILD_FLAGS) C=2 CF=-D__CHECK_ENDIAN__ modules

.PHONY: clean
clean:
	rm -rf build
	@test ! -e $(KDIR)/Makefile || $(MAKE) -C $(KDIR) M=$(CURDIR) clean

.PHONY: help
help:
	@sed -n 's/^##//p' $(MAKEFILE_LIST)

## Build and install
##   make                 build the modules for the running kernel
##   make KDIR=DIR        build them for the kernel whose headers are in DIR
##   make install         install them under /lib/modules/RELEASE/updates (root)
##                        (INSTALL_MOD_PATH=DIR puts another root in front)
##   make uninstall       remove them from there (root)
##   make sparse          build with sparse over every file
##   make clean           remove what was built here
##   make help            this list
##

-include selftests/testbed/testbed.mk
