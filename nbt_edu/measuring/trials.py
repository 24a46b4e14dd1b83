"""Trials of an estimator: walks of several windows, short enough for all its signs, on which its mean answers are taken.

At each step several rows are asked for, as a Kalman filter asks: the gradient of the loss first, then others.
"""

from typing import NamedTuple

import numpy as np

from ..learning.randomness import DRAWS, generator
from ..settings import require
from .walk import Walk

INPUTS = 3  # symbols, or components of a signal
ROWS = 3  # asked for at each step
SAMPLES = 4000
SIGNS = 12  # at most 2^12 sequences of signs are enumerated, and
FEW = 7  # 2^7 of a second, longer walk of one unit
STEPS = 24  # of a walk without signs
LONGEST = 100  # window that is proved


class Trial(NamedTuple):
    """A walk, what is asked along it, and how the mean is taken."""

    walk: Walk
    Q: np.ndarray  # (T, R, n); Q[:, 0] are the walk's own row vectors
    sampled: bool

    def how(self, estimator):
        if self.sampled:
            return f"6 standard errors, {SAMPLES} draws, {len(self.Q)} steps"
        signs = len(self.Q) * sum(self.walk.widths(estimator))
        return f"all 2^{signs} signs, {len(self.Q)} steps" if signs else f"influence matrix, {len(self.Q)} steps"

    def mean(self, estimator):
        """The mean of its answers over the signs, or over a sample of them: a `Mean`."""
        noises = _sample(self.walk, estimator) if self.sampled else self.walk.signs(estimator)
        return averaged(self, (self.walk.ask(estimator, self.Q, noise) for noise in noises))

    def rows(self, oracle, count):
        """{step: what an oracle says of the first rows asked for, (count, P)}, where an answer is due."""
        each = [oracle(self.walk.asking(self.Q[:, r])) for r in range(count)]
        return {t: np.array(said) for t, said in enumerate(zip(*each, strict=True)) if said[0] is not None}


class Mean(NamedTuple):
    """The mean of many draws."""

    answers: np.ndarray  # (T, R, P)
    errors: np.ndarray | None  # (T, R, P) their standard errors, of a sample
    rows: np.ndarray  # (T,) how many rows there are
    fault: str  # of what an estimator does, whatever it answers

    @property
    def answered(self):
        return [t for t, rows in enumerate(self.rows) if rows]


def averaged(trial, draws):
    """The `Mean` of draws, each as `Walk.ask` answers."""
    total, squares, count, first, fault = 0.0, 0.0, 0, None, ""
    for answers, rows, left in draws:
        total, squares, count = total + answers, squares + answers * answers, count + 1
        first = rows if first is None else first
        if left[0].tobytes() != trial.Q.tobytes():
            fault = fault or "it changes Q, which it is asked for"
        if (rows != first).any():
            fault = fault or "when it answers, and how many rows, depends on its random numbers"
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean * mean, 0.0) / max(count - 1, 1))
    return Mean(mean, spread if trial.sampled else None, first, fault)


def trials(system, estimator):
    """The trials of an estimator on a system (a row as `catalogue.SYSTEMS` has it).

    As many units and steps as all signs allow, two windows at least; where they do not, a sample. Then one unit, for longer.
    """
    window = getattr(estimator, "window", 0)
    require(window <= LONGEST, "window", window, f"at most {LONGEST} to be proved; a smaller one is the same source")
    one, three = (built(system, n).start().size for n in (1, 3))
    if not estimator.noise_kinds(one):
        return [trial_of(system, 3, max(STEPS, 3 * window))]
    enumerable, signs = all(kind == "signs" for kind, _ in estimator.noise_kinds(one)), {}
    for n in 1, 2, 3:
        signs[n] = sum(width for _, width in estimator.noise_kinds(built(system, n).start().size))
    varied = (3, 6), (3, 3), (2, 3), (2, 4), (2, 6), (2, 2), (1, 3), (1, 4), (1, 6), (1, 2), (1, 2 * window)
    sizes = varied if one < three else [(3, T) for T in (6, 5, 4, 3, 2 * window)]
    fitting = [(n, T) for n, T in sizes if enumerable and 2 * window <= T and 0 < T * signs[n] <= SIGNS]
    if not fitting:
        return [trial_of(system, 2, max(3, 2 * window + 1), True)]
    longer = FEW // signs[1]
    more = [(1, longer)] if one < three and longer > max(fitting[0][1], 2 * window) else []
    return [trial_of(system, n, T) for n, T in [fitting[0], *more]]


def trial_of(system, units, steps, sampled=False):
    """A trial of so many units and steps."""
    rng = random(4)
    made = built(system, units, rng)
    inputs = rng.normal(size=(steps, INPUTS)) if system.signal else rng.integers(INPUTS, size=steps)
    Q = rng.normal(size=(steps, ROWS, system.describe(units).units))
    return Trial(Walk(made, inputs, Q[:, 0].copy()), Q, sampled)


def _sample(walk, estimator):
    shape, kinds = (SAMPLES, len(walk.tapes), walk.J.shape[1]), estimator.noise_kinds(walk.J.shape[1])
    return np.stack([DRAWS[kind](generator(0, "study", k), shape) for k, (kind, _) in enumerate(kinds)], 2)


def built(system, units, rng=None):
    """The system that a row describes, of so many units."""
    return system.describe(units).build(np.zeros(INPUTS) if system.signal else 0, INPUTS, rng or random(0))


def random(seed):
    """Random numbers of the proofs: the same on every machine."""
    return np.random.default_rng((20151207, seed))
