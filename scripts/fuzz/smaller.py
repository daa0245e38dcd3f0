# SPDX-License-Identifier: GPL-2.0-only
"""Delta debugging: the fewest of some numbers with which a failure still comes.

The algorithm is ddmin of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input"
(2002), with complements alone.
"""


def smallest(fails, numbers, tries):
    """A part of @numbers with which @fails is true, and how many times it was asked.

    @fails: a function of a list; true for all of @numbers. It is asked at most @tries times: a
    failure that depends on time may not come again, and then what is left is not the least.
    """
    parts, asked = 2, 0
    while len(numbers) > 1 and asked < tries:
        size = -(-len(numbers) // parts)
        for start in range(0, len(numbers), size):
            rest = numbers[:start] + numbers[start + size:]
            asked += 1
            if rest and fails(rest):
                numbers, parts = rest, max(parts - 1, 2)
                break
            if asked == tries:
                break
        else:
            if parts >= len(numbers):
                break
            parts = min(2 * parts, len(numbers))
    return numbers, asked


def ranges(numbers):
    """Ascending numbers as a text: 3,7-9."""
    found = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
