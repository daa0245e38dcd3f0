# SPDX-License-Identifier: GPL-2.0-only
"""Consequences of a change: its level, the drivers that it reaches, and reasons to accept it."""
