#!/usr/bin/env python3
"""Reading what wasmc says about compiling."""
import json
import unittest

from harness import main

from compiling import phases, text_size

TIMES = """wasmc: warning: 1.5 of something
phase                     seconds   of all threads
decode                      0.000            0.000
optimise                    0.877            1.625
"""


class Reading(unittest.TestCase):
    def test_phases(self):
        self.assertEqual(phases(TIMES), {"decode": 0.0, "optimise": 0.877})

    def test_text(self):
        sections = [{"name": ".rodata", "detail": "7 bytes"}, {"name": ".text", "detail": "42998 bytes"}]
        self.assertEqual(text_size(json.dumps({"sections": sections})), 42998)


if __name__ == "__main__":
    main()
