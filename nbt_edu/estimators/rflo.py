"""RFLO: random-feedback local online learning, with the true feedback (Murray 2019, eLife 8:e43299; for an LSTM, e-prop 1).

Every state component remembers its own parameters alone; what passes from unit to unit is dropped:

    B_ci(t+1) = sum_b D[c, b, i] B_bi(t) + dF_ci/dtheta          B(0) = 0                                    (1)
    gradient = sum_i dl_t/dh_i B_0i                                                                          (2)

D is dF/dh at fixed gates, (1 - leak) in a leaky network: (1) is RTRL with J replaced by its part within the units.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import loops, scalar
from ..kernels import assign
from ..protocols import Estimator
from ..settings import Number


def fade(B, D):
    """B[c, :, (g, i)] <- sum_b D[c, b, i] B[b, :, (g, i)], in place: D (c, c, n), B (c, sources, g n)."""
    c, sources, gates = B.shape
    B[...] = np.einsum("cbi,bsgi->csgi", D, B.reshape(c, sources, -1, D.shape[2])).reshape(c, sources, gates)


@loops(fade)
def _(B, D):
    c, _, n = D.shape
    faded = np.zeros(B.shape, B.dtype)
    for k in range(c):
        for b in range(c):
            new, old = faded[k].reshape(-1, n), B[b].reshape(-1, n)
            for j in range(len(old)):
                for i in range(n):
                    new[j, i] += D[k, b, i] * old[j, i]
    assign(B, faded)


@scalar
def add_own(B, system, tape):
    """B_ci += dF_ci/dtheta for every component c of every unit i, in place."""
    c, n = tape.D.shape[1:]
    for k in range(c):
        component = np.zeros(c * n, B.dtype)
        component[k * n : k * n + n].fill(1.0)
        system.add_vjp_theta(B[k], tape, component)


@scalar
def spread(Q, B):
    """Equation (2) for each row of Q (R, n): (R, P)."""
    answers = np.empty((Q.shape[0], B.size), B.dtype)
    for r in range(Q.shape[0]):
        assign(answers[r].reshape(-1, Q.shape[1]), B.reshape(-1, Q.shape[1]) * Q[r])
    return answers


class RFLOState(NamedTuple):
    """RFLO's state: for each component, a trace for each parameter of the same unit."""

    B: np.ndarray  # (c, n + m + 1, g n)


@implements(Estimator)
class RFLO:
    """Local in space and time, without noise, biased: credit does not pass between units. For networks (`Net`) only.

    forget: factor by which traces fade besides, in (0, 1]; 1 is the published rule.
    Cost per step: time c^2 P, memory c P, for P parameters.
    Bias: what a unit did to later states through other units. Variance: none.

    Raises ValueError when forget is outside (0, 1].
    """

    forget: Number(0, 1, "1 is the published rule", open_low=True) = 1.0

    needs = ("units",)

    def begin(self, system):
        return RFLOState(np.zeros((system.cell.shape()[0], *system.theta.shape), system.theta.dtype))

    def advance(self, state, system, tape, noise):
        fade(state.B, self.forget * tape.D)  # (1)
        add_own(state.B, system, tape)

    def gradient(self, state, system, Q):
        return np.eye(Q.shape[0], dtype=Q.dtype), spread(Q, state.B[0])  # (2)

    def label(self):
        return "RFLO" + ("" if self.forget == 1 else f" forget={self.forget:g}")

    def resume(self, before, state, system):
        """The state for this setting is the one that any other left."""
        return RFLOState(state.B.copy())
