# SPDX-License-Identifier: GPL-2.0-only
"""Virtual machines: what goes in, how one runs, what its console says."""
