r"""Distant brackets: letters in brackets, others that tell nothing, the first ones again.

    [c]hafdb[c]\n          with s = 1 letter inside and k = 5 between, of A = 10

A sequence has L = 2s + k + 5 characters, and s + k letters of it are drawn, uniformly: (s + k) log2(A) / L bits a character.
Nothing is to be counted, as in a^n b^n: a letter of s + k + 2 characters ago must have been kept while others came.

**The ladder.** Who sees the last c >= 1 characters pays, for all L of a sequence together, l = log2 A and [.] being 1 or 0,

    letters of a bracket whose `[` is seen             (1 + [c < s + k + 2]) min(s, c) l                          (1)
    letters between whose `]` is seen, but the first   min(k - 1, c - 1) l                   for k >= 1           (2)
    what follows a `]`                                 [k >= 1] l + 2 [c <= s + 2]                                (3)
    letters alone, N = 2 [s >= c] + [k >= c] + n,      n l + N log2 N - n log2 n - 2 [s >= c]                     (4)
        n = 2 max(0, s - c) + max(0, k - c)

(1): the second bracket's are sure once the first's are seen. (3): which `]` it is, the first or the second, is told by what
stands before its `[`; else it costs a bit at each. (4): letters alone end at N places; at n of them a letter follows, at
2 [s >= c] a `]`, at [k >= c] the second `[`.
"""

import math
import string as characters
from dataclasses import dataclass

import numpy as np

from ..settings import whole
from .base import Symbols
from .ladder import wanted

BLOCK = 16_384  # characters drawn at once, or about as many


@dataclass(frozen=True)
class Brackets(Symbols):
    r"""Sequences `[c]hafdb[c]\n`: letters inside brackets, letters between, and the first ones in brackets again.

    inside: how many letters a bracket holds. between: how many come between the two. letters: how many different ones there
    are. Raises ValueError unless these are from 1 to 1000, from 0 to 10,000, from 2 to 26.
    """

    inside: int = 1
    between: int = 5
    letters: int = 10

    name = "brackets"

    def __post_init__(self):
        for name, low, high in ("inside", 1, 1000), ("between", 0, 10_000), ("letters", 2, 26):
            object.__setattr__(self, name, whole(name, getattr(self, name), low, high))

    def fields(self):
        return {"inside": self.inside, "between": self.between, "letters": self.letters}

    @property
    def alphabet(self):
        return characters.ascii_lowercase[: self.letters] + "[]\n"

    @property
    def length(self):
        """Characters of a sequence."""
        return 2 * self.inside + self.between + 5

    @property
    def entropy_rate(self):
        """The exact entropy rate, in bits per character."""
        return (self.inside + self.between) * math.log2(self.letters) / self.length

    @property
    def references(self):
        """Lines to compare with, {label: bits per character}."""
        return {f"floor {self.entropy_rate:.3f}": self.entropy_rate}

    def ladder(self, contexts=(2, 4, 8, 16)):
        """What the best predictor pays that sees the last k characters, {k: bits per character}: exactly.

        From k = inside + between + 2 on it is the floor (one more where nothing is between).
        """
        return {k: seeing(self.inside, self.between, self.letters, k) for k in wanted(contexts)}

    def stream(self, rng):
        """Endless arrays of symbols (indices into `alphabet`), drawn from a numpy Generator."""
        s, k, opened, closed, newline = self.inside, self.between, *range(self.letters, self.letters + 3)
        lines = -(-BLOCK // self.length)
        marks = [np.full((lines, 1), mark) for mark in (opened, closed, newline)]
        while True:
            first, others = np.split(rng.integers(self.letters, size=(lines, s + k)), [s], axis=1)
            bracket = (marks[0], first, marks[1])
            yield np.concatenate((*bracket, others, *bracket, marks[2]), axis=1).ravel()


def seeing(s, k, A, c):
    """H(next | last c characters) of brackets, in bits per character: (1) to (4). Exact; O(1)."""
    length, letter = 2 * s + k + 5, math.log2(A)
    if c == 0:
        n = 2 * s + k
        return (n * letter + _g(length) - _g(n) - 2 * _g(2)) / length
    n = 2 * max(0, s - c) + max(0, k - c)
    N = n + 2 * (s >= c) + (k >= c)
    bits = (1 + (c < s + k + 2)) * min(s, c) * letter + max(0, min(k, c) - 1) * letter
    bits += (k >= 1) * letter + 2 * (c <= s + 2)
    return (bits + n * letter + _g(N) - _g(n) - 2 * (s >= c)) / length


def _g(m):
    return m * math.log2(m) if m else 0.0
