# SPDX-License-Identifier: GPL-2.0-only
"""Draws the rooms of scripts/ from the table that static/rooms.py compares with the files."""
import re

TABLE = "scripts/README.rst"


def rows(text):
    """{room: (purpose, rooms that it uses)}, the lowest first."""
    text = re.sub(r"\n {7}(?=\S)", " ", text)
    found = re.findall(r"^ {3}\* - (.*)\n {5}- (.*)\n {5}- ?.*\n {5}- ?(.*)$", text, re.M)
    return {name: (purpose, uses.split()) for name, purpose, uses in found[1:]}


def reachable(rooms, name):
    """All rooms that a room uses, directly or through another one."""
    found = set()
    for other in rooms[name][1]:
        found |= {other} | reachable(rooms, other)
    return found


def dot(text):
    """An arrow leads to a room that is used; one that follows from two others is left out."""
    rooms = rows(text)
    lines = ['digraph rooms { ranksep=0.35;',
             'node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];']
    for name, (purpose, uses) in rooms.items():
        words = re.split(r"[:,;]", purpose)[0].replace('"', "'")
        lines.append(f'"{name}" [label="{name}\\n{words}"];')
        for other in uses:
            if not any(other in reachable(rooms, via) for via in uses):
                lines.append(f'"{name}" -> "{other}";')
    return "\n".join((*lines, "}"))
