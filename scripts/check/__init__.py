# SPDX-License-Identifier: GPL-2.0-only
"""make check: its parts and what they share."""
