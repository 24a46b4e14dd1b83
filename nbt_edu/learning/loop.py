"""The loop of online learning: one step, as on the slides, and the drivers that repeat it. Compiled, or read as it stands.

    h(t+1) = F(h(t), x(t), theta)          l_t, q = dl_t/dh(t+1)          theta <- theta - eta (estimate of q G(t+1))
"""

from typing import NamedTuple

import numpy as np

from ..jit import compiled, step
from ..kernels import add_product, assign, flat, load, product_norm
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

    Answers the loss in bits. One that is not finite is not learnt from. (Branches are in steps of their own: `jit.lifetimes`.)
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
        theta = flat(system.theta)[None]
        estimator.heed(state.estimate, optimizer, state.recurrent)
        estimator.advance(state.estimate, system, tape, noise)
        A, B = estimator.gradient_for(state.estimate, system, optimizer, readout, outcome)
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
    h, theta = state.h, flat(system.theta)[None]
    h1, tape = system.step(h, x)
    write_down(prediction, readout.predict(h1))
    estimator.heed(state.estimate, optimizer, state.recurrent)
    estimator.advance(state.estimate, system, tape, noise)
    Q = np.zeros((1, readout.theta.shape[0] - 1), readout.theta.dtype)
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
        losses[t] = predict_one(system, readout, h, inputs[t], targets[t], predictions[t])


@step
def predict_one(system, readout, h, x, y, prediction):
    """Read x, predict y: answers the loss in bits."""
    h1, _ = system.step(h, x)
    loss, outcome = readout.loss(h1, y)
    write_down(prediction, outcome.p)
    assign(h, h1)
    return loss


@compiled
def follow(system, thetas, estimator, state, tapes, q, noise, answers, answered):
    """One draw of an estimator along tapes that are given: its answers (T, P) to q (T, n), theta (T, ...) being what it was."""
    for t in range(len(q)):
        assign(system.theta, thetas[t])
        answered[t] = answer_one(system, estimator, state, load(tapes, t), q[t : t + 1], noise[t], answers[t : t + 1])


@step
def answer_one(system, estimator, state, tape, Q, noise, answer):
    """Take in a step, and write down what is said of Q (R, n) in answer (R, P), zeros: how many rows, 0 for none yet."""
    estimator.advance(state, system, tape, noise)
    A, B = estimator.gradient(state, system, Q)
    return take_down(answer, A, B)


@step
def take_down(answer, A, B):
    """answer += A B, whose rows may be fewer: answers how many there are, 0 before there is an answer."""
    if A.size:
        add_product(answer[: len(A)], 1.0, A, B)
        return len(A)
    return 0
