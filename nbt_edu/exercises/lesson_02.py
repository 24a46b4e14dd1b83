"""Lesson 02, backpropagation through time: what a window credits, where a sign turns, what checkpointing stores."""

import math

import numpy as np

from ..systems import Linear
from .checking import Exercise


def _shares(steps):
    """What a parameter did 1 ... steps steps ago, on a line of 23 components: 10 say +1 and 13 say -1 (influence balancing)."""
    A, C = 0.5 * (np.eye(23) + np.eye(23, k=1)), np.where(np.arange(23) < 10, 1.0, -1.0).reshape(-1, 1)
    line = Linear(np.zeros((1, 1)), 0, A, np.zeros((1, 23)), C, np.zeros(23))
    return np.diff([line.influence(t)[0, 0] for t in range(steps + 1)]).tolist()


STRIPS = ([1.0, 2.0, -4.0, -1.0], [3.0, -1.0, -1.0, -0.5, -2.0], [-1.0, -2.0, 4.0, 0.5], _shares(100))


def _turn(shares):
    sums = np.cumsum(shares)
    return int(np.flatnonzero(sums * sums[-1] > 0)[0]) + 1


ROWS = {
    "02 turn": Exercise(
        truth=_turn,
        cases=STRIPS,
        wrong={
            "there the first bar of the other sign stands; it has to outweigh those before it": (
                lambda shares: int(np.flatnonzero(np.array(shares) * sum(shares) > 0)[0]) + 1
            ),
            "that place still has the wrong sign: the one after it is asked for": lambda shares: _turn(shares) - 1,
            "all of the past is enough, but less may be": len,
            "the sum of all may be above zero, too": lambda shares: int(np.argmax(np.cumsum(shares) < 0)) + 1,
        },
    ),
    "02 credit": Exercise(
        truth=lambda shares: float(np.mean(np.cumsum(shares))),
        cases=STRIPS,
        wrong={
            "this is the sliding gradient: within a window, early losses look back over fewer steps": lambda shares: sum(
                shares
            ),
            "the losses' credits are to be averaged, not summed": lambda shares: float(np.sum(np.cumsum(shares))),
            "the bars are averaged: each loss credits a sum of bars": lambda shares: float(np.mean(shares)),
            "the first loss of a window looks back one step, not none": (
                lambda shares: float(np.mean(np.cumsum([0.0, *shares[:-1]])))
            ),
        },
    ),
    "02 stored": Exercise(
        truth=lambda T: 2 * math.isqrt(T),
        cases=(100, 64, 2500),
        wrong={
            "the block that is computed again has to be kept as well, while it is gone through backwards": math.isqrt,
            "this is plain backpropagation through time: it keeps them all": lambda T: T,
            "a block is thrown away before the next one is made": lambda T: T + math.isqrt(T),
        },
    ),
}
