"""a^n b^n: count the a's, then write as many b's. The memory needed is as long as you choose."""

import math
from dataclasses import dataclass

import numpy as np

from ..settings import whole
from .base import Symbols
from .ladder import counting, wanted

LINES = 1024  # sequences drawn at once


@dataclass(frozen=True)
class AnBn(Symbols):
    r"""Sequences `a...a\n b...b\n`, n times a and n times b, with n uniform on {1, ..., N}.

    All that is unpredictable is n: log2 N bits in N + 3 characters on average, so that no predictor can do better than
    `entropy_rate` = log2(N) / (N + 3) bits per character. The end of the b's depends on a character 2n + 1 steps before.
    The slides' test of memory longer than a truncation. Raises ValueError unless N is from 2 to 10,000.
    """

    N: int = 32

    name = "anbn"
    alphabet = "ab\n"

    def __post_init__(self):
        object.__setattr__(self, "N", whole("N", self.N, 2, 10_000))

    def fields(self):
        return {"N": self.N}

    @property
    def entropy_rate(self):
        """The exact entropy rate, in bits per character."""
        return math.log2(self.N) / (self.N + 3)

    @property
    def references(self):
        """Lines to compare with, {label: bits per character}."""
        return {f"floor {self.entropy_rate:.3f}": self.entropy_rate}

    def ladder(self, contexts=(2, 4, 8, 16)):
        """What the best predictor pays that sees the last k characters, {k: bits per character}: exactly (`ladder`).

        It pays no more the more it sees: at k = 0 for the frequencies of the characters, at k = 2N - 1 still 2 / (N (N + 3))
        above the floor, from k = 2N on the floor itself: N b's, the newline and N - 1 a's, and the end of the b's is sure.
        """
        return {k: counting(self.N, k) for k in wanted(contexts)}

    def stream(self, rng):
        """Endless arrays of symbols (indices into `alphabet`), drawn from a numpy Generator."""
        while True:
            n = rng.integers(1, self.N + 1, LINES)
            counts = np.ones((LINES, 4), np.int64)
            counts[:, 0] = counts[:, 2] = n
            yield np.repeat(np.tile([0, 2, 1, 2], LINES), counts.ravel())
