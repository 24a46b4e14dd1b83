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
        truth=lambda rank, rate, other: rate * other / rank,
        cases=((8, 0.04, 1), (2, 0.01, 8), (5, 1.0, 3)),
        wrong={
            "the more pairs, the larger the steps that the noise allows": lambda rank, rate, other: rate * rank / other,
            "at the same work it would go further, or less far: compare rate × characters": (
                lambda rank, rate, other: rate * math.sqrt(other / rank)
            ),
            "the same work, but the noise of each step is another": lambda rank, rate, other: rate,
        },
    ),
}
