# SPDX-License-Identifier: GPL-2.0-only
"""HTML pages, the diagram of the state machine, and a look-up of each name that a page uses."""
