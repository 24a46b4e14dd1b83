"""The readout: from the state to a probability for each symbol, and the loss in bits.

    p = softmax(psi theta), psi = [h; 1]          l_t = -log2 p[y]                                           (1)
    dl/da = (p - onehot(y)) / ln 2                q = dl_t/dh = theta[:n] dl/da                              (2)

The loss of a character is the number of bits an ideal compressor would spend on it: bits per character, on average.
The gradient is of that same loss, in bits.
"""

from typing import NamedTuple

import numpy as np

from .jit import methods
from .kernels import pull, push, softmax, with_one

LN2 = 0.6931471805599453


@methods
class Softmax(NamedTuple):
    """Softmax readout. Cost per step: 2 n m multiplications for the loss and its derivatives."""

    theta: np.ndarray  # (n + 1, m): rows are units and the bias, columns symbols

    def probabilities(self, h):
        """p (m,), equation (1), from the visible state h (n,)."""
        return softmax(push(self.theta, with_one(h)))

    def loss(self, h, y):
        """State h (n,) and the symbol that came -> l in bits, psi (n + 1, 1), dl/da (1, m), q (n,).

        The gradient for the readout's own parameters is the outer product psi dl/da.
        """
        psi = with_one(h)
        error = softmax(push(self.theta, psi))
        loss = -np.log2(error[y])
        error[y] -= 1.0
        error /= LN2
        return loss, psi.reshape(-1, 1), error.reshape(1, -1), pull(self.theta, error, h.size)
