"""The cells: how a unit's state follows from its previous state and its pre-activation. All else is in `Net`."""

import numpy as np

from ..implements import implements
from ..kernels import tanh
from ..protocols import Cell


@implements(Cell)
class Leaky:
    """h' = (1 - leak) h + leak tanh(a), a = W h + R x + b: one state component, one gate (c = g = 1).

    leak = 1 is the vanilla network. 1 / leak is the time constant of a unit, in characters.
    """

    leak: np.ndarray  # (n,) in (0, 1]
    rest: np.ndarray  # (1, 1, n) 1 - leak, which is D
    one: np.ndarray  # (n,) ones: the slope of what the weights read

    def shape(self):
        return 1, 1

    def emit(self, h):
        return h, self.one

    def activate(self, h, a):
        f = tanh(a)
        S = (self.leak * (1.0 - f * f))[None, None]
        return self.rest[0, 0] * h + self.leak * f, self.rest, S


@implements(Cell)
class Slides:
    """h' = (1 - leak) h + leak a, a = W tanh(h) + R x + b: with leak = 1, the network exactly as the slides write it."""

    leak: np.ndarray  # (1, 1, n) in (0, 1], which is S
    rest: np.ndarray  # (1, 1, n) 1 - leak, which is D

    def shape(self):
        return 1, 1

    def emit(self, h):
        f = tanh(h)
        return f, 1.0 - f * f

    def activate(self, h, a):
        return self.rest[0, 0] * h + self.leak[0, 0] * a, self.rest, self.leak
