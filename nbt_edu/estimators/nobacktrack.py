"""NoBackTrack: a rank-one, unbiased, running estimate of G = dh/dtheta (slides, "The NoBackTrack strategy").

With J = dF/dh, rows b_i = dF_i/dtheta, basis vectors e_i and independent random signs eps_i = +-1:

    v(t+1) = lambda_0 J v(t) + sum_i eps_i lambda_i e_i          v(0) = 0                                    (1)
    w(t+1) = w(t) / lambda_0 + sum_i eps_i b_i / lambda_i        w(0) = 0                                    (2)
    lambda_0 = (|w| / |J v|)^(beta/2)          lambda_i = |b_i|^(beta/2)                                     (3)
    E v w^T = G,   so   E (dl/dh . v) w = dl/dtheta                                                          (4)

beta = 1 equalises the norms of the two factors of every term ("very important in practice"); beta = 0 does not rescale. From
any pair (v, w), beta = 1 is what makes one step vary least; which beta is best over many steps depends on the network.
In a network b_i = S_i (x) psi, so that |b_i| = |psi| |S_i| and (2) is one outer product (`Net.add_vjp_theta`).
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import loops, scalar
from ..kernels import assign, combine, dots, flat, norm2, power, raised, rows
from ..protocols import Estimator
from .families import Beta, Ranked, copied

TINY = 1e-12  # keeps (3) finite where a norm is zero; any positive lambda is unbiased


class NoBackTrackState(NamedTuple):
    """NoBackTrack's state: k pairs (v, w). The true w of pair k is scale[k] w[k], so that (2) needs no pass to rescale."""

    v: np.ndarray  # (k, c n)
    w: np.ndarray  # (k, *theta.shape)
    scale: np.ndarray  # (k,)
    w2: np.ndarray  # (k,) |w|^2, of the stored w
    peak: np.ndarray  # (k,) the largest w2 since it was last computed from w


@scalar
def limits(w):
    """(lost, far), in the precision of w. w2, carried along, is computed anew when it has shrunk by the factor `lost`: its
    rounding error has not. The scale of w is multiplied into it when it leaves [1 / far, far]."""
    return (1e-6, 1e15) if w.itemsize == 8 else (1e-3, 1e6)


def averaged(coefficients, scale):
    """What the stored w are multiplied by in the mean of (4) over the pairs: made of Q v, (R, k), in place."""
    coefficients *= scale / scale.size
    return coefficients


@loops(averaged)
def _(coefficients, scale):
    share = scale.dtype.type(1.0 / scale.size)
    for k in range(scale.size):
        for r in range(len(coefficients)):
            coefficients[r, k] *= scale[k] * share
    return coefficients


@implements(Estimator)
class NoBackTrack(Ranked):
    """Unbiased and noisy, at the cost of running the network (arXiv:1507.07680; slides, Corollary).

    rank: number k of independent pairs, averaged. beta: exponent of the lambda-scaling, in [0, 1].
    Cost per step: time k (P' + g n^2) for P' = (n + 2) g n parameters that act in a step, memory k P.
    Bias: none while theta stands still. Variance: proportional to 1 / k. Of one step it is least at beta = 1; over many steps
    the least lies between 1/2 and 1. Measured over 60 to 300 steps (leaky, SlidesRNN, GRU, LSTM of 6 to 10 units, fresh and
    trained; `tests/test_statements.py`): beta = 3/4 has 0.7 to 1.3 times the variance of beta = 1, 1/2 has 0.6 to 1.9 times, 0
    from 2 to 50 times.

    Raises ValueError when rank is not a whole number from 1 to 4096, or beta is outside [0, 1].
    """

    beta: Beta = 1.0

    def noise_vectors(self):
        return self.rank

    def begin(self, system):
        k, theta = self.rank, system.theta
        v, w = np.zeros((k, system.start().size), theta.dtype), np.zeros((k, *theta.shape), theta.dtype)
        return NoBackTrackState(v, w, np.ones(k, theta.dtype), np.zeros(k, theta.dtype), np.zeros(k, theta.dtype))

    def advance(self, state, system, tape, noise):
        lost, far = limits(state.w)
        lam = system.immediate_norms2(tape)
        lam += TINY * TINY
        power(lam, 0.25 * self.beta)  # (3)
        for k in range(self.rank):
            v, w, signs = state.v[k], state.w[k], noise[k]
            Jv = system.jvp(tape, v)
            norm_w = state.scale[k] * np.sqrt(state.w2[k])
            lam0 = raised((norm_w + TINY) / (np.sqrt(norm2(Jv)) + TINY), 0.5 * self.beta)  # (3)
            combine(v, lam0, Jv, lam, signs)  # (1)
            state.scale[k] /= lam0
            state.w2[k] += system.add_vjp_theta(w, tape, signs / (state.scale[k] * lam))  # (2)
            state.peak[k] = max(state.peak[k], state.w2[k])
            if state.w2[k] < lost * state.peak[k] or not 1.0 / far < state.scale[k] < far:
                assign(w, state.scale[k] * w)
                state.scale[k], state.w2[k] = 1.0, norm2(flat(w))
                state.peak[k] = state.w2[k]

    def gradient(self, state, system, Q):
        return averaged(dots(Q, state.v), state.scale), rows(state.w)

    def gradient_for(self, state, system, optimizer, readout, outcome):
        return averaged(optimizer.cotangent_products(readout, outcome, state.v), state.scale), rows(state.w)

    def label(self):
        return f"NoBackTrack rank {self.rank}" + ("" if self.beta == 1 else f" β={self.beta:g}")

    def resume(self, before, state, system):
        """The state for this rank from the one that `before`, another rank, left: E v w^T = G still."""
        return copied(state, before.rank, self.rank)
