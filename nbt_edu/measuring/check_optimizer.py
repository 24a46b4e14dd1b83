"""Proofs that an optimizer does what `protocols.Optimizer` asks, without sampling: equalities to the last digits, and signs.

It is given what a learner gives it (`lesson`), for a few steps.
"""

import copy

import numpy as np

from .. import jit
from ..learning.guards import leaves
from .lesson import READOUTS, SHAPE, UNITS, first_step, learn, learnt, lesson
from .report import agrees, holds, proof, unchanged

RANKS = 1, 2, 7  # K: less and more than there are rows
FEW, MANY = 6, 60  # steps


def rows(optimizer, compiled=None):
    """Every proof of an optimizer, a `Row` each. compiled: whether also as machine code; None where numba is there."""
    proofs = [
        ("asks for q first", "both readouts", _asks(optimizer)),
        ("begins with arrays of its own", "two states", _begins(optimizer)),
        ("a step is that of A B", f"other factors, {FEW} steps", _factors(optimizer)),
        ("leaves what it is given", "both readouts", _leaves(optimizer)),
        ("all it remembers is its state", f"twice {FEW} steps, to the last bit", _repeats(optimizer)),
        ("theta stays finite", f"{MANY} steps", _finite(optimizer)),
    ]
    if getattr(optimizer, "rate", 1.0):
        proofs.append(("goes against the gradient", "first steps", _descends(optimizer)))
    frozen = _frozen(optimizer)
    if frozen is not None:
        proofs.append(("rate 0 leaves theta", f"{FEW} steps", _rests(frozen)))
    declared = jit.available() and "protocol" in vars(type(optimizer))
    if declared if compiled is None else compiled:
        proofs.append(("compiled is interpreted", f"{MANY} steps", _compiles(optimizer)))
    return [proof("optimizer", optimizer.label(), *one) for one in proofs]


def _alike(optimizer, given, name, run=learn.interpreted, tolerance=1e-9):
    """Findings that two runs make the same path."""
    before = learnt(optimizer, given)
    for (block, path), wanted in zip(learnt(optimizer, given, run).items(), before.values(), strict=True):
        for t in range(len(path)):
            yield agrees(f"{block} {name} at step {t + 1}", path[t], wanted[t], tolerance)


def _asks(optimizer):
    for kind in READOUTS:
        readout, _, outcome, Q, *_ = first_step(optimizer, kind)
        shape = np.shape(Q)
        yield holds(len(shape) == 2 and shape[1] == UNITS, f"cotangents has the shape {shape} instead of (rows, {UNITS})")
        yield agrees(f"cotangents[0] of a {kind} readout", Q[0], outcome.q)
        V = 1.0 / np.add.outer(np.arange(1, 3), np.arange(UNITS + 1))  # one more than is visible
        found = optimizer.cotangent_products(readout, outcome, V)
        yield agrees(f"cotangent_products of a {kind} readout", found, Q @ V[:, :UNITS].T)


def _begins(optimizer):
    given = lesson("softmax", 1)
    theta, output = given.theta, given.readout.theta
    before = [theta.copy(), output.copy()]
    one, other = ([*leaves(optimizer.begin(theta)), *leaves(optimizer.begin_both(theta, output))] for _ in range(2))
    yield from unchanged(["theta", "the readout's theta"], before, [theta, output], "begin")
    for i, (leaf, twin) in enumerate(zip(one, other, strict=True)):
        kind = type(leaf).__name__
        yield holds(isinstance(leaf, np.ndarray), f"part {i} of the state is of type {kind}; it should be an array")
        yield holds(not np.shares_memory(leaf, twin), f"array {i} of two states shares its memory")
        own = not np.shares_memory(leaf, theta) and not np.shares_memory(leaf, output)
        yield holds(own, f"array {i} of the state shares its memory with theta")
        bad = np.sum(~np.isfinite(leaf))
        yield holds(not bad, f"array {i} of the first state has {bad} entries that are not finite")
        yield agrees(f"array {i} of a second state", twin, leaf, 0.0)


def _factors(optimizer):
    asked = len(first_step(optimizer, "softmax")[3])
    for rank in RANKS:
        for count in sorted({1, asked}):  # one row: an estimator that answers late
            rng = np.random.default_rng((20151207, rank, count))
            pairs = [(rng.normal(size=(count, rank)), rng.normal(size=(rank, SHAPE[0] * SHAPE[1]))) for _ in range(FEW)]
            wanted = _applied(optimizer, pairs)
            mixed = [_mixed(*pair, rng) for pair in pairs]
            whole = [(np.eye(count), A @ B) for A, B in pairs]
            for name, found in ("(A R, R^-1 B)", mixed), ("(1, A B)", whole):
                yield agrees(f"theta after {name}, A {(count, rank)},", _applied(optimizer, found), wanted)


