# SPDX-License-Identifier: GPL-2.0-only
"""The report in the formats that CI systems read."""
