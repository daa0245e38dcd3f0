# SPDX-License-Identifier: GPL-2.0-only
"""Drivers that nobody wrote: from a grammar of shapes, and a core in user space to run them on."""
