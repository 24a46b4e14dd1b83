"""A walk: a system that reads a short text at fixed theta, with all its derivatives written out. An oracle for proofs.

What estimators say along a walk is held against the influence matrices themselves; where signs are drawn, all of them are
enumerated, so that an expectation is a plain mean, exact to rounding.
"""

import copy

import numpy as np

from ..implements import begun
from ..jit import compiled
from ..kernels import buffer, load, store
from ..learning.loop import answer_one
from ..optimizers import DiagonalKalman
from ..optimizers.diagonal import DiagonalState


@compiled
def ask(system, estimator, state, tapes, Q, noise, answers, rows):
    """One draw of an estimator along tapes: its answers (T, R, P), zero before, to Q (T, R, n), and how many rows (T,)."""
    for t in range(len(Q)):
        rows[t] = answer_one(system, estimator, state, load(tapes, t), Q[t], noise[t], answers[t])


class Walk:
    """The tapes of a text, and J (T, c n, c n) = dF/dh and B (T, c n, P) = dF/dtheta, dense.

    system: read, never changed. inputs: symbols (T,) or a signal (T, m). q: row vectors dl_t/dh (T, n) of the visible state.
    """

    def __init__(self, system, inputs, q):
        self.system, self.inputs, self.q, self.tapes = system, inputs, q, []
        self.buffer, h = buffer(system, len(inputs)), system.start()
        for t, x in enumerate(inputs):
            h, tape = system.step(h, x)
            store(self.buffer, t, tape)
            self.tapes.append(tape)
        self.J = np.array([system.jacobian(tape) for tape in self.tapes])
        self.B = np.array([self._rows(tape) for tape in self.tapes])

    def _rows(self, tape):
        G = np.zeros((self.system.start().size, self.system.theta.size))
        self.system.add_immediate(G, tape)
        return G

    def influences(self, keep=lambda t: 1.0):
        """G(1) ... G(T), where G(t+1) = keep(t) J G(t) + B and G(0) = 0."""
        G, all_G = np.zeros_like(self.B[0]), []
        for t, (J, B) in enumerate(zip(self.J, self.B, strict=True)):
            G = keep(t) * J @ G + B
            all_G.append(G)
        return np.array(all_G)

    def exact(self, keep=lambda t: 1.0):
        """The gradient (P,) of each loss: q G."""
        return [q @ G[: q.size] for q, G in zip(self.q, self.influences(keep), strict=True)]

    def asking(self, q):
        """The same walk with other row vectors (T, n)."""
        other = copy.copy(self)
        other.q = q
        return other

    def part(self, start, end):
        """Its steps from `start` up to `end`, as if it began there: the past a constant."""
        other, cut = copy.copy(self), slice(start, end)
        other.inputs, other.q, other.tapes = self.inputs[cut], self.q[cut], self.tapes[cut]
        other.J, other.B = self.J[cut], self.B[cut]
        other.buffer = buffer(self.system, len(other.tapes))
        for t, tape in enumerate(other.tapes):
            store(other.buffer, t, tape)
        return other

    def begun(self, estimator):
        """The state that it begins with, after a look at a filter that knows some parameters much better than others."""
        state, theta = begun(estimator, self.system), self.system.theta
        precision = np.geomspace(0.1, 10.0, theta.size).reshape(theta.shape)
        estimator.heed(state, DiagonalKalman(), DiagonalState(precision, np.zeros(1)))
        return state

    def widths(self, estimator):
        """How many random numbers the estimator uses of each of its vectors."""
        return [width for _, width in estimator.noise_kinds(self.J.shape[1])]

    def signs(self, estimator):
        """Every sequence of signs that the estimator can be given along the walk: (2^(signs T), T, vectors, c n)."""
        widths = self.widths(estimator)
        each = all_signs(len(self.tapes), sum(widths))
        noise, start = np.ones((len(each), len(self.tapes), len(widths), self.J.shape[1]), np.int8), 0
        for k, width in enumerate(widths):
            noise[:, :, k, :width] = each[:, :, start : start + width]
            start += width
        return noise

    def ask(self, estimator, Q, noise, state=None):
        """Its answers (T, R, P) to copies of Q (T, R, n) and of the noise, how many rows (T,), and what it left of both."""
        state = self.begun(estimator) if state is None else state
        answers, rows = np.zeros((*Q.shape[:2], self.system.theta.size)), np.zeros(len(Q), np.int64)
        left = Q.copy(), noise.copy()
        ask.interpreted(self.system, estimator, state, self.buffer, *left, answers, rows)
        return answers, rows, left

    def answers(self, estimator, noise):
        """What an estimator says at each step, given signs (T, vectors, c n): the gradient (P,), or None."""
        answers, rows, _ = self.ask(estimator, self.q[:, None], noise)
        return [answer[0] if there else None for answer, there in zip(answers, rows, strict=True)]

    def all_answers(self, estimator, noises):
        """The same, given each of many sequences of signs: a tree, in which what begins alike is made once."""
        begins, found = {b"": self.begun(estimator)}, [[] for _ in noises]
        for t, q in enumerate(self.q):
            tape, before, begins, said = load(self.buffer, t), begins, {}, {}
            for noise, mine in zip(noises, found, strict=True):
                key = noise[: t + 1].tobytes()
                if key not in begins:
                    begins[key], answer = copied(before[noise[:t].tobytes()]), np.zeros((1, self.system.theta.size))
                    there = answer_one(self.system, estimator, begins[key], tape, q[None].copy(), noise[t].copy(), answer)
                    said[key] = answer[0] if there else None
                mine.append(said[key])
        return found

    def mean(self, estimator):
        """The exact mean over all signs of what it says at each step, or None."""
        answers = self.all_answers(estimator, self.signs(estimator))
        return [None if said[0] is None else np.mean(said, axis=0) for said in zip(*answers, strict=True)]


def copied(state):
    """A state in memory of its own."""
    if isinstance(state, np.ndarray):
        return state.copy()
    if isinstance(state, tuple):
        parts = [copied(part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return copy.deepcopy(state)


def all_signs(*shape):
    """Every array of +-1 of this shape: (2^size, *shape). The mean over them is an expectation, exactly."""
    size = int(np.prod(shape))
    return (1 - 2 * (np.arange(2**size)[:, None] >> np.arange(size) & 1)).astype(np.int8).reshape(2**size, *shape)


def read(system, readout, inputs, targets):
    """The walk of a text with the derivatives of a readout's losses."""
    q, h = [], system.start()
    for x, y in zip(inputs, targets, strict=True):
        h, _ = system.step(h, x)
        q.append(readout.loss(h, y)[1].q)
    return Walk(system, inputs, np.array(q))
