"""Draws of NoBackTrack along one stretch, theta frozen, held against the exact gradient: what Cloud shows.

A network has learned for a while; then a stretch of some characters is read again and again, with signs of its own each time.
A draw answers the gradient of the loss at the end of it, as the exact method does. All lengths are in lengths of the exact
gradient. Of all directions two are kept: along the exact gradient, and that across it in which draws scatter most (found
beforehand, by draws of rank 1 with β = 1 that are not counted).
"""

import functools
import math

import numpy as np

from ..estimators import RTRL, NoBackTrack
from ..learning.learner import Learner
from ..measuring.path import Path
from ..optimizers import DiagonalKalman
from ..systems import LeakyRNN
from ..tasks import AnBn

LEARNED = 5000  # characters, before theta is frozen
MOST = 100_000  # draws
PIECE, PILOTS = 64, 128  # draws at once; draws that find the direction across


class Draws:
    """Draws of a seed and a horizon, as they come: `places` (count, 2), `errors` (count,) of the mean, `noise` (count,).

    noise: of each draw, its squared distance of a draw from the exact gradient. compiled: whether machine code makes them.
    """

    def __init__(self, seed, horizon, compiled):
        self.seed, self.count, self.cosines = seed, 0, 0.0
        self.path = Path(learned(seed, compiled), horizon, None)
        exact = self.path.exact[-1]
        self.size, self.exact, self.total = np.linalg.norm(exact), exact / np.linalg.norm(exact), np.zeros_like(exact)
        pilots = self._drawn(NoBackTrack(), PILOTS, MOST)
        scatter = pilots - np.outer(pilots @ self.exact, self.exact)
        self.plane = np.stack([self.exact, np.linalg.svd(scatter, full_matrices=False)[2][0]])
        self._places, self._errors, self._noise = np.empty((MOST, 2)), np.empty(MOST), np.empty(MOST)

    def _drawn(self, estimator, draws, first):
        return self.path.guesses(estimator, draws, self.seed, first)[1][:, -1] / self.size

    def add(self, estimator, n):
        """At most n draws more, of an estimator; answers how many."""
        n = min(n, PIECE, MOST - self.count)
        draws, new = self._drawn(estimator, n, self.count), slice(self.count, self.count + n)
        sums = self.total + np.cumsum(draws, 0)
        self.count, self.total, self._places[new] = new.stop, sums[-1], draws @ self.plane.T
        self._errors[new] = np.linalg.norm(sums / np.arange(new.start + 1, new.stop + 1)[:, None] - self.exact, axis=1)
        self._noise[new] = ((draws - self.exact) ** 2).sum(1)
        self.cosines += float((draws @ self.exact / np.linalg.norm(draws, axis=1)).sum())
        return n

    @property
    def places(self):
        return self._places[: self.count]

    @property
    def errors(self):
        return self._errors[: self.count]

    @property
    def noise(self):
        return self._noise[: self.count]

    def one(self):
        """Cosine of a draw with the exact gradient, and its distance: the mean, and the root of the mean square."""
        return self.cosines / self.count, math.sqrt(self.noise.mean())

    def mean(self):
        """Cosine of the mean with the exact gradient, and its length."""
        length = np.linalg.norm(self.total)
        return float(self.total @ self.exact / length), float(length / self.count)

    def curve(self, points):
        """Numbers N of draws, error of their mean, and what it is for independent draws: their root mean square / √N."""
        N = np.unique(np.geomspace(1, self.count, points).astype(int))
        return N, self.errors[N - 1], np.sqrt(np.cumsum(self.noise)[N - 1]) / N


@functools.lru_cache(maxsize=4)
def learned(seed, compiled):
    """A network that has learned from the exact gradient for a while, kept: a moved horizon begins where it stands."""
    learner = Learner(AnBn(8), LeakyRNN(10, 0.3), RTRL(), DiagonalKalman(1.0, 0.0, 0.003, 30.0), seed, compiled=compiled)
    learner.read(LEARNED)
    return learner
