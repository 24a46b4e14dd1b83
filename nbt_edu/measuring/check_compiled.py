"""Machine code held against the same source interpreted: a system's products, and an estimator's answers along a walk."""

import numpy as np

from ..implements import lacking
from ..jit import compiled
from ..kernels import assign, buffer, store
from ..learning.guards import leaves
from .report import Row, agrees, holds, proof
from .trials import INPUTS, ROWS, built, random, trial_of
from .walk import ask

CLAIM = "compiled is interpreted"
CLOSE = 1e-6  # the reductions read small singular values off their squares: half of the digits
STEPS = 8
INTERPRETED = "this system runs interpreted only"


@compiled
def products(system, h, x, u, e, w, tapes, vectors, J, B, thetas, numbers):
    """All products of a step: vectors (5, c n), J (2, c n, c n), B (2, c n, P), thetas (2, ...), numbers (1,), filled."""
    h1, tape = system.step(h, x)
    store(tapes, 0, tape)
    assign(vectors[0], h1)
    assign(vectors[1], system.jvp(tape, u))
    assign(vectors[2], system.vjp(tape, e))
    assign(vectors[3], system.jvp_theta(tape, w))
    assign(vectors[4], system.immediate_norms2(tape))
    assign(J[0], system.jacobian(tape))
    assign(J[1], system.immediate_gram(tape))
    assign(B[0], system.immediate(tape))
    system.add_immediate(B[1], tape)
    numbers[0] = system.add_vjp_theta(thetas[0], tape, e)
    system.add_vjps_theta(thetas[1], tapes, e.reshape(1, -1))


NAMES = ("tape", "next state, jvp, vjp, jvp_theta, immediate_norms2", "jacobian, immediate_gram", "immediate, add_immediate",
         "add_vjp_theta, add_vjps_theta", "the answer of add_vjp_theta")  # fmt: skip


def system(system, name, inputs=INPUTS):
    """The row of a system: one step and all its products, compiled and interpreted."""
    if not _declared(system):
        return _skipped(name, "derivatives", INTERPRETED)
    return proof(name, "derivatives", CLAIM, "one step, all products", _products(system, inputs))


def _products(system, inputs):
    size, theta, rng = system.start().size, system.theta, random(5)
    x = inputs - 1 if np.ndim(system.x0) == 0 else rng.normal(size=np.shape(system.x0))
    h, u, e = 0.3 * rng.normal(size=(3, size))
    w, start = rng.normal(size=theta.shape), rng.normal(size=(2, *theta.shape))
    found = []
    for run in products, products.interpreted:
        room = [np.zeros((5, size)), np.zeros((2, size, size)), np.ones((2, size, theta.size)), start.copy(), np.zeros(1)]
        tapes = buffer(system, 1)
        run(system, h, x, u, e, w, tapes, *room)
        found.append([np.concatenate([np.ravel(part) for part in leaves(tapes)]), *room])
    for what, one, other in zip(NAMES, *found, strict=True):
        yield agrees(f"{what}, compiled,", one, other, CLOSE)


def estimator(system, estimator):
    """The row of an estimator on a system (a row of `catalogue.SYSTEMS`): its answers to several rows, along a walk."""
    made = built(system, 3)
    missing = lacking(estimator, made)
    if missing or not _declared(made):
        why = f"it needs {missing}, which this has not" if missing else INTERPRETED
        return _skipped(system.name, estimator.label(), why)
    how = f"{ROWS} rows, {STEPS} steps"
    return proof(system.name, estimator.label(), CLAIM, how, _answers(system, estimator))


def _answers(system, estimator):
    walk, Q = (trial := trial_of(system, 3, max(STEPS, 2 * getattr(estimator, "window", 0)))).walk, trial.Q
    size, kinds = walk.J.shape[1], estimator.noise_kinds(walk.J.shape[1])
    dtype = np.int8 if all(kind == "signs" for kind, _ in kinds) else float
    noise = (1 - 2 * random(6).integers(2, size=(len(Q), len(kinds), size))).astype(dtype)
    yield holds(_declared(estimator), f"{type(estimator).__name__} is not declared: put @nbt.implements above the class")
    found = []
    for run in ask, ask.interpreted:
        answers, rows = np.zeros((*Q.shape[:2], walk.system.theta.size)), np.zeros(len(Q), np.int64)
        run(walk.system, estimator, walk.begun(estimator), walk.buffer, Q.copy(), noise.copy(), answers, rows)
        found.append((rows, answers))
    (rows, answers), (count, wanted) = found
    yield agrees("the number of rows, compiled,", rows, count, 0.0)
    for t in range(len(Q)):
        yield agrees(f"the answer at step {t + 1}, compiled,", answers[t], wanted[t], CLOSE)


def _skipped(name, what, why):
    return Row(name, what, CLAIM, "skipped", 0.0, True, why)


def _declared(part):
    return "protocol" in vars(type(part))
