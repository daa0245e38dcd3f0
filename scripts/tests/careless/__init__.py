# SPDX-License-Identifier: GPL-2.0-only
"""What a careless user does, in seconds and without a network."""