def _mixed(A, B, rng):
    """Other factors of the same product."""
    rank = A.shape[1]
    R = np.linalg.qr(rng.normal(size=(rank, rank)))[0] * rng.uniform(0.5, 2.0, rank)
    return A @ R, np.linalg.solve(R, B)


def _applied(optimizer, pairs):
    """Both thetas after each of the pairs A, B: (T, P + P')."""
    readout, theta, h, y, *_ = lesson("softmax", len(pairs))
    states, path = optimizer.begin_both(theta, readout.theta), []
    for t, (A, B) in enumerate(pairs):
        outcome = readout.loss(h[t], y[t])[1]
        optimizer.apply_both(*states, theta.reshape(1, -1), readout, A, B, outcome)
        path.append(np.concatenate((theta.ravel(), readout.theta.ravel())))
    return np.array(path)


def _leaves(optimizer):
    for kind in READOUTS:
        readout, theta, outcome, *factors = first_step(optimizer, kind)
        read = [f"the readout's array {i}" for i in range(len(readout))]
        names, before = ["p", "psi", "error", "q", "Q", "A", "B"], copy.deepcopy([*outcome, *factors])
        optimizer.apply(optimizer.begin(theta), theta.reshape(1, -1), *factors[1:])
        yield from unchanged(names, before, [*outcome, *factors], "apply")
        kept = copy.deepcopy(leaves(readout))
        optimizer.cotangents(readout, outcome)
        yield from unchanged(read, kept, leaves(readout), "cotangents")
        optimizer.apply_readout(optimizer.begin(readout.theta), readout, outcome)
        yield from unchanged(read[1:], kept[1:], leaves(readout)[1:], "apply_readout")
        yield from unchanged(names, before, [*outcome, *factors], "apply_readout")
        states = optimizer.begin_both(theta, readout.theta)
        optimizer.apply_both(*states, theta.reshape(1, -1), readout, *factors[1:], outcome)
        yield from unchanged(read[1:], kept[1:], leaves(readout)[1:], "apply_both")
        yield from unchanged(names, before, [*outcome, *factors], "apply_both")
        kept, M = copy.deepcopy(leaves(states)), np.ones(SHAPE)
        optimizer.gains(states[0], M)
        yield from unchanged([f"array {i} of the states" for i in range(len(kept))], kept, leaves(states), "gains")
        sound = np.isfinite(M).all() and (M > 0).all()
        yield holds(sound, f"gains are from {M.min():.6g} to {M.max():.6g}; all should be above 0")


def _repeats(optimizer):
    for kind in READOUTS:
        yield from _alike(optimizer, lesson(kind, FEW), "of a second run", tolerance=0.0)


def _finite(optimizer):
    for block, path in learnt(optimizer, lesson("softmax", MANY)).items():
        bad = ~np.isfinite(path).all(1)
        yield holds(not bad.any(), f"{block} is not finite after step {np.argmax(bad) + 1}")


def _descends(optimizer):
    for kind in READOUTS:
        for seed in range(5):
            readout, theta, outcome, _, A, B = first_step(optimizer, kind, seed)
            start, before = theta.copy(), readout.theta.copy()
            g, output = (A @ B)[0].reshape(SHAPE), np.outer(outcome.psi, outcome.error)
            optimizer.apply(optimizer.begin(theta), theta.reshape(1, -1), A, B)
            optimizer.apply_readout(optimizer.begin(readout.theta), readout, outcome)
            yield _downhill("theta", theta - start, g)
            yield _downhill("the readout's theta", readout.theta - before, output)
            start, before = theta.copy(), readout.theta.copy()
            optimizer.apply_both(*optimizer.begin_both(theta, before), theta.reshape(1, -1), readout, A, B, outcome)
            moved = np.concatenate(((theta - start).ravel(), (readout.theta - before).ravel()))
            yield _downhill("theta, with the readout's,", moved, np.concatenate((g.ravel(), output.ravel())))


def _downhill(block, moved, g):
    along = float((moved * g).sum())
    return holds(along < 0, f"{block} moved by {along:.6g} along its gradient (g . change); it should be below 0")


def _frozen(optimizer):
    """The optimizer at rate 0, or None where there is no rate, or none of 0."""
    try:
        return optimizer._replace(rate=0.0) if "rate" in optimizer._fields else None
    except (AttributeError, ValueError):
        return None


def _rests(frozen):
    for kind in READOUTS:
        given = lesson(kind, FEW)
        for (block, path), start in zip(learnt(frozen, given).items(), (given.theta, given.readout.theta), strict=True):
            yield agrees(f"{block} at rate 0", path[-1], start.ravel(), 0.0)


def _compiles(optimizer):
    yield from _alike(optimizer, lesson("softmax", MANY), "compiled", learn)
