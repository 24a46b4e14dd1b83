"""Race's dials, and what follows from them: its task, network, estimators, optimizers."""

import dataclasses
import functools
import math

from ..estimators import BPTT, RTRL, NoBackTrack
from ..estimators.families import Beta, Rank, Window
from ..implements import part
from ..optimizers import SGD, Adam, DiagonalKalman
from ..optimizers.families import Clip, Decay, Memory, Prior, Rate
from ..settings import Number, Whole
from ..systems import GRU, LeakyRNN
from ..tasks import AnBn, Brackets, Music, Shakespeare, Text
from ..tasks.music import RHYTHMS
from .dials import Dials, dial

METHODS = {name: name for name in ("RTRL", "BPTT", "NoBackTrack", "second NoBackTrack")}
TASKS = {"anbn": "aⁿbⁿ", "brackets": "distant brackets", "music": "waltzes in letters", "shakespeare": "Shakespeare",
         "text": "your own text"}  # fmt: skip
CELLS = {"leaky": "leaky", "sparse": "leaky, sparse", "gru": "GRU"}
OPTIMIZERS = {"kalman": "Kalman filter", "sgd": "gradient descent", "adam": "Adam"}
EXAMPLE = "She sells sea shells by the sea shore. "


def runs(*methods):
    """When a dial has a meaning: while one of these methods runs."""
    return lambda dials: {*methods} & {*dials.methods}


def by(*kinds):
    """When a dial has a meaning: while a learner uses one of these optimizers."""
    return lambda dials: {*kinds} & {*dials.kinds()}


def of(task):
    """When a dial has a meaning: while this task is learnt."""
    return lambda dials: dials.task == task


def made_of(*cells):
    """When a dial has a meaning: while the network is made of one of these cells."""
    return lambda dials: dials.cell in cells


def own_task(one):
    """Whether an object can be learnt: a task of one's own."""
    return hasattr(one, "stream")


DRAWING = runs("NoBackTrack", "second NoBackTrack")
SECOND = runs("second NoBackTrack")


