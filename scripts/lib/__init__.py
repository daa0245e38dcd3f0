# SPDX-License-Identifier: GPL-2.0-only
"""What every room needs: paths, running commands, exit codes, KTAP, the machine's packages."""
