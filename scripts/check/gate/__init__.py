# SPDX-License-Identifier: GPL-2.0-only
"""Seeded changes for the ABI gate, and inputs on which it has no answer."""
