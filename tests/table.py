"""What is tested, in two tables: one row added here buys every contract test. And what the tests are made with."""

from typing import NamedTuple

import numpy as np
import pytest

from nbt_edu import (
    BPTT,
    GRU,
    LSTM,
    SGD,
    AnBn,
    CheckpointedBPTT,
    IndRNN,
    LeakyRNN,
    Learner,
    MemoryNoBackTrack,
    ProjectedNoBackTrack,
    SlidesRNN,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
    catalogue,
)  # fmt: skip
from nbt_edu.estimators.oracles import exact, projected, slid, summed, windowed
from nbt_edu.learning.randomness import BLOCK
from nbt_edu.measuring.walk import read
from nbt_edu.readouts import SoftmaxReadout
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
    "IndRNN": lambda n: IndRNN(n, 0.4),
}


class Row(NamedTuple):
    """An estimator, and what the mean of its answers over all signs must be."""

    estimator: NamedTuple
    expected: callable


def rarer(one, kinds):
    """A parameter of a test. What has to be compiled for it alone takes long: the slow job does it, but for these kinds."""
    return pytest.param(one, marks=() if isinstance(one, kinds) else pytest.mark.slow)


def walk_of(system, n=3, T=3, m=3, seed=0):
    """A network of n units of the table that reads T of m symbols."""
    rng = np.random.default_rng(seed)
    net = SYSTEMS[system](n).build(0, m, rng)
    net.theta[-1] = rng.normal(size=net.theta.shape[1])
    readout = SoftmaxReadout(rng.normal(size=(n + 1, m)))
    text = rng.integers(m, size=T + 1)
    walk = read(net, readout, text[:-1], text[1:])
    walk.readout, walk.whole = readout, text
    return walk


def immediate(net, tape):
    """dF/dtheta = S (x) psi, dense: (c n, P)."""
    c, _, n = tape.S.shape
    if isinstance(net, SparseNet):
        spread = immediate(Net(np.zeros((n + len(net.theta) - len(net.index), net.theta.shape[1])), 0, net.cell), tape)
        spread, gates = spread.reshape(c * n, -1, net.theta.shape[1]), np.arange(net.theta.shape[1])
        read = spread[:, net.index, gates]
        return np.concatenate((read, spread[:, n:]), 1).reshape(c * n, -1)
    onehot = np.eye(len(net.theta) - n - 1)
    psi = np.concatenate((tape.source, onehot[tape.x] if np.ndim(tape.x) == 0 else tape.x, [1.0]))
    return np.einsum("cgi,s,ij->cisgj", tape.S, psi, np.eye(n)).reshape(c * n, -1)


MORE = [  # settings beside those of the catalogue, and what the mean of their answers over all signs must be
    (BPTT(3), windowed(3)),
    (BPTT(7), windowed(7)),
    (SlidingBPTT(3), slid(3)),
    (CheckpointedBPTT(1), windowed(1)),
    (CheckpointedBPTT(3), windowed(3)),
    (CheckpointedBPTT(7), windowed(7)),
    (MemoryNoBackTrack(2, 2, 0.5), summed(2)),
    (MemoryNoBackTrack(7), summed(7)),
    (SlidingMemoryNoBackTrack(2, 2, 0.0), exact),
    (ProjectedNoBackTrack(2), projected(2)),
]
CATALOGUE = [(row.estimator, row.expected) for row in catalogue.ESTIMATORS]
ESTIMATORS = {estimator.label(): Row(estimator, expected) for estimator, expected in CATALOGUE + MORE}


def learner(estimator=ESTIMATORS["NoBackTrack rank 1"].estimator, rate=0.1, compiled=False, **changed):
    """A small learner, interpreted unless told otherwise."""
    settings = {"task": AnBn(5), "network": LeakyRNN(3, 0.4), "optimizer": SGD(rate, 0.1, 1.0), "seed": 3} | changed
    return Learner(estimator=estimator, compiled=compiled, **settings)


def same(one, other):
    """Assert that two learners are at the same place, to the last bit, and that their records tell the same."""
    for mine, theirs in zip(one._arrays(), other._arrays(), strict=True):
        if len(mine) != BLOCK:  # rows of scores: they were collected, what is left depends on the machine's pace
            np.testing.assert_array_equal(mine, theirs)
    for record in one.record, other.record:
        record.seconds = 0.0
    (mine, arrays), (theirs, others) = one.record.to_parts(), other.record.to_parts()
    np.testing.assert_equal(mine, theirs)
    for name, array in arrays.items():
        np.testing.assert_allclose(array, others[name], rtol=1e-12, err_msg=name)
