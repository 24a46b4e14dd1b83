"""Online gradient descent (slides, "Simple strategy").

    theta <- theta - eta_t g                   eta_t = rate / (1 + decay sqrt(t))                            (1)
    g is scaled down to norm `clip` where it is longer                                                       (2)

The gradient arrives as two factors, g = A B, and is never written down.
"""

import math
from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import add_product, product_norm
from ..protocols import Optimizer, Steps
from .families import Clip, Decay, Rate


class SGDState(NamedTuple):
    """SGD's state."""

    t: Steps  # (1,) updates made


@implements(Optimizer)
class SGD:
    """Stochastic gradient descent, separately for each block of parameters (recurrent, readout).

    rate: eta, at least 0 (0 freezes theta). decay: c in (1), with t the updates made so far. clip: largest norm of the
    gradient (bits per unit of theta); infinity does not clip.
    Cost per update: time P K for factors of K rows (twice that with clipping), memory 1.

    Raises ValueError for a rate or decay that is negative or not finite, or a clip that is not positive.
    """

    rate: Rate
    decay: Decay = 0.0
    clip: Clip = math.inf

    def begin(self, theta):
        """The state for a block of parameters."""
        return SGDState(np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        eta = self.rate / (1.0 + self.decay * np.sqrt(state.t[0]))  # (1)
        if self.clip < np.inf:
            eta *= min(1.0, self.clip / (product_norm(A, B) + 1e-300))  # (2)
        add_product(theta, -eta, A, B)
        state.t[0] += 1.0

    def label(self):
        return f"SGD rate={self.rate:g}" + (f" decay={self.decay:g}" if self.decay else "")
