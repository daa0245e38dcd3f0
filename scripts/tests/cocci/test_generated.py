# SPDX-License-Identifier: GPL-2.0-only
"""Generated drivers: none is converted wrongly, and a refusal names the shape that is refused.

GENERATED=N in the environment tries N drivers instead of 500.
"""
import os
import sys
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [SCRIPTS, os.path.join(SCRIPTS, "tests")]
from strangers import trial  # noqa: E402


# the share of refusals with a reason that the grammar does not expect
UNEXPECTED = 0.01


class Generated(unittest.TestCase):
    def test_generated_drivers(self):
        number = int(os.environ.get("GENERATED", "500"))
        wrong, count = trial.run(range(number))
        print(f"generated drivers: {count['converted']} converted, {count['refused']} refused",
              file=sys.stderr)
        # a refusal for another reason than the grammar expects is not wrong, but worth a look
        other = [n for n, (said, _) in wrong.items() if said.startswith(("refused", "reason"))]
        for n, (said, t) in sorted(wrong.items()):
            print(f"driver {n}: {said}", file=sys.stderr)
            with self.subTest(n):
                self.assertIn(n, other, f"driver {n}: {said}\n{t.made.shapes}")
        self.assertLessEqual(len(other), number * UNEXPECTED)
        # a tool that refuses everything is never wrong
        self.assertGreater(count["converted"], number // 2)

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
