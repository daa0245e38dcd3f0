# SPDX-License-Identifier: GPL-2.0-only
"""The second judge of a conversion: a C front end reads the driver before and after."""
