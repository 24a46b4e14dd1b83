"""The loop of online learning: one step, as on the slides, and the drivers that repeat it. Compiled, or read as it stands.

    h(t+1) = F(h(t), x(t), theta)          l_t, q = dl_t/dh(t+1)          theta <- theta - eta (estimate of q G(t+1))
"""

from typing import NamedTuple

import numpy as np

from ..jit import compiled, step
from ..kernels import add_product, assign, load, product_norm
from ..protocols import Steps


class LearnerState(NamedTuple):
    """What goes on from one step to the next. All arrays, changed in place."""

    h: np.ndarray  # (c n,) the network's state
    estimate: NamedTuple  # the estimator's state
    recurrent: NamedTuple  # the optimizer's state for the recurrent theta
    readout: NamedTuple  # the optimizer's state for the readout's theta
    count: Steps  # (1,) steps made


@step
def learn_one(system, readout, estimator, optimizer, state, x, y, noise, prediction):
    """Read x, predict y, learn: theta and the state change in place; the prediction is written down where it has room.

    Answers the loss in bits. One that is not finite is not learnt from. (Branches are in steps of their own: `jit.connect`.)
    """
    h1, tape = system.step(state.h, x)
    loss, outcome = readout.loss(h1, y)
    write_down(prediction, outcome.p)
    learn(system, readout, estimator, optimizer, state, h1, tape, loss, outcome, noise)
    return loss


@step
def learn(system, readout, estimator, optimizer, state, h1, tape, loss, outcome, noise):
    """theta <- theta - eta (estimate of q G), unless the loss is not finite; then the network goes on from h1."""
    if np.isfinite(loss):
        theta = system.theta.reshape(1, -1)
        estimator.heed(state.estimate, optimizer, state.recurrent)
        estimator.advance(state.estimate, system, tape, noise)
        Q = optimizer.cotangents(readout, outcome)
        A, B = estimator.gradient(state.estimate, system, Q)
        optimizer.apply_both(state.recurrent, state.readout, theta, readout, A, B, outcome)
        readout.adapt(outcome)
        assign(state.h, h1)
        state.count[0] += 1


@step
def write_down(prediction, p):
    """prediction <- p, where there is room for it."""
    if prediction.size:
        assign(prediction, p)


@compiled
def run_chunk(system, readout, estimator, optimizer, state, inputs, targets, noise, losses, predictions):
    """Learn from T inputs and targets one by one: noise (T, vectors, c n); losses (T,), in bits, and predictions filled.

    predictions (T, m'), or (T, 0) where they are not wanted. Stops at the first loss that is not finite, which is not counted.
    """
    for t in range(losses.size):
        losses[t] = learn_one(
            system, readout, estimator, optimizer, state, inputs[t], targets[t], noise[t], predictions[t]
        )
        if not np.isfinite(losses[t]):
            break


@compiled
def pass_one(system, readout, estimator, optimizer, state, x, noise, prediction):
    """A step whose target is missing: x is read, the prediction filled; only what an estimator still owed is learnt."""
    h, theta = state.h, system.theta.reshape(1, -1)
    h1, tape = system.step(h, x)
    write_down(prediction, readout.predict(h1))
    estimator.heed(state.estimate, optimizer, state.recurrent)
    estimator.advance(state.estimate, system, tape, noise)
    Q = np.zeros((1, readout.theta.shape[0] - 1))
    A, B = estimator.gradient(state.estimate, system, Q)
    settle(optimizer, state.recurrent, theta, A, B)
    assign(h, h1)
    state.count[0] += 1


@step
def settle(optimizer, state, theta, A, B):
    """Move theta by a gradient that is not zero."""
    if A.size and product_norm(A, B) > 0.0:
        optimizer.apply(state, theta, A, B)


@compiled
def predict_chunk(system, readout, h, inputs, targets, losses, predictions):
    """The network alone, nothing learnt: h (c n,) moves on in place; losses (T,), in bits, and predictions filled."""
    for t in range(losses.size):
        h1, _ = system.step(h, inputs[t])
        losses[t], outcome = readout.loss(h1, targets[t])
        write_down(predictions[t], outcome.p)
        assign(h, h1)


@compiled
def follow(system, thetas, estimator, state, tapes, q, noise, answers, answered):
    """One draw of an estimator along tapes that are given: its answers (T, P) to q (T, n), theta (T, ...) being what it was."""
    for t in range(len(q)):
        assign(system.theta, thetas[t])
        tape = load(tapes, t)
        estimator.advance(state, system, tape, noise[t])
        Q = q[t : t + 1]
        A, B = estimator.gradient(state, system, Q)
        answered[t] = take_down(answers[t : t + 1], A, B)


@step
def take_down(answer, A, B):
    """answer += A[0] B, if there is one: answers whether there was."""
    if A.size:
        add_product(answer, 1.0, A, B)
        return 1
    return 0
