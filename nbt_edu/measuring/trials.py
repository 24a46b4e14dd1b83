"""Trials of an estimator: walks of several windows, short enough for all its signs, on which its mean answers are taken.

At each step several rows are asked for, as a Kalman filter asks: the gradient of the loss first, then others.
"""

from typing import NamedTuple

import numpy as np

from ..kernels import load
from ..learning.guards import leaves
from ..learning.loop import take_down
from ..learning.randomness import DRAWS, generator
from ..settings import require
from .walk import Walk, copied

INPUTS = 3  # symbols, or components of a signal
ROWS = 3  # asked for at each step
SAMPLES = 4000
SIGNS = 12  # at most 2^12 sequences of signs are enumerated, and
FEW = 8  # 2^8 of a second, longer walk of one unit
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
        """The mean of its answers over all signs, or over a sample of them: a `Mean`."""
        return _sampled(self, estimator) if self.sampled else _over_all_signs(self, estimator)

    def kept(self):
        """Theta and the tapes, to the last bit."""
        return [one.tobytes() for one in (self.walk.system.theta, *leaves(self.walk.buffer))]

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


TOUCHED = "it changes Q, which it is only asked for"
CHANCE = "when it answers, and how many rows, depends on its random numbers"


def _over_all_signs(trial, estimator):
    """A tree: what goes on from a step are copies of the states there, one for each signs of the next."""
    (T, R, _), system = trial.Q.shape, trial.walk.system
    answers, rows, fault = np.zeros((T, R, system.theta.size)), np.zeros(T, np.int64), ""
    states, signs = [trial.walk.begun(estimator)], trial.walk.part(0, 1).signs(estimator)[:, 0]
    for t in range(T):
        tape, Q, states, before = load(trial.walk.buffer, t), trial.Q[t], [], states
        asked, found = Q.tobytes(), set()
        for state in before:
            for noise in signs:
                mine, asking = copied(state), Q.copy()
                estimator.advance(mine, system, tape, noise.copy())
                found.add(take_down(answers[t], *estimator.gradient(mine, system, asking)))
                fault = fault or (asking.tobytes() != asked and TOUCHED) or ""
                if t + 1 < T:
                    states.append(mine)
        answers[t] /= len(before) * len(signs)
        fault, rows[t] = fault or (len(found) > 1 and CHANCE) or "", max(found)
    return Mean(answers, None, rows, fault)


def _sampled(trial, estimator):
    total, squares, first, fault, asked = 0.0, 0.0, None, "", trial.Q.tobytes()
    for noise in _sample(trial.walk, estimator):
        answers, rows, left = trial.walk.ask(estimator, trial.Q, noise)
        total, squares, first = total + answers, squares + answers * answers, rows if first is None else first
        fault = fault or (left[0].tobytes() != asked and TOUCHED) or ((rows != first).any() and CHANCE) or ""
    mean = total / SAMPLES
    return Mean(mean, np.sqrt(np.maximum(squares / SAMPLES - mean * mean, 0.0) / (SAMPLES - 1)), first, fault)


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
