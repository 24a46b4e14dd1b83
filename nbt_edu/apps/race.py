"""Race: RTRL, truncated BPTT and NoBackTrack learn the same text side by side, and noise averages out where bias does not.

The exact learner (RTRL) also carries the others along its own trajectory, and scores their gradients against its own: so bits
per character come from as many learners as run, and gradient errors from one trajectory.
"""

import dataclasses
import functools
import math
import time

from .. import figures
from ..estimators import BPTT, RTRL, NoBackTrack
from ..estimators.families import Beta, Rank, Window
from ..learning.learner import Learner
from ..optimizers import SGD, Adam, DiagonalKalman
from ..optimizers.families import Decay, Memory, Rate
from ..settings import Number, Whole, named
from ..systems import LeakyRNN
from ..tasks import AnBn, Shakespeare, Text
from .app import App
from .asks import Ask
from .dials import Dials, dial
from .race_code import code_of

METHODS = {"RTRL": "RTRL", "BPTT": "BPTT", "NoBackTrack": "NoBackTrack", "second": "second NoBackTrack"}
TASKS = {"anbn": "aⁿbⁿ", "shakespeare": "Shakespeare", "text": "your own text"}
OPTIMIZERS = {"sgd": "gradient descent", "adam": "Adam", "kalman": "Kalman filter, diagonal"}
PREFIX = {"sgd": "SGD", "adam": "Adam", "kalman": "Kalman"}
EXAMPLE = "She sells sea shells by the sea shore. "
WRITTEN = 72  # characters that the chosen learner writes
REWRITE = 1.0  # seconds between two texts


def runs(method):
    """When a dial has a meaning: while `method` runs."""
    return lambda dials: method in dials.methods


def by(kind):
    """When a dial has a meaning: while a learner uses this optimizer."""
    return lambda dials: kind in dials.kinds()


@dataclasses.dataclass(frozen=True)
class RaceDials(Dials):
    """All that a race depends on."""

    task: str = dial("anbn", "text", "what is to be predicted", options=TASKS, restarts=True, own=lambda one: hasattr(one, "stream"))
    N: Whole(2, 10_000) = dial(8, "longest n", "aⁿbⁿ with n from 1 to this", soft=(2, 64), restarts=True,
                               when=lambda dials: dials.task == "anbn")  # fmt: skip
    text: str = dial(EXAMPLE, "your text", "paste any text", restarts=True, when=lambda dials: dials.task == "text")
    title: str = dial("own text", "its title", "a name for your text", restarts=True, when=lambda dials: dials.task == "text")
    methods: tuple = dial(("RTRL", "BPTT", "NoBackTrack"), "methods", "which learners run; without RTRL no gradient is compared",
                          options=METHODS, restarts=True)  # fmt: skip
    optimizer: str = dial("sgd", "optimizer", "what is done with a gradient", options=OPTIMIZERS)
    rate: Rate = dial(0.002, "learning rate η", "how far a gradient moves the parameters", soft=(1e-5, 1), log=True, when=by("sgd"))
    adam_rate: Rate = dial(0.002, "rate of Adam", "about the largest step of a parameter", soft=(1e-5, 1), log=True, when=by("adam"))
    kalman_rate: Rate = dial(1.0, "rate of Kalman", "1 is the filter itself", soft=(1e-3, 10), log=True, when=by("kalman"))
    clip: Number(0, math.inf, "infinity does not clip", open_low=True) = dial(
        math.inf, "clipping", "largest norm of a gradient; inf does not clip", soft=(0.01, 100), log=True, when=by("sgd"))  # fmt: skip
    decay: Decay = dial(0.0, "decay", "η falls as 1 / (1 + decay √t)", soft=(0, 0.02),
                        when=lambda dials: {"sgd", "kalman"} & {*dials.kinds()})  # fmt: skip
    fading: Memory = dial(0.003, "fading", "share of the past that the filter forgets at a step", soft=(0, 0.05), when=by("kalman"))
    prior: Number(0, math.inf, open_low=True, open_high=True) = dial(
        30.0, "prior", "precision of the first parameters: larger is more cautious", soft=(0.1, 1000), log=True, when=by("kalman"))  # fmt: skip
    window: Window = dial(4, "truncation T", "BPTT looks back at most T characters", soft=(1, 64), when=runs("BPTT"))
    rank: Rank = dial(1, "rank k", "pairs (v, w) that NoBackTrack averages", soft=(1, 32),
                      when=lambda dials: {"NoBackTrack", "second"} & {*dials.methods})  # fmt: skip
    beta: Beta = dial(1.0, "λ exponent β", "0: no scaling, 1: equal norms of v and w", soft=(0, 1),
                      when=lambda dials: {"NoBackTrack", "second"} & {*dials.methods})  # fmt: skip
    second_optimizer: str = dial("kalman", "second's optimizer", "of the second NoBackTrack", options=OPTIMIZERS, when=runs("second"))
    second_rank: Rank = dial(1, "second's rank", "of the second NoBackTrack", soft=(1, 32), when=runs("second"))
    units: Whole(1, 4096) = dial(10, "units", "size of the network", soft=(2, 64), restarts=True)
    leak: Number(0, 1, open_low=True) = dial(0.3, "leak", "1: a unit forgets at once", soft=(0.05, 1), restarts=True)
    writer: str = dial("NoBackTrack", "who writes", "whose text is shown below", options=METHODS)

    def check(self):
        self.learned(), LeakyRNN(self.units, self.leak)

    def kinds(self):
        """The optimizers in use."""
        return [self.optimizer, *([self.second_optimizer] if "second" in self.methods else [])]

    def learned(self):
        """The task."""
        return _task(self.task, self.N, self.text, self.title) if isinstance(self.task, str) else self.task

    def network(self):
        return LeakyRNN(self.units, self.leak)

    def estimators(self):
        """{method: estimator} of those that run."""
        made = {"RTRL": RTRL(), "BPTT": BPTT(self.window), "NoBackTrack": NoBackTrack(self.rank, self.beta),
                "second": NoBackTrack(self.second_rank, self.beta)}  # fmt: skip
        return {name: made[name] for name in self.methods}

    def optimizer_of(self, method):
        """The optimizer of a method."""
        kind = self.second_optimizer if method == "second" else self.optimizer
        if kind == "adam":
            return Adam(self.adam_rate)
        if kind == "kalman":
            return DiagonalKalman(self.kalman_rate, self.decay, self.fading, self.prior)
        return SGD(self.rate, self.decay, self.clip)


@functools.lru_cache(maxsize=2)
def _task(task, N, text, title):
    """The task of these dials, kept: a long text is scanned once, not at every move of a slider."""
    if task == "anbn":
        return AnBn(N)
    return Shakespeare() if task == "shakespeare" else Text(text, title)
