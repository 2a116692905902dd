#!/usr/bin/env python3
"""Tables, and how numbers are written in them."""
import unittest

from harness import main

import table
from stats import Estimate

HEADER, ROWS = ["size", "native"], [["1 KB", 1.5], ["100 KB", 22]]


class Tables(unittest.TestCase):
    def test_text(self):
        self.assertEqual(table.text(HEADER, ROWS), "size    native\n1 KB       1.5\n100 KB      22\n")

    def test_markdown(self):
        self.assertEqual(table.markdown(HEADER, ROWS),
                         "| size   | native |\n| ------ | -----: |\n| 1 KB   |    1.5 |\n| 100 KB |     22 |\n")

    def test_without_rows(self):
        self.assertEqual(table.text(HEADER, []), "size  native\n")


class Numbers(unittest.TestCase):
    def test_sizes(self):
        for number, expected in ((4, "4 B"), (1000, "1 KB"), (1500, "1.5 KB"), (500_000_000, "500 MB"), (2 * 10**9, "2 GB")):
            self.assertEqual(table.size(number), expected)

    def test_significant(self):
        for number, expected in ((0, "0"), (0.0012345, "0.00123"), (1.2345, "1.23"), (0.9996, "1.00"), (123.45, "123"), (98765.4, "98765")):
            self.assertEqual(table.significant(number), expected)

    def test_seconds_have_one_unit_in_a_cell(self):
        self.assertEqual(table.seconds(Estimate(0.5, 0.25, 1.5)), "500 ms (250–1500)")
        self.assertEqual(table.seconds(Estimate(12.345, 0.9, 20)), "12.3 s (0.900–20.0)")

    def test_changes(self):
        self.assertEqual(table.change(Estimate(1.05, 0.98, 1.1)), "+5.0 % (-2.0 % to +10.0 %)")


if __name__ == "__main__":
    main()
