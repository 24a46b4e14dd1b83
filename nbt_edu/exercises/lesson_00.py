"""Lesson 00, learn as you go: the floor of a^n b^n, and how far back its memory reaches."""

import math

from .checking import Exercise

ROWS = {
    "00 floor": Exercise(
        truth=lambda N: math.log2(N) / (N + 3),
        cases=(2, 8, 32),
        wrong={
            "an average of ratios is not the ratio of averages: long sequences hold more characters": (
                lambda N: math.log2(N) * sum(1 / (2 * n + 2) for n in range(1, N + 1)) / N
            ),
            "these are the bits of a whole sequence: how many characters share them?": math.log2,
            "the newlines are characters too": lambda N: math.log2(N) / (N + 1),
            "a sequence has two newlines": lambda N: math.log2(N) / (N + 2),
            "n is not always N: a sequence has fewer characters on average": lambda N: math.log2(N) / (2 * N + 2),
            "this is in nats, from the natural logarithm: bits are asked for": lambda N: math.log(N) / (N + 3),
        },
    ),
    "00 span": Exercise(
        truth=lambda n: 2 * n + 1,
        cases=(1, 8, 30),
        wrong={
            "between the a's and the b's stands a newline": lambda n: 2 * n,
            "the window must hold the a's and the b's": lambda n: n,
            "these are the a's and the newline: the window goes on to the last b": lambda n: n + 1,
            "the newline after the last b is what is to be predicted: it is not in the window": lambda n: 2 * n + 2,
        },
    ),
}
