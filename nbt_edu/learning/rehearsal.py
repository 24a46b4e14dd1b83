"""A class from outside the package is rehearsed before its machine code runs: two steps, interpreted, on copies.

Machine code does not look whether an index lies within an array, or whether shapes fit; it would read and write elsewhere. So
what Python would complain of is heard here.
"""

import copy

import numpy as np

from ..implements import begun, begun_both
from ..jit.places import PACKAGE, name_of, place
from ..kernels import Kronecker, flat

STEPS = 2


def rehearse(learner):
    """Raise what a step of the learner's parts raises, or TypeError for an answer whose shape does not fit."""
    estimators = [learner.estimator, *learner.compare.values()]
    if not any(map(_foreign, (learner._system, learner._built, learner.optimizer, *estimators))):
        return
    symbols, task = learner.task.alphabet is not None, learner.task
    x, y = (0, 0) if symbols else (np.zeros(task.inputs), np.zeros(task.outputs))
    for estimator in estimators:
        system, readout = copy.deepcopy((learner._system, learner._built))
        state, h = begun(estimator, system), system.start()
        memories = begun_both(learner.optimizer, system.theta, readout.theta)
        noise = np.ones((estimator.noise_vectors(), h.size), learner._noise.block(0).dtype)
        with np.errstate(all="ignore"):
            for _ in range(STEPS):
                h, tape = system.step(h, x)
                _, outcome = readout.loss(h, y)
                estimator.heed(state, learner.optimizer, memories[0])
                estimator.advance(state, system, tape, noise)
                A, B = estimator.gradient_for(state, system, learner.optimizer, readout, outcome)
                _fits(estimator, A, B, len(learner.optimizer.cotangents(readout, outcome)), system.theta.size)
                learner.optimizer.apply_both(*memories, flat(system.theta)[None], readout, A, B, outcome)


def _foreign(part):
    return type(part).__module__.partition(".")[0] != PACKAGE.name


def _fits(estimator, A, B, asked, P):
    """TypeError, unless A is (asked, K), or (1, K) of an answer that comes late, and B (K, P)."""
    left, right = np.shape(A), (len(B.V), B.u.size * B.V.shape[1]) if isinstance(B, Kronecker) else np.shape(B)
    if len(left) != 2 or len(right) != 2 or left[0] not in (asked, 1) or left[1] != right[0] or right[1] != P:
        cls = type(estimator)
        method = "gradient" if cls.gradient_for is cls.protocol.gradient_for else "gradient_for"
        raise TypeError(
            f"{name_of(cls)}.{method} ({place(getattr(cls, method))}) answers A {left} and B {right}: "
            f"wanted are A ({asked}, K), a row for each that is asked for, and B (K, {P})"
        )
