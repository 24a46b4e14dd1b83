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
        truth=lambda n, m: 8 * n * n * (n + m + 1),
        cases=((2, 3), (16, 6), (1000, 80)),
        wrong={
            "this counts numbers: bytes are asked for": lambda n, m: n * n * (n + m + 1),
            "these are the weights: how many numbers does G hold for each of them?": lambda n, m: 8 * n * (n + m + 1),
            "the weights from units alone: a unit reads symbols and the bias too": lambda n, m: 8 * n**3,
            "a unit has a bias too": lambda n, m: 8 * n * n * (n + m),
            "these are bits": lambda n, m: 64 * n * n * (n + m + 1),
            "G is kept once here": lambda n, m: 16 * n * n * (n + m + 1),
        },
    ),
    "03 half_life": Exercise(
        truth=lambda leak: math.log(0.5) / math.log(1 - leak),
        cases=(0.05, 0.3, 0.9),
        wrong={
            "the leak is taken from what is left, not from what was there at first": lambda leak: 0.5 / leak,
            "this is the time constant of the unit, not yet the half": lambda leak: 1 / leak,
            "this holds for tiny leaks only: here time goes in steps": lambda leak: math.log(2) / leak,
            "the leak is the share that goes: which share stays?": lambda leak: math.log(0.5) / math.log(leak),
            "a negative time: which of the two logarithms is to be turned over?": lambda leak: math.log(2) / math.log(1 - leak),
            "whole characters are not asked for": lambda leak: math.ceil(math.log(0.5) / math.log(1 - leak)),
        },
    ),
}
