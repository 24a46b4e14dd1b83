"""Lesson 09, Shakespeare: what an interval says of "no better, no worse", differences seed by seed, a fair reference."""

import math

import numpy as np

from .checking import Exercise


def _stands(holds, fails):
    """1 where a claim holds, -1 where it fails, 0 where it stays open."""
    return 1 if holds else -1 if fails else 0


def _price(seen, of, symbols):
    return -math.log2((seen + 0.5) / (of + symbols / 2))


ROWS = {
    "09 stands": Exercise(
        truth=lambda low, high, margin: _stands(-margin < low and high < margin, low > margin or high < -margin),
        cases=(
            (0.01, 0.03, 0.05),
            (-0.02, 0.04, 0.05),
            (-0.2, 0.3, 0.05),
            (0.02, 0.09, 0.05),
            (0.1, 0.2, 0.05),
            (-0.3, -0.1, 0.05),
            (-0.2, 0.04, 0.05),
            (0.01, 0.03, 0.02),
        ),
        wrong={
            "that no difference was found is no proof that there is none: where the interval is wide, nothing was shown": (
                lambda low, high, margin: _stands(low <= 0 <= high, low > 0 or high < 0)
            ),
            'this asks for "no worse" only: what is clearly better is not the same either': (
                lambda low, high, margin: _stands(high < margin, low > margin)
            ),
            "the middle of the interval says nothing of how sure one is: ask where the whole of it lies": (
                lambda low, high, margin: _stands(abs(low + high) < 2 * margin, abs(low + high) > 2 * margin)
            ),
            "an interval across the margin shows neither: it stays open": (
                lambda low, high, margin: _stands(-margin < low and high < margin, not (-margin < low and high < margin))
            ),
        },
    ),
    "09 price": Exercise(
        truth=_price,
        cases=((0, 0, 80), (3, 10, 80), (900, 1000, 80), (0, 50, 3)),
        wrong={
            "this peeks: the character that is to be predicted has been counted already": (
                lambda seen, of, symbols: _price(seen + 1, of + 1, symbols)
            ),
            "the sum of what is counted must hold the head start of every symbol of the alphabet": (
                lambda seen, of, symbols: -math.log2((seen + 0.5) / (of + 0.5))
            ),
            "the head start is half a time for each symbol, not a whole one": (
                lambda seen, of, symbols: -math.log2((seen + 1) / (of + symbols))
            ),
            "this is in nats: a bit is a halving": lambda seen, of, symbols: _price(seen, of, symbols) * math.log(2),
            "this is the probability: the price is what it costs in bits": lambda seen, of, symbols: (
                (seen + 0.5) / (of + symbols / 2)
            ),
        },
    ),
    "09 lead": Exercise(
        truth=lambda ours, theirs: float(np.median(np.subtract(ours, theirs))),
        cases=(
            ([3.5, 3.1, 3.4, 3.0, 3.9], [3.0, 3.0, 3.3, 3.2, 3.1]),
            ([3.21, 3.30, 3.26, 3.33], [3.28, 3.22, 3.31, 3.40]),
        ),
        wrong={
            "this compares the two middles: take the difference on each seed first": lambda ours, theirs: float(
                np.median(ours) - np.median(theirs)
            ),
            "this is the mean: one run that went astray would decide": lambda ours, theirs: float(
                np.mean(np.subtract(ours, theirs))
            ),
            "ours less theirs, not theirs less ours": lambda ours, theirs: float(np.median(np.subtract(theirs, ours))),
        },
    ),
}
