"""What a step costs, counted: multiplications, and numbers stored. And nothing grows with the characters read."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from nbt_edu import (
    BPTT,
    RTRL,
    UORO,
    CheckpointedBPTT,
    JointKalman,
    Kalman,
    LeakyRNN,
    MemoryNoBackTrack,
    NoBackTrack,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
    Softmax,
)  # fmt: skip
from nbt_edu.catalogue import ESTIMATORS, OPTIMIZERS, counts
from nbt_edu.learning.guards import leaves

M = 4  # symbols


class Counted(np.ndarray):
    """An array that counts the multiplications it takes part in."""

    total = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **options):
        plain = [np.asarray(one) if isinstance(one, np.ndarray) else one for one in inputs]
        if ufunc is np.matmul:
            Counted.total += products(*plain)
        elif ufunc is np.multiply and method == "__call__":
            Counted.total += np.broadcast(*plain).size
        if out:
            options["out"] = tuple(np.asarray(one) for one in out)
        answer = getattr(ufunc, method)(*plain, **options)
        return answer.view(Counted) if isinstance(answer, np.ndarray) else answer

    def __array_function__(self, function, types, args, options):
        plain = [np.asarray(one) if isinstance(one, np.ndarray) else one for one in args]
        if function is np.dot:
            Counted.total += products(*plain[:2])
            return function(*plain, **{key: np.asarray(value) for key, value in options.items()}).view(Counted)
        return super().__array_function__(function, types, args, options)


def counted(state):
    """The same state, every array of numbers counting."""
    if isinstance(state, tuple):
        return type(state)(*map(counted, state))
    return state.view(Counted) if state.dtype == float else state


def products(a, b):
    return a.size * (b.shape[-1] if b.ndim > 1 else 1)


def multiplications(estimator, n, steps=24):
    """Of a step of the network, and of the estimator beside it: means over the last half of a walk."""
    net = LeakyRNN(n, 0.5).build(0, M, np.random.default_rng(0))
    net = net._replace(theta=net.theta.view(Counted))
    rng, h, state, counts = np.random.default_rng(1), net.start(), counted(estimator.begin(net)), []
    for t in range(steps):
        start = Counted.total
        h, tape = net.step(h, t % M)
        forward = Counted.total - start
        estimator.advance(state, net, tape, 2 * rng.integers(2, size=(estimator.noise_vectors(), n)) - 1)
        estimator.gradient(state, net, rng.normal(size=(1, n)).view(Counted))
        counts.append((forward, Counted.total - start - forward))
    return np.mean(counts[steps // 2 :], axis=0)


COUNTED = [row.estimator for row in ESTIMATORS if "(c*n)**3" not in row.time]  # eigenvalues are LAPACK's, uncounted
LARGER = [NoBackTrack(3), BPTT(6), BPTT(12), CheckpointedBPTT(12), SlidingBPTT(6), UORO(3)]
LARGER += [MemoryNoBackTrack(6, 3), SlidingMemoryNoBackTrack(6, 3)]


@pytest.mark.parametrize("n", [20, 60])
@pytest.mark.parametrize("estimator", COUNTED + LARGER, ids=str)
def test_multiplications_of_a_step(estimator, n):
    """The catalogue's leading term, beside a forward pass of n^2: within what the terms of order n allow."""
    forward, own = multiplications(estimator, n)
    wanted = counts(estimator, n, M)[0]
    assert forward == pytest.approx(n * n, rel=12 / n)
    assert wanted * (1 - 6 / n) < own < wanted * (1 + 14 / n)


@pytest.mark.parametrize("estimator, power", [
    (NoBackTrack(), 2), (UORO(), 2), (BPTT(6), 2), (SlidingBPTT(6), 2), (CheckpointedBPTT(6), 2),
    (MemoryNoBackTrack(6), 2), (SlidingMemoryNoBackTrack(6), 2), (RTRL(), 4),
], ids=str)  # fmt: skip
def test_growth_with_the_network(estimator, power):
    """Multiplications per step grow as n^2 = O(p); those of RTRL as n^4."""
    counts = [multiplications(estimator, n)[1] for n in (40, 80)]
    assert np.log2(counts[1] / counts[0]) == pytest.approx(power, abs=0.2)


