r"""The ladder: what a predictor pays that sees no more than the last k characters. So memory shows in a figure.

**a^n b^n, exactly.** The entropy of the next character, given the last k, of the stationary process; sequences before the
present one tell nothing. Let g(m) = m log2 m and g(m) = 0 for m <= 0. After i letters of a run, m = N - i + 1 of the N equally
likely sequences are still open and one of them stops: g(m) - g(m - 1) bits, summed over these m, and a sum over i telescopes.
For k >= 1, with M = max(0, N - k + 1) and C = M (M + 1) / 2, all N sequences together, of N (N + 3) characters, cost

    a's whose first is seen (i < k)                        g(N) - g(M)                                                 (1)
    b's whose first is seen, with room for i a's at most    g(N - max(1, floor(k / 2)) + 1) - g(M)     for k >= 2       (2)
    k a's, nothing else seen; k b's likewise               2 (g(C) - g(M) - g(C - M))                                  (3)
    a newline, nothing else seen                           2 N                                        for k = 1        (4)

(2): i b's and a newline leave room for k - 1 - i a's. Were there room for more than i, either more than i a's are seen, and
the next b is certain, or the newline before them is, and all is.
(3): k letters end at C places of all the sequences, and a newline follows M of them.

**A text, prequentially.** Each character is predicted from counts of what came before it; then it is counted. With n(c, y) the
times that y followed the context c (k characters), n(c) their sum over y, u(c) the number of different y among them, and c'
the context c without its first character,

    P_k(y | c) = (n(c, y) + u(c) P_{k-1}(y | c')) / (n(c) + u(c)),       P_{-1}(y) = 1 / m,                            (5)

and P_k = P_{k-1} where c is new. That is Witten and Bell's rule ("The zero-frequency problem", IEEE Transactions on Information
Theory 37, 1991, their method C), interpolated as in Chen and Goodman ("An empirical study of smoothing techniques", 1998).
"""

import functools
import itertools
import math
from collections import defaultdict

from ..settings import require, whole

PASS = 100_000  # characters of a text that are read
MOST = 100_000  # contexts that are asked for at once
DEEPEST = 8  # characters of context of a text, at most


def wanted(contexts, highest=10**9):
    """Numbers of characters of context as a list of ints. Raises ValueError unless each is whole, from 0 to `highest`."""
    few = isinstance(contexts, list | tuple | range) and len(contexts) <= MOST
    require(few, "contexts", contexts, f"numbers of characters, such as (2, 4, 8), at most {MOST:,} of them")
    return [whole("each of contexts", k, 0, highest) for k in contexts]


def counting(N, k):
    """H(next | last k characters) of a^n b^n with n uniform on 1..N, in bits per character. Exact; O(1)."""
    if k == 0:
        return -sum(p * math.log2(p) for p in ((N + 1) / 2 / (N + 3), (N + 1) / 2 / (N + 3), 2 / (N + 3)))
    M = max(0, N - k + 1)
    C = M * (M + 1) // 2
    bits = _g(N) - _g(M) + 2 * (_g(C) - _g(M) - _g(C - M))
    bits += 2 * N if k == 1 else _g(N - max(1, k // 2) + 1) - _g(M)
    return bits / (N * (N + 3))


def _g(m):
    return m * math.log2(m) if m > 0 else 0.0


@functools.lru_cache(8)
def prequential(text, m, order):
    """Mean bits per character over the last half of `text`, of predictors of order 0, ..., `order`."""
    half = len(text) // 2
    late = itertools.islice(surprises(text, m, order), half, None)
    return tuple(sum(bits) / (len(text) - half) for bits in zip(*late, strict=True))


def surprises(text, m, order):
    """For each character y_t of `text`, [-log2 P_k(y_t | the last k), k = 0, ..., `order`], in bits. O(order) a character.

    text: a string of an alphabet of m characters. Where fewer than k characters came before, order k knows those alone.
    """
    counts = Counts(m, order)
    for t, y in enumerate(text):
        past = text[max(0, t - order) : t]
        yield [-math.log2(p) for p in counts.probabilities(past, y)]
        counts.add(past, y)


class Counts:
    """What followed which context so far, up to `order` characters of context, in an alphabet of m characters."""

    def __init__(self, m, order):
        self.m, self.order = m, order
        self.times = defaultdict(int)  # n(c, y), by the string cy
        self.after = {}  # [n(c), u(c)], by the string c

    def probabilities(self, past, y):
        """[P_0(y | past), ..., P_order(y | past)], by (5). past: the last `order` characters, or all where there are fewer."""
        p, found, size = 1 / self.m, [], len(past)
        for k in range(self.order + 1):
            context = past[size - k :] if k <= size else None
            if context in self.after:
                n, u = self.after[context]
                p = (self.times.get(context + y, 0) + u * p) / (n + u)
            found.append(p)
        return found

    def add(self, past, y):
        """y came after `past`."""
        for start in range(len(past) + 1):
            context = past[start:]
            new = not self.times[context + y]
            self.times[context + y] += 1
            sums = self.after.setdefault(context, [0, 0])
            sums[0] += 1
            sums[1] += new
