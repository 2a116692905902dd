#!/usr/bin/env python3
"""Comparing with a saved session and with another wasmc."""
import unittest

from harness import main

import compare
from outcome import Metric, Outcome

METRIC = Metric("wasmc / native", "wasmc", "native", "cpu")
EVEN = [1.0] * 6


def outcome(name, ours, against=EVEN):
    return Outcome(name, {"native": {"cpu": EVEN}, "wasmc": {"cpu": ours}, "against": {"cpu": against}})


class WithSaved(unittest.TestCase):
    def rows(self, then, now):
        return compare.comparison(METRIC, {each.name: each for each in then}, now)[1]

    def test_a_clear_change(self):
        self.assertEqual(self.rows([outcome("lu", [2.0] * 6)], [outcome("lu", [1.0] * 6)]),
                         [["lu", "2.00", "1.00", "-50.0 % (-50.0 % to -50.0 %)", "*"]])

    def test_a_change_within_the_spread(self):
        wide = [1.0, 1.2, 1.4, 1.6, 1.8, 2.0]
        [row] = self.rows([outcome("lu", wide)], [outcome("lu", [each * 1.1 for each in wide])])
        self.assertEqual((row[0], row[4]), ("lu", ""))
        self.assertTrue(row[3].startswith("+10.0 %"))

    def test_too_few_runs_say_nothing(self):
        few = Outcome("lu", {side: {"cpu": [seconds]} for side, seconds in (("native", 1.0), ("wasmc", 2.0))})
        self.assertEqual(self.rows([outcome("lu", EVEN)], [few])[0][4], "")

    def test_only_what_both_have(self):
        self.assertEqual(self.rows([outcome("lu", EVEN)], [outcome("fft", EVEN)]), [])
        rows = self.rows([outcome(name, EVEN) for name in ("lu", "fft", "gone")], [outcome(name, [2.0] * 6) for name in ("new", "fft", "lu")])
        self.assertEqual([row[0] for row in rows], ["fft", "lu", "geometric mean"])
        self.assertEqual(rows[2][1:3], ["1.00", "2.00"])

    def test_conditions(self):
        lines = list(compare.changed_conditions({"machine": "a", "sort": "quick"}, {"machine": "b", "sort": "quick", "Node": "v20"}))
        self.assertEqual(lines, ["machine: saved with 'a', now 'b'", "Node: saved with None, now 'v20'"])


class AgainstAnother(unittest.TestCase):
    def test_rows(self):
        _, rows = compare.against([outcome("lu", [0.5] * 6), outcome("fft", [2.0] * 6)], "cpu")
        self.assertEqual(rows, [["lu", "0.500 (0.500–0.500)", "0.500", "*"], ["fft", "2.000 (2.000–2.000)", "2.000", "*"],
                                ["geometric mean", "1.000 (1.000–1.000)", "1.000", ""]])

    def test_within_the_spread(self):
        _, [row] = compare.against([outcome("lu", [0.9, 1.0, 1.1, 1.2, 1.3, 1.4])], "cpu")
        self.assertEqual(row, ["lu", "1.150 (0.900–1.400)", "0.900", ""])


if __name__ == "__main__":
    main()
