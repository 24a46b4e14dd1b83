"""What is tested, in two tables: one row added here buys every contract test. And what the tests are made with."""

from typing import NamedTuple

import numpy as np

from nbt_edu import (
    BPTT,
    GRU,
    LSTM,
    RFLO,
    RTRL,
    SGD,
    UORO,
    AnBn,
    CheckpointedBPTT,
    LeakyRNN,
    Learner,
    NoBackTrack,
    ProjectedNoBackTrack,
    ReducedNoBackTrack,
    SlidesRNN,
    SlidingBPTT,
)  # fmt: skip
from nbt_edu.learning.score import ROOM
from nbt_edu.measuring.walk import Walk, read
from nbt_edu.readouts.softmax import Softmax
from nbt_edu.systems import Net, SparseNet

SYSTEMS = {  # name: how to describe such a network of n units
    "leaky": lambda n: LeakyRNN(n, 0.3),
    "one leak per unit": lambda n: LeakyRNN(n, tuple(np.linspace(0.2, 0.9, n))),
    "vanilla": lambda n: LeakyRNN(n),
    "slides": lambda n: SlidesRNN(n, tuple(np.linspace(0.8, 1.0, n))),
    "leaky slides": lambda n: SlidesRNN(n, tuple(np.linspace(0.4, 0.7, n))),
    "sparse": lambda n: LeakyRNN(n, 0.3, connections=max(1, n - 1)),
    "GRU": lambda n: GRU(n, 0.5),
    "LSTM": lambda n: LSTM(n, 0.5),
}


def walk_of(system, n=3, T=3, m=3, seed=0):
    """A network of n units of the table that reads T of m symbols."""
    rng = np.random.default_rng(seed)
    net = SYSTEMS[system](n).build(m, rng)
    net.theta[-1] = rng.normal(size=net.theta.shape[1])
    readout = Softmax(rng.normal(size=(n + 1, m)))
    text = rng.integers(m, size=T + 1)
    walk = read(net, readout, text)
    walk.readout, walk.whole = readout, text
    return walk


def immediate(net, tape):
    """dF/dtheta = S (x) psi, dense: (c n, P)."""
    c, _, n = tape.S.shape
    if isinstance(net, SparseNet):
        spread = immediate(Net(np.zeros((n + len(net.theta) - len(net.index), net.theta.shape[1])), net.cell), tape)
        spread, gates = spread.reshape(c * n, -1, net.theta.shape[1]), np.arange(net.theta.shape[1])
        read = spread[:, net.index, gates]
        return np.concatenate((read, spread[:, n:]), 1).reshape(c * n, -1)
    psi = np.concatenate((tape.source, np.zeros(len(net.theta) - n - 1), [1.0]))
    psi[n + tape.x] = 1.0
    return np.einsum("cgi,s,ij->cisgj", tape.S, psi, np.eye(n)).reshape(c * n, -1)


def exact(walk):
    """The gradient of each loss."""
    return walk.exact()


def discounted(factor):
    """As `exact`, the past fading."""
    return lambda walk: walk.exact(lambda t: factor)


def windowed(length):
    """At the end of each window, the gradient of its losses, forward in time from a past declared constant."""

    def answers(walk):
        parts = walk.exact(lambda t: t % length > 0)
        ends = range(1, len(parts) + 1)
        return [None if end % length else sum(parts[end - length : end]) for end in ends]

    return answers


def slid(length):
    """The gradient of each loss, credited over its own last steps: the past before them declared constant."""

    def answers(walk):
        whole = range(1, len(walk.q) + 1)
        return [Walk(walk.system, walk.text[:t], walk.q[:t]).exact(lambda s, t=t: s > t - length)[-1] for t in whole]

    return answers


def local(walk):
    """RTRL whose J is cut down to what passes within a unit at fixed gates."""
    cut, n = Walk(walk.system, walk.text, walk.q), walk.q.shape[1]
    for J, tape in zip(cut.J, cut.tapes, strict=True):
        J[:] = np.einsum("cbi,ij->cibj", tape.D, np.eye(n)).reshape(J.shape)
    return cut.exact()


def projected(rank):
    """RTRL whose G is cut, at every step, to its largest singular values."""

    def answers(walk):
        G, found = np.zeros_like(walk.B[0]), []
        for J, B, q in zip(walk.J, walk.B, walk.q, strict=True):
            u, sigma, x = np.linalg.svd(J @ G + B, full_matrices=False)
            G = (u[:, :rank] * sigma[:rank]) @ x[:rank]
            found.append(q @ G[: q.size])
        return found

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
        Row(UORO(), exact),
        Row(ReducedNoBackTrack(1), exact),
        Row(ReducedNoBackTrack(2), exact),
        Row(ProjectedNoBackTrack(1), projected(1)),
        Row(ProjectedNoBackTrack(2), projected(2)),
        Row(SlidingBPTT(1), slid(1)),
        Row(SlidingBPTT(3), slid(3)),
        Row(CheckpointedBPTT(1), windowed(1)),
        Row(CheckpointedBPTT(3), windowed(3)),
        Row(CheckpointedBPTT(7), windowed(7)),
        Row(RFLO(), local),
    )
}


def learner(estimator=ESTIMATORS["NoBackTrack rank 1"].estimator, rate=0.1, compiled=False, **changed):
    """A small learner, interpreted unless told otherwise."""
    settings = {"task": AnBn(5), "network": LeakyRNN(3, 0.4), "optimizer": SGD(rate, 0.1, 1.0), "seed": 3} | changed
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
