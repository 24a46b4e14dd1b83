"""The cells: how a unit's state follows from its previous state and its pre-activation. All else is in `Net`."""

from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import tanh


@methods
class Leaky(NamedTuple):
    """h' = (1 - leak) h + leak tanh(a), a = W h + R x + b: one state component, one gate (c = g = 1).

    leak = 1 is the vanilla network. 1 / leak is the time constant of a unit, in characters.
    """

    leak: np.ndarray  # (n,) in (0, 1]

    def shape(self):
        return 1, 1

    def emit(self, h):
        return h, np.ones_like(h)

    def activate(self, h, a):
        f = tanh(a)
        D = (1.0 - self.leak)[None, None]
        S = (self.leak * (1.0 - f * f))[None, None]
        return (1.0 - self.leak) * h + self.leak * f, D, S


@methods
class Slides(NamedTuple):
    """h' = (1 - leak) h + leak a, a = W tanh(h) + R x + b: with leak = 1, the network exactly as the slides write it."""

    leak: np.ndarray  # (n,) in (0, 1]

    def shape(self):
        return 1, 1

    def emit(self, h):
        f = tanh(h)
        return f, 1.0 - f * f

    def activate(self, h, a):
        D = (1.0 - self.leak)[None, None]
        return (1.0 - self.leak) * h + self.leak * a, D, self.leak.copy()[None, None]
