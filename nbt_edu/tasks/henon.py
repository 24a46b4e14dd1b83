"""Hénon's map: two numbers and a square make chaos (Comm. Math. Phys. 50, 1976).

    x(t+1) = 1 - a x(t)^2 + b x(t-1)              what happens, without any noise                            (1)
    y(t)   = x(t) + noise v(t)                    what is read, and to be predicted; v(t) normal             (2)

v(t+1) is independent of all that was read before: no predictor's error is below `noise`. An orbit runs away once |x| is
beyond R = (1 + |b| + sqrt((1 + |b|)^2 + 4 a)) / (2 a)   (Devaney and Nitecki, Comm. Math. Phys. 67, 1979).
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from ..settings import between, require
from .base import BLOCK, Signals, each_and_next

SETTLING = 1000  # steps after which an orbit is on the attractor
TRIES = 200


@dataclass(frozen=True)
class Henon(Signals):
    """Hénon's map, seen through normal noise of standard deviation `noise`. Values within ±1.3, and not standardised.

    a from 0.1 to 2, b from -0.9 to 0.9, noise from 0 to 1,000. Raises ValueError beyond, or when all orbits run away.
    The start is drawn; an orbit that runs away after all begins anew.
    """

    a: float = 1.4
    b: float = 0.3
    noise: float = 0.05

    name = "henon"

    def __post_init__(self):
        for field, low, high in ("a", 0.1, 2), ("b", -0.9, 0.9), ("noise", 0, 1000):
            object.__setattr__(self, field, between(field, getattr(self, field), low, high))
        tried = itertools.islice(self._starts(np.random.default_rng(0)), TRIES)
        require(any(tried), "a", self.a, f"smaller: for b = {self.b} its orbits run away")

    def bounds(self):
        return {"observation noise": self.noise}

    def stream(self, rng):
        """Endless pairs of arrays, y(t) and y(t+1), each (T, 1), drawn from a numpy Generator."""
        return each_and_next(self._values(rng))

    def _values(self, rng):
        starts, reach = filter(None, self._starts(rng)), self._reach()
        here = next(starts)
        while True:
            path = []
            while len(path) < BLOCK:
                path.append(here[0])
                here = self._after(*here)
                if abs(here[0]) > reach:
                    here = next(starts)
            yield np.array(path)[:, None] + self.noise * rng.standard_normal((BLOCK, 1))

    def _reach(self):
        """R, the farthest that x can be and come back."""
        b = 1 + abs(self.b)
        return (b + math.sqrt(b * b + 4 * self.a)) / (2 * self.a)

    def _after(self, x, before):
        """(x(t+1), x(t)), equation (1)."""
        return 1 - self.a * x * x + self.b * before, x

    def _starts(self, rng):
        """Endless draws of (x(t), x(t-1)) on the attractor, or None when the orbit ran away."""
        reach = self._reach()
        while True:
            here = tuple(rng.uniform(-0.1, 0.1, 2).tolist())
            for _ in range(SETTLING):
                here = self._after(*here)
                if abs(here[0]) > reach:
                    here = None
                    break
            yield here
