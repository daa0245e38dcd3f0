# SPDX-License-Identifier: GPL-2.0-only
"""Installing modules, the Debian package, and the proof of both on new systems."""
