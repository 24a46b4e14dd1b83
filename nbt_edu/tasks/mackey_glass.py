"""Mackey and Glass's equation: what happened a delay ago decides, and makes chaos (Science 197, 1977).

    dx/dt = g(x(t - tau)) - gamma x(t),   g(x) = beta x / (1 + x^10),   beta = 0.2, gamma = 0.1              (1)
    y(t)  = x(t) + noise v(t), t = 0, 1, 2, ...       what is read, and to be predicted; v(t) normal         (2)

Integrated by the classical Runge-Kutta method (RK4) at step h = 1/10. Within one delay g is known beforehand, and (1) is
linear in x; between its steps the past is a cubic through values and slopes. With z = gamma h, a step of RK4 is

    x(t+h) = (1 - z + z^2/2 - z^3/6 + z^4/24) x(t)                                                           (3)
             + h/6 ((1 - z + z^2/2 - z^3/4) g(t) + (4 - 2z + z^2/2) g(t + h/2) + g(t + h))
"""

import itertools
from dataclasses import dataclass

import numpy as np

from ..settings import between, whole
from .base import BLOCK, Signals, each_and_next

BETA, GAMMA, POWER = 0.2, 0.1, 10
STEPS = 10  # of integration, in a unit of time
SETTLING = 1000  # units of time, or ten delays if they are longer, after which it is on the attractor


@dataclass(frozen=True)
class MackeyGlass(Signals):
    """The equation, read once in a unit of time, through normal noise of standard deviation `noise`.

    Values are within 0.2 and 1.4, and not standardised. tau: the delay, a whole number of units of time from 1 to 1,000:
    chaotic from 17 on, at rest below 5. noise: from 0 to 1,000; no predictor's error is below it. Raises ValueError beyond.
    The start, constant over one delay, is drawn.
    """

    tau: int = 17
    noise: float = 0.05

    name = "mackey-glass"

    def __post_init__(self):
        object.__setattr__(self, "tau", whole("tau", self.tau, 1, 1000))
        object.__setattr__(self, "noise", between("noise", self.noise, 0, 1000))

    def bounds(self):
        return {"observation noise": self.noise}

    def stream(self, rng):
        """Endless pairs of arrays, y(t) and y(t+1), each (T, 1), drawn from a numpy Generator."""
        return each_and_next(self._values(rng))

    def _values(self, rng):
        delays = trajectory(self.tau, rng.uniform(0.5, 1.5))
        settled = itertools.islice(delays, max(10, -(-SETTLING // self.tau)), None)
        while True:
            x = np.concatenate([next(settled) for _ in range(-(-BLOCK // self.tau))])[:, None]
            yield x + self.noise * rng.standard_normal(x.shape)


def trajectory(tau, start, steps=STEPS):
    """x(1), x(2), ... of (1) from x = start for t <= 0, in arrays (tau,): one delay after another."""
    h = 1 / steps
    z = GAMMA * h
    keep, left, middle = 1 - z + z**2 / 2 - z**3 / 6 + z**4 / 24, 1 - z + z**2 / 2 - z**3 / 4, 4 - 2 * z + z**2 / 2
    x, slope = np.full(tau * steps + 1, float(start)), np.zeros(tau * steps + 1)
    while True:
        g, between_steps = _push(x), _push((x[:-1] + x[1:]) / 2 + h / 8 * (slope[:-1] - slope[1:]))
        added = h / 6 * (left * g[:-1] + middle * between_steps + g[1:])
        x = np.array([*itertools.accumulate(added.tolist(), lambda x, more: keep * x + more, initial=float(x[-1]))])
        slope = g - GAMMA * x
        yield x[steps::steps]


def _push(x):
    """g(x) of (1)."""
    return BETA * x / (1 + x**POWER)
