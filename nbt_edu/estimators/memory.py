"""NoBackTrack with memory: BPTT over T steps, and NoBackTrack's estimate of exactly what BPTT forgets.

The derivative of the losses of a window, t = s+1 ... s+T, travels back as in BPTT, and one step further, to the state h(s)
from which the window began. There it meets G(s) = dh(s)/dtheta, all that theta did before:

    e(t) = dl_t/dh(t) + e(t+1) J(t+1)          e(s) = e(s+1) J(s+1)                                          (1)
    dL/dtheta = sum_{t = s+1 ... s+T} e(t) dF/dtheta at t + e(s) G(s)                                        (2)

The sum is BPTT, which forgets e(s) G(s). Here it is estimated, by the pairs (v, w) of NoBackTrack as they were at s:

    gradient = sum_{t = s+1 ... s+T} e(t) dF/dtheta at t + (e(s) . v(s)) w(s)          E v w^T = G           (3)

So the pairs stay T steps behind the network: a step is taken into them when its tape leaves the window.

(3) is the mean of NoBackTrack's own answers over the signs of the window, those before it as they are. Hence it is unbiased,
and its variance at most NoBackTrack's (Rao and Blackwell). Of one loss it can only fall when T grows: T = 1 takes the noise of
the present step away, T as long as the text all.

The relative is memory-T UORO (Tallec and Ollivier 2017, arXiv:1702.05043). The name is ours.
"""

from typing import Annotated, NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import add, add_product, assign, buffer, load, store
from ..protocols import Entries, Estimator, Steps
from .families import Beta, Ranked, Windowed, copied
from .nobacktrack import NoBackTrack, NoBackTrackState


class MemoryState(NamedTuple):
    """The state of both: BPTT's of the window, and NoBackTrack's of before."""

    count: Steps  # (1,) steps taken in
    tapes: NamedTuple  # a buffer of the last T tapes, in a ring
    signs: Annotated[np.ndarray, Entries(-1, 1)]  # (T, k, c n) the signs that came with them, a byte each
    e: np.ndarray  # (T, c n) equation (1); first dl_t/dh alone
    pairs: NoBackTrackState  # v, w as they were before the tapes in the ring


class Remembering(Ranked, Windowed):
    """A ring of T tapes, and pairs (v, w) that take in the tape that leaves it."""

    beta: Beta = 1.0

    begin_pairs, take_in, answer = NoBackTrack.begin, NoBackTrack.advance, NoBackTrack.gradient

    def noise_vectors(self):
        return self.rank

    def begin(self, system):
        T, size = self.window, system.start().size
        signs, e = np.zeros((T, self.rank, size), np.int8), np.zeros((T, size), system.theta.dtype)
        return MemoryState(np.zeros(1, np.int64), buffer(system, T), signs, e, self.begin_pairs(system))

    def advance(self, state, system, tape, noise):
        t = state.count[0] % self.window
        if state.count[0] >= self.window:
            self.take_in(state.pairs, system, load(state.tapes, t), state.signs[t])
        store(state.tapes, t, tape)
        assign(state.signs[t], noise)
        state.count[0] += 1

    def resume(self, before, state, system):
        """A window begins, of this length; the pairs first take in, with their signs, the tapes that were held."""
        pairs, count = copied(state.pairs, before.rank, before.rank), state.count[0]
        for t in range(max(count - before.window, 0), count):
            held = t % before.window
            before.take_in(pairs, system, load(state.tapes, held), state.signs[held])
        return self.begin(system)._replace(pairs=copied(pairs, before.rank, self.rank))

    def described(self, form):
        """The label of this form."""
        return f"NoBackTrack {form}-{self.window} rank {self.rank}" + ("" if self.beta == 1 else f" β={self.beta:g}")


@implements(Estimator)
class MemoryNoBackTrack(Remembering):
    """Gradient of a window of losses at its end, as `BPTT(window)`, but nothing is forgotten: the pairs carry what is older.

    window: its length T, looked back upon exactly. rank, beta: number k of pairs and exponent of their scaling (NoBackTrack).
    Cost per step: time that of BPTT and NoBackTrack, memory too, and k T c n signs.
    Bias: none while theta stands still; while it moves, tapes keep D, S and slope of their time, and the weights are those of
    now (`SlidingBPTT`). Variance: that of credit from before the window alone.

    Raises ValueError when window is not a whole number from 1 to 10^6, rank not one from 1 to 4096, or beta outside [0, 1].
    """

    def gradient(self, state, system, Q):
        last, n = (state.count[0] - 1) % self.window, Q.shape[1]
        state.e[last].fill(0.0)
        assign(state.e[last, :n], Q[0])
        if last + 1 < self.window:
            return np.ones((1, 0), Q.dtype), np.ones((0, system.theta.size), Q.dtype)
        e, g = np.zeros((1, state.e.shape[1]), Q.dtype), np.zeros_like(system.theta)
        for t in range(last, -1, -1):  # (1)
            add(e[0], state.e[t])
            assign(state.e[t], e[0])
            assign(e[0], system.vjp(load(state.tapes, t), e[0]))
        system.add_vjps_theta(g, state.tapes, state.e)  # (2)
        ev, w = self.answer(state.pairs, system, e)
        add_product(g.ravel()[None], 1.0, ev, w)  # (3)
        return np.ones((1, 1), Q.dtype), g.ravel()[None]

    def label(self):
        return self.described("memory")


@implements(Estimator)
class SlidingMemoryNoBackTrack(Remembering):
    """The gradient of every loss, at once: exact over the last `window` steps, as `SlidingBPTT`; the pairs carry what is older.

    It is (3) with a window that ends at every step and whose last loss alone counts.
    Cost per step: time that of SlidingBPTT and NoBackTrack, and k P; memory that of both, and k T c n signs.
    Bias: none while theta stands still; while it moves, tapes keep D, S and slope of their time, and the weights are those of
    now (`SlidingBPTT`). Variance: that of credit older than T alone; less, the longer T.

    Raises ValueError when window is not a whole number from 1 to 10^6, rank not one from 1 to 4096, or beta outside [0, 1].
    """

    def gradient(self, state, system, Q):
        (R, n), last = Q.shape, state.count[0] - 1
        e, g = np.zeros((R, state.e.shape[1]), Q.dtype), np.zeros((R, *system.theta.shape), Q.dtype)
        for r in range(R):
            assign(e[r, :n], Q[r])
            for t in range(last, max(last - self.window, -1), -1):  # (1)
                assign(state.e[t % self.window], e[r])
                assign(e[r], system.vjp(load(state.tapes, t % self.window), e[r]))
            system.add_vjps_theta(g[r], state.tapes, state.e)  # (2)
        ev, w = self.answer(state.pairs, system, e)
        add_product(g.reshape(R, -1), 1.0, ev, w)  # (3)
        return np.eye(R, dtype=Q.dtype), g.reshape(R, -1)

    def label(self):
        return self.described("sliding memory")
