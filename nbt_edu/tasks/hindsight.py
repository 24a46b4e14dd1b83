r"""What pairs of characters are worth in a text: in hindsight, and to a predictor that learns them as it goes.

Let n(x, y) be how often y follows x in the text, n(x) its sum over y, n that over x, m the size of the alphabet. Per character,

    in hindsight      -1/n sum_{x, y} n(x, y) log2(n(x, y) / n(x))                                           (1)
    as it goes        P(y | x, past) = (n(x, y) so far + 1/2) / (n(x) so far + m/2)                          (2)

(1) is fitted to the very text that it is measured on: who reads the text for the first time cannot be sure to pay so little.
(2) is the rule of Krichevsky and Trofimov ("The performance of universal encoding", IEEE Transactions on Information Theory 27,
1981): what it pays along the text does not depend on the order in which a context's characters came, and so follows from the
counts alone,

    -sum_t log2 P = 1/ln 2 sum_x { lnG(n(x) + m/2) - lnG(m/2) - sum_y [ lnG(n(x, y) + 1/2) - lnG(1/2) ] }    (3)

with lnG the logarithm of the Gamma function. It is (1) and at most about (m - 1)/2 log2 n(x) bits for each context x.
"""

import math

import numpy as np

PIECE = 2**20  # characters that are counted at once


def lines(symbols, m):
    """What the frequencies of characters cost in hindsight, (1), and (3): bits per character of symbols (T,), but the first.

    m: size of the alphabet. Memory: of the pairs that occur.
    """
    kinds, times = _pairs(symbols, m)
    first, second = (_positive(np.bincount(one, times)) for one in (kinds // m, kinds % m))  # n(x), and how often each y came
    hindsight = max(0.0, _entropy(times) - _entropy(first))
    nats = _summed(first, m / 2) - _summed(times, 0.5)
    return _entropy(second), hindsight, nats / math.log(2) / times.sum()


def _pairs(symbols, m):
    """The pairs of neighbours that occur, each as m first + second, in order; and how often they do (float64)."""
    pairs, counts = np.empty(0, np.int64), np.empty(0)
    for start in range(0, len(symbols) - 1, PIECE):
        piece = symbols[start : start + PIECE + 1].astype(np.int64)
        more, times = np.unique(piece[:-1] * m + piece[1:], return_counts=True)
        pairs, place = np.unique(np.concatenate((pairs, more)), return_inverse=True)
        counts = np.bincount(place, np.concatenate((counts, times)))
    return pairs, counts


def _positive(counts):
    return counts[counts > 0]


def _summed(counts, start):
    """sum over counts of lnG(count + start) - lnG(start)."""
    values, times = np.unique(counts, return_counts=True)
    first = math.lgamma(start)
    return math.fsum(k * (math.lgamma(n + start) - first) for n, k in zip(values.tolist(), times.tolist(), strict=True))


def _entropy(counts):
    """Entropy in bits of the distribution proportional to counts, positive."""
    p = counts / counts.sum()
    return float(abs((p * np.log2(p)).sum()))
