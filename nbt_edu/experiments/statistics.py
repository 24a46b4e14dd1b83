"""Paired by seed: medians, bootstrap intervals, signed-rank tests, Holm's correction, the probability of improvement.

Values are bits per character, one a seed; d their differences. A run that diverged counts `WORST` bits: it is never dropped.
"""

import functools
from typing import NamedTuple

import numpy as np

WORST = 10.0  # bits per character of a run that diverged: more than any alphabet here costs when nothing is known
RESAMPLES, LEVEL = 10_000, 0.95


class Estimate(NamedTuple):
    """A median over seeds with its interval."""

    median: float
    low: float
    high: float
    quartiles: tuple
    seeds: int

    def signed(self):
        """A difference and its interval, in one word or two."""
        return f"{self.median:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def estimate(values, seed=0):
    """The median of values (n,), its 95 % bootstrap interval (percentiles of 10,000 resamples of the seeds), the quartiles."""
    return _estimate(tuple(np.asarray(values, float).tolist()), seed)


@functools.lru_cache(maxsize=10_000)  # a page of verdicts asks for most of them several times
def _estimate(values, seed):
    values = np.array(values)
    rng = np.random.default_rng(seed)
    medians = np.median(values[rng.integers(values.size, size=(RESAMPLES, values.size))], axis=1)
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    quartiles = tuple(float(one) for one in np.quantile(values, [0.25, 0.75]))
    return Estimate(float(np.median(values)), float(low), float(high), quartiles, values.size)


def signed_rank(values, bound, side):
    """p of Wilcoxon's signed-rank test that the median of values (n,) is "less" or "greater" than `bound`."""
    return _signed_rank(tuple((np.asarray(values, float) - bound).tolist()), side)


@functools.lru_cache(maxsize=10_000)
def _signed_rank(differences, side):
    from scipy.stats import wilcoxon

    differences = np.array(differences)
    if not differences.any():
        return 1.0
    return float(wilcoxon(differences, alternative=side, zero_method="zsplit").pvalue)


def holm(p):
    """Holm's correction of p-values (n,): the smallest level at which each is still rejected among all."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    raised = np.maximum.accumulate(np.minimum(1.0, p[order] * np.arange(p.size, 0, -1)))
    found = np.empty_like(p)
    found[order] = raised
    return found


def improvement(better, worse):
    """The probability that a run of one kind pays less than one of the other, over all pairs of seeds; ties count half."""
    better, worse = np.asarray(better, float)[:, None], np.asarray(worse, float)[None]
    return float(((better < worse) + 0.5 * (better == worse)).mean())
