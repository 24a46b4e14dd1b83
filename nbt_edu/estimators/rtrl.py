"""Real-time recurrent learning (slides, "If you cannot travel back in time...").

G(t+1) = J(t) G(t) + dF/dtheta          G(0) = 0, G(t) = dh(t)/dtheta                                    (1)
dl_t/dtheta = dl_t/dh G(t)                                                                               (2)
"""

from typing import Annotated, NamedTuple

import numpy as np

from ..implements import implements
from ..protocols import Entries, Estimator
from ..settings import Number


class RTRLState(NamedTuple):
    """RTRL's state: the full matrix G, twice."""

    G: np.ndarray  # (2, c n, P): the influence, and room for the next one
    now: Annotated[np.ndarray, Entries(0, 1)]  # (1,): which of the two it is


@implements(Estimator)
class RTRL:
    """The exact gradient, forward in time, by the full influence matrix G.

    Cost per step: time (c n)^2 P, memory 2 c n P, for P parameters and c n state components: n^4 and n^3 in a dense
    network. Bias and variance: none while theta stands still. When theta moves, G is the derivative along the sequence
    of past parameters ("stale" by the size of the steps). discount < 1 forgets: G(t+1) = discount J G + dF/dtheta,
    which is biased, like a soft truncation.

    Raises ValueError when discount is outside (0, 1].
    """

    discount: Number(0, 1, "1 is exact", open_low=True) = 1.0

    def begin(self, system):
        return RTRLState(np.zeros((2, system.start().size, system.theta.size), system.theta.dtype), np.zeros(1, np.int64))

    def advance(self, state, system, tape, noise):
        old, new = state.G[state.now[0]], state.G[1 - state.now[0]]
        np.dot(self.discount * system.jacobian(tape), old, out=new)  # (1)
        system.add_immediate(new, tape)
        state.now[0] = 1 - state.now[0]

    def gradient(self, state, system, Q):
        return Q, state.G[state.now[0]][: Q.shape[1]]  # (2)

    def label(self):
        return "RTRL" + ("" if self.discount == 1 else f" discount={self.discount:g}")

    def resume(self, before, state, system):
        """The state for this discount is the one that any other left (copied: that one may live on in a comparison)."""
        return RTRLState(state.G.copy(), state.now.copy())
