# SPDX-License-Identifier: GPL-2.0-only
"""Tables: builds, test results, known bugs, benchmarks."""
