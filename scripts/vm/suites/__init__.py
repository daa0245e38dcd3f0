# SPDX-License-Identifier: GPL-2.0-only
"""The test suites that vm/suite runs: builds, initramfs and boots of each."""
