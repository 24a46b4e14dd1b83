"""Any recurrent cell whose gates read a = psi theta, psi = [source activity; x; 1]: written once for all cells.

    a = psi theta          h(t+1) = cell(h(t), a)                                                            (1)
    J = dh(t+1)/dh(t) = D + S (theta[:n]^T diag(slope))      dh(t+1)/dtheta = S (x) psi                      (2)

The estimators never see a tape from within: they ask for products with J and with dF/dtheta, which are written here.
D (c, c, n) is dh(t+1)/dh(t) at fixed a and S (c, g, n) is dh(t+1)/da, both unit by unit: a cell supplies nothing else.
x is a signal (m,), or a symbol: a one-hot vector is a row index of theta, never multiplied out.
Source: slides, "Recurrent networks as dynamical systems".
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import (
    add,
    add_immediate,
    add_input,
    add_outer,
    add_product,
    affine,
    assign,
    back,
    immediate_gram,
    immediate_jvp,
    immediate_norms2,
    input_norm2,
    jacobian,
    local_jacobian,
    norm2,
    pull,
    push,
    through,
)  # fmt: skip
from ..protocols import System


class Tape(NamedTuple):
    """All that the derivatives of one step need, O(n) numbers; or, with one axis more, of many steps."""

    h: np.ndarray  # (c n,) the state before the step
    x: int  # the symbol read, or the signal (m,)
    source: np.ndarray  # (n,) what the weights read: h, or sigma(h) in the slides' own form
    slope: np.ndarray  # (n,) d source / dh
    D: np.ndarray  # (c, c, n) dh(t+1)/dh(t) at fixed a
    S: np.ndarray  # (c, g, n) dh(t+1)/da


@implements(System)
class Net:
    """A recurrent network: parameters theta and a cell.

    Cost per step: p = theta.size multiplications at most (the symbols' rows but one are never read); `jvp`, `vjp`,
    `add_vjp_theta` and `jvp_theta` cost g n^2 each, `jacobian` and `add_immediate` c g n^2, `immediate_norms2` c g n,
    `immediate_gram` (c n)^2, `local_jacobian` c g n.
    """

    theta: np.ndarray  # (n + m + 1, g n): rows are sources (units, inputs, bias), columns gates of units
    x0: int | np.ndarray  # an input of the kind it reads: 0, or zeros (m,)
    cell: NamedTuple

    offers = ("units", "psi")

    def start(self):
        """The state before the first symbol: zeros (c n,)."""
        c, g = self.cell.shape()
        return np.zeros(c * (self.theta.shape[1] // g), self.theta.dtype)

    def step(self, h, x):
        """Equation (1): state (c n,), input -> the next state (c n,) and the tape of its derivatives."""
        source, slope = self.cell.emit(h[: self.theta.shape[1] // self.cell.shape()[1]])
        h1, D, S = self.cell.activate(h, affine(self.theta, source, x))
        return h1, Tape(h, x, source, slope, D, S)

    def jvp(self, tape, u):
        """J u: how a change u (c n,) of the state moves the next state (c n,)."""
        return through(tape.D, u, tape.S, push(self.theta, tape.slope * u[: tape.slope.size]))

    def vjp(self, tape, e):
        """e J (c n,), for a row vector e = dl/dh(t+1) (c n,)."""
        e0 = back(tape.D, e)
        add(e0[: tape.slope.size], tape.slope * pull(self.theta, back(tape.S, e), tape.slope.size))
        return e0

    def jacobian(self, tape):
        """J (c n, c n), dense: what RTRL multiplies by."""
        return jacobian(tape.D, tape.S, self.theta, tape.slope)

    def local_jacobian(self, tape):
        """The blocks of J within the units, (c, c, n)."""
        return local_jacobian(tape.D, tape.S, self.theta, tape.slope)

    def psi(self, tape):
        """What the gates read, [source; x; 1], written down: (n + m + 1,)."""
        psi = np.zeros((len(self.theta), 1), self.theta.dtype)
        add_outer(psi, tape.source, tape.x, np.ones(1, self.theta.dtype))
        return psi.ravel()

    def length2(self, tape):
        """|psi|^2."""
        return norm2(tape.source) + input_norm2(tape.x) + 1.0

    def immediate_norms2(self, tape):
        """|b_i|^2 for every row b_i of dF/dtheta: (c n,)."""
        return immediate_norms2(tape.S, self.length2(tape))

    def immediate_gram(self, tape):
        """The inner products b_i . b_j of the rows of dF/dtheta: (c n, c n)."""
        return immediate_gram(tape.S, self.length2(tape))

    def jvp_theta(self, tape, w):
        """(dF/dtheta) w: how a change w of theta moves the next state (c n,)."""
        return immediate_jvp(tape.S, tape.source, tape.x, w)

    def add_vjp_theta(self, w, tape, e):
        """w += e dF/dtheta, for w shaped as theta; answers by how much |w|^2 grew."""
        d = back(tape.S, e)
        return 2.0 * add_outer(w, tape.source, tape.x, d) + self.length2(tape) * norm2(d)

    def add_immediate(self, G, tape):
        """G += dF/dtheta, for G (c n, P)."""
        add_immediate(G, tape.S, tape.source, tape.x)

    def add_vjps_theta(self, w, tapes, e):
        """w += sum_t e(t) dF/dtheta at t, over a buffer of tapes; e (T, c n)."""
        n, d = tapes.source.shape[1], np.empty((len(e), w.shape[1]), w.dtype)
        for t in range(len(e)):
            assign(d[t], back(tapes.S[t], e[t]))
            add_input(w, n, tapes.x[t], d[t])
            add(w[-1], d[t])
        add_product(w[:n], 1.0, tapes.source.T, d)
