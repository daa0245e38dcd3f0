# SPDX-License-Identifier: GPL-2.0-only
"""A test kernel of stock files, or of stock files with fixes, for files that are built in."""
import os

from build.stage import tree_source
from lib.common import BUILD, ask, locked, whole
from migrate.c_text import read
from series.steps import Changes, is_copy, link_tree, steps_of, write
from tree.trees import split


def fixed_kernel(tree, arch, variant, texts):
    """Build the stock kernel with these texts of files; return its folder.

    The next call for a kernel of that name replaces it.
    """
    source, copy = tree_source(tree, arch), os.path.join(BUILD, "tree", split(tree)[0] + "-fixes")
    groups = {name for step in steps_of("fixes.conf") for name in step["group"].split()}
    with locked(copy + ".lock"):
        if not is_copy(copy, source):
            with whole(copy) as tmp:
                link_tree(source, tmp)
        # kbuild looks at times: a file that goes back to its stock text is a new file
        state = Changes(copy, source)
        for name in groups:
            if os.path.isfile(os.path.join(source, name)):
                state.new[name] = texts.get(name, read(os.path.join(source, name)))
        write(state)
        return ask("build/kernel", tree, arch, variant, "--src", copy, "--label=-fixes")
