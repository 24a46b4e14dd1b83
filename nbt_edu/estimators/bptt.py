"""Backpropagation through time (slides, "Why backpropagation through time?").

Over a window of T steps, from the last to the first, a row vector travels back through the stored tapes:

    e(t) = dl_t/dh(t) + e(t+1) J(t)          dL/dtheta = sum_t e(t) dF/dtheta at t                           (1)

Left to right: only vector-matrix products. But the tapes of the window have to be kept.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import add, assign, buffer, load, store
from ..protocols import Estimator, Steps
from .families import Windowed


class BPTTState(NamedTuple):
    """BPTT's state: the tapes of a window, and the derivatives of its losses."""

    count: Steps  # (1,) steps taken in
    tapes: NamedTuple  # a buffer of T tapes
    q: np.ndarray  # (T, c n) dl_t/dh
    e: np.ndarray  # (T, c n) equation (1)


@implements(Estimator)
class BPTT(Windowed):
    """Gradient of a window of losses at its end, nothing in between; the window before is forgotten.

    window: its length T. The state of the network is carried over, so that a text read from its start for T steps gets its
    full, exact gradient, and a longer one the truncated gradient ("update per window").
    Cost per step: time 2 P' for P' = (n + 2) g n parameters that act in a step, memory T (2 + c^2 + c g + 3 c) n.
    Bias: what happened before the window is not credited. Variance: none.
    A learner that it drives moves theta at the windows' ends: it stands still within each. Where something else moves it
    within (a comparison along another's trajectory), J takes D, S and slope from the tape, of their own time, but the weights
    of now: neither the derivative along the thetas that were (RTRL) nor the one at present. Measured (`tests/test_moving.py`):
    over a window of 32 steps of SGD(0.01), 2 % from the sum of RTRL's answers.

    Raises ValueError when window is not a whole number from 1 to 10^6.
    """

    def begin(self, system):
        h, T = system.start(), self.window
        q, e = np.zeros((2, T, h.size), h.dtype)  # a copy of zeros would take room at once
        return BPTTState(np.zeros(1, np.int64), buffer(system, T), q, e)

    def advance(self, state, system, tape, noise):
        store(state.tapes, state.count[0] % self.window, tape)
        state.count[0] += 1

    def gradient(self, state, system, Q):
        last, n = (state.count[0] - 1) % self.window, Q.shape[1]
        assign(state.q[last, :n], Q[0])
        if last + 1 < self.window:
            return np.ones((1, 0), Q.dtype), np.ones((0, system.theta.size), Q.dtype)
        e, g = np.zeros_like(state.e[0]), np.zeros_like(system.theta)
        for t in range(last, -1, -1):  # (1)
            add(e, state.q[t])
            assign(state.e[t], e)
            e = system.vjp(load(state.tapes, t), e)
        system.add_vjps_theta(g, state.tapes, state.e)
        return np.ones((1, 1), Q.dtype), g.ravel()[None]

    def label(self):
        return f"BPTT-{self.window}"
