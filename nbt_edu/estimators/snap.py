"""SnAp-1: RTRL that keeps what a parameter reaches in one step (Menick et al. 2021, arXiv:2006.07232).

In a network a parameter of unit i reaches components of unit i in a step, and no other unit's: at most c numbers a parameter
are kept (of an LSTM's output gates one, since these do not reach the cell's memory),

    B_ci(t+1) = reach (sum_b J[ci, bi] B_bi(t)) + dF_ci/dtheta          B(0) = 0                             (1)
    gradient = sum_i dl_t/dh_i B_0i                                                                          (2)

(1) is RTRL with J replaced by its blocks within the units, weights of units on themselves included: `RFLO` drops these too.
Where no unit reads another (`IndRNN`) nothing is lost, and SnAp-1 is exact.
"""

import numpy as np

from ..implements import implements
from ..protocols import Estimator
from ..settings import Number
from .rflo import RFLOState, add_own, fade, spread


@implements(Estimator)
class SnAp1:
    """Local in space and time, without noise, biased where units read one another. For networks of units only.

    discount: factor by which the past fades besides, in (0, 1]; 1 is the published rule.
    Cost per step: time 2 c^2 P + 2 c g n^2, memory c P, for P parameters.
    Bias: what a unit did to later states through other units; none in a diagonal recurrence. Variance: none.

    Raises ValueError when discount is outside (0, 1].
    """

    discount: Number(0, 1, "1 is the published rule", open_low=True) = 1.0

    needs = ("units",)

    def begin(self, system):
        return RFLOState(np.zeros((system.cell.shape()[0], *system.theta.shape), system.theta.dtype))

    def advance(self, state, system, tape, noise):
        fade(state.B, self.discount * system.local_jacobian(tape))  # (1)
        reach, (c, g, n) = system.cell.reach(), tape.S.shape
        for k in range(c):
            for b in range(g):
                if reach[k, b] == 0.0:
                    for row in state.B[k]:
                        row[b * n : b * n + n].fill(0.0)
        add_own(state.B, system, tape)

    def gradient(self, state, system, Q):
        return np.eye(Q.shape[0], dtype=Q.dtype), spread(Q, state.B[0])  # (2)

    def label(self):
        return "SnAp-1" + ("" if self.discount == 1 else f" discount={self.discount:g}")

    def resume(self, before, state, system):
        """The state for this setting is the one that any other left."""
        return RFLOState(state.B.copy())
