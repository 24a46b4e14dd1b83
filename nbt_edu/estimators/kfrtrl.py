"""KF-RTRL: an unbiased estimate of G as one Kronecker product (Mujika, Meier and Steger 2018, arXiv:1805.10842).

In a network whose gates all read the same psi, dF/dtheta = psi (x) S, with S the matrix (c n, g n) of the derivatives by the
gates, diagonal in the units. G is a sum of such Kronecker products, one for each step of the past; a random sign eps makes one
of two, the past's and the present's:

    u(t+1) = p_1 u(t) + eps p_2 psi          A(t+1) = J A(t) / p_1 + eps S / p_2          u(0) = 0, A(0) = 0 (1)
    p_1 = sqrt(|J A| / |u|)                  p_2 = sqrt(|S| / |psi|)                                         (2)
    E u (x) A = G,   so   E u (x) (dl/dh A) = dl/dtheta                                                      (3)

The paper draws a sign for each of the two terms; u (x) A sees only their product. Where NoBackTrack draws a sign for each row
of dF/dtheta, here the rows of a step are kept apart: one sign a step, for matrix products in the place of vectors.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import scalar
from ..kernels import Kronecker, assign, norm2
from ..protocols import Estimator

TINY = 1e-12  # keeps (2) finite where a norm is zero; any positive p is unbiased


class KFRTRLState(NamedTuple):
    """KF-RTRL's state: the two factors of the estimate of G."""

    u: np.ndarray  # (sources,)
    A: np.ndarray  # (c n, g n)


@scalar
def balance(x, y):
    """Equation (2): sqrt(|y| / |x|), for vectors."""
    return np.sqrt((np.sqrt(norm2(y)) + TINY) / (np.sqrt(norm2(x)) + TINY))


@scalar
def add_by_units(A, scale, S):
    """A[(c, i), (g, i)] += scale S[c, g, i], in place: A (c n, g n)."""
    c, g, n = S.shape
    for k in range(c):
        for b in range(g):
            for i in range(n):
                A[k * n + i, b * n + i] += scale * S[k, b, i]


@implements(Estimator)
class KFRTRL:
    """Unbiased, with less noise than NoBackTrack, at n times its cost. For networks whose gates all read the same.

    Cost per step: time (c n)^2 g n, memory c g n^2 + n + m + 1: RTRL's, each divided by the number of sources.
    Bias: none while theta stands still. Variance: of a step, that of one sign between two terms; over many steps, measured.
    """

    needs = ("psi",)

    def noise_vectors(self):
        return 1

    def noise_kinds(self, size):
        return [("signs", 1)]

    def begin(self, system):
        sources, gates = system.theta.shape
        return KFRTRLState(np.zeros(sources, system.theta.dtype), np.zeros((system.start().size, gates), system.theta.dtype))

    def advance(self, state, system, tape, noise):
        psi, JA = system.psi(tape), np.dot(system.jacobian(tape), state.A)
        p1, p2 = balance(state.u, JA.ravel()), balance(psi, tape.S.ravel())  # (2)
        assign(state.u, p1 * state.u + noise[0, 0] * p2 * psi)  # (1)
        assign(state.A, JA / p1)
        add_by_units(state.A, noise[0, 0] / p2, tape.S)

    def gradient(self, state, system, Q):
        return Q, Kronecker(state.u, state.A[: Q.shape[1]])  # (3)

    def label(self):
        return "KF-RTRL"
