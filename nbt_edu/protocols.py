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
    q            q, Q[0]         (n,)              dl_t/dh, of the visible state
    N da/dh      Q[1:]           (m, n)            what a Kalman filter asks besides; N^T N: Hessian of the loss by outputs a
    eta          rate            float             learning rate
    T            window          int               truncation of BPTT, characters

All implementations are NamedTuple classes decorated with `jit.methods`, whose fields are their settings. Public methods
of one name have the same argument names everywhere: compiled code is dispatched on them. States are NamedTuples of arrays,
changed in place. An estimator is asked for row vectors times G, Q (R, n), Q[0] = q first; it answers Q G as a product A B,
A (R, K) and B (K, P), so that nothing need be written down: NoBackTrack answers (Q v_k, w_k), RTRL (Q, G), BPTT, which
answers for q alone and late, (1, gradient); K = 0 says "not yet".
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
    """A dynamical system h(t+1) = F(h(t), x(t), theta), with its derivatives as products. B = dF/dtheta (c n, P)."""

    theta: np.ndarray

    def start(self) -> np.ndarray:
        """The first state (c n,)."""

    def step(self, h, x) -> tuple[np.ndarray, Any]:
        """The next state, and the tape of this step's derivatives. A tape has the fields h and x: the step can be redone.

        The next state is a new array; the tape may hold h itself, for whoever runs a system never changes a state in place.
        `keep` copies.
        """

    def jvp(self, tape, u) -> np.ndarray:
        """J u, (c n,)."""

    def vjp(self, tape, e) -> np.ndarray:
        """e J, (c n,)."""

    def jacobian(self, tape) -> np.ndarray:
        """J (c n, c n)."""

    def jvp_theta(self, tape, w) -> np.ndarray:
        """B w (c n,), for w shaped as theta."""

    def immediate_norms2(self, tape) -> np.ndarray:
        """|b_i|^2 (c n,) of the rows of B."""

    def immediate_gram(self, tape) -> np.ndarray:
        """B B^T (c n, c n)."""

    def add_vjp_theta(self, w, tape, e) -> float:
        """w += e B, for w shaped as theta. Answers by how much |w|^2 grew."""

    def add_immediate(self, G, tape) -> None:
        """G += B, for G (c n, P)."""

    def add_vjps_theta(self, w, room, e) -> None:
        """w += sum_t e(t) B(t) over the tapes of a room; e (T, c n)."""

    def room(self, length) -> Any:
        """Room for so many tapes."""

    def keep(self, room, t, tape) -> None:
        """Copy a tape to place t of a room."""

    def recall(self, room, t) -> Any:
        """The tape at place t of a room."""


class Readout(Protocol):
    """From the visible state to a loss."""

    def loss(self, h, y) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """l_t in bits, psi (n + 1, 1), dl/da (1, m), q (n,)."""

    def curvature_rows(self, q, error, y) -> np.ndarray:
        """Q (1 + m, n): q, and N da/dh."""


class Estimator(Protocol):
    """How dl_t/dtheta is estimated, going forward."""

    def noise_vectors(self) -> int:
        """How many sign vectors it wants for each character."""

    def begin(self, system) -> Any:
        """The state before the first character."""

    def advance(self, state, system, tape, noise) -> None:
        """Take in one step; noise (draws, c n) holds its signs. Changes the state in place."""

    def gradient(self, state, system, Q) -> tuple[np.ndarray, np.ndarray]:
        """A (R, K), B (K, P): Q G is A B, the gradient of l_t its first row; K = 0 when there is none yet. Once a character."""

    def resume(self, before, state, system) -> Any:
        """The state with which these settings take over from `before`, of the same class."""

    def label(self) -> str:
        """Its name in tables and figures; begins with the name of the method."""


class Optimizer(Protocol):
    """What is done with a gradient."""

    def begin(self, theta) -> Any:
        """The memory it wants for a block of parameters (sources, columns)."""

    def cotangents(self, readout, q, error, y) -> np.ndarray:
        """Q (R, n): what to ask of the estimator, q first."""

    def apply(self, memory, theta, A, B) -> None:
        """Move theta (1, P) in place, given Q G = A B."""

    def apply_readout(self, memory, readout, psi, error, y) -> None:
        """Move the readout's theta in place, whose gradient is psi error."""

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
