#!/usr/bin/env python3
"""Sizes, and the tables of the sorter."""
import unittest

from harness import main

import sorter
from outcome import Outcome


def fields(seconds, peak):
    return {"wall": [seconds] * 3, "cpu": [seconds] * 3, "peak": [peak, peak - 10**6, peak]}


OUTCOMES = [Outcome("1000", {"native": fields(0.001, 2 * 10**6), "wasmc AOT": fields(0.002, 4 * 10**6)})]


class Sizes(unittest.TestCase):
    def test_ascending_by_thousands(self):
        self.assertEqual(sorter.parse_sizes("500M,4,1K,1K,1G"), [4, 1000, 500 * 10**6, 10**9])

    def test_default(self):
        self.assertEqual(sorter.parse_sizes(sorter.SIZES), [1000, 10**4, 10**5, 10**6, 10**7, 10**8, 5 * 10**8])

    def test_refused(self):
        for text in ("", "1,", "0", "3", "1k", "-4", "1.5K"):
            with self.assertRaises(ValueError, msg=text):
                sorter.parse_sizes(text)


class Tables(unittest.TestCase):
    def test_cells(self):
        found = {title: (header, rows) for title, header, rows in sorter.tables(OUTCOMES)}
        self.assertEqual(found["Wall time"], (["size", "native", "wasmc AOT"], [["1 KB", "1.00 ms (1.00–1.00)", "2.00 ms (2.00–2.00)"]]))
        self.assertEqual(found["Wall time as a ratio to native code"], (["size", "wasmc AOT"], [["1 KB", "2.00 (2.00–2.00)"]]))
        self.assertEqual(found["Peak memory, MB"][1], [["1 KB", "2.0", "4.0"]])

    def test_markdown_says_how_it_was_measured(self):
        text = sorter.as_markdown({"sort": "quick"}, OUTCOMES)
        self.assertTrue(text.startswith("sort: quick  \n\nMedians of 3 runs in turn"))
        self.assertIn("| 1 KB |", text)


if __name__ == "__main__":
    main()
