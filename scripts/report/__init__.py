# SPDX-License-Identifier: GPL-2.0-only
"""Programs that run the other rooms and end in a table."""
