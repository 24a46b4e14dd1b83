"""Online gradient descent (slides, "Simple strategy").

    theta <- theta - eta_t g                   eta_t = rate / (1 + decay sqrt(t))                            (1)
    g is scaled down to norm `clip` where it is longer                                                       (2)

The gradient arrives as two factors, g = A B, and is never written down.
"""

import math
from typing import NamedTuple

import numpy as np

from ..jit import methods
from ..kernels import add_product, product_norm
from ..settings import checked, require


@checked
@methods
class SGD(NamedTuple):
    """Stochastic gradient descent, separately for each block of parameters (recurrent, readout).

    rate: eta, at least 0 (0 freezes theta). decay: c in (1), with t the updates made so far. clip: largest norm of the
    gradient (bits per unit of theta); infinity does not clip.
    Cost per update: time P K for factors of K rows (twice that with clipping), memory 1.

    Raises ValueError for a rate or decay that is negative or not finite, or a clip that is not positive.
    """

    rate: float
    decay: float = 0.0
    clip: float = math.inf

    def validate(self):
        require(0 <= self.rate < math.inf, "rate", self.rate, "a finite number, 0 or more")
        require(0 <= self.decay < math.inf, "decay", self.decay, "a finite number, 0 or more")
        require(self.clip > 0, "clip", self.clip, "a number above 0 (infinity does not clip)")

    def begin(self, theta):
        """The optimizer's memory for a block of parameters: the number of updates made (1,)."""
        return np.zeros(1, theta.dtype)

    def cotangents(self, readout, q, error, y):
        """What to ask of the estimator: the gradient alone."""
        return q[None]

    def apply(self, memory, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        eta = self.rate / (1.0 + self.decay * np.sqrt(memory[0]))  # (1)
        if self.clip < np.inf:
            eta *= min(1.0, self.clip / (product_norm(A, B) + 1e-300))  # (2)
        add_product(theta, -eta, A, B)
        memory[0] += 1.0

    def apply_readout(self, memory, readout, psi, error, y):
        """Update the readout's parameters, whose gradient is psi (n + 1, 1) times error (1, m)."""
        self.apply(memory, readout.theta, psi, error)

    def label(self):
        return f"SGD rate={self.rate:g}" + (f" decay={self.decay:g}" if self.decay else "")
