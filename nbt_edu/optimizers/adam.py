"""Adam and RMSProp: every parameter scaled by the recent size of its own gradient g.

    m <- beta1 m + (1 - beta1) g          s <- beta2 s + (1 - beta2) g^2                                     (1)
    theta <- theta - rate (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)                              (2)

RMSProp is (1) and (2) with beta1 = 0 and no correction for the start. Sources: Kingma and Ba, arXiv:1412.6980; Tieleman
and Hinton 2012.
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..jit import loops
from ..kernels import add_product
from ..protocols import Optimizer, Steps
from ..settings import Number
from .families import Memory, Rate


class AdamState(NamedTuple):
    """The state for a block of parameters."""

    m: np.ndarray  # running mean of g, shaped as theta
    s: np.ndarray  # running mean of g^2
    t: Steps  # (1,) updates made


def scaled_step(theta, g, m, s, rate, weights, corrections, eps):
    """Equations (1) and (2) in place, for theta, g, m and s (r, P); weights and corrections are pairs of numbers."""
    m *= weights[0]
    m += (1.0 - weights[0]) * g
    s *= weights[1]
    s += (1.0 - weights[1]) * g * g
    theta -= rate * m / corrections[0] / (np.sqrt(s / corrections[1]) + eps)


@loops(scaled_step)
def _(theta, g, m, s, rate, weights, corrections, eps):
    for i in range(theta.shape[0]):
        for j in range(theta.shape[1]):
            m[i, j] = weights[0] * m[i, j] + (1.0 - weights[0]) * g[i, j]
            s[i, j] = weights[1] * s[i, j] + (1.0 - weights[1]) * g[i, j] * g[i, j]
            theta[i, j] -= rate * m[i, j] / corrections[0] / (np.sqrt(s[i, j] / corrections[1]) + eps)


@implements(Optimizer)
class Adam:
    """Adam, separately for each block of parameters.

    rate: largest step of a parameter, about, at least 0. beta1, beta2: memory of the means, in [0, 1). eps: above 0.
    Cost per update: time P K + 6 P for gradients of K factors, memory 2 P.

    Raises ValueError for settings out of range.
    """

    rate: Rate = 0.001
    beta1: Memory = 0.9
    beta2: Memory = 0.999
    eps: Number(0, open_low=True) = 1e-8

    def begin(self, theta):
        """The state for a block of parameters: zeros."""
        return AdamState(np.zeros_like(theta), np.zeros_like(theta), np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        g, t = np.zeros_like(theta), state.t[0] + 1.0
        add_product(g, 1.0, A, B)
        corrections = 1.0 - self.beta1**t, 1.0 - self.beta2**t
        m, s = state.m.reshape(theta.shape), state.s.reshape(theta.shape)
        scaled_step(theta, g, m, s, self.rate, (self.beta1, self.beta2), corrections, self.eps)
        state.t[0] = t

    def label(self):
        return f"Adam rate={self.rate:g}"


@implements(Optimizer)
class RMSProp:
    """RMSProp, separately for each block of parameters.

    rate: at least 0. memory: beta2 of (1), in [0, 1). eps: above 0.
    Cost per update: time P K + 5 P for gradients of K factors, memory 2 P.

    Raises ValueError for settings out of range.
    """

    rate: Rate = 0.001
    memory: Memory = 0.99
    eps: Number(0, open_low=True) = 1e-8

    def begin(self, theta):
        """The state for a block of parameters: zeros."""
        return AdamState(np.zeros_like(theta), np.zeros_like(theta), np.zeros(1))

    def apply(self, state, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        g = np.zeros_like(theta)
        add_product(g, 1.0, A, B)
        m, s = state.m.reshape(theta.shape), state.s.reshape(theta.shape)
        scaled_step(theta, g, m, s, self.rate, (0.0, self.memory), (1.0, 1.0), self.eps)

    def label(self):
        return f"RMSProp rate={self.rate:g}"
