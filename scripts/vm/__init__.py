# SPDX-License-Identifier: GPL-2.0-only
"""Test VMs: initramfs, boot, console logs."""
