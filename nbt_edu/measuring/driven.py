"""The bias of an estimator that drives theta itself.

NoBackTrack is unbiased along thetas that do not know its signs. Where it drives, they do: theta(2) depends on the signs of step
1, and so do J(2) and q(2), by which the very errors that these signs made are carried on. Then

    b_t = E (answer_t - q_t G_t)        G_t: exact influence along the driven path, of the same signs        (1)

is not 0, but of the order of the rate. Replicas with signs of their own along that path are unbiased, and cannot see it. Here
an exact shadow is carried along, restarted where the stretch begins, in each of many runs, a sequence of signs each; and, as
b_t is small beside the noise, each is run once more under the same signs while theta stands still, where the mean of

    answer_t - q_t G_t    is what it is for fixed theta (0 where unbiased): what driving adds is the mean difference (2)

whose noise, too, is of the order of the rate: as many runs show a small rate's bias as a large one's. Source: derived here;
proved by a closed form in a linear system and by enumeration of all signs (`tests/test_driven.py`).
"""

import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..estimators import RTRL
from ..implements import implements, part
from ..kernels import add_product, assign
from ..learning.guards import affordable, weigh
from ..learning.loop import LearnerState, run_chunk
from ..learning.precision import cast, exact_parts
from ..learning.randomness import study_noise
from ..protocols import Estimator
from ..settings import array, require, whole
from .collectors import bias2, bias2_error
from .path import a_learner, since_last


class BesideState(NamedTuple):
    """Beside's state."""

    driver: NamedTuple
    replica: NamedTuple
    shadow: NamedTuple
    answers: np.ndarray  # (3, T, P) of the driver, the replica and the shadow
    answered: np.ndarray  # (T,) whether the driver did
    count: np.ndarray  # (1,) steps taken in


@implements(Estimator)
class Beside:
    """Answers as the driver; beside it go a replica with signs of its own and an exact shadow, all three written down."""

    driver: NamedTuple
    shadow: NamedTuple
    steps: int

    def noise_vectors(self):
        return 2 * self.driver.noise_vectors()

    def noise_kinds(self, size):
        return 2 * self.driver.noise_kinds(size)

    def begin(self, system):
        parts = self.driver.begin(system), self.driver.begin(system), self.shadow.begin(system)
        answers = np.zeros((3, self.steps, system.theta.size))
        return BesideState(*parts, answers, np.zeros(self.steps, np.int64), np.zeros(1, np.int64))

    def heed(self, state, optimizer, memory):
        self.driver.heed(state.driver, optimizer, memory)
        self.driver.heed(state.replica, optimizer, memory)

    def advance(self, state, system, tape, noise):
        own = self.driver.noise_vectors()
        self.driver.advance(state.driver, system, tape, noise[:own])
        self.driver.advance(state.replica, system, tape, noise[own:])
        self.shadow.advance(state.shadow, system, tape, noise[:0])

    def gradient(self, state, system, Q):
        t = state.count[0]
        A, B = self.shadow.gradient(state.shadow, system, Q)
        add_product(state.answers[2, t : t + 1], 1.0, A[:1], B)
        C, D = self.driver.gradient(state.replica, system, Q)
        A, B = self.driver.gradient(state.driver, system, Q)
        if A.size:
            add_product(state.answers[1, t : t + 1], 1.0, C[:1], D)
            add_product(state.answers[0, t : t + 1], 1.0, A[:1], B)
            state.answered[t] = 1
        state.count[0] += 1
        return A, B


