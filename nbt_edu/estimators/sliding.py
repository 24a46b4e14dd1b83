"""Truncated BPTT that answers at every step (slides, "Why backpropagation through time?").

The derivative of each loss travels back through the last T steps, and no further:

    e(t) = dl_t/dh(t)          e(s-1) = e(s) J(s)          gradient = sum_{s = t-T+1 ... t} e(s) dF/dtheta at s (1)
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import assign, buffer, load, store
from ..protocols import Estimator, Steps
from .families import Windowed


class SlidingBPTTState(NamedTuple):
    """SlidingBPTT's state: the tapes of the last T steps, in a ring."""

    count: Steps  # (1,) steps taken in
    tapes: NamedTuple  # a buffer of T tapes
    e: np.ndarray  # (T, c n) equation (1); zero for steps not yet taken


@implements(Estimator)
class SlidingBPTT(Windowed):
    """The gradient of every loss, at once, credited over the last `window` steps: all losses are truncated alike.

    `BPTT(window)` credits the last loss of its window over T steps, and the first over one; here each has T.
    Cost per step: time 2 T P' for P' = (n + 2) g n parameters that act in a step, memory that of BPTT.
    Bias: what happened before the window is not credited. Variance: none.
    While theta moves, J takes D, S and slope from the tapes, of their own time, but the weights of now: neither the derivative
    along the thetas that were (RTRL) nor the one at present. Measured in `tests/test_moving.py`, T = 32 from the text's start,
    SGD(0.01): 0.2 % from RTRL's, which is itself 8 % from the gradient at the present theta.

    Raises ValueError when window is not a whole number from 1 to 10^6.
    """

    def begin(self, system):
        h = system.start()
        return SlidingBPTTState(np.zeros(1, np.int64), buffer(system, self.window), np.zeros((self.window, h.size), h.dtype))

    def advance(self, state, system, tape, noise):
        store(state.tapes, state.count[0] % self.window, tape)
        state.count[0] += 1

    def gradient(self, state, system, Q):
        g, last = np.zeros((Q.shape[0], *system.theta.shape), Q.dtype), state.count[0] - 1
        for r in range(Q.shape[0]):
            e = np.zeros_like(state.e[0])
            assign(e[: Q.shape[1]], Q[r])
            for t in range(last, max(last - self.window, -1), -1):  # (1)
                assign(state.e[t % self.window], e)
                e = system.vjp(load(state.tapes, t % self.window), e)
            system.add_vjps_theta(g[r], state.tapes, state.e)
        return np.eye(Q.shape[0], dtype=Q.dtype), g.reshape(Q.shape[0], -1)

    def label(self):
        return f"BPTT sliding-{self.window}"
