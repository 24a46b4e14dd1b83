"""The readout: from the state to a probability for each symbol, and the loss in bits.

    p = softmax(psi theta), psi = [h; 1]          l_t = -log2 p[y]                                           (1)
    dl/da = (p - onehot(y)) / ln 2                q = dl_t/dh = theta[:n] dl/da                              (2)
    R = d2l/da2 = (diag(p) - p p^T) / ln 2 = N^T N,   N[r] = sqrt(p[r] / ln 2) (onehot(r) - p)               (3)

The loss of a character is the number of bits an ideal compressor would spend on it: bits per character, on average.
The gradient is of that same loss, in bits.
"""

from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import assign, noise_rows, pull, push, softmax, with_one

LN2 = 0.6931471805599453


@methods
class Softmax(NamedTuple):
    """Softmax readout. Cost per step: 2 n m multiplications for the loss and its derivatives."""

    theta: np.ndarray  # (n + 1, m): rows are units and the bias, columns symbols

    def probabilities(self, h):
        """p (m,), equation (1), from the visible state h (n,)."""
        p = push(self.theta, with_one(h))
        softmax(p)
        return p

    def loss(self, h, y):
        """State h (n,) and the symbol that came -> l in bits, psi (n + 1, 1), dl/da (1, m), q (n,).

        The gradient for the readout's own parameters is the outer product psi dl/da.
        """
        psi = with_one(h)
        error = push(self.theta, psi)
        softmax(error)
        loss = -np.log2(error[y])
        error[y] -= 1.0
        error /= LN2
        return loss, psi[:, None], error[None], pull(self.theta, error, h.size)

    def noise_root(self, error, y):
        """N (m, m), equation (3), from the error dl/da (1, m) of symbol y."""
        p = LN2 * error[0]
        p[y] += 1.0
        N = np.empty((p.size, p.size))
        for r in range(p.size):
            for k in range(p.size):
                N[r, k] = np.sqrt(max(p[r], 0.0) / LN2) * ((1.0 if k == r else 0.0) - p[k])
        return N

    def curvature_rows(self, q, error, y):
        """q (n,), then N da/dh, a row for each output: (1 + m, n). What a Kalman filter asks of an estimator."""
        p = LN2 * error[0]
        p[y] += 1.0
        return noise_rows(self.theta, q, np.maximum(p, 0.0) / LN2, pull(self.theta, p, q.size))

    def variances(self, error, y):
        """R's diagonal p (1 - p) / ln 2, of each output (m,): what R tells of a column of theta is that times psi psi^T."""
        p = LN2 * error[0]
        p[y] += 1.0
        return np.maximum(p * (1.0 - p), 0.0) / LN2

    def output_rows(self, psi, error, y):
        """The gradient by theta, then the rows of N da/dtheta: (1 + m, (n + 1) m), flat."""
        outputs = np.concatenate((error, self.noise_root(error, y)))
        B = np.empty((len(outputs), psi.size, error.size))
        for r in range(len(outputs)):
            assign(B[r], psi * outputs[r])
        return B.reshape(len(outputs), -1)

    def column_rows(self, psi, error, y):
        """The gradient by theta, then, in each column k, sqrt(R_kk) psi, all that R tells of it: (2, (n + 1) m), flat."""
        B = np.empty((2, psi.size, error.size))
        assign(B[0], psi * error)
        assign(B[1], psi * np.sqrt(self.variances(error, y)))
        return B.reshape(2, -1)
