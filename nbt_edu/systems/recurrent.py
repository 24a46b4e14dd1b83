"""Descriptions of networks. The learner sizes them to the task's alphabet and draws the weights from the seed."""

from dataclasses import asdict, dataclass

import numpy as np

from ..settings import real, require, whole
from .cells import Leaky, Slides
from .net import Net


@dataclass(frozen=True)
class _Recurrent:
    """units: number n of units. leak: one number in (0, 1], or one for each unit; 1 / leak is a time constant."""

    units: int
    leak: float | tuple[float, ...] = 1.0

    def __post_init__(self):
        object.__setattr__(self, "units", whole("units", self.units, 1, 10_000))
        leaks = list(self.leak) if np.iterable(self.leak) else [self.leak]
        require(len(leaks) in (1, self.units), "leak", self.leak, f"one number, or one for each of the {self.units} units")
        leaks = tuple(real("leak", leak) for leak in leaks)
        for leak in leaks:
            require(0 < leak <= 1, "leak", leak, "above 0 and up to 1 (1 is the vanilla network)")
        object.__setattr__(self, "leak", leaks[0] if len(leaks) == 1 else leaks)

    def fields(self):
        return asdict(self)

    def weights(self, symbols, rng):
        """theta (n + m + 1, n): W and R drawn with variances 1 / n and 1, zero bias."""
        theta = np.zeros((self.units + symbols + 1, self.units))
        theta[: self.units] = rng.normal(size=(self.units, self.units)) / np.sqrt(self.units)
        theta[self.units : -1] = rng.normal(size=(symbols, self.units))
        return theta

    def leaks(self):
        return np.broadcast_to(np.asarray(self.leak, float), self.units).copy()


class LeakyRNN(_Recurrent):
    """h(t+1) = (1 - leak) h(t) + leak tanh(W h(t) + R x(t) + b). leak = 1 is the vanilla network.

    The leaky network of the slides' experiments. Raises ValueError for a size or leak out of range.
    """

    def build(self, symbols, rng):
        return Net(self.weights(symbols, rng), Leaky(self.leaks()))


class SlidesRNN(_Recurrent):
    """h(t+1) = (1 - leak) h(t) + leak (W tanh(h(t)) + R x(t) + b). leak = 1 is the form written on the slides.

    The state is not bounded: it diverges sooner than `LeakyRNN`. Raises ValueError for a size or leak out of range.
    """

    def build(self, symbols, rng):
        return Net(self.weights(symbols, rng), Slides(self.leaks()))
