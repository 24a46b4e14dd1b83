"""Truncated BPTT that stores about 2 sqrt(T) states of a window of T, and computes the others again (slides, table).

    stored while reading: h(0), h(s), h(2 s), ...          s = ceil(sqrt(T))                                 (1)
    at the window's end, segment by segment from the last to the first: run forward again from the stored state,
    keeping the tapes of this segment only, then backward as in BPTT                                         (2)
"""

import math
from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import add, assign, buffer, load, store
from ..protocols import Estimator, Steps
from .families import Windowed


class CheckpointedBPTTState(NamedTuple):
    """CheckpointedBPTT's state, with s = ceil(sqrt(T))."""

    count: Steps  # (1,) steps taken in
    h: np.ndarray  # (ceil(T / s), c n) the state at the start of each segment
    x: np.ndarray  # (T,) the symbols, or (T, m) the signal: past data, as the slides call it
    q: np.ndarray  # (T, c n) dl_t/dh: part of the data too, since the readout has moved when it is needed
    tapes: NamedTuple  # a buffer for the s tapes of a segment
    e: np.ndarray  # (s, c n) row vectors of that segment


@implements(Estimator)
class CheckpointedBPTT(Windowed):
    """`BPTT(window)` from about 2 sqrt(T) stored states instead of T, at one more forward pass.

    The same numbers, to rounding, as long as theta stands still within a window: so in any learner that it drives, whose theta
    moves at the windows' ends alone. Where something else moves theta within (a comparison along another's trajectory), the
    states between checkpoints are those that the present theta makes, not those that were. Measured in `tests/test_moving.py`:
    over a window of 32 steps of SGD(0.01), 4 % from BPTT.

    Cost per step: time 3 P' for P' = (n + 2) g n parameters that act in a step; memory 2 sqrt(T) states or tapes, and
    T symbols and loss derivatives. Bias and variance: those of BPTT.

    Raises ValueError when window is not a whole number from 1 to 10^6.
    """

    def begin(self, system):
        h, T = system.start(), self.window
        s = math.isqrt(T - 1) + 1
        rows = np.zeros((T, h.size), h.dtype)
        x = np.zeros((T, *np.shape(system.x0)), np.asarray(system.x0).dtype)
        return CheckpointedBPTTState(np.zeros(1, np.int64), rows[::s].copy(), x, rows, buffer(system, s), rows[:s].copy())

    def advance(self, state, system, tape, noise):
        t, s = state.count[0] % self.window, len(state.e)
        if t % s == 0:
            assign(state.h[t // s], tape.h)  # (1)
        state.x[t] = tape.x
        state.count[0] += 1

    def gradient(self, state, system, Q):
        last, s = (state.count[0] - 1) % self.window, len(state.e)
        assign(state.q[last, : Q.shape[1]], Q[0])
        if last + 1 < self.window:
            return np.ones((1, 0), Q.dtype), np.ones((0, system.theta.size), Q.dtype)
        e, g = np.zeros_like(state.q[0]), np.zeros_like(system.theta)
        for segment in range(len(state.h) - 1, -1, -1):  # (2)
            first, h = segment * s, state.h[segment].copy()
            length = min(s, self.window - first)
            for t in range(length):
                h1, tape = system.step(h, state.x[first + t])
                store(state.tapes, t, tape)
                h = h1
            state.e.fill(0.0)
            for t in range(length - 1, -1, -1):
                add(e, state.q[first + t])
                assign(state.e[t], e)
                e = system.vjp(load(state.tapes, t), e)
            system.add_vjps_theta(g, state.tapes, state.e)
        return np.ones((1, 1), Q.dtype), g.ravel()[None]

    def label(self):
        return f"BPTT checkpointed-{self.window}"
