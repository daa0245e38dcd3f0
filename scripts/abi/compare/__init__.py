# SPDX-License-Identifier: GPL-2.0-only
"""Comparisons of two builds of a module, each of one kind of interface."""
