"""What is tested, in two tables: one row added here buys every contract test. And what the tests are made with."""

import itertools
from typing import NamedTuple

import numpy as np

from nbt_edu import BPTT, RTRL, SGD, AnBn, LeakyRNN, Learner, NoBackTrack, SlidesRNN
from nbt_edu.instruments import ROOM
from nbt_edu.readout import Softmax

SYSTEMS = {  # name: how to describe such a network of n units
    "leaky": lambda n: LeakyRNN(n, 0.3),
    "one leak per unit": lambda n: LeakyRNN(n, tuple(np.linspace(0.2, 0.9, n))),
    "vanilla": lambda n: LeakyRNN(n),
    "slides": lambda n: SlidesRNN(n),
    "leaky slides": lambda n: SlidesRNN(n, 0.6),
}


class Walk:
    """A network of n units that reads T of m symbols at fixed theta: its tapes, and the same derivatives in full.

    J (T, c n, c n) = dF/dh and B (T, c n, P) = dF/dtheta are dense: an oracle may cost what it likes.
    """

    def __init__(self, system, n=3, T=3, m=3, seed=0):
        rng = np.random.default_rng(seed)
        self.net = SYSTEMS[system](n).build(m, rng)
        self.net.theta[-1] = rng.normal(size=self.net.theta.shape[1])
        self.readout = Softmax(rng.normal(size=(n + 1, m)))
        self.text = rng.integers(m, size=T + 1)
        self.tapes, self.q, h = [], [], self.net.start()
        for x, y in itertools.pairwise(self.text):
            h, tape = self.net.step(h, x)
            self.tapes.append(tape)
            self.q.append(self.readout.loss(h[:n], y)[3])
        self.J = np.array([self.net.jacobian(tape) for tape in self.tapes])
        self.B = np.array([immediate(self.net, tape) for tape in self.tapes])

    def influences(self, keep=lambda t: 1.0):
        """G(1) ... G(T), where G(t+1) = keep(t) J G(t) + B and G(0) = 0."""
        G, all_G = np.zeros_like(self.B[0]), []
        for t, (J, B) in enumerate(zip(self.J, self.B, strict=True)):
            G = keep(t) * J @ G + B
            all_G.append(G)
        return np.array(all_G)

    def answers(self, estimator, noise):
        """What an estimator says at each character: the gradient (P,), or None."""
        state, found = estimator.begin(self.net), []
        for tape, q, signs in zip(self.tapes, self.q, noise, strict=True):
            estimator.advance(state, self.net, tape, signs)
            A, B = estimator.gradient(state, self.net, q)
            found.append((A @ B)[0] if A.size else None)
        return found


def immediate(net, tape):
    """dF/dtheta = S (x) psi, dense: (c n, P)."""
    c, _, n = tape.S.shape
    psi = np.concatenate((tape.source, np.zeros(len(net.theta) - n - 1), [1.0]))
    psi[n + tape.x] = 1.0
    return np.einsum("cgi,s,ij->cisgj", tape.S, psi, np.eye(n)).reshape(c * n, -1)


def all_signs(*shape):
    """Every array of +-1 of this shape: (2^size, *shape). The mean over them is an expectation, exactly."""
    size = int(np.prod(shape))
    return (1 - 2 * (np.arange(2**size)[:, None] >> np.arange(size) & 1)).astype(np.int8).reshape(2**size, *shape)


def exact(walk, keep=lambda t: 1.0):
    """The gradient of each loss: q G."""
    return [q @ G[: q.size] for q, G in zip(walk.q, walk.influences(keep), strict=True)]


def discounted(factor):
    """As `exact`, the past fading."""
    return lambda walk: exact(walk, lambda t: factor)


def windowed(length):
    """At the end of each window, the gradient of its losses, forward in time from a past declared constant."""

    def answers(walk):
        parts = exact(walk, lambda t: t % length > 0)
        ends = range(1, len(parts) + 1)
        return [None if end % length else sum(parts[end - length : end]) for end in ends]

    return answers


class Row(NamedTuple):
    """An estimator, and what the mean of its answers over all signs must be."""

    estimator: NamedTuple
    expected: callable


ESTIMATORS = {
    row.estimator.label(): row
    for row in (
        Row(RTRL(), exact),
        Row(RTRL(0.7), discounted(0.7)),
        Row(BPTT(1), windowed(1)),
        Row(BPTT(3), windowed(3)),
        Row(BPTT(7), windowed(7)),
        Row(NoBackTrack(), exact),
        Row(NoBackTrack(beta=0.5), exact),
        Row(NoBackTrack(beta=0.0), exact),
        Row(NoBackTrack(2), exact),
    )
}


def learner(estimator=ESTIMATORS["NoBackTrack rank 1"].estimator, rate=0.1, compiled=False, **changed):
    """A small learner, interpreted unless told otherwise."""
    settings = {"task": AnBn(5), "system": LeakyRNN(3, 0.4), "optimizer": SGD(rate, 0.1, 1.0), "seed": 3} | changed
    return Learner(estimator=estimator, compiled=compiled, **settings)


def same(one, other):
    """Assert that two learners are at the same place, to the last bit, and that their records tell the same."""
    for mine, theirs in zip(one._arrays(), other._arrays(), strict=True):
        if len(mine) != ROOM:  # rows of scores: they were collected, what is left depends on the machine's pace
            np.testing.assert_array_equal(mine, theirs)
    for record in one.record, other.record:
        record.seconds = 0.0
    (mine, arrays), (theirs, others) = one.record.to_parts(), other.record.to_parts()
    np.testing.assert_equal(mine, theirs)
    for name, array in arrays.items():
        np.testing.assert_allclose(array, others[name], rtol=1e-12, err_msg=name)
