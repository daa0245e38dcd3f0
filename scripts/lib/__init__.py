# SPDX-License-Identifier: GPL-2.0-only
"""Basics of every room: folders, locks, processes, exit codes, KTAP, packages of the host."""
