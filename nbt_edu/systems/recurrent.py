"""Descriptions of networks. The learner sizes them to the task's inputs and draws the weights from the seed."""

from dataclasses import asdict, dataclass

import numpy as np

from ..settings import real, require, whole
from .cells import Leaky, Slides
from .gated import GRUCell, LSTMCell
from .net import Net
from .sparse import SparseNet


@dataclass(frozen=True)
class _Recurrent:
    """units: number n of units. leak: one number in (0, 1], or one for each unit; 1 / leak is a time constant."""

    units: int
    leak: float | tuple[float, ...] = 1.0

    def __post_init__(self):
        object.__setattr__(self, "units", whole("units", self.units, 1, 10_000))
        several = isinstance(self.leak, list | tuple) or (isinstance(self.leak, np.ndarray) and self.leak.ndim)
        leaks = list(self.leak) if several else [self.leak]
        require(len(leaks) in (1, self.units), "leak", self.leak, f"one number, or one for each of the {self.units} units")
        leaks = tuple(real("leak", leak) for leak in leaks)
        for leak in leaks:
            require(0 < leak <= 1, "leak", leak, "above 0 and up to 1 (1 is the vanilla network)")
        object.__setattr__(self, "leak", leaks[0] if len(leaks) == 1 else leaks)

    def fields(self):
        return asdict(self)

    def weights(self, inputs, rng):
        """theta (n + m + 1, n): W and R drawn with variances 1 / n and 1, zero bias."""
        return _weights(self.units, self.units, inputs, rng)

    def leaks(self):
        """Of each unit: leak and 1 - leak (1, 1, n)."""
        leak = np.broadcast_to(np.asarray(self.leak, float), (1, 1, self.units)).copy()
        return leak, 1.0 - leak


@dataclass(frozen=True)
class LeakyRNN(_Recurrent):
    """h(t+1) = (1 - leak) h(t) + leak tanh(W h(t) + R x(t) + b). leak = 1 is the vanilla network.

    The leaky network of the slides' experiments. connections: how many units each unit reads, drawn at random from the
    seed; 0 for all. Raises ValueError for a size, leak or number of connections out of range.
    """

    connections: int = 0

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "connections", whole("connections", self.connections, 0, self.units))

    def build(self, x0, inputs, rng):
        leak, rest = self.leaks()
        cell = Leaky(leak[0, 0], rest, np.ones(self.units))
        if not self.connections:
            return Net(self.weights(inputs, rng), x0, cell)
        read = np.stack([rng.choice(self.units, self.connections, replace=False) for _ in range(self.units)], 1)
        return SparseNet(_weights(self.connections, self.units, inputs, rng), x0, read, cell)


class IndRNN(_Recurrent):
    """h(t+1) = (1 - leak) h(t) + leak tanh(w h(t) + R x(t) + b), w h unit by unit: each unit reads itself alone.

    The recurrence is diagonal (IndRNN, arXiv:1803.04831), so that what a parameter does stays within its unit: SnAp-1 is
    exact. Raises ValueError for a size or leak out of range.
    """

    def build(self, x0, inputs, rng):
        leak, rest = self.leaks()
        own = np.arange(self.units).reshape(1, -1)
        return SparseNet(_weights(1, self.units, inputs, rng), x0, own, Leaky(leak[0, 0], rest, np.ones(self.units)))


class SlidesRNN(_Recurrent):
    """h(t+1) = (1 - leak) h(t) + leak (W tanh(h(t)) + R x(t) + b). leak = 1 is the form written on the slides.

    The state is not bounded: it diverges sooner than `LeakyRNN`. Raises ValueError for a size or leak out of range.
    """

    def build(self, x0, inputs, rng):
        return Net(self.weights(inputs, rng), x0, Slides(*self.leaks()))


@dataclass(frozen=True)
class _Gated:
    """units: number n of units. remember: added to the gates that keep the state, so that a fresh network remembers."""

    units: int
    remember: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "units", whole("units", self.units, 1, 10_000))
        remember = real("remember", self.remember)
        require(np.isfinite(remember), "remember", remember, "a finite number (0 opens the gates half)")
        object.__setattr__(self, "remember", remember)

    def fields(self):
        return asdict(self)


class LSTM(_Gated):
    """Long short-term memory (`LSTMCell`): 2 state components and 4 gates a unit.

    `remember` is the bias of the forget gates. Raises ValueError for a size or bias out of range.
    """

    def build(self, x0, inputs, rng):
        return Net(_weights(self.units, 4 * self.units, inputs, rng), x0, LSTMCell(self.remember))


class GRU(_Gated):
    """Gated recurrent unit (`GRUCell`): 1 state component and 4 gates a unit, the last two of them for the candidate.

    `remember` is the bias of the update gates. Raises ValueError for a size or bias out of range.
    """

    def build(self, x0, inputs, rng):
        n, theta = self.units, _weights(self.units, 4 * self.units, inputs, rng)
        theta[:n, 2 * n : 3 * n] = 0.0
        theta[n:, 3 * n :] = 0.0
        return Net(theta, x0, GRUCell(self.remember))


def _weights(sources, columns, inputs, rng):
    """theta (sources + inputs + 1, columns): variances 1 / sources between units and 1 from inputs, zero bias."""
    theta = np.zeros((sources + inputs + 1, columns))
    rng.standard_normal(out=theta[:-1])
    theta[:sources] /= np.sqrt(sources)
    return theta
