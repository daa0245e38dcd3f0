# SPDX-License-Identifier: GPL-2.0-only
#
# $(call compat-has,FILE,PATTERN): y if FILE matches the extended regular expression PATTERN
#
# The one test of this folder. FILE may be a glob; it is relative to the kernel tree, or absolute
# where a build out of tree has headers of its own. A version number is never asked for:
# distributions back-port.
compat-has = $(shell cd $(srctree) && cat $(1) 2>/dev/null | grep -qE '$(2)' && echo y)
