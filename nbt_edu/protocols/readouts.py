"""What a readout owes the others."""

from typing import NamedTuple, Protocol

import numpy as np

from ..kernels import assign, dots, pull
from .follows import follows, shortcut


class Outcome(NamedTuple):
    """What a readout found at a step."""

    p: np.ndarray  # (m',) the prediction: a probability for each symbol, or the means of a signal
    psi: np.ndarray  # (n + 1,) what it saw: [h; 1]
    error: np.ndarray  # (m',) dl/da, by the outputs a = psi theta
    q: np.ndarray  # (n,) dl/dh


class Readout(Protocol):
    """From the visible state to a prediction, its loss in bits, and the loss's curvature."""

    theta: np.ndarray  # (n + 1, m')

    def predict(self, h) -> np.ndarray:
        """The prediction p (m',) from the state h, whose first n components are visible."""

    def loss(self, h, y) -> tuple[float, Outcome]:
        """l_t in bits, and the outcome. The gradient by theta is the outer product psi error."""

    def curvature(self, outcome) -> np.ndarray:
        """N (m', m'), where N^T N is the Hessian of the loss by the outputs a."""

    @shortcut("curvature")
    def curvature_rows(self, outcome):
        """q, then N da/dh, a row for each output: (1 + m', n). What a Kalman filter asks of an estimator."""
        N, n = self.curvature(outcome), outcome.q.size
        Q = np.empty((1 + len(N), n), outcome.q.dtype)
        assign(Q[0], outcome.q)
        for r in range(len(N)):
            assign(Q[1 + r], pull(self.theta, N[r], n))
        return Q

    @shortcut("curvature", "curvature_rows")
    def curvature_products(self, outcome, V):
        """The inner products of `curvature_rows` with the rows of V (k, at least n), cut to n: (1 + m', k)."""
        return dots(self.curvature_rows(outcome), V)

    @shortcut("curvature")
    def variances(self, outcome):
        """The diagonal of N^T N (m',): what the loss tells of a column of theta is that times psi psi^T."""
        N = self.curvature(outcome)
        return (N * N).sum(0)

    @shortcut("curvature")
    def output_rows(self, outcome):
        """The gradient by theta, then the rows of N da/dtheta: (1 + m', (n + 1) m'), flat."""
        N, psi = self.curvature(outcome), outcome.psi[:, None]
        B = np.empty((1 + len(N), psi.size, len(N)), psi.dtype)
        assign(B[0], psi * outcome.error)
        for r in range(len(N)):
            assign(B[1 + r], psi * N[r])
        return B.reshape(1 + len(N), -1)

    @shortcut("curvature", "variances")
    def column_rows(self, outcome):
        """The gradient by theta, then in each column k sqrt(variances[k]) psi: (2, (n + 1) m'), flat."""
        psi = outcome.psi[:, None]
        B = np.empty((2, psi.size, outcome.error.size), psi.dtype)
        assign(B[0], psi * outcome.error)
        assign(B[1], psi * np.sqrt(self.variances(outcome)))
        return B.reshape(2, -1)

    @follows
    def adapt(self, outcome):
        """What it learns besides theta, once a step, in place: here nothing."""
