# SPDX-License-Identifier: GPL-2.0-only
"""Generated drivers: none is converted wrongly, and a refusal names the shape that is refused.

GENERATED=N in the environment tries N drivers instead of 150, FIRST=N begins with driver N.
"""
import os
import sys
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [SCRIPTS, os.path.join(SCRIPTS, "tests")]
from strangers import trial  # noqa: E402


class Generated(unittest.TestCase):
    def test_generated_drivers(self):
        number = int(os.environ.get("GENERATED", "150"))
        first = int(os.environ.get("FIRST", "0"))
        wrong, count = trial.run(range(first, first + number))
        print(f"generated drivers: {count['converted']} converted, {count['refused']} refused",
              file=sys.stderr)
        # a driver that is refused for another reason than the grammar expects fails too
        for n, (said, t) in sorted(wrong.items()):
            with self.subTest(n):
                self.fail(f"driver {n}: {said}\n{t.made.shapes}")
        # a tool that refuses everything is never wrong
        self.assertGreater(count["converted"], number * 2 // 5)

    def test_a_wrong_conversion_is_seen(self):
        """One limit too many in the converted driver, and the core admits one more."""
        class Wrong(trial.Trial):
            def texts(self, stage):
                found = super().texts(stage)
                if stage == "after":
                    found = {p: x.replace("max_instances = ", "max_instances = 1 + ")
                             for p, x in found.items()}
                return found

        found = trial.run(range(12), Wrong)[0]
        self.assertTrue(any(said.startswith("wrong") for said, _ in found.values()), found)


if __name__ == "__main__":
    unittest.main()
