"""Statistics: medians with the interval that holds the true one, ratios of pairs, products of such estimates.

Only order statistics: run times have no normal distribution, and a pause of the machine must not count by its length."""
import math
import statistics
from dataclasses import dataclass

CONFIDENCE = 0.95  # of an interval, where the number of runs allows it
ENOUGH = 0.9  # below this confidence nothing is said to differ
LEAST = 1e-9  # instead of 0 where it is divided by or its logarithm taken: CPU time of a short run may be none


@dataclass(frozen=True)
class Estimate:
    """A median and the interval that holds the true one with the confidence that `confidence(runs)` gives."""

    middle: float
    low: float
    high: float

    def scaled(self, factor):
        return Estimate(self.middle * factor, self.low * factor, self.high * factor)

    def differs_from_one(self):
        return self.low > 1 or self.high < 1

    def __str__(self):
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def coverage(runs, rank):
    """How probably the true median lies between the `rank`-th value (from 0) and the one as far from the other end: each value is below
    it with probability ½."""
    return 1 - 2 * sum(math.comb(runs, k) for k in range(rank + 1)) / 2**runs


def interval_rank(runs):
    """The innermost rank whose interval still has the confidence; of few runs it is the whole spread."""
    rank = 0
    while rank + 1 < (runs + 1) // 2 and coverage(runs, rank + 1) >= CONFIDENCE:
        rank += 1
    return rank


def confidence(runs):
    """What the intervals of so many runs hold: 94 % of 5, 75 % of 3, none of 1."""
    return max(coverage(runs, interval_rank(runs)), 0.0)


def explain_intervals(runs):
    return f"in parentheses the interval that holds the true median with {100 * confidence(runs):.0f} %"


def median(values):
    ordered = sorted(values)
    rank = interval_rank(len(ordered))
    return Estimate(statistics.median(ordered), ordered[rank], ordered[-1 - rank])


def pairs(ours, theirs):
    return [a / max(b, LEAST) for a, b in zip(ours, theirs)]


def ratio(ours, theirs):
    """Of runs in turns: the median of the ratios of pairs, which cancel what changes slowly."""
    return median(pairs(ours, theirs))


def best_ratio(ours, theirs):
    """A second opinion: what disturbs a run only ever adds time."""
    return min(ours) / max(min(theirs), LEAST)


def product(estimates, powers):
    """The product of powers of independent estimates. Their errors are taken as factors, which add up in squares."""
    middle, below, above = 0.0, 0.0, 0.0
    for each, power in zip(estimates, powers):
        logarithm = power * math.log(max(each.middle, LEAST))
        ends = sorted(power * math.log(max(end, LEAST)) - logarithm for end in (each.low, each.high))
        middle += logarithm
        below, above = below + ends[0] ** 2, above + ends[1] ** 2
    return Estimate(*(math.exp(middle + error) for error in (0, -math.sqrt(below), math.sqrt(above))))


def quotient(ours, theirs):
    """Of runs that were not in turns."""
    return product([ours, theirs], [1, -1])


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(max(value, LEAST)) for value in values)) if values else math.nan


def mean_estimate(estimates):
    return product(estimates, [1 / len(estimates)] * len(estimates))
