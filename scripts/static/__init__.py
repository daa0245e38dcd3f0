# SPDX-License-Identifier: GPL-2.0-only
"""Rules for the sources: checkers, builds that are only looked at, rooms, copied lines."""
