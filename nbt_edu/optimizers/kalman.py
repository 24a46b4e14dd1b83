"""Kalman filters on the parameters: natural gradient, made online (slides, "Kalman NoBackTrack"; arXiv:1703.00209).

theta is a hidden state that does not move, the readout's outputs a are what is observed. Each step brings rows C with
C^T C = (da/dtheta)^T R (da/dtheta), where R is the Hessian of the loss by a: the outputs' noise covariance, as seen from the
natural parameters; diag(p) - p p^T for a softmax. The precision Lambda = P^-1 of what is known of theta becomes

    Lambda <- (1 - fading) Lambda + C^T C                     Lambda(0) = prior                              (1)
    theta <- theta - rate Lambda^-1 g                                                                        (2)

rate = 1, fading = 0 is the extended Kalman filter: recursive least squares, when the system is linear. fading forgets old
steps; the prior of one parameter in turn is given back at each, so that it is forgotten nowhere:

    Lambda[j, j] += fading P prior,    j = t mod P                                                           (3)

In moment form the same is done to the covariance, as P = L L^T, which cannot lose positive definiteness (Potter 1963), for
all rows and (3) in two passes over L (`kernels.roots`):

    for each row c:    f = L^T c,   b = 1 + f . f,   L <- L - (L f) f^T / (b + sqrt(b))                      (4)

Fed with NoBackTrack's estimate of da/dtheta, any of the filters here is Kalman NoBackTrack. An estimator that answers late,
with the gradient of a whole window, is given g itself as the only row.

An unbiased estimate of C has an unbiased gradient, but not an unbiased precision: its variance is added. With k pairs,

    E C^T C = C^T C (exact) + (covariance of one pair's C, summed over its rows) / k                         (5)

so that Lambda is too large and steps are too small. Measured at 6 units (`tests/test_statements.py`), the trace of E C^T C over
the exact one is 7 to 73 at rank 1, thus 1.8 to 10 at rank 8; with `ReducedNoBackTrack(4)` 1.04 to 5.5. `inflation` divides
C^T C by such a number: the trace of (1) is then right in the mean, its single entries are not (they are inflated from 3-fold
to without bound, where the exact one is nearly 0). The number has to be known: that of the gradient, `norm_ratio`^2 of
`record.gradient_summary`, was within 15 % of it. With k > 1 independent pairs, products of different pairs would make every
entry exact in the mean; but then C^T C need not be positive semi-definite, nor follow from A B alone, and it is not offered.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import scalar
from ..kernels import add, aligned, assign, flat, product, reflections, seen, triangle, turn
from ..protocols import Optimizer, Steps
from .families import KalmanSettings


class KalmanState(NamedTuple):
    """The state of the filter in moment form."""

    root: np.ndarray  # (P, P) L, with L L^T the covariance; of a joint filter this block's rows of a wider L
    t: Steps  # (1,) updates made


class InformationState(NamedTuple):
    """The state of the filter in information form."""

    precision: np.ndarray  # (P, P) Lambda
    t: Steps  # (1,) updates made


def eyes(count, size, scale, kind):
    """`count` identity matrices times `scale`, (count, size, size) in this dtype; MemoryError where out of the question."""
    if count * size * size > 2**30:
        raise MemoryError
    found, diagonal = aligned(np.zeros((count, size, size), kind)), np.arange(size)  # zeros take no room until they are written
    found[:, diagonal, diagonal] = scale
    return found


@scalar
def root(A):
    """The rows C of (1) are root(A) B, at most K of them (a rotation of C leaves C^T C): A (1 + R, K), gradient and rows."""
    return triangle(A[min(1, len(A) - 1) :])


@scalar
def evidence(A, B, inflation):
    """The rows C of (1) over sqrt(inflation): A (1 + R, K) and B (K, P), or its factors -> (at most K, P)."""
    return product(root(A) / np.sqrt(inflation), B)


@scalar
def directed(A, B, inflation):
    """A (1 + r, q) and X (q, P): A[0] X is the gradient, A[1:] X the rows C of (1) over sqrt(inflation); one X where K = 1."""
    both = np.concatenate((A[:1], root(A) / np.sqrt(inflation)))
    if A.shape[1] == 1:
        return both, product(np.ones((1, 1), A.dtype), B)
    return np.eye(len(both), dtype=A.dtype), product(both, B)


@scalar
def update(L, A, X, j, returned, s):
    """(4) in place for rows A[1:] X, and returned^(1/2) e_j of (3), of s L. Answers L L^T g, the gradient g being A[0] X."""
    V, F, weights = reflections(s, seen(L, X), A, np.sqrt(returned), L[j])
    return turn(L, s, V, F, weights)


@implements(Optimizer)
class Kalman(KalmanSettings):
    """The full extended Kalman filter of a block of parameters, in moment form. Readout and recurrent weights separately.

    rate, decay, fading, prior, inflation: as in `KalmanSettings`.
    Cost per update: time (m or K, the smaller) 3 P^2, memory P^2, for gradients of K factors and m outputs.

    Raises ValueError for settings out of range.
    """

    def begin(self, theta):
        """The state for a block of parameters: L = prior^(-1/2)."""
        return KalmanState(eyes(1, theta.size, self.prior**-0.5, theta.dtype)[0], np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta, any shape, in place: its gradient is A[0] B, the rows C are A[1:] B."""
        L, t = state.root, state.t[0]
        rows, X = directed(A, B, self.inflation)
        step = update(L, rows, X, int(t) % len(L), self.fading * len(L) * self.prior, 1.0 / np.sqrt(1.0 - self.fading))
        add(flat(theta), -self.rate / (1.0 + self.decay * np.sqrt(t)) * step)  # (2)
        state.t[0] += 1.0

    def apply_readout(self, state, readout, outcome):
        """Update the readout's parameters: one row for each output."""
        B = readout.output_rows(outcome)
        self.apply(state, readout.theta, self.uninflated(B), B)

    def gains(self, state, M):
        """M <- the diagonal of L L^T."""
        assign(flat(M), (state.root * state.root).sum(1))

    def label(self):
        return self.described("")


