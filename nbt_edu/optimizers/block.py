"""Kalman filters with one small covariance for each column of theta: a gate of a unit, with its incoming weights and bias.

    for every column k:    Lambda_k <- (1 - fading) Lambda_k + C_k^T C_k,   theta_k <- theta_k - rate Lambda_k^-1 g_k (1)

What is left out of `kalman` is the covariance between columns (slides: "with diagonal or block-diagonal covariance matrix").
"""

from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import assign
from ..settings import checked
from .kalman import Filter, evidence, eyes, potter, require_filter


@checked
@methods
class BlockKalman(NamedTuple):
    """The extended Kalman filter with a covariance that is block-diagonal, one block a column, in moment form.

    rate, decay, fading, prior: as in `Kalman`.
    Cost per update: time (m or K, the smaller) 3 P s, memory P s, for columns of s sources (n + m + 1) and gradients of K
    factors: with NoBackTrack of rank 1, 3 P s.

    Raises ValueError for settings out of range.
    """

    rate: float = 1.0
    decay: float = 0.0
    fading: float = 0.0
    prior: float = 1.0

    def validate(self):
        require_filter(self)

    def begin(self, theta):
        """The memory for a block of parameters (sources, columns): L = prior^(-1/2) for each column."""
        return Filter(eyes(theta.shape[1], theta.shape[0], self.prior**-0.5), np.zeros(1))

    def cotangents(self, readout, q, error, y):
        """What to ask of the estimator: the gradient, and one row for each output."""
        return readout.curvature_rows(q, error, y)

    def apply(self, memory, theta, A, B):
        """Update theta in place: its gradient is A[0] B, the rows C are A[1:] B."""
        columns, sources = memory.matrix.shape[:2]
        t, C, returned = memory.t[0], evidence(A, B), np.zeros(sources)
        returned[int(t) % sources] = np.sqrt(self.fading * sources * self.prior)
        rate = self.rate / (1.0 + self.decay * np.sqrt(t))
        parameters, g = theta.reshape(sources, columns), np.dot(A[0], B).reshape(sources, columns)
        rows = C.reshape(-1, sources, columns)
        for k in range(columns):
            L = memory.matrix[k]
            assign(L, L / np.sqrt(1.0 - self.fading))
            for r in range(len(rows)):
                potter(L, rows[r, :, k].copy())
            potter(L, returned)
            step = np.dot(L, np.dot(g[:, k].copy(), L))
            for j in range(sources):
                parameters[j, k] -= rate * step[j]
        memory.t[0] += 1.0

    def apply_readout(self, memory, readout, psi, error, y):
        """Update the readout's parameters: one row for each column."""
        self.apply(memory, readout.theta, np.eye(2), readout.column_rows(psi, error, y))

    def label(self):
        return f"Kalman block rate={self.rate:g} fading={self.fading:g} prior={self.prior:g}"
