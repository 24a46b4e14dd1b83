"""A network in which every gate reads k units only (as in the authors' own code), instead of all n.

    a[i] = sum_j theta[j, i] source[index[j, i]] + x theta[k : k + m, i] + theta[-1, i],    j = 0 ... k - 1  (1)

theta (k + m + 1, g n) has a row for each connection instead of each unit; all else is as in `Net`, with psi_i, what gate i
reads, in the place of psi. With k fixed, RTRL's matrix has g n^2 (k + m + 1) numbers instead of g n^2 (n + m + 1).
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import (
    add,
    add_gathered,
    add_gathered_rows,
    affine_gathered,
    back,
    gather,
    immediate_gram,
    immediate_norms2,
    input_norm2,
    jacobian,
    local_jacobian,
    scatter,
    spread,
    through,
)  # fmt: skip
from ..protocols import System
from .net import Net, Tape


@implements(System)
class SparseNet:
    """A recurrent network with k incoming connections for each gate.

    Cost per step: (k + 2) g n for `step`, `jvp`, `vjp`, `jvp_theta` and `add_vjp_theta`; the dense matrices as in `Net`.
    """

    theta: np.ndarray  # (k + m + 1, g n): rows are connections, inputs, bias; columns gates of units
    x0: int | np.ndarray  # an input of the kind it reads: 0, or zeros (m,)
    index: np.ndarray  # (k, g n): the unit at the other end of each connection
    cell: NamedTuple

    offers = ("units",)
    start = Net.start

    def step(self, h, x):
        """Equation (1), then the cell: state (c n,), input -> the next state (c n,) and the tape of its derivatives."""
        source, slope = self.cell.emit(h[: self.theta.shape[1] // self.cell.shape()[1]])
        h1, D, S = self.cell.activate(h, affine_gathered(self.theta, self.index, source, x))
        return h1, Tape(h, x, source, slope, D, S)

    def jvp(self, tape, u):
        """J u: how a change u (c n,) of the state moves the next state (c n,)."""
        return through(tape.D, u, tape.S, gather(self.theta, self.index, tape.slope * u[: tape.slope.size]))

    def vjp(self, tape, e):
        """e J (c n,), for a row vector e = dl/dh(t+1) (c n,)."""
        e0 = back(tape.D, e)
        add(e0[: tape.slope.size], tape.slope * scatter(self.theta, self.index, back(tape.S, e), tape.slope.size))
        return e0

    def jacobian(self, tape):
        """J (c n, c n), dense."""
        return jacobian(tape.D, tape.S, spread(self.theta, self.index, tape.slope.size), tape.slope)

    def local_jacobian(self, tape):
        """The blocks of J within the units, (c, c, n)."""
        return local_jacobian(tape.D, tape.S, spread(self.theta, self.index, tape.slope.size), tape.slope)

    def lengths2(self, tape):
        """|psi_i|^2 of what each gate reads: (g n,)."""
        return gather(np.ones_like(self.theta), self.index, tape.source * tape.source) + input_norm2(tape.x) + 1.0

    def immediate_norms2(self, tape):
        """|b_i|^2 for every row b_i of dF/dtheta: (c n,)."""
        return immediate_norms2(tape.S * np.sqrt(self.lengths2(tape)).reshape(tape.S[0].shape), 1.0)

    def immediate_gram(self, tape):
        """The inner products b_i . b_j of the rows of dF/dtheta: (c n, c n)."""
        return immediate_gram(tape.S * np.sqrt(self.lengths2(tape)).reshape(tape.S[0].shape), 1.0)

    def jvp_theta(self, tape, w):
        """(dF/dtheta) w: how a change w of theta moves the next state (c n,)."""
        a = affine_gathered(w, self.index, tape.source, tape.x)
        return through(np.zeros_like(tape.D), tape.h, tape.S, a)

    def add_vjp_theta(self, w, tape, e):
        """w += e dF/dtheta, for w shaped as theta; answers by how much |w|^2 grew."""
        d = back(tape.S, e)
        return 2.0 * add_gathered(w, self.index, tape.source, tape.x, d) + (self.lengths2(tape) * d * d).sum()

    def add_immediate(self, G, tape):
        """G += dF/dtheta, for G (c n, P)."""
        add_gathered_rows(G, tape.S, self.index, tape.source, tape.x)
