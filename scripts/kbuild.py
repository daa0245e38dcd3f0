# SPDX-License-Identifier: GPL-2.0-only
"""What a call of the kernel's own make needs: architecture, cross compiler, checkers."""
import os
import platform

from common import arch_conf


def native(arch):
    return platform.machine() == {"x86": "x86_64", "s390": "s390x"}[arch]


def compiler(arch):
    return ("" if native(arch) else arch_conf(arch)["cross"]) + "gcc"


def kbuild_args(arch, kdir, warnings=False):
    """Arguments for make -C kdir. With warnings, ours is compiled under W=1, and under C= as the user asked."""
    args = [f"ARCH={arch_conf(arch)['kbuild']}"]
    if not native(arch):
        args.append(f"CROSS_COMPILE={arch_conf(arch)['cross']}")
    elif os.path.exists(os.path.join(kdir, ".kernelvariables")):
        # Debian's headers name the compiler that built the kernel; another release of Debian has another one
        args += [f"CC={compiler(arch)}"]
    if warnings:
        args.append(f"W={os.environ.get('W') or 1}")
        if os.environ.get("C"):
            args.append(f"C={os.environ['C']}")
    if os.environ.get("V"):
        args.append(f"V={os.environ['V']}")
    if os.environ.get("CHECK"):
        args.append(f"CHECK={os.environ['CHECK']}")
    return args
