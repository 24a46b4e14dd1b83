"""The symbols, and what the parts owe each other: read this first.

    paper        code            shape             meaning
    h(t)         h               (c n,)            state: c components for each of n units, flat
    x(t)         x               int, or (m,)      the input read: a symbol, one of m, or a signal
    y(t)         y               int, or (m',)     the target: the symbol or the values to be predicted after reading x(t)
    theta        theta           (n + m + 1, g n)  recurrent parameters, P = theta.size: one row a source, g gates a unit
    psi          source, x, 1    (n + m + 1,)      [source activity; x or onehot(x); 1], never written down
    F            system.step                       h(t+1) = F(h(t), x(t), theta)
    J            system.jvp/vjp  (c n, c n)        dF/dh
    b_i          S (x) psi                         dF_i/dtheta, row i of the immediate derivative
    D, S         tape.D, tape.S  (c,c,n), (c,g,n)  dF/dh at fixed gates, and dF/da, both unit by unit
    G(t)         state.G         (c n, P)          influence: dh(t)/dtheta
    v, w         state.v, .w     (k, ...)          NoBackTrack's vectors: E v w^T = G
    eps_i        noise           (vectors, c n)    independent signs +-1
    lambda, beta lam, beta                         scaling lambda^beta: 0 none, 1 equal norms
    l_t          loss            float             in bits: -log2 p(y)
    q            outcome.q, Q[0] (n,)              dl_t/dh, of the visible state
    N da/dh      Q[1:]           (m', n)           what a Kalman filter asks besides; N^T N: Hessian of the loss by outputs a
    eta          rate            float             learning rate
    T            window          int               truncation of BPTT, steps

A network is described (`Network`) and then built (`System`), a readout as well. Each is a class under `@implements(protocol)`:
an immutable NamedTuple whose fields are its settings or arrays. A method below with a body *follows* from the others, and
need not be written. States are NamedTuples of arrays, changed in place.

An estimator is asked for row vectors times G, Q (R, n), Q[0] = q first; it answers Q G as a product A B, A (R, K) and
B (K, P), so that nothing need be written down: NoBackTrack answers (Q v_k, w_k), RTRL (Q, G), BPTT, which answers for q alone
and late, (1, gradient); K = 0 says "not yet".
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from .kernels import assign, load, pull
from .settings import described


def follows(method):
    """Mark a protocol's method that follows from the others: a class has it unless it writes a better one."""
    method.follows = True
    return method


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

    offers: what estimators may ask besides products ("units": `local_jacobian`, `cell` and tapes with D; "psi": one psi for all
    gates). A class attribute, optional.
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
            e = np.zeros(len(G))
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
        G = np.zeros((self.start().size, self.theta.size))
        self.add_immediate(G, tape)
        return G

    @follows
    def jacobian(self, tape):
        """J (c n, c n), dense."""
        size = self.start().size
        J = np.zeros((size, size))
        for i in range(size):
            e = np.zeros(size)
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


class Outcome(NamedTuple):
    """What a readout found at a step."""

    p: np.ndarray  # (m',) the prediction: a probability for each symbol, or the means of a signal
    psi: np.ndarray  # (n + 1,) what it saw: [h; 1]
    error: np.ndarray  # (m',) dl/da, by the outputs a = psi theta
    q: np.ndarray  # (n,) dl/dh


class Readout(Protocol):
    """From the visible state to a prediction, its loss in bits, and the loss's curvature."""

    theta: np.ndarray  # (n + 1, m')

    def predict(self, h) -> np.ndarray:
        """The prediction p (m',) from the state h, whose first n components are visible."""

    def loss(self, h, y) -> tuple[float, Outcome]:
        """l_t in bits, and the outcome. The gradient by theta is the outer product psi error."""

    def curvature(self, outcome) -> np.ndarray:
        """N (m', m'), where N^T N is the Hessian of the loss by the outputs a."""

    @follows
    def curvature_rows(self, outcome):
        """q, then N da/dh, a row for each output: (1 + m', n). What a Kalman filter asks of an estimator."""
        N, n = self.curvature(outcome), outcome.q.size
        Q = np.empty((1 + len(N), n))
        assign(Q[0], outcome.q)
        for r in range(len(N)):
            assign(Q[1 + r], pull(self.theta, N[r], n))
        return Q

    @follows
    def variances(self, outcome):
        """The diagonal of N^T N (m',): what the loss tells of a column of theta is that times psi psi^T."""
        N = self.curvature(outcome)
        return (N * N).sum(0)

    @follows
    def output_rows(self, outcome):
        """The gradient by theta, then the rows of N da/dtheta: (1 + m', (n + 1) m'), flat."""
        N, psi = self.curvature(outcome), outcome.psi[:, None]
        B = np.empty((1 + len(N), psi.size, len(N)))
        assign(B[0], psi * outcome.error)
        for r in range(len(N)):
            assign(B[1 + r], psi * N[r])
        return B.reshape(1 + len(N), -1)

    @follows
    def column_rows(self, outcome):
        """The gradient by theta, then in each column k sqrt(variances[k]) psi: (2, (n + 1) m'), flat."""
        psi = outcome.psi[:, None]
        B = np.empty((2, psi.size, outcome.error.size))
        assign(B[0], psi * outcome.error)
        assign(B[1], psi * np.sqrt(self.variances(outcome)))
        return B.reshape(2, -1)

    @follows
    def adapt(self, outcome):
        """What it learns besides theta, once a step, in place: here nothing."""


class Estimator(Protocol):
    """How dl_t/dtheta is estimated, going forward.

    needs: what it asks of a system besides products, among `System.offers`. A class attribute, optional.
    """

    def begin(self, system) -> Any:
        """The state before the first step."""

    def advance(self, state, system, tape, noise) -> None:
        """Take in one step; noise (vectors, c n) holds its random numbers. Changes the state in place."""

    def gradient(self, state, system, Q) -> tuple[np.ndarray, np.ndarray]:
        """A (R, K), B (K, P): Q G is A B, the gradient of l_t its first row; K = 0 when there is none yet. Once a step."""

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
        """Move theta (1, P) in place, given Q G = A B."""

    @follows
    def cotangents(self, readout, outcome):
        """Q (R, n): what to ask of the estimator, q first. Here the gradient alone."""
        return outcome.q[None]

    @follows
    def apply_readout(self, state, readout, outcome):
        """Move the readout's theta in place, whose gradient is the outer product psi error."""
        self.apply(state, readout.theta, outcome.psi[:, None], outcome.error[None])

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
