"""Any differentiable F(h, x, theta): its derivatives come from JAX (the extra `autodiff`). Interpreted only.

The state is one vector, a symbol arrives as a one-hot vector, theta may have any shape. Every estimator runs on it; those
that ask for products only (UORO, BPTT) cost what a few evaluations of F cost; the rows' norms that NoBackTrack asks for, and
RTRL's matrices, are made from all of dF/dtheta.
"""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..protocols import System
from ..settings import function, require, whole


class FunctionTape(NamedTuple):
    """Where a step was count: the state before (c,), and the input."""

    h: np.ndarray
    x: int  # or (m,)


class Function:
    """The system h' = F(h, x, theta), or F(h, onehot(x), theta) of a symbol, with derivatives by JAX in double precision.

    F: a function of three arrays (c,), (m,), theta, written with jax.numpy. Raises ImportError without jax.
    """

    def __init__(self, F, theta, size, x0, inputs):
        self.theta, self.x0, self._F = np.array(theta, float), x0, _Derivatives(F)
        self._size, self._onehot = size, np.eye(inputs)
        try:
            h1 = np.shape(self._F.value(np.zeros(size), self._onehot[0], self.theta))
        except (TypeError, ValueError) as error:
            shapes = f"({size},), ({inputs},) and {self.theta.shape}"
            raise ValueError(f"F must accept arrays of the shapes {shapes}; it says: {str(error).splitlines()[0]}") from error
        require(h1 == (size,), "F", F, f"a function whose answer has the shape of the state, ({size},), and not {h1}")

    def start(self):
        return np.zeros(self._size)

    def step(self, h, x):
        tape = FunctionTape(np.array(h), int(x) if np.ndim(x) == 0 else np.array(x))
        return np.array(self._F.value(*self._at(tape))), tape

    def jvp(self, tape, u):
        return np.array(self._F.jvp(*self._at(tape), u))

    def vjp(self, tape, e):
        return np.array(self._F.vjp(*self._at(tape), e)[0])

    def jacobian(self, tape):
        return np.array(self._F.jacobian(*self._at(tape)))

    def jvp_theta(self, tape, w):
        return np.array(self._F.jvp_theta(*self._at(tape), w))

    def add_vjp_theta(self, w, tape, e):
        d = np.array(self._F.vjp(*self._at(tape), e)[1])
        grown = 2.0 * (w * d).sum() + (d * d).sum()
        w += d
        return grown

    def immediate(self, tape):
        return np.array(self._F.rows(*self._at(tape))).reshape(self._size, -1)

    def add_immediate(self, G, tape):
        G += self.immediate(tape)

    immediate_norms2, immediate_gram, add_vjps_theta = System.immediate_norms2, System.immediate_gram, System.add_vjps_theta

    def _at(self, tape):
        return tape.h, self._onehot[tape.x] if np.ndim(tape.x) == 0 else tape.x, self.theta


class _Derivatives:
    """F and its derivatives as compiled JAX functions, in double precision whatever JAX's own setting is."""

    def __init__(self, F):
        try:
            import jax
        except ImportError:
            raise ImportError("a system from a function needs jax: pip install 'nbt-edu[autodiff]'") from None
        self._jax = jax
        self.value = self._double(F)
        self.jvp = self._double(lambda h, x, theta, u: jax.jvp(lambda h: F(h, x, theta), (h,), (u,))[1])
        self.jvp_theta = self._double(lambda h, x, theta, w: jax.jvp(lambda theta: F(h, x, theta), (theta,), (w,))[1])
        self.vjp = self._double(lambda h, x, theta, e: jax.vjp(lambda h, theta: F(h, x, theta), h, theta)[1](e))
        self.jacobian = self._double(jax.jacrev(F, 0))
        self.rows = self._double(jax.jacrev(F, 2))

    def _double(self, function):
        run = self._jax.jit(function)

        @functools.wraps(function)
        def call(*args):
            with self._jax.enable_x64(True):
                return run(*args)

        return call


@dataclass(frozen=True)
class FunctionRNN:
    """A learner's network from any differentiable F(h, x, theta), written with jax.numpy.

    F: as in `Function`. units: components of the state. initial: a function (units, inputs, rng) -> theta, of any shape.
    Learners run it interpreted, and cannot be saved (a function is not plain data).
    Raises ValueError when F's answer has another shape than the state, and ImportError without jax.
    """

    F: callable
    units: int
    initial: callable

    compiles = False

    def __post_init__(self):
        object.__setattr__(self, "units", whole("units", self.units, 1, 10_000))
        function("F", self.F), function("initial", self.initial)

    def build(self, x0, inputs, rng):
        return Function(self.F, self.initial(self.units, inputs, rng), self.units, x0, inputs)

    def fields(self):
        raise ValueError("network cannot be saved: a function is not plain data; save learner.parts() and make it anew")
