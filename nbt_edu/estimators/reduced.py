"""NoBackTrack with k pairs that share the work: the best rank-k estimates of G, unbiased and biased.

Of M = J sum_k v_k w_k^T + dF/dtheta only M M^T is needed to know the singular values sigma_j and left vectors u_j:

    M M^T = V W V^T + (V X) + (V X)^T + gram(dF/dtheta),    V = [J v_k], W_kl = w_k . w_l, X_ki = w_k . b_i (1)
    M = sum_j sigma_j u_j x_j^T,    sigma_j x_j = u_j M                                                      (2)

Then (2) is replaced by k pairs, v in the span of the u_j and w in that of the x_j. `ReducedNoBackTrack` draws them as
`reduction` says: the mean is M, the variance of the step the least possible. `ProjectedNoBackTrack` keeps the k largest
terms and drops the rest: no noise at all, and a bias. Sources: Barnes, Cameron and Howard, arXiv:2505.09647; OK,
arXiv:1902.03993.
"""

import warnings
from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import scalar
from ..kernels import assign, dots, product, rows
from ..protocols import Estimator
from .families import Ranked
from .reduction import frame, shares


class ReducedState(NamedTuple):
    """k pairs: the estimate of G is sum_k v_k w_k^T."""

    v: np.ndarray  # (k, c n)
    w: np.ndarray  # (k, *theta.shape)


def factors(system, rank):
    """The first state: zeros, of a rank that the state's size bounds."""
    size, theta = system.start().size, system.theta
    if rank > size:
        warnings.warn(f"rank = {rank} is above the size of the state, {size}: rank {size} is used, and is exact", stacklevel=3)
    k = min(rank, size)
    return ReducedState(np.zeros((k, size), theta.dtype), np.zeros((k, *theta.shape), theta.dtype))


def widened(after, before):
    """The pairs of the state `before` in the place of `after`, the rest zero."""
    k = min(len(after.v), len(before.v))
    after.v[:k], after.w[:k] = before.v[:k], before.w[:k]
    return after


@scalar
def least(sigma):
    """What a singular value below it counts as, in the precision of sigma (c n,): the mean stays exact."""
    return 1e-8 * sigma[0] + 1e-300 if sigma.itemsize == 8 else 1e-4 * sigma[0] + 1e-30


@scalar
def spectrum(state, system, tape):
    """Equations (1) and (2): J v (k, c n), sigma (c n,) descending and positive, u (c n, c n) with columns u_j."""
    k = len(state.v)
    Jv, X, w = np.empty_like(state.v), np.empty_like(state.v), rows(state.w)
    for i in range(k):
        assign(Jv[i], system.jvp(tape, state.v[i]))
        assign(X[i], system.jvp_theta(tape, state.w[i]))
    half = product(Jv.T, X + 0.5 * product(dots(w, w), Jv))
    squares, found = np.linalg.eigh(half + half.T + system.immediate_gram(tape))  # ascending
    sigma, u, last = np.empty_like(squares), np.empty(found.shape, found.dtype), squares.size - 1
    for j in range(squares.size):
        column = found[:, last - j]
        sign = -1.0 if column.sum() < 0.0 else 1.0  # of u_j and -u_j, the same one on every machine
        sigma[j] = np.sqrt(max(squares[last - j], 0.0))
        assign(u[:, j], sign * column)
    return Jv, np.maximum(sigma, least(sigma)), u


@scalar
def replace(state, system, tape, Jv, v, e):
    """The new pairs: v (c n, k) as given, w_l = e_l M for the columns e_l of e (c n, k)."""
    k = len(Jv)
    assign(state.v, v.T.copy())
    assign(rows(state.w), product(product(e.T, Jv.T), rows(state.w)))
    for i in range(k):
        system.add_vjp_theta(state.w[i], tape, e[:, i].copy())


@implements(Estimator)
class ReducedNoBackTrack(Ranked):
    """Rank-k NoBackTrack whose every step is the minimum-variance unbiased reduction to k pairs.

    rank: number k of pairs, at most the size of the state (then it is RTRL, without noise).
    Cost per step: time k (2 P + k P + g n^2) + (c n)^3, memory k P. Bias: none while theta stands still.
    Variance of a step: the least possible for rank k. Over many steps nothing is proved; measured at rank 1, over 60 to 300
    steps (leaky, SlidesRNN, GRU, LSTM of 6 to 10 units, fresh and trained; `tests/test_statements.py`), 0.5 to 0.85 times that
    of NoBackTrack, in one network that expands (a GRU) the same.

    Raises ValueError when rank is not a whole number from 1 to 4096; warns, and uses c n, when it exceeds c n.
    """

    def noise_vectors(self):
        return 1

    def begin(self, system):
        return factors(system, self.rank)

    def advance(self, state, system, tape, noise):
        Jv, sigma, u = spectrum(state, system, tape)
        p = shares(sigma, len(Jv))
        mix = frame(p, len(Jv)) * (noise[0] * 1.0).reshape(-1, 1)
        v = product(u, np.sqrt(sigma / p).reshape(-1, 1) * mix)
        replace(state, system, tape, Jv, v, product(u, mix / np.sqrt(sigma * p).reshape(-1, 1)))

    def gradient(self, state, system, Q):
        return dots(Q, state.v), rows(state.w)

    def label(self):
        return f"NoBackTrack reduced rank {self.rank}"

    def resume(self, before, state, system):
        """More pairs: those there were, and zeros. Fewer: it begins anew, since dropping pairs would be a bias."""
        return widened(self.begin(system), state) if self.rank >= before.rank else self.begin(system)


@implements(Estimator)
class ProjectedNoBackTrack(Ranked):
    """The wrong way that teaches: keep the k largest singular values of every step, drop the others.

    rank: number k of pairs, at most the size of the state (then it is RTRL).
    Cost per step: that of `ReducedNoBackTrack`. Bias: whatever was dropped, for ever. Variance: none.

    Raises ValueError when rank is not a whole number from 1 to 4096; warns, and uses c n, when it exceeds c n.
    """

    def begin(self, system):
        return factors(system, self.rank)

    def advance(self, state, system, tape, noise):
        Jv, sigma, u = spectrum(state, system, tape)
        kept, root = u[:, : len(Jv)].copy(), np.sqrt(sigma[: len(Jv)])
        replace(state, system, tape, Jv, kept * root, kept / root)

    def gradient(self, state, system, Q):
        return dots(Q, state.v), rows(state.w)

    def label(self):
        return f"NoBackTrack projected rank {self.rank}"

    def resume(self, before, state, system):
        """The largest of the pairs there were, and zeros."""
        return widened(self.begin(system), state)
