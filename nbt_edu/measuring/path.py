"""A stretch of a learner's run, recorded: tapes, thetas and exact gradients, along which estimators are then drawn."""

import copy
from typing import NamedTuple

import numpy as np

from ..estimators import RTRL
from ..implements import implements, part
from ..kernels import add_product, assign, buffer, store
from ..learning.guards import affordable, weigh
from ..learning.learner import Learner
from ..learning.loop import LearnerState, follow, run_chunk
from ..learning.precision import cast, exact_parts
from ..learning.randomness import study_noise
from ..optimizers import SGD
from ..protocols import Estimator
from ..settings import require
from ..systems import Net, SparseNet


class RecorderState(NamedTuple):
    """Recorder's state."""

    leader: NamedTuple
    tapes: NamedTuple  # a buffer of T tapes
    q: np.ndarray  # (T, n) dl_t/dh
    gradients: np.ndarray  # (T, P) what the leader answered
    count: np.ndarray  # (1,) steps taken in


@implements(Estimator)
class Recorder:
    """Answers as its leader, and keeps the tapes, the q and the answers of `steps` steps."""

    leader: NamedTuple
    units: int
    steps: int

    def begin(self, system):
        q, gradients = np.zeros((self.steps, self.units)), np.zeros((self.steps, system.theta.size))
        return RecorderState(self.leader.begin(system), buffer(system, self.steps), q, gradients, np.zeros(1, np.int64))

    def advance(self, state, system, tape, noise):
        store(state.tapes, state.count[0], tape)
        self.leader.advance(state.leader, system, tape, noise)

    def gradient(self, state, system, Q):
        A, B = self.leader.gradient(state.leader, system, Q)
        t = state.count[0]
        assign(state.q[t], Q[0])
        add_product(state.gradients[t : t + 1], 1.0, A[:1], B)
        state.count[0] += 1
        return A, B


def a_learner(name, value):
    """`value`, which is a learner; else ValueError."""
    require(isinstance(value, Learner), name, value, "a learner, such as nbt.Learner(...)")
    return value


class Path:
    """`chars` steps from where a learner stands, theta frozen (optimizer None) or moved along the exact gradient.

    thetas (T, ...), exact (T, P): the exact gradients. An estimator that heeds an optimizer heeds the learner's, as it stands
    where the stretch begins. Raises ValueError when the task is too short, or the run diverges.
    """

    def __init__(self, learner, chars, optimizer):
        a_learner("learner", learner)
        optimizer = SGD(0.0) if optimizer is None else part("optimizer", optimizer)
        self.system, readout, state = exact_parts(learner)
        self.compiled, self.size, self.first = learner.compiled, state.h.size, state.h.copy()
        self.heeded = learner.optimizer, state.recurrent
        self.piece, self.units = cast(learner.ahead(chars), "float64"), len(readout.theta) - 1
        require(len(self.piece.inputs) == chars, "chars", chars, f"at most {len(self.piece.inputs)}, where the task ends")
        self.readouts = []
        with affordable("chars", chars):
            self.thetas = np.empty((chars, *self.system.theta.shape))
            run = self._runner(readout, optimizer, chars)
        for t in range(chars):
            self.thetas[t] = self.system.theta
            self.readouts.append(copy.deepcopy(readout))
            self.recorded = run(t, t + 1, readout)
        self.exact = self.recorded.gradients

    def _runner(self, readout, optimizer, chars):
        """A function (start, end, readout) that makes these steps, from the stretch's first state, and answers the record."""
        system = self.system
        recorder = Recorder(RTRL(), self.units, chars)
        memories = optimizer.begin_both(system.theta, readout.theta)
        state = LearnerState(self.first.copy(), recorder.begin(system), *memories, np.zeros(1, np.int64))
        weigh((self.thetas, self.thetas, state))  # the readouts beside
        driver = run_chunk if self.compiled else run_chunk.interpreted

        def run(start, end, readout):
            inputs, targets = self.piece.inputs[start:end], self.piece.targets[start:end]
            steps = end - start
            silence, losses, nothing = np.empty((steps, 0, self.size), np.int8), np.empty(steps), np.empty((steps, 0))
            with np.errstate(all="ignore"):
                driver(system, readout, recorder, optimizer, state, inputs, targets, silence, losses, nothing)
            sound = np.isfinite(losses).all() and np.isfinite(state.estimate.gradients).all()
            require(sound, "optimizer", optimizer, "gentle enough for the run not to diverge here")
            return state.estimate

        return run

    def guesses(self, estimator, draws, seed, first=0):
        """Exact gradients (T, P) and guesses (draws, T, P) at the T answers, and after which steps these came.

        first: number of the first draw; draw d has signs of its own, whatever pieces are asked for.
        """
        chars, P = self.exact.shape
        with affordable("draws", draws):
            answers, answered = np.zeros((draws, chars, P)), np.zeros(chars, np.int64)
            weigh((answers, answers))  # once more when the answers are picked out
        run, kinds = follow if self.compiled else follow.interpreted, estimator.noise_kinds(self.size)
        for d in range(draws):
            noise, state = study_noise(seed, first + d, kinds, chars, self.size), estimator.begin(self.system)
            estimator.heed(state, *self.heeded)
            run(self.system, self.thetas, estimator, state, self.recorded.tapes, self.recorded.q, noise, answers[d], answered)
        ends = np.flatnonzero(answered)
        require(len(ends) > 0, "chars", chars, f"long enough for {estimator.label()} to answer once")
        picked = answers if len(ends) == chars else answers[:, ends]
        return since_last(ends, self.exact), picked, ends + 1

    def staleness(self):
        """(T,): |g - g'| / |g'|, where g is the exact gradient along the thetas that were, g' that at theta as it now is."""
        found = np.zeros(len(self.exact))
        if (self.thetas == self.thetas[0]).all():
            return found
        for t in range(len(found)):
            assign(self.system.theta, self.thetas[t])
            run = self._runner(self.readouts[t], SGD(0.0), t + 1)
            run(0, t, copy.deepcopy(self.readouts[t]))  # G alone counts: a readout that adapts is as it was at step t
            fresh = run(t, t + 1, copy.deepcopy(self.readouts[t])).gradients[t]
            size = np.linalg.norm(fresh)
            found[t] = np.linalg.norm(self.exact[t] - fresh) / size if size else np.nan
        return found

    def blocks(self):
        """{block: which of the P parameters}: "all", then "W" (units), "R" (inputs), "b" (bias) where the system has them."""
        system, everything = self.system, {"all": np.ones(self.system.theta.size, bool)}
        if not isinstance(system, Net | SparseNet):
            return everything
        sources, columns = system.theta.shape
        units = len(system.index) if isinstance(system, SparseNet) else columns // system.cell.shape()[1]
        row = np.repeat(np.arange(sources), columns)
        return everything | {"W": row < units, "R": (row >= units) & (row < sources - 1), "b": row == sources - 1}


def since_last(ends, exact):
    """What answers at the steps `ends`, from 0, are held against: exact gradients (T, P), summed since the answer before."""
    return np.add.reduceat(exact[: ends[-1] + 1], np.concatenate(([0], ends[:-1] + 1)))
