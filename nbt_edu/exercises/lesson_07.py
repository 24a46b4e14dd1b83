"""Lesson 07, Kalman: the gain of a mean, the memory of a filter that fades, what a diagonal loses in a valley at 45 degrees."""

import math

from .checking import Exercise

ROWS = {
    "07 gain": Exercise(
        truth=lambda t: 1 / t,
        cases=(1, 2, 5),
        wrong={
            "this counts the prior as if it were an observation: a flat prior has no weight": lambda t: 1 / (t + 1),
            "this is the precision: the gain is what one more observation adds to it, over the whole": lambda t: 1.0 * t,
            "this is how the error of a mean falls: the gain is the weight of the newest observation": lambda t: (
                1 / math.sqrt(t)
            ),
            "this is the weight of all that came before: the gain is that of the newest": lambda t: 1 - 1 / t,
        },
    ),
    "07 memory_length": Exercise(
        truth=lambda fading: 1 / fading,
        cases=(0.5, 0.1, 0.01),
        wrong={
            "the newest observation counts too, and counts whole": lambda fading: 1 / fading - 1,
            "this adds powers of what is forgotten: what is kept fades": lambda fading: 1 / (1 - fading),
            "this is when a weight has fallen to the e-th part: add up all the weights": lambda fading: (
                -1 / math.log(1 - fading)
            ),
            "this is the half-life of a weight: add up all the weights": lambda fading: math.log(0.5) / math.log(1 - fading),
        },
    ),
    "07 slower": Exercise(
        truth=lambda steepness: (steepness + 1) / 2,
        cases=(4, 9, 100),
        wrong={
            "turned, each axis is part wall and part floor: the diagonal holds their mean": lambda steepness: 1.0 * steepness,
            "this is the diagonal's step over the full one: how many times shorter is asked": lambda steepness: (
                2 / (steepness + 1)
            ),
            "a filter keeps the diagonal of the precision, and inverts that: not the diagonal of the covariance": (
                lambda steepness: 2 * steepness / (steepness + 1)
            ),
            "this is what stands beside the diagonal": lambda steepness: (steepness - 1) / 2,
            "turned, each axis is part wall and part floor: take the mean of the two, not their geometric mean": math.sqrt,
        },
    ),
}
