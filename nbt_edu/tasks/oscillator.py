"""A noisy oscillator, seen through noise: a signal whose best possible prediction is known exactly.

    s(t+1) = damping R(2 pi / period) s(t) + drive w(t)       two components, R a rotation, w(t) normal      (1)
    y(t)   = s_1(t) + noise v(t)                              what is read, and to be predicted              (2)

The best prediction is that of the Kalman filter that knows (1) and (2). Once it is steady its error is normal, of variance

    S = H P H^T + noise^2,   P the covariance of s predicted: the fixed point of the Riccati equation        (3)

Entropy rate: log2(2 pi e S) / 2 bits a step.
"""

import cmath
import itertools
import math
from dataclasses import dataclass

import numpy as np

from ..settings import between
from .base import BLOCK, Signals, each_and_next


@dataclass(frozen=True)
class Oscillator(Signals):
    """A damped oscillator kept going by noise. Its values are of the order of 1 as it stands, and not standardised.

    period: steps to a turn, from 2 to 1,000,000. damping: factor of the radius at each step, from 0 to 0.99999. drive, noise:
    standard deviations of what moves it (from 1e-6) and of what hides it (from 0), both to 1e6. Raises ValueError beyond.
    """

    period: float = 20.0
    damping: float = 0.99
    drive: float = 0.1
    noise: float = 0.3

    name = "oscillator"

    def __post_init__(self):
        ranges = {"period": (2, 10**6), "damping": (0, 0.99999), "drive": (1e-6, 10**6), "noise": (0, 10**6)}
        for field, (low, high) in ranges.items():
            object.__setattr__(self, field, between(field, getattr(self, field), low, high))

    @property
    def floor(self):
        """The root-mean-square error of the best predictor: sqrt(S) of (3)."""
        angle = 2 * math.pi / self.period
        F = self.damping * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        return math.sqrt(innovation_variance(F, np.array([1.0, 0.0]), self.drive**2 * np.eye(2), self.noise**2))

    @property
    def entropy_rate(self):
        """The exact entropy rate, in bits a step."""
        return 0.5 * math.log2(2 * math.pi * math.e * self.floor**2)

    def bounds(self):
        return {"floor": self.floor}

    def stream(self, rng):
        """Endless pairs of arrays, y(t) and y(t+1), each (T, 1), drawn from a numpy Generator."""
        return each_and_next(self._values(rng))

    def _values(self, rng):
        turn = cmath.rect(self.damping, 2 * math.pi / self.period)
        state = complex(*rng.standard_normal(2)) * self.drive / math.sqrt(1 - self.damping**2)
        while True:
            pushes = (self.drive * rng.standard_normal((BLOCK, 2))).view(complex).ravel().tolist()
            *path, state = itertools.accumulate(pushes, lambda s, push: turn * s + push, initial=state)
            yield np.array(path).real[:, None] + self.noise * rng.standard_normal((BLOCK, 1))


def innovation_variance(F, H, Q, R):
    """S of (3), for s(t+1) = F s(t) + noise of covariance Q and y(t) = H s(t) + noise of variance R, F stable.

    By doubling: A, C and J say what 2^k steps do to a state of which nothing but the readings is known.
    """
    one, S = np.eye(len(F)), H @ Q @ H + R
    keep = one - np.outer(Q @ H / S, H)
    A, C, J = keep @ F, keep @ Q, np.outer(H @ F, H @ F) / S
    while np.abs(A).max() > 1e-20:
        through = A @ np.linalg.inv(one + C @ J)
        A, C, J = through @ A, through @ C @ A.T + C, A.T @ J @ np.linalg.inv(one + C @ J) @ A + J
    return float(H @ (F @ C @ F.T + Q) @ H + R)
