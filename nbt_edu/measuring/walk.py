"""A walk: a system that reads a short text at fixed theta, with all its derivatives written out. An oracle for proofs.

What estimators say along a walk is held against the influence matrices themselves; where signs are drawn, all of them are
enumerated, so that an expectation is a plain mean, exact to rounding.
"""

import itertools

import numpy as np


class Walk:
    """The tapes of a text, and J (T, c n, c n) = dF/dh and B (T, c n, P) = dF/dtheta, dense.

    system: read, never changed. text: symbols (T,). q: row vectors dl_t/dh (T, n) of the visible state.
    """

    def __init__(self, system, text, q):
        self.system, self.text, self.q, self.tapes = system, text, q, []
        h = system.start()
        for x in text:
            h, tape = system.step(h, x)
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

    def signs(self, estimator):
        """Every sequence of signs that the estimator can be given along the walk: (2^(T d c n), T, d, c n)."""
        return all_signs(len(self.tapes), estimator.noise_vectors(), self.J.shape[1])

    def answers(self, estimator, noise):
        """What an estimator says at each character, given signs (T, draws, c n): the gradient (P,), or None."""
        state, found = estimator.begin(self.system), []
        for tape, q, signs in zip(self.tapes, self.q, noise, strict=True):
            estimator.advance(state, self.system, tape, signs)
            A, B = estimator.gradient(state, self.system, q.reshape(1, -1))
            found.append((A @ B)[0] if A.size else None)
        return found

    def mean(self, estimator):
        """The exact mean over all signs of what it says at each character, or None."""
        answers = [self.answers(estimator, noise) for noise in self.signs(estimator)]
        return [None if said[0] is None else np.mean(said, axis=0) for said in zip(*answers, strict=True)]

    def sampled_mean(self, estimator, draws, seed=0):
        """The same over a sample of signs, and the standard error of each entry."""
        shape = draws, len(self.tapes), estimator.noise_vectors(), self.J.shape[1]
        noises = 2 * np.random.default_rng(seed).integers(2, size=shape, dtype=np.int8) - 1
        answers = list(zip(*(self.answers(estimator, noise) for noise in noises), strict=True))
        means = [None if said[0] is None else np.mean(said, axis=0) for said in answers]
        errors = [None if said[0] is None else np.std(said, axis=0, ddof=1) / np.sqrt(draws) for said in answers]
        return means, errors


def all_signs(*shape):
    """Every array of +-1 of this shape: (2^size, *shape). The mean over them is an expectation, exactly."""
    size = int(np.prod(shape))
    return (1 - 2 * (np.arange(2**size)[:, None] >> np.arange(size) & 1)).astype(np.int8).reshape(2**size, *shape)


def read(system, readout, text):
    """The walk of a text with the derivatives of a readout's losses: predicts text[1:]."""
    q, h, visible = [], system.start(), len(readout.theta) - 1
    for x, y in itertools.pairwise(text):
        h, _ = system.step(h, x)
        q.append(readout.loss(h[:visible], y)[3])
    return Walk(system, text[:-1], np.array(q))