@implements(Optimizer)
class InformationKalman(KalmanSettings):
    """The same filter in information form: Lambda is kept, and a linear system is solved at each update.

    Settings as in `KalmanSettings`. Cost per update: time P^3 / 3, memory P^2. A Lambda that is not positive definite any more
    (rounding, with a tiny prior) stops the run with a message.

    Raises ValueError for settings out of range.
    """

    def begin(self, theta):
        """The state for a block of parameters: Lambda = prior."""
        return InformationState(eyes(1, theta.size, self.prior, theta.dtype)[0], np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta, any shape, in place: its gradient is A[0] B, the rows C are A[1:] B."""
        M, t, C = state.precision, state.t[0], evidence(A, B, self.inflation)
        assign(M, (1.0 - self.fading) * M + np.dot(C.T, C))  # (1)
        j = int(t) % len(M)
        M[j, j] += self.fading * len(M) * self.prior  # (3)
        half = np.linalg.cholesky(M)
        step = np.linalg.solve(half.T, np.linalg.solve(half, product(A[:1], B)[0]))
        add(flat(theta), -self.rate / (1.0 + self.decay * np.sqrt(t)) * step)  # (2)
        state.t[0] += 1.0

    def apply_readout(self, state, readout, outcome):
        """Update the readout's parameters: one row for each output."""
        B = readout.output_rows(outcome)
        self.apply(state, readout.theta, self.uninflated(B), B)

    def gains(self, state, M):
        """M <- the diagonal of Lambda^-1, which has to be made for it: time P^3."""
        assign(flat(M), np.diag(np.linalg.inv(state.precision)))

    def label(self):
        return self.described("information ")
