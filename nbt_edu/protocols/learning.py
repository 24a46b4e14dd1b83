"""What an estimator, an optimizer and a task owe the others."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from ..kernels import dots
from ..settings import described
from .follows import follows, shortcut


class Estimator(Protocol):
    """How dl_t/dtheta is estimated, going forward.

    needs: what it asks of a system besides products, among `System.offers`. A class attribute, optional.
    """

    def begin(self, system) -> Any:
        """The state before the first step."""

    def advance(self, state, system, tape, noise) -> None:
        """Take in one step; noise (vectors, c n) holds its random numbers. Changes the state in place."""

    def gradient(self, state, system, Q) -> tuple[np.ndarray, np.ndarray]:
        """A (R, K), B (K, P) or `Kronecker`: Q G is A B, the gradient of l_t its first row; K = 0: none yet. Once a step."""

    @shortcut("gradient")
    def gradient_for(self, state, system, optimizer, readout, outcome):
        """`gradient` of the optimizer's cotangents. A sum of pairs v w^T answers without Q written down. Once a step."""
        A, B = self.gradient(state, system, optimizer.cotangents(readout, outcome))  # a wrong answer is told of here
        return A, B

    @follows
    def heed(self, state, optimizer, memory):
        """Look, before each step, at the optimizer and at its state for the recurrent theta, `memory`: here, do not."""

    @follows
    def noise_vectors(self):
        """How many vectors of random numbers it wants for each step."""
        return 0

    @follows
    def noise_kinds(self, size):
        """(kind, width) of each vector, for a state of that size: "signs" or "normal", and how many it uses. Not compiled."""
        return [("signs", size)] * self.noise_vectors()

    @follows
    def resume(self, before, state, system):
        """The state with which these settings take over from `before`, of the same class. Here it begins anew. Not compiled."""
        return self.begin(system)

    @follows
    def label(self):
        """Its name in tables and figures; begins with the name of the method. Not compiled."""
        return described(self)


class Optimizer(Protocol):
    """What is done with a gradient."""

    def begin(self, theta) -> Any:
        """The state it wants for a block of parameters (sources, columns)."""

    def apply(self, state, theta, A, B) -> None:
        """Move theta (r, P) in place, whose gradient is A B, A (r, K): r = 1 of a network, r = n + 1 of a readout.

        One that asks for more rows than the gradient (`cotangents`) gets them, A (R, K), for theta (1, P); and it has an
        `apply_readout` of its own. `kernels.add_product` and `product` take B whatever it is, an array or factors.
        """

    @follows
    def cotangents(self, readout, outcome):
        """Q (R, n): what to ask of the estimator, q first. Here the gradient alone."""
        return outcome.q[None]

    @shortcut("cotangents")
    def cotangent_products(self, readout, outcome, V):
        """Q V^T (R, k): the cotangents' inner products with the rows of V (k, at least n), cut to n."""
        return dots(self.cotangents(readout, outcome), V)

    @follows
    def apply_readout(self, state, readout, outcome):
        """Move the readout's theta in place, whose gradient is the outer product psi error."""
        self.apply(state, readout.theta, outcome.psi[:, None], outcome.error[None])

    @follows
    def begin_both(self, theta, readout_theta):
        """The states of both blocks, recurrent and readout. Here each begins alone. Not compiled."""
        return self.begin(theta), self.begin(readout_theta)

    @follows
    def apply_both(self, recurrent, output, theta, readout, A, B, outcome):
        """A step of learning, of theta (1, P) and the readout's. Here each moves alone; theta, once there is an answer."""
        if A.size:
            self.apply(recurrent, theta, A, B)
        self.apply_readout(output, readout, outcome)

    @follows
    def gains(self, state, M):
        """M <- by what each entry of a gradient is multiplied in a step, up to the rate; M as theta. Here 1."""
        M.fill(1.0)

    @follows
    def label(self):
        """Its name in tables and figures. Not compiled."""
        return described(self)


class Task(Protocol):
    """Where inputs and targets come from; not compiled. `tasks.Symbols` and `tasks.Signals` give most of it."""

    name: str
    alphabet: str | None  # of symbols; None for a signal
    inputs: int  # m, symbols or components read
    outputs: int  # m', symbols or components predicted
    entropy_rate: float | None  # bits a step, where it is known exactly
    references: dict[str, float]  # lines to compare with: {label: bits a character, or root-mean-square error of a signal}

    def stream(self, rng) -> Iterator[np.ndarray]:
        """Blocks of symbols (T,), each to be predicted from those before; or pairs of blocks, inputs and targets.

        The stream of a task without end is endless; a run ends with its stream.
        """

    def fields(self) -> dict:
        """Its settings as plain data, from which the class makes it again: for saving."""
