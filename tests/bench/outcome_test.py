#!/usr/bin/env python3
"""Outcomes, and sessions that were saved."""
import json
import pathlib
import tempfile
import unittest

from harness import main

import outcome
from outcome import Metric, Outcome
from stats import Estimate

LU = Outcome("lu", {"native": {"cpu": [1.0, 2.0, 4.0]}, "wasmc": {"cpu": [2.0, 2.0, 6.0], "text": [10]}})


class Outcomes(unittest.TestCase):
    def test_ratio_of_pairs(self):
        self.assertEqual(LU.ratio("wasmc", "native", "cpu"), Estimate(1.5, 1, 2))
        self.assertEqual(LU.best_ratio("wasmc", "native", "cpu"), 2)
        self.assertEqual(LU.runs(), 3)

    def test_metrics(self):
        ratio, alone = Metric("", "wasmc", "native", "cpu"), Metric("", "wasmc", None, "text")
        self.assertTrue(ratio.known(LU) and alone.known(LU))
        self.assertEqual((ratio.of(LU).middle, alone.of(LU).middle), (1.5, 10))
        for unknown in (Metric("", "wasmc", "native", "text"), Metric("", "Node", None, "cpu"), Metric("", "wasmc", "Node", "cpu")):
            self.assertFalse(unknown.known(LU))


class Files(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = pathlib.Path(holder.name) / "session.json"

    def test_what_is_saved_is_loaded(self):
        conditions = {"machine": "a \"quoted\" one – with a dash"}
        outcome.save(self.path, "programs", conditions, [LU, Outcome("fft", {})])
        saved = outcome.load(self.path, "programs")
        self.assertEqual(saved.conditions, conditions)
        self.assertEqual(saved.outcomes, {"lu": LU, "fft": Outcome("fft", {})})
        self.assertEqual(len(self.path.read_text().splitlines()), 11)  # a line for each outcome

    def refused(self, text, reason):
        self.path.write_text(text)
        with self.assertRaisesRegex(SystemExit, reason):
            outcome.load(self.path, "programs")

    def test_refused(self):
        outcome.save(self.path, "startup", {}, [LU])
        self.refused(self.path.read_text(), "holds 'startup', this session measures 'programs'")
        self.refused("{", "session.json: ")
        self.refused("[]", "not a result")
        self.refused(json.dumps({"conditions": {}, "programs": {}}), "not a result of this version")
        self.path.unlink()
        with self.assertRaisesRegex(SystemExit, "No such file"):
            outcome.load(self.path, "programs")


if __name__ == "__main__":
    main()
