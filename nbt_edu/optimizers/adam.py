"""Adam and RMSProp: every parameter scaled by the recent size of its own gradient g.

    m <- beta1 m + (1 - beta1) g          s <- beta2 s + (1 - beta2) g^2                                     (1)
    theta <- theta - rate (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)                              (2)

RMSProp is (1) and (2) with beta1 = 0 and no correction for the start. Sources: Kingma and Ba, arXiv:1412.6980; Tieleman
and Hinton 2012.
"""

from typing import NamedTuple

import numpy as np

from ..jit import loops, methods
from ..kernels import add_product
from ..settings import checked, require


class AdamState(NamedTuple):
    """The memory for a block of parameters."""

    m: np.ndarray  # running mean of g, shaped as theta
    s: np.ndarray  # running mean of g^2
    t: np.ndarray  # (1,) updates made


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


def require_decays(**decays):
    for name, value in decays.items():
        require(0 <= value < 1, name, value, "a number from 0 up to, but not, 1")


@checked
@methods
class Adam(NamedTuple):
    """Adam, separately for each block of parameters.

    rate: largest step of a parameter, about, at least 0. beta1, beta2: memory of the means, in [0, 1). eps: above 0.
    Cost per update: time P K + 6 P for gradients of K factors, memory 2 P.

    Raises ValueError for settings out of range.
    """

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def validate(self):
        require(0 <= self.rate < np.inf, "rate", self.rate, "a finite number, 0 or more")
        require_decays(beta1=self.beta1, beta2=self.beta2)
        require(self.eps > 0, "eps", self.eps, "a number above 0")

    def begin(self, theta):
        """The memory for a block of parameters: zeros."""
        return AdamState(np.zeros_like(theta), np.zeros_like(theta), np.zeros(1, theta.dtype))

    def cotangents(self, readout, q, error, y):
        """What to ask of the estimator: the gradient alone."""
        return q[None]

    def apply(self, memory, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        g, t = np.zeros_like(theta), memory.t[0] + 1.0
        add_product(g, 1.0, A, B)
        corrections = 1.0 - self.beta1**t, 1.0 - self.beta2**t
        m, s = memory.m.reshape(theta.shape), memory.s.reshape(theta.shape)
        scaled_step(theta, g, m, s, self.rate, (self.beta1, self.beta2), corrections, self.eps)
        memory.t[0] = t

    def apply_readout(self, memory, readout, psi, error, y):
        """Update the readout's parameters, whose gradient is psi (n + 1, 1) times error (1, m)."""
        self.apply(memory, readout.theta, psi, error)

    def label(self):
        return f"Adam rate={self.rate:g}"


@checked
@methods
class RMSProp(NamedTuple):
    """RMSProp, separately for each block of parameters.

    rate: at least 0. memory: beta2 of (1), in [0, 1). eps: above 0.
    Cost per update: time P K + 5 P for gradients of K factors, memory 2 P.

    Raises ValueError for settings out of range.
    """

    rate: float = 0.001
    memory: float = 0.99
    eps: float = 1e-8

    def validate(self):
        require(0 <= self.rate < np.inf, "rate", self.rate, "a finite number, 0 or more")
        require_decays(memory=self.memory)
        require(self.eps > 0, "eps", self.eps, "a number above 0")

    def begin(self, theta):
        """The memory for a block of parameters: zeros."""
        return AdamState(np.zeros_like(theta), np.zeros_like(theta), np.zeros(1, theta.dtype))

    def cotangents(self, readout, q, error, y):
        """What to ask of the estimator: the gradient alone."""
        return q[None]

    def apply(self, memory, theta, A, B):
        """Update theta (r, P) in place with the gradient A (r, K) times B (K, P)."""
        g = np.zeros_like(theta)
        add_product(g, 1.0, A, B)
        m, s = memory.m.reshape(theta.shape), memory.s.reshape(theta.shape)
        scaled_step(theta, g, m, s, self.rate, (0.0, self.memory), (1.0, 1.0), self.eps)

    def apply_readout(self, memory, readout, psi, error, y):
        """Update the readout's parameters, whose gradient is psi (n + 1, 1) times error (1, m)."""
        self.apply(memory, readout.theta, psi, error)

    def label(self):
        return f"RMSProp rate={self.rate:g}"