def stored(state):
    return sum(leaf.size for leaf in leaves(state))


EVERY = [row.estimator for row in ESTIMATORS] + LARGER + [BPTT(100), CheckpointedBPTT(2500)]


@pytest.mark.parametrize("estimator", EVERY, ids=str)
def test_numbers_stored(estimator):
    """The catalogue's formulas, to the number: NoBackTrack k (P + n), RTRL 2 n P, plain BPTT T tapes, checkpointed 2 sqrt T."""
    net = LeakyRNN(10, 0.5).build(0, M, np.random.default_rng(0))
    state = estimator.begin(net)
    assert stored(state) == counts(estimator, 10, M)[1]
    if isinstance(estimator, CheckpointedBPTT):
        assert len(state.h) + len(state.tapes.h) <= 2 * math.ceil(math.sqrt(estimator.window))


@pytest.mark.parametrize("row", OPTIMIZERS, ids=lambda row: type(row.optimizer).__name__)
def test_numbers_that_an_optimizer_stores(row):
    """The catalogue's formulas, to the number, for both blocks: P parameters in columns of Z beside O of the other block."""
    recurrent, output = row.optimizer.begin_both(np.zeros((7, 5)), np.zeros((6, 4)))
    assert stored(recurrent) == eval(row.memory, {"P": 35, "Z": 7, "O": 24})
    assert stored(output) == eval(row.memory, {"P": 24, "Z": 6, "O": 35})


@pytest.mark.parametrize("optimizer, K, products", [
    (Kalman(), 1, 6), (Kalman(), 2, 3 * 2 + 5), (Kalman(), 20, 3 * 9 + 5), (JointKalman(), 2, 3 * 9 + 5),
    (JointKalman(), 20, 3 * 9 + 5),
], ids=str)  # fmt: skip
def test_multiplications_of_an_update(optimizer, K, products):
    """Three for each of min(R, K) rows and entry of L, or for R rows whatever K is; besides what is given back, the step and
    the fading, which are five; with the gradient's direction alone (K = 1) six in all. 9 outputs, P = 300."""
    rng, P = np.random.default_rng(0), 300
    readout, theta = Softmax().build(4, 9), np.zeros((1, P))
    outcome = readout.loss(rng.normal(size=4), 0)[1]
    A, B = np.dot(optimizer.cotangents(readout, outcome), rng.normal(size=(4, K))), rng.normal(size=(K, P))
    states = [counted(state) for state in optimizer.begin_both(theta, readout.theta)]
    start, S = Counted.total, P + readout.theta.size
    optimizer.apply_both(*states, theta, readout, A, B, outcome)
    alone = products * P**2 + (3 * 9 + 5) * (S - P) ** 2
    wanted = alone if type(optimizer) is Kalman else products * S**2
    assert Counted.total - start == pytest.approx(wanted, rel=0.1)


PEAK = """
import resource, sys
from nbt_edu import SGD, AnBn, LeakyRNN, Learner, NoBackTrack
one = Learner(AnBn(8), LeakyRNN(10, 0.3), NoBackTrack(), SGD(0.001), compiled=True)
one.read(int(sys.argv[1]))
assert one.chars == int(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_text():
    """Peak memory of a run of 10^6 characters within 5 MB of that of one of 10^4 (both from compiled code on disk)."""

    def peak(chars):
        command = [sys.executable, "-c", PEAK, str(chars)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=os.environ)
        assert done.returncode == 0, done.stderr
        return int(done.stdout) / 1024

    peak(100)
    assert abs(peak(1_000_000) - peak(10_000)) < 5
