"""A linear system, whose influence matrix has a closed form.

    h(t+1) = A h(t) + x(t) B + C theta           h(0) = start                                                (1)
    G(t) = dh(t)/dtheta = (1 + A + ... + A^(t-1)) C                                                          (2)
    h -> (1 - A)^-1 (x B + C theta)    for a constant x, where all |eigenvalues of A| < 1                   (3)

x B is B[x] for a symbol. Source: the linear systems of control, of which only C theta is learnt; UORO's test of influence
balancing is one.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import add, add_product, input_columns
from ..protocols import System
from ..settings import whole


class LinearTape(NamedTuple):
    """The state before a step (c n,), and the input read. The derivatives are the same everywhere."""

    h: np.ndarray
    x: int


@implements(System)
class Linear:
    """h' = A h + x B + C theta. Cost per step: n^2 + n P, for n components of the state and P parameters."""

    theta: np.ndarray  # (1, P)
    x0: int | np.ndarray  # an input of the kind it reads: 0, or zeros (m,)
    A: np.ndarray  # (n, n)
    B: np.ndarray  # (m, n): what each symbol, or component of a signal, adds
    C: np.ndarray  # (n, P)
    first: np.ndarray  # (n,) the state before the first input

    def start(self):
        """The state before the first input (n,)."""
        return self.first.copy()

    def step(self, h, x):
        """Equation (1)."""
        h1 = np.dot(self.A, h)
        add(h1, input_columns(self.B, 0, x))
        add(h1, np.dot(self.C, self.theta[0]))
        return h1, LinearTape(h, x)

    def jvp(self, tape, u):
        """A u (n,)."""
        return np.dot(self.A, u)

    def vjp(self, tape, e):
        """e A (n,)."""
        return np.dot(e, self.A)

    def jacobian(self, tape):
        """A (n, n)."""
        return self.A.copy()

    def immediate_norms2(self, tape):
        """The squared norms of the rows of C (n,)."""
        return (self.C * self.C).sum(1)

    def immediate_gram(self, tape):
        """C C^T (n, n)."""
        return np.dot(self.C, self.C.T)

    def jvp_theta(self, tape, w):
        """C w (n,), for w (1, P)."""
        return np.dot(self.C, w[0])

    def add_vjp_theta(self, w, tape, e):
        """w += e C, for w (1, P); answers by how much |w|^2 grew."""
        d = np.dot(e, self.C)
        grown = 2.0 * np.dot(w[0], d) + np.dot(d, d)
        add(w[0], d)
        return grown

    def add_immediate(self, G, tape):
        """G += C (n, P)."""
        for i in range(len(G)):
            add(G[i], self.C[i])

    def add_vjps_theta(self, w, tapes, e):
        """w += sum_t e(t) C."""
        add_product(w, 1.0, e.sum(0)[None], self.C)

    def influence(self, t):
        """G(t) (n, P), equation (2)."""
        powers = np.zeros_like(self.A)
        for _ in range(t):
            powers = np.dot(powers, self.A) + np.eye(self.first.size)
        return np.dot(powers, self.C)

    def settled(self, x):
        """The state (n,) that is reached when x is read for ever, equation (3)."""
        return np.linalg.solve(np.eye(self.first.size) - self.A, input_columns(self.B, 0, x) + np.dot(self.C, self.theta[0]))


@dataclass(frozen=True)
class RandomLinear:
    """The description of a linear system of n = `units` components and 2 n parameters, all matrices drawn from the seed.

    Raises ValueError for a number of units out of range.
    """

    units: int

    def __post_init__(self):
        object.__setattr__(self, "units", whole("units", self.units, 1, 2000))

    def build(self, x0, inputs, rng):
        n = self.units
        A, B, C = rng.normal(size=(n, n)) / np.sqrt(n), rng.normal(size=(inputs, n)), rng.normal(size=(n, 2 * n))
        return Linear(rng.normal(size=(1, 2 * n)), x0, A, B, C, np.zeros(n))

    def fields(self):
        return {"units": self.units}
