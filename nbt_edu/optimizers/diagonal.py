"""Kalman filters whose precision is (nearly) diagonal: the cost of gradient descent.

    Lambda_j <- (1 - fading) Lambda_j + sum_r C_rj^2 + fading prior        theta_j <- theta_j - rate g_j / Lambda_j (1)

Quasi-diagonal: in each column the entries between a weight j and the bias 0 are kept too (Ollivier 2015, arXiv:1303.0818):

    step_j = (g_j - Lambda_0j / Lambda_00 g_0) / (Lambda_jj - Lambda_0j^2 / Lambda_00)                       (2)
    step_0 = g_0 / Lambda_00 - sum_j Lambda_0j / Lambda_00 step_j                                            (3)

so that a change of the mean of an input is compensated by the bias. Here the prior is given back to all at once.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import assign, diagonal_outer_step, diagonal_step, flat, product
from ..protocols import Optimizer, Steps
from .families import KalmanSettings
from .kalman import evidence, root


class DiagonalState(NamedTuple):
    """The state of the diagonal filter."""

    precision: np.ndarray  # Lambda_jj, shaped as theta
    t: Steps  # (1,) updates made


class QuasiDiagonalState(NamedTuple):
    """The state of the quasi-diagonal filter, for a block of parameters (sources, columns)."""

    precision: np.ndarray  # Lambda_jj, shaped as theta
    cross: np.ndarray  # Lambda_0j, shaped as theta
    t: Steps  # (1,) updates made


@implements(Optimizer)
class DiagonalKalman(KalmanSettings):
    """The extended Kalman filter with a diagonal precision, equation (1).

    rate, decay, fading, prior, inflation: as in `KalmanSettings`. When fading is small and the run long, a step is about
    rate fading g / F, F the mean of C^2.
    Cost per update: time (m or K, the smaller) P K + 4 P, memory P, for gradients of K factors.

    Raises ValueError for settings out of range.
    """

    def begin(self, theta):
        """The state for a block of parameters, of any shape: Lambda = prior."""
        return DiagonalState(np.full_like(theta, self.prior), np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta in place: its gradient is A[0] B, the rows C are A[1:] B."""
        rate, keep, prior = self.rate / (1.0 + self.decay * np.sqrt(state.t[0])), 1.0 - self.fading, self.fading * self.prior
        rows = root(A) / np.sqrt(self.inflation)
        diagonal_step(flat(state.precision), flat(theta), keep, prior, rows, A[0], B, rate)
        state.t[0] += 1.0

    def apply_readout(self, state, readout, outcome):
        """Update the readout's parameters: C^2 is the outer product of psi^2 and the outputs' variances."""
        rate, keep, prior = self.rate / (1.0 + self.decay * np.sqrt(state.t[0])), 1.0 - self.fading, self.fading * self.prior
        variances = readout.variances(outcome)
        diagonal_outer_step(state.precision, readout.theta, keep, prior, variances, outcome.psi, outcome.error, rate)
        state.t[0] += 1.0

    def gains(self, state, M):
        """M <- 1 / Lambda."""
        assign(M, 1.0 / state.precision)

    def label(self):
        return self.described("diagonal ")


@implements(Optimizer)
class QuasiDiagonalKalman(KalmanSettings):
    """The diagonal filter and, in each column, the entries between weights and bias, equations (2) and (3).

    rate, decay, fading, prior, inflation: as in `KalmanSettings`. The last row of theta is the bias.
    Cost per update: time (m or K, the smaller) P K + 8 P, memory 2 P, for gradients of K factors.

    Raises ValueError for settings out of range.
    """

    def begin(self, theta):
        """The state for a block of parameters (sources, columns): Lambda_jj = prior, Lambda_0j = 0."""
        return QuasiDiagonalState(np.full_like(theta, self.prior), np.zeros_like(theta), np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta in place: its gradient is A[0] B, the rows C are A[1:] B."""
        own, cross = state.precision, state.cross
        sources, columns = own.shape
        rows, g = evidence(A, B, self.inflation).reshape(-1, sources, columns), product(A[:1], B).reshape(sources, columns)
        assign(own, (1.0 - self.fading) * own + self.fading * self.prior)
        assign(cross, (1.0 - self.fading) * cross)
        for r in range(len(rows)):
            for j in range(sources):
                for k in range(columns):
                    own[j, k] += rows[r, j, k] * rows[r, j, k]
                    cross[j, k] += rows[r, j, k] * rows[r, -1, k]
        rate = theta.dtype.type(self.rate / (1.0 + self.decay * np.sqrt(state.t[0])))
        parameters = theta.reshape(sources, columns)
        share = cross / own[-1]
        bias = g[-1] / own[-1]
        for j in range(sources - 1):
            for k in range(columns):
                step = (g[j, k] - share[j, k] * g[-1, k]) / (own[j, k] - share[j, k] * cross[j, k])  # (2)
                bias[k] -= share[j, k] * step  # (3)
                parameters[j, k] -= rate * step
        for k in range(columns):
            parameters[-1, k] -= rate * bias[k]
        state.t[0] += 1.0

    def apply_readout(self, state, readout, outcome):
        """Update the readout's parameters: one row for each column."""
        B = readout.column_rows(outcome)
        self.apply(state, readout.theta, self.uninflated(B), B)

    def gains(self, state, M):
        """M <- what (2) and (3) make of a gradient in one entry alone: the diagonal of that column's Lambda^-1."""
        own, cross = state.precision, state.cross
        sources, columns = own.shape
        for k in range(columns):
            M[-1, k] = 1.0 / own[-1, k]
            for j in range(sources - 1):
                share = cross[j, k] / own[-1, k]
                M[j, k] = 1.0 / (own[j, k] - share * cross[j, k])
                M[-1, k] += share * share * M[j, k]

    def label(self):
        return self.described("quasi-diagonal ")
