# SPDX-License-Identifier: GPL-2.0-only
"""Modules and kernels, by kbuild."""