@dataclasses.dataclass(frozen=True)
class RaceDials(Dials):
    """All that a race depends on."""

    task: str = dial("anbn", "text", "what is to be predicted", options=TASKS, restarts=True, own=own_task)
    N: Whole(2, 10_000) = dial(8, "longest n", "aⁿbⁿ with n from 1 to this", soft=(2, 64), restarts=True, when=of("anbn"))
    inside: Whole(1, 1000) = dial(1, "letters inside", "of a bracket", soft=(1, 8), restarts=True, when=of("brackets"))
    between: Whole(0, 10_000) = dial(
        5, "letters between", "that tell nothing of what is in the brackets", soft=(0, 32), restarts=True, when=of("brackets")
    )
    letters: Whole(2, 26) = dial(10, "different letters", "the more, the more to keep", restarts=True, when=of("brackets"))
    rhythms: Whole(1, len(RHYTHMS)) = dial(
        len(RHYTHMS), "rhythms", "how many rhythms a bar may have", restarts=True, when=of("music")
    )
    cycle: str = dial(Music.cycle, "harmonies", "of the bars in turn, over and over", restarts=True, when=of("music"))
    text: str = dial(EXAMPLE, "your text", "paste any text", restarts=True, when=of("text"))
    title: str = dial("own text", "its title", "a name for your text", restarts=True, when=of("text"))
    methods: tuple = dial(
        ("RTRL", "BPTT", "NoBackTrack"),
        "methods",
        "which learners run; without RTRL no gradient is compared",
        options=METHODS,
        restarts=True,
    )
    optimizer: str = dial("kalman", "optimizer", "what is done with a gradient (Kalman: diagonal)", options=OPTIMIZERS)
    rate: Rate = dial(
        0.002, "learning rate η", "how far a gradient moves the parameters", soft=(1e-5, 1), log=True, when=by("sgd")
    )
    adam_rate: Rate = dial(
        0.002, "rate of Adam", "about the largest step of a parameter", soft=(1e-5, 1), log=True, when=by("adam")
    )
    kalman_rate: Rate = dial(1.0, "learning rate", "1 is the filter itself", soft=(1e-3, 10), log=True, when=by("kalman"))
    fading: Memory = dial(0.003, "fading", "share of the past that the filter forgets", soft=(0, 0.05), when=by("kalman"))
    prior: Prior = dial(30.0, "prior", "the larger, the more cautious at first", soft=(0.1, 1000), log=True, when=by("kalman"))
    clip: Clip = dial(math.inf, "clipping", "largest norm of a gradient", soft=(0.01, 100), log=True, when=by("sgd"))
    decay: Decay = dial(0.0, "decay", "the rate falls as 1 / (1 + decay √t)", soft=(0, 0.02), when=by("sgd", "kalman"))
    window: Window = dial(4, "truncation T", "BPTT looks back at most T characters", soft=(1, 64), when=runs("BPTT"))
    rank: Rank = dial(1, "rank k", "pairs (v, w) that NoBackTrack averages", soft=(1, 32), when=runs("NoBackTrack"))
    beta: Beta = dial(1.0, "λ exponent β", "0: no scaling, 1: equal norms of v and w", soft=(0, 1), when=DRAWING)
    second_optimizer: str = dial("sgd", "second's optimizer", "of the second NoBackTrack", options=OPTIMIZERS, when=SECOND)
    second_rank: Rank = dial(1, "second's rank", "of the second NoBackTrack", soft=(1, 32), when=SECOND)
    units: Whole(1, 4096) = dial(10, "units", "size of the network", soft=(2, 64), restarts=True)
    cell: str = dial("leaky", "network", "leaky: the slides' network; GRU: with gates", options=CELLS, restarts=True)
    leak: Number(0, 1, open_low=True) = dial(
        0.3, "leak", "1: a unit forgets at once", soft=(0.05, 1), restarts=True, when=made_of("leaky", "sparse")
    )
    connections: Whole(1, 4096) = dial(
        5, "connections", "each unit reads so many, drawn at random", soft=(1, 10), restarts=True, when=made_of("sparse")
    )
    writer: str = dial("NoBackTrack", "text by", "who writes the text that is shown below", options=METHODS)

    def check(self):
        part("task", self.learned()), self.network(), Music(cycle=self.cycle)

    def alike(self):
        """The dials of the smallest race that runs the same classes."""
        kinds = {name: getattr(self, name) for name in ("methods", "optimizer", "second_optimizer", "cell")}
        return type(self)(**kinds)

    def kinds(self):
        """The optimizers in use."""
        return [self.optimizer, *([self.second_optimizer] if "second NoBackTrack" in self.methods else [])]

    def learned(self):
        """The task."""
        made = {"anbn": (AnBn, self.N), "brackets": (Brackets, self.inside, self.between, self.letters),
                "music": (Music, RHYTHMS[: self.rhythms], self.cycle), "shakespeare": (Shakespeare,),
                "text": (Text, self.text, self.title)}  # fmt: skip
        return _kept(*made[self.task]) if isinstance(self.task, str) else self.task

    def network(self):
        """The network's description."""
        if self.cell == "gru":
            return GRU(self.units)
        return LeakyRNN(self.units, self.leak, self.connections if self.cell == "sparse" else 0)

    def estimators(self):
        """{method: estimator} of those that run."""
        made = {"RTRL": RTRL(), "BPTT": BPTT(self.window), "NoBackTrack": NoBackTrack(self.rank, self.beta),
                "second NoBackTrack": NoBackTrack(self.second_rank, self.beta)}  # fmt: skip
        return {name: made[name] for name in self.methods}

    def optimizer_of(self, method):
        """The optimizer of a method."""
        kind = self.second_optimizer if method == "second NoBackTrack" else self.optimizer
        if kind == "adam":
            return Adam(self.adam_rate)
        if kind == "kalman":
            return DiagonalKalman(self.kalman_rate, self.decay, self.fading, self.prior)
        return SGD(self.rate, self.decay, self.clip)


@functools.lru_cache(maxsize=2)
def _kept(task, *settings):
    """A task, kept: a long text is scanned once, not at every move of a slider."""
    return task(*settings)
