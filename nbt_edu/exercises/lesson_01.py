"""Lesson 01, dynamical systems: the cost of a chain of products from either end, and a derivative by finite differences."""

import itertools
import math

from .checking import Exercise

CHAINS = ((2, 12, 3), (8, 88, 4), (10, 130, 1), (64, 4288, 20))  # n, p, T


def _states(theta, x):
    """h(0) ... h(T) of h' = tanh(theta h + x)."""
    h = [0.0]
    for one in x:
        h.append(math.tanh(theta * h[-1] + one))
    return h


def _slopes(theta, x):
    """dh(t)/dtheta, t = 0 ... T, of the same, forward in time."""
    G, h = [0.0], _states(theta, x)
    for before, after in itertools.pairwise(h):
        G.append((1 - after**2) * (before + theta * G[-1]))
    return G


def _replayed(theta, x):
    """dl/dtheta with the states before the last step held as they were."""
    h = _states(theta, x)
    return h[-1] * (1 - h[-1] ** 2) * h[-2]


ROWS = {
    "01 left": Exercise(
        truth=lambda n, p, T: T * n * n + n * p,
        cases=CHAINS,
        wrong={
            "the last product is missing: the row still has to meet the slab": lambda n, p, T: T * n * n,
            "what is carried is a row: it meets the slab once, at the end": lambda n, p, T: T * n * p,
            "a row times a square matrix: one multiplication for each entry of it": lambda n, p, T: T * n + n * p,
            "a matrix times a matrix is not needed here: what is carried has one row": lambda n, p, T: T * n**3 + n * n * p,
        },
    ),
    "01 right": Exercise(
        truth=lambda n, p, T: T * n * n * p + n * p,
        cases=CHAINS,
        wrong={
            "the last product is missing: the row q still has to meet the slab": lambda n, p, T: T * n * n * p,
            "each entry of the new slab is a sum of products, not one product": lambda n, p, T: T * n * p + n * p,
            "this is the cost of one column of the slab": lambda n, p, T: T * n * n + n * p,
            "the slab is not square: count its columns": lambda n, p, T: T * n**3 + n * p,
        },
    ),
    "01 slope": Exercise(
        truth=lambda theta, x: _states(theta, x)[-1] * _slopes(theta, x)[-1],
        cases=((0.5, (1.0, 0.5, -0.25)), (1.5, (0.3, 0.1, 0.0, 0.0, 0.2)), (-0.8, (0.2, 0.9, 0.4, -0.1))),
        wrong={
            "the states before the last step were replayed: with another theta they are others as well": _replayed,
            "the two values lie 2 eps apart": lambda theta, x: 2 * _states(theta, x)[-1] * _slopes(theta, x)[-1],
            "this is the derivative of the state: the loss is asked for": lambda theta, x: _slopes(theta, x)[-1],
            "the loss stands at the end of the trajectory only": (
                lambda theta, x: sum(h * G for h, G in zip(_states(theta, x), _slopes(theta, x), strict=True))
            ),
        },
        rtol=5e-6,
    ),
}
