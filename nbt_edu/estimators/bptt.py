"""Backpropagation through time (slides, "Why backpropagation through time?").

Over a window of T characters, from the last to the first, a row vector travels back through the stored tapes:

    e(t) = dl_t/dh(t) + e(t+1) J(t)          dL/dtheta = sum_t e(t) dF/dtheta at t                           (1)

Left to right: only vector-matrix products. But the tapes of the window have to be kept.
"""

from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import add, add_product, assign
from ..settings import checked, require
from ..systems.net import Tape


class Window(NamedTuple):
    """BPTT's state: the tapes of a window, and the derivatives of its losses."""

    taken: np.ndarray  # (1,) characters read
    source: np.ndarray  # (T, n)
    slope: np.ndarray  # (T, n)
    x: np.ndarray  # (T,)
    D: np.ndarray  # (T, c, c, n)
    S: np.ndarray  # (T, c, g, n)
    q: np.ndarray  # (T, n) dl_t/dh
    d: np.ndarray  # (T, g n) e(t) dh/da


@checked
@methods
class BPTT(NamedTuple):
    """Gradient of a window of losses at its end, nothing in between; the window before is forgotten.

    window: its length T. The state of the network is carried over, so that a text read from its start for T characters
    gets its full, exact gradient, and a longer one the truncated gradient ("update per window").
    Cost per step: time 2 P' for P' = (n + 2) g n parameters that act in a step, memory T (2 + c^2 + c g + g + 1) n.
    Bias: what happened before the window is not credited. Variance: none.

    Raises ValueError when window is not a whole number from 1 to 10^6.
    """

    window: int = 16

    def validate(self):
        require(1 <= self.window <= 1_000_000, "window", self.window, "a whole number from 1 to 1,000,000 characters")

    def draws(self):
        return 0

    def begin(self, system):
        (c, g), T, kind = system.cell.shape(), self.window, system.theta.dtype
        n = system.start().size // c
        rows, x = np.zeros((T, n), kind), np.zeros(T, np.int64)
        D, S, d = np.zeros((T, c, c, n), kind), np.zeros((T, c, g, n), kind), np.zeros((T, g * n), kind)
        return Window(np.zeros(1, np.int64), rows, rows.copy(), x, D, S, rows.copy(), d)

    def advance(self, state, system, tape, noise):
        t = state.taken[0] % self.window
        assign(state.source[t], tape.source)
        assign(state.slope[t], tape.slope)
        assign(state.D[t], tape.D)
        assign(state.S[t], tape.S)
        state.x[t] = tape.x
        state.taken[0] += 1

    def gradient(self, state, system, q):
        last = (state.taken[0] - 1) % self.window
        assign(state.q[last], q)
        if last + 1 < self.window:
            return np.ones((1, 0), q.dtype), np.ones((0, system.theta.size), q.dtype)
        grad = np.zeros_like(system.theta)
        e = np.zeros_like(system.start())
        for t in range(last, -1, -1):  # (1)
            add(e[: q.size], state.q[t])
            tape = Tape(state.source[t], state.slope[t], state.x[t], state.D[t], state.S[t])
            d, e = system.vjp(tape, e)
            assign(state.d[t], d)
            add(grad[q.size + tape.x], d)
            add(grad[-1], d)
        add_product(grad[: q.size], 1.0, state.source.T, state.d)
        return np.ones((1, 1), q.dtype), grad.reshape(1, -1)

    def label(self):
        return f"BPTT-{self.window}"

    def resume(self, before, state, system):
        """The state for this window from the one that `before`, another setting, left: the window begun is dropped."""
        return self.begin(system)
