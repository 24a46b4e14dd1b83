"""Kalman filters with one small covariance for each column of theta: a gate of a unit, with its incoming weights and bias.

    for every column k:    Lambda_k <- (1 - fading) Lambda_k + C_k^T C_k,   theta_k <- theta_k - rate Lambda_k^-1 g_k (1)

What is left out of `kalman` is the covariance between columns (slides: "with diagonal or block-diagonal covariance matrix").
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import step
from ..kernels import add, assign
from ..protocols import Optimizer, Steps
from .families import KalmanSettings
from .kalman import directed, eyes, update


class BlockState(NamedTuple):
    """The state of the filter, for a block of parameters (sources, columns)."""

    roots: np.ndarray  # (columns, sources, sources) L of each column
    t: Steps  # (1,) updates made


@step
def move(theta, k, L, A, X, j, returned, s, rate):
    """theta[:, k] -= rate times the step of `update`. (A step of its own: the small arrays of a column end with it.)"""
    change = update(L, A, X, j, returned, s)
    add(theta[:, k], -rate * change)


@implements(Optimizer)
class BlockKalman(KalmanSettings):
    """The extended Kalman filter with a covariance that is block-diagonal, one block a column, in moment form.

    rate, decay, fading, prior, inflation: as in `KalmanSettings`.
    Cost per update: time (m or K, the smaller) 3 P s, memory P s, for columns of s sources (n + m + 1) and gradients of K
    factors: with NoBackTrack of rank 1, 3 P s.

    Raises ValueError for settings out of range.
    """

    def begin(self, theta):
        """The state for a block of parameters (sources, columns): L = prior^(-1/2) for each column."""
        return BlockState(eyes(theta.shape[1], theta.shape[0], self.prior**-0.5, theta.dtype), np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta in place: its gradient is A[0] B, the rows C are A[1:] B."""
        columns, sources = state.roots.shape[:2]
        rows, X = directed(A, B, self.inflation)
        X = np.ascontiguousarray(X.reshape(-1, sources, columns).transpose(2, 0, 1))
        for k in range(columns):
            self.apply_column(state, k, theta.reshape(sources, columns), rows, X[k])
        state.t[0] += 1.0

    def apply_readout(self, state, readout, outcome):
        """Update the readout's parameters: in column k the gradient is error[k] psi, the evidence sqrt(variances[k]) psi."""
        rows, psi = np.sqrt(readout.variances(outcome)).repeat(2).reshape(-1, 2, 1), outcome.psi.reshape(1, -1)
        for k in range(len(rows)):
            rows[k, 0, 0] = outcome.error[k]
            self.apply_column(state, k, readout.theta, rows[k], psi)
        state.t[0] += 1.0

    def apply_column(self, state, k, theta, A, X):
        """Equation (1) for column k: the gradient is A[0] X, the rows are A[1:] X, X (q, sources)."""
        sources, t = len(theta), state.t[0]
        returned, s = self.fading * sources * self.prior, 1.0 / np.sqrt(1.0 - self.fading)
        rate = self.rate / (1.0 + self.decay * np.sqrt(t))
        move(theta, k, state.roots[k], A, X, int(t) % sources, returned, s, rate)

    def gains(self, state, M):
        """M <- the diagonal of each column's L L^T."""
        assign(M, (state.roots * state.roots).sum(2).T)

    def label(self):
        return self.described("block ")
