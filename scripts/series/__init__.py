# SPDX-License-Identifier: GPL-2.0-only
"""The series of series.conf: put into a tree, or made into patches."""
