"""The symbols, and what the parts owe each other. No logic: read this first.

    paper        code            shape             meaning
    h(t)         h               (c n,)            state: c components for each of n units, flat
    x(t)         x               int               the symbol read, one of m
    theta        theta           (n + m + 1, g n)  recurrent parameters, P = theta.size: one row a source, g gates a unit
    psi          source, x, 1    (n + m + 1,)      [source activity; onehot(x); 1], never written down
    F            system.step                       h(t+1) = F(h(t), x(t), theta)
    J            system.jvp/vjp  (c n, c n)        dF/dh
    b_i          S (x) psi                         dF_i/dtheta, row i of the immediate derivative
    D, S         tape.D, tape.S  (c,c,n), (c,g,n)  dF/dh at fixed gates, and dF/da, both unit by unit
    G(t)         state.G         (c n, P)          dh(t)/dtheta
    v, w         state.v, .w     (k, ...)          NoBackTrack's vectors: E v w^T = G
    eps_i        noise           (draws, c n)      independent signs +-1
    lambda, beta lam, beta                         scaling lambda^beta: 0 none, 1 equal norms
    l_t          loss            float             -log2 p(symbol that came), bits
    q            q               (n,)              dl_t/dh, of the visible state
    eta          rate            float             learning rate
    T            window          int               truncation of BPTT, characters

All implementations are NamedTuple classes decorated with `jit.methods`, whose fields are their settings. Public methods
of one name have the same argument names everywhere: compiled code is dispatched on them. States are NamedTuples of arrays,
changed in place. A gradient is a product A B, A (1, K) and B (K, P), so that it need not be written down: NoBackTrack
answers (q . v_k, w_k), RTRL (q, G), BPTT (1, gradient), and K = 0 says "not yet".
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np


class Cell(Protocol):
    """All that a recurrent cell supplies; `systems.Net` does the rest."""

    def shape(self) -> tuple[int, int]:
        """(c, g): state components and gates of a unit."""

    def emit(self, h) -> tuple[np.ndarray, np.ndarray]:
        """What the weights read, (n,), and its derivative in h, (n,)."""

    def activate(self, h, a) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """h (c n,), a (g n,) -> the next state (c n,), D (c, c, n) and S (c, g, n)."""


class System(Protocol):
    """A dynamical system h(t+1) = F(h(t), x(t), theta)."""

    theta: np.ndarray

    def start(self) -> np.ndarray:
        """The first state (c n,)."""

    def step(self, h, x) -> tuple[np.ndarray, Any]:
        """The next state, and the tape of this step's derivatives."""

    def jvp(self, tape, u) -> np.ndarray:
        """J u, (c n,)."""

    def vjp(self, tape, e) -> tuple[np.ndarray, np.ndarray]:
        """e dF/da (g n,), and e J (c n,)."""

    def jacobian(self, tape) -> np.ndarray:
        """J (c n, c n)."""


class Readout(Protocol):
    """From the visible state to a loss."""

    def loss(self, h, y) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """l_t in bits, psi (n + 1, 1), dl/da (1, m), q (n,)."""


class Estimator(Protocol):
    """How dl_t/dtheta is estimated, going forward."""

    def draws(self) -> int:
        """How many sign vectors it wants for each character."""

    def begin(self, system) -> Any:
        """The state before the first character."""

    def advance(self, state, system, tape, noise) -> None:
        """Take in one step; noise (draws, c n) holds its signs. Changes the state in place."""

    def gradient(self, state, system, q) -> tuple[np.ndarray, np.ndarray]:
        """A (1, K), B (K, P): the gradient of l_t is A B; K = 0 when there is none yet. Called once a character."""

    def resume(self, before, state, system) -> Any:
        """The state with which these settings take over from `before`, of the same class."""

    def label(self) -> str:
        """Its name in tables and figures; begins with the name of the method."""


class Optimizer(Protocol):
    """What is done with a gradient."""

    def prepare(self, theta) -> np.ndarray:
        """The memory it wants for a block of parameters."""

    def apply(self, memory, theta, A, B) -> None:
        """Move theta (r, P) in place, given its gradient A B."""

    def label(self) -> str:
        """Its name in tables and figures."""


class Task(Protocol):
    """Where characters come from."""

    name: str
    alphabet: str
    entropy_rate: float | None  # bits per character, where it is known exactly
    references: dict[str, float]  # lines to compare with, {label: bits per character}

    def stream(self, rng) -> Iterator[np.ndarray]:
        """Endless arrays of symbols, indices into the alphabet."""
