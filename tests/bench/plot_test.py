#!/usr/bin/env python3
"""The script for gnuplot, and what gnuplot makes of it."""
import pathlib
import shutil
import tempfile
import unittest
import xml.etree.ElementTree

from harness import main

import plot
from stats import Estimate

SIDES = {"native": [(1000, Estimate(0.001, 0.0009, 0.002)), (10**6, Estimate(1, 0.5, 2))], "it's_a peer": [(1000, Estimate(3, 3, 3))]}
OF_SCRIPT = ("Time", "size", "s", SIDES, [("1 KB", 1000), ("1 MB", 10**6)])


class Script(unittest.TestCase):
    def test_data_and_axes(self):
        lines = plot.script(*OF_SCRIPT).splitlines()
        for line in ("set logscale xy", "set xtics ('1 KB' 1000, '1 MB' 1000000)", "set xrange [625:1.6e+06]", "1000 0.001 0.0009 0.002",
                     "1000000 1 0.5 2"):
            self.assertIn(line, lines)

    def test_names_are_quoted(self):
        self.assertIn("title 'it''s_a peer'", plot.script(*OF_SCRIPT))


@unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
class Drawing(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = pathlib.Path(holder.name) / "plot.svg"

    def test_svg(self):
        plot.write(self.path, *OF_SCRIPT)
        image = xml.etree.ElementTree.parse(self.path).getroot()
        self.assertEqual(image.tag, "{http://www.w3.org/2000/svg}svg")
        text = " ".join(" ".join("".join(each.itertext()).split()) for each in image.iter("{http://www.w3.org/2000/svg}text"))
        for label in ("Time", "native", "it's_a peer", "1 KB", "1 MB"):
            self.assertIn(label, text)

    def test_the_same_numbers_give_the_same_file(self):
        plot.write(self.path, *OF_SCRIPT)
        first = self.path.read_bytes()
        plot.write(self.path, *OF_SCRIPT)
        self.assertEqual(self.path.read_bytes(), first)

    def test_a_single_size(self):
        plot.write(self.path, "Time", "size", "s", {"native": SIDES["native"][:1]}, [("1 KB", 1000)])
        self.assertGreater(self.path.stat().st_size, 1000)


if __name__ == "__main__":
    main()
