# SPDX-License-Identifier: GPL-2.0
# Targets of the test bed, included by the top Makefile.

TESTBED_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

## Tests (nothing is loaded into this machine's kernel)
##   make demo            a guest talks through our vhost_net, beside one without vhost
##   make check           all tests, about 20 minutes
.PHONY: demo check
demo:
	@$(TESTBED_DIR)/demo
check:
	@$(TESTBED_DIR)/check check

##   make check-quick     one kernel, no guest: under 2 minutes
##   make check-long      everything, with the slow tests
##   make check-intree    the tests that also run against the in-tree vhost_net
.PHONY: check-quick check-long check-intree
check-quick check-long check-intree: check-%:
	@$(TESTBED_DIR)/check $*

##   make test T=NAME     one test of selftests/tests.list (NAME@6.1: on one kernel)
.PHONY: test
test:
	@test -n "$(T)" || { echo "which test? make test T=NAME; names: selftests/tests.list" >&2; exit 2; }
	@$(TESTBED_DIR)/check -t '$(T)'

##   make distclean       make clean, and empty the cache of downloads, kernels and images
.PHONY: distclean
distclean: clean
	@$(TESTBED_DIR)/fetch clean

##
