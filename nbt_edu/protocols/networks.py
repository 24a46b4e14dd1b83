"""What a cell, a network and the system that it builds owe the others."""

from typing import Any, Protocol

import numpy as np

from ..kernels import assign, load
from .follows import follows


class Cell(Protocol):
    """All that a recurrent cell supplies; `systems.Net` does the rest."""

    def shape(self) -> tuple[int, int]:
        """(c, g): state components and gates of a unit."""

    @follows
    def emit(self, h):
        """What the weights read, (n,), and its derivative in h, (n,). Here h itself."""
        return h, np.ones_like(h)

    @follows
    def reach(self):
        """(c, g): 1 where a gate moves a component within the step, 0 where S is zero whatever the state. Here 1."""
        return np.ones(self.shape())

    def activate(self, h, a) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """h (c n,), a (g n,) -> the next state (c n,), D (c, c, n) and S (c, g, n)."""


class Network(Protocol):
    """The description of a network; not compiled. A frozen dataclass, say.

    compiles: False where what it builds cannot be compiled (optional, True).
    """

    units: int  # n, the visible part of the state, which the readout sees

    def build(self, x0, inputs, rng) -> "System":
        """A system that reads inputs like x0, of m = `inputs` symbols or components, its weights drawn from a Generator."""

    def fields(self) -> dict:
        """Its settings as plain data, from which the class makes it again: for saving."""


class System(Protocol):
    """A dynamical system h(t+1) = F(h(t), x(t), theta), with its derivatives as products. B = dF/dtheta (c n, P).

    offers: what estimators may ask besides products ("units": `local_jacobian`, `cell` and tapes with D; "psi": one `psi(tape)`
    (sources,) for all gates and tapes with S, where B = S (x) psi). A class attribute, optional.
    """

    theta: np.ndarray
    x0: Any  # an input of the kind and size it reads: 0 (symbols), or zeros (m,)

    def start(self) -> np.ndarray:
        """The first state (c n,)."""

    def step(self, h, x) -> tuple[np.ndarray, Any]:
        """The next state, and the tape of this step's derivatives: a NamedTuple with the fields h and x, to redo the step.

        The next state is a new array; the tape may hold h itself, for whoever runs a system never changes a state in place
        while its tape is in use. `kernels.store` copies.
        """

    def jvp(self, tape, u) -> np.ndarray:
        """J u, (c n,)."""

    def vjp(self, tape, e) -> np.ndarray:
        """e J, (c n,)."""

    def add_vjp_theta(self, w, tape, e) -> float:
        """w += e B, for w shaped as theta. Answers by how much |w|^2 grew."""

    @follows
    def add_immediate(self, G, tape):
        """G += B, for G (c n, P)."""
        for i in range(len(G)):
            e = np.zeros(len(G), G.dtype)
            e[i] = 1.0
            self.add_vjp_theta(G[i].reshape(self.theta.shape), tape, e)

    @follows
    def add_vjps_theta(self, w, tapes, e):
        """w += sum_t e(t) B(t) over a buffer of tapes; e (T, c n)."""
        for t in range(len(e)):
            self.add_vjp_theta(w, load(tapes, t), e[t])

    @follows
    def immediate(self, tape):
        """B itself (c n, P), dense."""
        G = np.zeros((self.start().size, self.theta.size), self.theta.dtype)
        self.add_immediate(G, tape)
        return G

    @follows
    def jacobian(self, tape):
        """J (c n, c n), dense."""
        size = self.start().size
        J = np.zeros((size, size), self.theta.dtype)
        for i in range(size):
            e = np.zeros(size, self.theta.dtype)
            e[i] = 1.0
            assign(J[i], self.vjp(tape, e))
        return J

    @follows
    def jvp_theta(self, tape, w):
        """B w (c n,), for w shaped as theta."""
        return np.dot(self.immediate(tape), w.ravel())

    @follows
    def immediate_norms2(self, tape):
        """|b_i|^2 (c n,) of the rows of B."""
        B = self.immediate(tape)
        return (B * B).sum(1)

    @follows
    def immediate_gram(self, tape):
        """B B^T (c n, c n)."""
        B = self.immediate(tape)
        return np.dot(B, B.T)
