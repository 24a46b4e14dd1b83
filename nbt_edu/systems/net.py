"""Any recurrent cell whose gates read a = psi theta, psi = [source activity; onehot(x); 1]: written once for all cells.

    a = psi theta          h(t+1) = cell(h(t), a)                                                            (1)
    J = dh(t+1)/dh(t) = D + S (theta[:n]^T diag(slope))      dh(t+1)/dtheta = S (x) psi                      (2)

D (c, c, n) is dh(t+1)/dh(t) at fixed a and S (c, g, n) is dh(t+1)/da, both unit by unit: a cell supplies nothing else.
One-hot inputs are row indices of theta, never multiplied out. Source: slides, "Recurrent networks as dynamical systems".
"""

from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import add, back, jacobian, pull, push, through


class Tape(NamedTuple):
    """All that the derivatives of one step need: O(n) numbers."""

    source: np.ndarray  # (n,) what the weights read: h, or sigma(h) in the slides' own form
    slope: np.ndarray  # (n,) d source / dh
    x: int  # the symbol read
    D: np.ndarray  # (c, c, n) dh(t+1)/dh(t) at fixed a
    S: np.ndarray  # (c, g, n) dh(t+1)/da


@methods
class Net(NamedTuple):
    """A recurrent network: parameters theta and a cell.

    Cost per step: p = theta.size multiplications at most (the symbols' rows but one are never read); `jvp` and `vjp`
    cost g n^2 each, `jacobian` c g n^2.
    """

    theta: np.ndarray  # (n + m + 1, g n): rows are sources (units, symbols, bias), columns gates of units
    cell: NamedTuple

    def start(self):
        """The state before the first symbol: zeros (c n,)."""
        c, g = self.cell.shape()
        return np.zeros(c * (self.theta.shape[1] // g), self.theta.dtype)

    def step(self, h, x):
        """Equation (1): state (c n,), symbol -> the next state (c n,) and the tape of its derivatives."""
        source, slope = self.cell.emit(h)
        a = push(self.theta, source)
        a += self.theta[source.size + x]
        a += self.theta[-1]
        h1, D, S = self.cell.activate(h, a)
        return h1, Tape(source, slope, x, D, S)

    def jvp(self, tape, u):
        """J u: how a change u (c n,) of the state moves the next state (c n,)."""
        return through(tape.D, u, tape.S, push(self.theta, tape.slope * u[: tape.slope.size]))

    def vjp(self, tape, e):
        """Row vector e = dl/dh(t+1) (c n,) -> its gate derivatives e dh(t+1)/da (g n,), and e J (c n,)."""
        d = back(tape.S, e)
        e0 = back(tape.D, e)
        add(e0[: tape.slope.size], tape.slope * pull(self.theta, d, tape.slope.size))
        return d, e0

    def jacobian(self, tape):
        """J (c n, c n), dense: what RTRL multiplies by."""
        return jacobian(tape.D, tape.S, self.theta, tape.slope)
