"""Lesson 06, variance: pairs and the length of the noise, the best λ of a term, and the twin of a rank at equal work."""

import math

from .checking import Exercise

ROWS = {
    "06 pairs": Exercise(
        truth=lambda factor: factor**2,
        cases=(2, 3, 10),
        wrong={
            "so many pairs divide the variance by it, a mean *square*: how does a length follow from that?": lambda factor: (
                factor
            ),
            "the root is to be undone, not taken once more": math.sqrt,
        },
    ),
    "06 scale": Exercise(
        truth=lambda v, w: math.sqrt(math.hypot(*w) / math.hypot(*v)),
        cases=(((3.0, 4.0), (1.0, 0.0, 0.0)), ((1.0, 0.0), (2.0, 3.0, 6.0)), ((0.1,), (0.3, 0.4))),
        wrong={
            "this λ gives v the length that w had, and w the length that v had": lambda v, w: math.hypot(*w) / math.hypot(*v),
            "this makes the longer of the two longer still": lambda v, w: math.sqrt(math.hypot(*v) / math.hypot(*w)),
            "this makes v one long, and leaves all the rest to w": lambda v, w: 1 / math.hypot(*v),
        },
    ),
    "06 twin": Exercise(
        truth=lambda rank, rate, chars: [rate / rank, rank * chars],
        cases=((8, 0.04, 20_000), (2, 0.01, 100), (5, 1.0, 7)),
        wrong={
            "the same work, but the noise of each step is still rank times as large": lambda k, rate, n: [rate, k * n],
            "it would go further than the other: compare rate × characters": lambda k, rate, n: [rate / math.sqrt(k), k * n],
            "it would do less work, and not come as far": lambda k, rate, n: [rate / k, n],
            "fewer pairs leave time for more text, not for less": lambda k, rate, n: [rate * k, n / k],
        },
    ),
}
