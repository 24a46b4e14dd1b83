"""Lesson 03, real-time recurrent learning: what J G takes, what G fills, and how fast an influence fades."""

import math

from .checking import Exercise

ROWS = {
    "03 multiplications": Exercise(
        truth=lambda n: float(n) ** 4,
        cases=(2, 16, 1000),
        wrong={
            "this is square times square: is G square?": lambda n: float(n) ** 3,
            "this is square times a vector: how many columns has G?": lambda n: float(n) ** 2,
            "an entry of G meets one column of J, not all of J": lambda n: float(n) ** 5,
            "additions are not asked for": lambda n: 2 * float(n) ** 4,
        },
    ),
    "03 slab": Exercise(
        truth=lambda n: 8 * n * n * (n + 81),
        cases=(2, 16, 1000),
        wrong={
            "this counts numbers: bytes are asked for": lambda n: n * n * (n + 81),
            "these are the weights: how many numbers does G hold for each of them?": lambda n: 8 * n * (n + 81),
            "these are the weights from units alone: a unit reads symbols and the bias too": lambda n: 8 * n**3,
            "a unit has a bias too": lambda n: 8 * n * n * (n + 80),
            "these are bits": lambda n: 64 * n * n * (n + 81),
            "G is counted once here": lambda n: 16 * n * n * (n + 81),
        },
    ),
    "03 half_life": Exercise(
        truth=lambda percent: math.log(0.5) / math.log(1 - percent / 100),
        cases=(2, 30, 90),
        wrong={
            "the leak is taken from what is left, not from what was there at first": lambda percent: 50 / percent,
            "this is the time constant of the unit, not yet the half": lambda percent: 100 / percent,
            "this holds for tiny leaks only: here time goes in steps": lambda percent: 100 * math.log(2) / percent,
            "the leak is the share that goes: which share stays?": lambda percent: math.log(0.5) / math.log(percent / 100),
            "a negative time: which of the two logarithms is to be turned over?": lambda percent: (
                math.log(2) / math.log(1 - percent / 100)
            ),
            "whole characters are not asked for": lambda percent: math.ceil(math.log(0.5) / math.log(1 - percent / 100)),
        },
    ),
}
