"""Squared error: from the state to the mean of a Gaussian for each component of a signal, and the loss in bits.

    a = psi theta, psi = [h; 1]       l_t = sum_k (y_k - a_k)^2 / (2 s_k ln 2) + log2(2 pi s_k) / 2          (1)
    dl/da_k = (a_k - y_k) / (s_k ln 2)                q = dl_t/dh = theta[:n] dl/da                          (2)
    R = d2l/da2 = diag(1 / (s_k ln 2)) = N^T N,       N = diag(1 / sqrt(s_k ln 2))                           (3)

s_k is the variance of component k about its prediction: given, or learnt as the running mean of squared errors,

    s_k <- s_k + ((y_k - a_k)^2 - s_k) / (1 + min(t, memory)),        t = 1, 2, ...                          (4)

after the step's gradient is taken, so that the loss of a value never depends on the value itself but by (1). The loss is then
the number of bits by which the value's density falls short of 1: a code length, up to the digits that one wants to keep.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..implements import implements
from ..kernels import pull, push, with_one
from ..protocols import Outcome, Positive, Readout, Steps
from ..settings import real, require, whole

LN2 = 0.6931471805599453
LEAST = 1e-12  # of a variance that is learnt


@implements(Readout)
class SquaredErrorReadout:
    """Gaussian readout of k components. Cost per step: 2 n k multiplications for the loss and its derivatives."""

    theta: np.ndarray  # (n + 1, k): rows are units and the bias, columns components
    variance: Positive  # (k,) s
    count: Steps  # (1,) t of (4)
    memory: int  # of (4), in steps; 0 where the variance is given

    def predict(self, h):
        """The means a (k,) from the state h, whose first n components are visible."""
        return push(self.theta, with_one(h[: self.theta.shape[0] - 1]))

    def loss(self, h, y):
        """State h and the values y (k,) that came -> l in bits, and the outcome, by (1) and (2)."""
        n = self.theta.shape[0] - 1
        psi = with_one(h[:n])
        a = push(self.theta, psi)
        error, loss = np.empty_like(a), 0.0
        for k in range(a.size):
            s = self.variance[k]
            error[k] = (a[k] - y[k]) / (s * LN2)
            loss += 0.5 * (a[k] - y[k]) * error[k] + 0.5 * np.log2(2.0 * np.pi * s)
        return loss, Outcome(a, psi, error, pull(self.theta, error, n))

    def curvature(self, outcome):
        """N (k, k), equation (3)."""
        return np.diag(1.0 / np.sqrt(self.variance * LN2))

    def variances(self, outcome):
        """R's diagonal (k,)."""
        return 1.0 / (self.variance * LN2)

    def adapt(self, outcome):
        """Equation (4), where the variance is learnt."""
        if self.memory:
            self.count[0] += 1.0
            for k in range(outcome.error.size):
                off = outcome.error[k] * self.variance[k] * LN2
                self.variance[k] += (off * off - self.variance[k]) / (1.0 + min(self.count[0], self.memory))
                self.variance[k] = max(self.variance[k], LEAST)


@dataclass(frozen=True)
class SquaredError:
    """The mean of a Gaussian for each component of a signal. The loss is in bits per step, errors are squared errors.

    variance: of the values about their predictions: a number above 0, or None to learn it, as the mean of about the last
    `memory` squared errors; it begins at 1. The smaller it is, the longer the gradients: a rate that suits one does not suit
    another, but for optimizers that scale by the gradients themselves (Adam, the Kalman filters).
    Raises ValueError for a variance that is not positive and finite, or a memory that is not a whole number from 1.
    """

    variance: float | None = None
    memory: int = 1000

    symbols = False  # what it predicts: values

    def __post_init__(self):
        object.__setattr__(self, "memory", whole("memory", self.memory, 1, 10**9))
        if self.variance is not None:
            value = real("variance", self.variance)
            require(0 < value < math.inf, "variance", value, "a finite number above 0, or None to learn it")
            object.__setattr__(self, "variance", value)

    def build(self, units, outputs):
        """The readout of so many units, for so many components: its means are 0 at first."""
        given = self.variance is not None
        variance = np.full(outputs, self.variance if given else 1.0)
        return SquaredErrorReadout(np.zeros((units + 1, outputs)), variance, np.zeros(1), 0 if given else self.memory)

    def fields(self):
        return {"variance": self.variance, "memory": self.memory}
