"""NoBackTrack in a filter's metric: norms of the two factors are made equal as the optimizer measures them (slides: Kalman).

The rows w and b_i are estimates of derivatives by theta, and end as gradients g. What an error e of g does to a Kalman step,
Lambda^-1 e, has the length e Lambda^-1 e: in bits, and the same however theta is written (`measuring.metric`, (4)). So with

    |x|_M^2 = sum_j M_j x_j^2        M = diagonal of Lambda^-1, as the filter now has it                     (1)
    lambda_0 = sqrt(|w|_M / |J v|)          lambda_i = sqrt(|b_i|_M)                                         (2)
    |b_i|_M^2 = sum_g S[i, g]^2 sum_s psi_s^2 M[s, (g, i)]                                                   (3)

in the place of Euclid's lengths, (1) and (2) of `nobacktrack` are those of NoBackTrack on phi = M^(-1/2) theta, whatever the
units of theta, and the next step varies least in this metric. (Lambda in the place of Lambda^-1 would measure a step of theta,
a column; w is a row.) Only the proportions of M count. It would not be so with lambda_0 alone in the metric, nor with exponents
beta/2 below 1/2: the size of Lambda, which is no property of the network, would weigh the old pair against the new rows. Hence
both lambdas, and no beta.

The optimizer tells M (`Optimizer.gains`); SGD's and Adam's is 1, where this is `NoBackTrack`. M knows past signs only, as J and
theta do: nothing is added to the bias.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import loops, scalar
from ..kernels import assign, combine, dots, norm2, power, push, rows
from ..protocols import Estimator
from .families import Ranked, copied
from .nobacktrack import TINY
from .uoro import UOROState


class MetricState(NamedTuple):
    """The state of NoBackTrack in a metric."""

    pairs: UOROState  # k pairs (v, w)
    M: np.ndarray  # of (1), shaped as theta


def length2(x, M):
    """Equation (1): |x|_M^2 of x shaped as M."""
    return (x * x * M).sum()


@loops(length2)
def _(x, M):
    total = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total += M[i, j] * x[i, j] * x[i, j]
    return total


@scalar
def lengths2(S, a):
    """Equation (3): the rows' |b_i|_M^2 (c n,) from a = psi^2 M (g n,)."""
    c, g, n = S.shape
    y = np.zeros(c * n, S.dtype)
    for k in range(c):
        for b in range(g):
            for i in range(n):
                y[k * n + i] += S[k, b, i] * S[k, b, i] * a[b * n + i]
    return y


@implements(Estimator)
class MetricNoBackTrack(Ranked):
    """NoBackTrack with lambdas in the metric of the optimizer. For networks whose gates all read the same.

    rank: number k of independent pairs, averaged.
    Cost per step: time (5 k + 1) g n^2 and what the optimizer takes to tell M, memory k P + P.
    Bias: none while theta stands still. Variance: of a step the least in this metric; over 60 steps of a leaky network of 10
    units that a diagonal filter has trained, 0.57 to 1.0 times NoBackTrack's in this metric, 1.07 to 2.1 times in its inverse
    ("sensitive"). Driving that filter it paid 0.011 bits/char less (standard error 0.0045, 40 seeds), with an LSTM no less,
    and into `BlockKalman` more (`CONTRIBUTING.md`).

    Raises ValueError when rank is not a whole number from 1 to 4096.
    """

    needs = ("psi",)

    def noise_vectors(self):
        return self.rank

    def begin(self, system):
        k, theta = self.rank, system.theta
        pairs = UOROState(np.zeros((k, system.start().size), theta.dtype), np.zeros((k, *theta.shape), theta.dtype))
        return MetricState(pairs, np.ones_like(theta))

    def heed(self, state, optimizer, memory):
        """Take M from the optimizer."""
        optimizer.gains(memory, state.M)

    def advance(self, state, system, tape, noise):
        psi = system.psi(tape)
        lam = lengths2(tape.S, push(state.M, psi * psi))
        lam += TINY * TINY
        power(lam, 0.25)  # (2)
        for k in range(self.rank):
            v, w, signs = state.pairs.v[k], state.pairs.w[k], noise[k]
            Jv = system.jvp(tape, v)
            lam0 = np.sqrt((np.sqrt(length2(w, state.M)) + TINY) / (np.sqrt(norm2(Jv)) + TINY))  # (2)
            combine(v, lam0, Jv, lam, signs)
            assign(w, w / lam0)
            system.add_vjp_theta(w, tape, signs / lam)

    def gradient(self, state, system, Q):
        return dots(Q, state.pairs.v) / self.rank, rows(state.pairs.w)  # mean over the pairs

    def gradient_for(self, state, system, optimizer, readout, outcome):
        return optimizer.cotangent_products(readout, outcome, state.pairs.v) / self.rank, rows(state.pairs.w)

    def label(self):
        return f"NoBackTrack metric rank {self.rank}"

    def resume(self, before, state, system):
        """The state for this rank from the one that another rank left: E v w^T = G still."""
        return MetricState(copied(state.pairs, before.rank, self.rank), state.M.copy())
