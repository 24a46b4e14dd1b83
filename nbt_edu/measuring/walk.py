"""A walk: a system that reads a short text at fixed theta, with all its derivatives written out. An oracle for proofs.

What estimators say along a walk is held against the influence matrices themselves; where signs are drawn, all of them are
enumerated, so that an expectation is a plain mean, exact to rounding.
"""

import numpy as np

from ..kernels import buffer, store
from ..learning.loop import follow
from ..learning.randomness import DRAWS, generator


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
        self._thetas = np.broadcast_to(system.theta, (len(inputs), *system.theta.shape))

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

    def until(self, t):
        """The first t steps of it."""
        return Walk(self.system, self.inputs[:t], self.q[:t])

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

    def answers(self, estimator, noise):
        """What an estimator says at each step, given signs (T, vectors, c n): the gradient (P,), or None."""
        answers, answered = np.zeros((len(self.q), self.system.theta.size)), np.zeros(len(self.q), np.int64)
        state = estimator.begin(self.system)
        follow.interpreted(self.system, self._thetas, estimator, state, self.buffer, self.q, noise, answers, answered)
        return [answer if there else None for answer, there in zip(answers, answered, strict=True)]

    def mean(self, estimator):
        """The exact mean over all signs of what it says at each step, or None."""
        answers = [self.answers(estimator, noise) for noise in self.signs(estimator)]
        return [None if said[0] is None else np.mean(said, axis=0) for said in zip(*answers, strict=True)]

    def sampled_mean(self, estimator, draws, seed=0):
        """The same over a sample of signs, and the standard error of each entry."""
        shape, kinds = (draws, len(self.tapes), self.J.shape[1]), estimator.noise_kinds(self.J.shape[1])
        noises = np.stack([DRAWS[kind](generator(seed, "study", k), shape) for k, (kind, _) in enumerate(kinds)], 2)
        answers = list(zip(*(self.answers(estimator, noise) for noise in noises), strict=True))
        means = [None if said[0] is None else np.mean(said, axis=0) for said in answers]
        errors = [None if said[0] is None else np.std(said, axis=0, ddof=1) / np.sqrt(draws) for said in answers]
        return means, errors


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
