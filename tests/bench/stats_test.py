#!/usr/bin/env python3
"""Medians, their intervals, and products of estimates."""
import math
import random
import unittest

from harness import main

import stats
from stats import Estimate


class Intervals(unittest.TestCase):
    def test_confidence_by_the_number_of_runs(self):
        for runs, expected in ((1, 0), (2, 0.5), (3, 0.75), (5, 0.9375), (6, 0.96875), (15, 0.9648)):
            self.assertAlmostEqual(stats.confidence(runs), expected, places=4)

    def test_few_runs_give_the_whole_spread(self):
        self.assertEqual(stats.median([5, 1, 3]), Estimate(3, 1, 5))
        self.assertEqual(stats.median([4]), Estimate(4, 4, 4))

    def test_many_runs_leave_out_both_ends(self):
        self.assertEqual(stats.median(range(1, 16)), Estimate(8, 4, 12))

    def test_an_outlier_does_not_count_by_its_size(self):
        self.assertEqual(stats.median([*range(1, 15), 10**9]), stats.median(range(1, 16)))

    def test_the_interval_holds_the_median_as_often_as_it_says(self):
        source = random.Random(1)
        for runs in (5, 9, 15):
            trials = [stats.median([source.expovariate(1) for _ in range(runs)]) for _ in range(4000)]
            held = sum(each.low <= math.log(2) <= each.high for each in trials) / len(trials)
            self.assertAlmostEqual(held, stats.confidence(runs), delta=0.02)


class Ratios(unittest.TestCase):
    def test_pairs_cancel_what_changes_slowly(self):
        load = [1, 2, 4, 8, 16]
        self.assertEqual(stats.ratio([3 * each for each in load], [2 * each for each in load]), Estimate(1.5, 1.5, 1.5))

    def test_best(self):
        self.assertEqual(stats.best_ratio([9, 3, 5], [2, 8, 4]), 1.5)

    def test_no_time_at_all(self):
        self.assertGreater(stats.ratio([1], [0]).middle, 1)
        self.assertGreater(stats.mean_estimate([stats.ratio([0], [1]), stats.ratio([1], [1])]).middle, 0)

    def test_differs_from_one(self):
        self.assertTrue(Estimate(1.1, 1.01, 1.2).differs_from_one())
        self.assertTrue(Estimate(0.9, 0.8, 0.99).differs_from_one())
        self.assertFalse(Estimate(1.1, 0.9, 1.2).differs_from_one())


class Products(unittest.TestCase):
    def close(self, got, middle, low, high):
        for a, b in zip((got.middle, got.low, got.high), (middle, low, high)):
            self.assertAlmostEqual(a, b)

    def test_of_exact_numbers(self):
        self.close(stats.product([Estimate(4, 4, 4), Estimate(2, 2, 2)], [0.5, -1]), 1, 1, 1)

    def test_a_divisor_turns_its_interval_around(self):
        self.close(stats.quotient(Estimate(6, 6, 6), Estimate(2, 1, 8)), 3, 0.75, 6)

    def test_errors_add_in_squares(self):
        wide = Estimate(1, math.exp(-3), math.exp(3))
        other = Estimate(1, math.exp(-4), math.exp(4))
        self.close(stats.quotient(wide, other), 1, math.exp(-5), math.exp(5))

    def test_the_mean_of_many_is_narrower(self):
        self.close(stats.mean_estimate([Estimate(2, 1, 4)] * 4), 2, 2**0.5, 2**1.5)

    def test_geometric_mean(self):
        self.assertAlmostEqual(stats.geometric_mean([1, 4, 16]), 4)
        self.assertTrue(math.isnan(stats.geometric_mean([])))


if __name__ == "__main__":
    main()
