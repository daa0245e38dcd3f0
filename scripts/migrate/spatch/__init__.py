# SPDX-License-Identifier: GPL-2.0-only
"""Coccinelle as processes: many drivers in one run, and another version of it in a chroot."""
