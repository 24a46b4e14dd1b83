"""Mean and standard deviation as they become known, step by step: never from what is still to come.

    n values v_1 ... v_n:   mean_n = v_1 + sum_i (v_i - v_1) / n                                             (1)
    M_n = M_{n-1} + (n - 1)/n (v_n - mean_{n-1})^2,   std_n = sqrt(M_n / n)      (Welford)                   (2)

The sums run in order of time, whether values come one by one or many at once: the numbers are the same to the last bit.
"""

import numpy as np

from ..protocols.entries import MOST


class Standardiser:
    """Running mean and standard deviation of `size` components.

    Before anything is taken the mean is 0; until there are two different values the mean is the first and std is 0.
    """

    def __init__(self, size):
        self._count = np.zeros(1, np.int64)
        self._first, self._sum, self._squares = np.zeros((3, size))

    def arrays(self):
        """All that changes, to be saved and filled in again: (1,), and three of (size,)."""
        return self._count, self._first, self._sum, self._squares

    def sound(self):
        """Whether these can have come from values: counted, finite, squares not below 0."""
        finite = all(np.isfinite(part).all() for part in self.arrays())
        return bool(finite and 0 <= self._count[0] <= MOST and (self._squares >= 0).all())

    def take(self, v):
        """Include one value (size,)."""
        self.blocks(v[None])

    def scale(self):
        """Mean (size,) and std (size,) of what was taken so far."""
        n = max(self._count[0], 1)
        return self._first + self._sum / n, _spread(self._squares, n)

    def blocks(self, values):
        """Include values (T, size), in order. Mean_t and std_t after each, both (T, size): of all up to values[t]."""
        if not len(values):
            return np.empty((2, *values.shape))
        if not self._count[0]:
            self._first[:] = values[0]
        before, start = self._count[0], self.scale()[0]
        n = before + np.arange(1.0, len(values) + 1)[:, None]
        sums = np.cumsum(np.concatenate((self._sum[None], values - self._first)), axis=0)[1:]
        means = self._first + sums / n
        away = values - np.concatenate((start[None], means[:-1]))
        squares = np.cumsum(np.concatenate((self._squares[None], away**2 * ((n - 1) / n))), axis=0)[1:]
        self._count += len(values)
        self._sum[:], self._squares[:] = sums[-1], squares[-1]
        return means, _spread(squares, n)


def _spread(squares, n):
    """Standard deviation."""
    return np.sqrt(squares / n)
