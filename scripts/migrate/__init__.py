# SPDX-License-Identifier: GPL-2.0-only
"""Semantic patches over mdev drivers, and their golden tests."""
