"""Softmax: from the state to a probability for each symbol, and the loss in bits.

    p = softmax(psi theta), psi = [h; 1]          l_t = -log2 p[y]                                           (1)
    dl/da = (p - onehot(y)) / ln 2                q = dl_t/dh = theta[:n] dl/da                              (2)
    R = d2l/da2 = (diag(p) - p p^T) / ln 2 = N^T N,   N[r] = sqrt(p[r] / ln 2) (onehot(r) - p)               (3)

The loss of a character is the number of bits an ideal compressor would spend on it: bits per character, on average.
The gradient is of that same loss, in bits.
"""

from dataclasses import dataclass

import numpy as np

from ..implements import implements
from ..kernels import noise_products, noise_rows, pull, push, softmax, with_one
from ..protocols import Outcome, Readout

LN2 = 0.6931471805599453
BITS = 1.0 / LN2  # in a nat


@implements(Readout)
class SoftmaxReadout:
    """Softmax readout. Cost per step: 2 n m multiplications for the loss and its derivatives."""

    theta: np.ndarray  # (n + 1, m): rows are units and the bias, columns symbols

    def predict(self, h):
        """p (m,), equation (1), from the state h, whose first n components are visible."""
        p = push(self.theta, with_one(h[: self.theta.shape[0] - 1]))
        softmax(p)
        return p

    def loss(self, h, y):
        """State h and the symbol y that came -> l in bits, and the outcome, by (1) and (2)."""
        n = self.theta.shape[0] - 1
        psi = with_one(h[:n])
        p = push(self.theta, psi)
        softmax(p)
        error = p * BITS
        error[y] -= BITS
        return -np.log2(p[y]), Outcome(p, psi, error, pull(self.theta, error, n))

    def curvature(self, outcome):
        """N (m, m), equation (3)."""
        p = outcome.p
        N = np.empty((p.size, p.size), p.dtype)
        for r in range(p.size):
            for k in range(p.size):
                N[r, k] = np.sqrt(p[r] * BITS) * ((1.0 if k == r else 0.0) - p[k])
        return N

    def curvature_rows(self, outcome):
        """q (n,), then N da/dh, a row for each output: (1 + m, n). N is not written down."""
        p, q = outcome.p, outcome.q
        return noise_rows(self.theta, q, p * BITS, pull(self.theta, p, q.size))

    def curvature_products(self, outcome, V):
        """The same rows' inner products with the rows of V, (1 + m, k): m n multiplications for each, no row written down."""
        p, q = outcome.p, outcome.q
        return noise_products(self.theta, q, p, np.sqrt(p * BITS), V)

    def variances(self, outcome):
        """R's diagonal, p (1 - p) / ln 2, of each output (m,)."""
        return outcome.p * (1.0 - outcome.p) * BITS


@dataclass(frozen=True)
class Softmax:
    """A probability for each symbol: what a learner of symbols has. The loss is in bits per character."""

    symbols = True  # what it predicts

    def build(self, units, outputs):
        """The readout of so many units, for so many symbols: all equally probable at first."""
        return SoftmaxReadout(np.zeros((units + 1, outputs)))

    def fields(self):
        return {}
