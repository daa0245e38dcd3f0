# SPDX-License-Identifier: GPL-2.0-only
"""The commit message of a step."""
import textwrap

from series.steps import in_words_of, semantic_patches

# in the names of files whose tests are those of the core
OF_MDEV = "/mdev/", "vfio/container.c"
COLUMNS = 75            # of scripts/checkpatch.pl, for the lines of a message


def smpl(text):
    """The rules of a semantic patch: without the comment at its head and the declared mode."""
    lines = text.splitlines()
    start = next(n for n, x in enumerate(lines) if x.startswith(("@", "virtual")))
    return "\n".join(x for x in lines[start:] if x != "virtual patch").strip()


def paragraphs(text):
    """Paragraphs, each filled; a line with two spaces or more in front stays as it is."""
    for block in text.strip().replace("\t", "").split("\n.\n"):
        if block.startswith("  "):
            yield block
        else:
            yield "\n".join(textwrap.wrap(" ".join(block.split()), COLUMNS, break_long_words=False,
                                          break_on_hyphens=False))


def command(step, test):
    """The command for a test, PROGRAM.FIXTURE.TEST or reboot:STATE."""
    if test.startswith("reboot:"):
        return f"scripts/vm/suite vfio_ccw 6.12 s390 debian own --scenario {test}"
    program, test = test.split(".", 1)
    suite = "mdev" if any(x in step["group"] for x in OF_MDEV) else "ccw"
    return f"{suite}_{program}_test -r {test}"


def message_of(step):
    """Subject and body. A step of fixes.conf has a test, and its semantic patch in the body."""
    if "test" not in step:
        return f"{step['subject']}\n\n" + step["message"].replace("\t", "") + "\n"
    parts = list(paragraphs(in_words_of(step, step["message"])))
    if not step["test"].startswith("none:"):
        parts.append("To reproduce, with the selftests of mdev-lifecycle:\n\n"
                     + "\n".join("  " + command(step, t) for t in step["test"].split()))
    if "report" in step:
        parts.append("\n".join("  " + x.strip() for x in step["report"].strip().splitlines()))
    if step["cocci"].startswith("cocci/fixes/"):
        parts += ["The semantic patch that makes this change:"]
        parts += [textwrap.indent(smpl(x), "  ") for x in semantic_patches(step).values()]
    else:
        # it has modes for reports, and tests of its own
        parts += [f"Made by the semantic patch {step['cocci']}."]
    if "fixes" in step:
        parts.append("Fixes: " + step["fixes"])
    return "\n\n".join([step["subject"], *parts]) + ("\n" if "fixes" in step else "\n\n")