class Drive:
    """`chars` steps from where a learner stands, made again and again under an estimator's signs. The learner is left alone.

    Estimator and shadow begin there, without a past; the learner's optimizer goes on from the state it has.
    """

    def __init__(self, learner, estimator, chars):
        self.system, self.readout, state = exact_parts(a_learner("learner", learner))
        self.optimizer, self.compiled, self.chars = learner.optimizer, learner.compiled, chars
        self.theta, self.h, self.memories = self.system.theta.copy(), state.h, (state.recurrent, state.readout)
        self.piece, self.beside = cast(learner.ahead(chars), "float64"), Beside(part("estimator", estimator), RTRL(), chars)
        require(len(self.piece.inputs) == chars, "chars", chars, f"at most {len(self.piece.inputs)}, where the task ends")

    def noise(self, seed, draw):
        """The signs (T, vectors, c n) of a draw, driver's and replica's."""
        return study_noise(seed, draw, self.beside.noise_kinds(self.h.size), self.chars, self.h.size)

    def errors(self, rate, noise):
        """(2, T, P): what driver and replica answer less the exact gradients since the last answer; these (T, P); when (T,)."""
        optimizer, readout = self.optimizer._replace(rate=rate), copy.deepcopy(self.readout)
        assign(self.system.theta, self.theta)
        made = self.beside.begin(self.system)
        state = LearnerState(self.h.copy(), made, *copy.deepcopy(self.memories), np.zeros(1, np.int64))
        losses, nothing = np.empty(self.chars), np.empty((self.chars, 0))
        run = run_chunk if self.compiled else run_chunk.interpreted
        with np.errstate(all="ignore"):
            run(self.system, readout, self.beside, optimizer, state, *self.piece[:2], noise, losses, nothing)
        require(np.isfinite(losses).all() and np.isfinite(made.answers).all(), "rate", rate, "small enough not to diverge here")
        ends = np.flatnonzero(made.answered)
        require(len(ends) > 0, "chars", self.chars, f"long enough for {self.beside.driver.label()} to answer once")
        exact = since_last(ends, made.answers[2])
        return made.answers[:2, ends] - exact, exact, ends + 1


@dataclass(frozen=True)
class Driven:
    """What driving adds to the bias, answer by answer: arrays (T,), from `draws` runs.

    at: steps after which an answer came, from 1. bias2: |b_t|^2, unbiased (so that it may be negative), and its standard error
    bias2_error (jackknife). replicas2, replicas2_error: the same as replicas along the driven path see it. exact2: the mean of
    |exact|^2 at the driven thetas; quotients with it are ratios of means. All in bits^2 per theta^2.
    """

    rate: float
    draws: int
    at: np.ndarray
    bias2: np.ndarray
    bias2_error: np.ndarray
    replicas2: np.ndarray
    replicas2_error: np.ndarray
    exact2: np.ndarray

    def sentence(self):
        """The last answer in words."""
        last = self.bias2, self.bias2_error, self.replicas2, self.replicas2_error
        b, e, r, s = (part[-1] / self.exact2[-1] for part in last)
        return (f"At rate {self.rate:g}, after {self.at[-1]} steps: driving adds a bias² of {b:.2g} ± {e:.1g} of |exact|²; "
                f"replicas along the driven path see {r:.2g} ± {s:.1g}.")  # fmt: skip


def bias(learner, estimator, rate=None, chars=16, draws=1000, seed=0):
    """What it adds to an estimator's bias that it drives theta, over the next `chars` steps of a learner: a `Driven`.

    Optimizer, network and readout are the learner's, which is left as it is; rate: another than its optimizer's.
    Cost: 2 draws x chars steps of RTRL, and twice as many of the estimator. Memory: 4 draws x chars x P numbers.
    Raises ValueError for arguments out of range, where a run diverges, or where memory does not suffice.
    """
    chars, draws, seed = whole("chars", chars, 1, 10**6), whole("draws", draws, 6, 10**7), whole("seed", seed, 0, 2**63)
    drive = Drive(learner, estimator, chars)
    rate = drive.optimizer.rate if rate is None else rate
    with affordable("draws", draws):
        weigh((np.zeros((draws, chars, drive.theta.size)),) * 4)
        added, exact2 = None, 0.0
        for d in range(draws):
            noise = drive.noise(seed, d)
            (moving, exact, at), (still, _, _) = drive.errors(rate, noise), drive.errors(0.0, noise)
            added = np.empty((draws, *moving.shape)) if added is None else added
            added[d] = moving - still
            exact2 = exact2 + (exact**2).sum(-1) / draws
        none = np.zeros(added.shape[2:])
        parts = [collect(none, added[:, k]) for k in (0, 1) for collect in (bias2, bias2_error)]
    return Driven(float(rate), draws, at, *parts, exact2)


def against_rate(learner, estimator, rates, chars=16, draws=1000, seed=0):
    """[Driven] for each rate, under the same signs: the bias is in proportion to the rate, while rates are small."""
    wanted = "1 to 100 rates, finite, 0 or more, such as [0.01, 0.1]"
    rates = array("rates", rates, wanted, 1)
    require(0 < rates.size <= 100 and np.isfinite(rates).all() and (rates >= 0).all(), "rates", rates, wanted)
    return [bias(learner, estimator, rate, chars, draws, seed) for rate in rates.tolist()]
