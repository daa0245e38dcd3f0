# SPDX-License-Identifier: GPL-2.0-only
"""Readers of a built module and of its headers."""
