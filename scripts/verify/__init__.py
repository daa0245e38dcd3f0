# SPDX-License-Identifier: GPL-2.0-only
"""The model of vfio-ccw: its state table from the driver's, and searches by spin."""
