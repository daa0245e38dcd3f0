# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx configuration: scripts/docs/htmldocs runs it, with srctree set to the folder of the kernel's extensions."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(os.environ["srctree"], "Documentation/sphinx"), os.path.join(TOP, "scripts")]

project = "mdev-lifecycle"
copyright = "the mdev-lifecycle authors"
extensions = ["kerneldoc", "kernel_abi", "automarkup", "sphinx.ext.graphviz", "docs.directives"]
kerneldoc_srctree = TOP
primary_domain = "c"
highlight_language = "none"
# attributes of the kernel in declarations
c_id_attributes = ["__user", "__iomem"]
graphviz_output_format = "svg"
html_theme = "alabaster"
html_theme_options = {"page_width": "1140px", "sidebar_width": "210px", "font_size": "16px"}
html_static_path = ["static"]
html_show_sourcelink = False
html_copy_source = False
