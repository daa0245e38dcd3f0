# SPDX-License-Identifier: GPL-2.0-only
"""Kernel trees: Debian packages of any suite, fetched and unpacked."""
