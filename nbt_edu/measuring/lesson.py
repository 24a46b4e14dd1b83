"""What an optimizer is given in a proof: a readout's outcomes, and Q G as A B with A = Q V, for a G = V W drawn at random."""

import copy
from typing import NamedTuple

import numpy as np

from .. import jit
from ..kernels import assign
from ..readouts import Softmax, SquaredError

UNITS, OUTPUTS, SHAPE = 3, 4, (6, 3)  # SHAPE: of the recurrent theta
READOUTS = {"softmax": Softmax(), "squared error": SquaredError(0.5)}


class Lesson(NamedTuple):
    """What comes at each of T steps, and theta before the first."""

    readout: NamedTuple
    theta: np.ndarray  # SHAPE
    h: np.ndarray  # (T, n)
    y: np.ndarray  # (T,) symbols, or (T, m')
    V: np.ndarray  # (T, n, K)
    W: np.ndarray  # (T, K, P)


def lesson(kind, T, rank=2, seed=0):
    """T steps of symbols (softmax) or vectors, G of so many factors K, all drawn from the seed."""
    rng = np.random.default_rng((20151207, seed))
    readout = READOUTS[kind].build(UNITS, OUTPUTS)
    readout.theta[...] = rng.normal(size=readout.theta.shape)
    y = rng.integers(OUTPUTS, size=T) if kind == "softmax" else rng.normal(size=(T, OUTPUTS))
    theta, h = rng.normal(size=SHAPE), rng.normal(size=(T, UNITS))
    return Lesson(readout, theta, h, y, rng.normal(size=(T, UNITS, rank)), rng.normal(size=(T, rank, theta.size)))


@jit.compiled
def learn(optimizer, recurrent, output, readout, theta, h, y, V, W, thetas, outputs):
    """Learn T times as a learner does; theta (1, P) and the readout's are written down in thetas and outputs (T, ...)."""
    for t in range(len(h)):
        _, outcome = readout.loss(h[t], y[t])
        A = np.dot(optimizer.cotangents(readout, outcome), V[t])
        optimizer.apply_both(recurrent, output, theta, readout, A, W[t], outcome)
        assign(thetas[t], theta[0])
        assign(outputs[t], readout.theta.reshape(-1))


def learnt(optimizer, given, run=learn.interpreted):
    """{name: path (T, ...)} of both blocks of parameters."""
    readout, theta, h, y, V, W = copy.deepcopy(given)
    paths = {"theta": np.empty((len(h), theta.size)), "the readout's theta": np.empty((len(h), readout.theta.size))}
    states = optimizer.begin_both(theta, readout.theta)
    run(optimizer, *states, readout, theta.reshape(1, -1), h, y, V, W, *paths.values())
    return paths


def first_step(optimizer, kind, seed=0):
    """The readout, theta, outcome, Q, A and B of a first step."""
    readout, theta, h, y, V, W = lesson(kind, 1, seed=seed)
    outcome = readout.loss(h[0], y[0])[1]
    Q = optimizer.cotangents(readout, outcome)
    return readout, theta, outcome, Q, Q @ V[0], W[0]
