"""Race: RTRL, truncated BPTT and NoBackTrack learn the same text side by side, and noise averages out where bias does not.

The exact learner (RTRL) also carries the others along its own trajectory, and scores their gradients against its own: so bits
per character come from as many learners as run, and gradient errors from one trajectory.
"""

import json
import math
import time

from .. import figures
from ..implements import named, part
from ..learning.learner import Learner
from ..settings import require, whole, word
from .app import App
from .asks import Ask
from .lines import write_line
from .race_dials import METHODS, RaceDials
from .race_words import code_of, rows_of, sentence_of

POINTS = 200  # of a curve
WRITTEN = 72  # characters that the chosen learner writes
REWRITE = 1.0  # seconds between two texts


class Race(App):
    """Learners that read the same text, side by side: three of them, unless the dial `methods` says otherwise.

    estimators: own ones, a list or {name: estimator}, that run too, with the race's optimizer. optimizers: {method: optimizer}
    of those that keep one of their own, which no dial moves. `task` may be one of your own.
    """

    Dials, title = RaceDials, "Which gradient learns better: the forgetful or the noisy one?"
    asks = (
        Ask("leader", "Which will be ahead at 300,000 characters?", 300_000, lambda race: race.ahead(),
            {"BPTT": "BPTT, which forgets", "NoBackTrack": "NoBackTrack, which is noisy", "neither": "neither, by 0.02 bits"}),
        Ask("curve", "Sketch the curve of NoBackTrack up to 300,000", 300_000, lambda race: race.curve("NoBackTrack"),
            trace="NoBackTrack"),
    )  # fmt: skip
    telling, telling_count = {"window": (1, 2, 4, 8, 17), "rank": (1, 4)}, 300_000
    unit = "characters"
    shown = None  # the ends of the axis of bits, where the figure does not choose them

    def __init__(self, compiled=None, projector=False, estimators=(), optimizers=None, **values):
        self.own = named(estimators, "estimators")
        given = {} if optimizers is None else optimizers
        require(isinstance(given, dict), "optimizers", optimizers, "{method: optimizer}, such as {'BPTT': nbt.SGD(0.01)}")
        methods = [*METHODS, *self.own]
        self.kept = {word("each of optimizers", name, methods): part("optimizer", one) for name, one in given.items()}
        taken = sorted(self.own.keys() & METHODS.keys())
        require(not taken, "estimators", taken, "named otherwise than the race's own methods")
        super().__init__(compiled, projector, **values)

    def parts(self, dials):
        """{method: what its learner is made of}: estimator, optimizer, and what it compares; the exact one compares all."""
        estimators = dials.estimators() | self.own
        return {
            name: {"estimator": one, "optimizer": self.kept.get(name) or dials.optimizer_of(name),
                   "compare": {k: v for k, v in estimators.items() if k != name} if name == "RTRL" else {}}
            for name, one in estimators.items()
        }  # fmt: skip

    def build(self):
        """A learner for each method, with the same weights, the same text and the same signs."""
        dials, self._written = self.dials, ("", -math.inf, -1)
        common = {"task": dials.learned(), "network": dials.network(), "seed": dials.seed, "compiled": self.compiled}
        self.learners = {name: Learner(**common, **made) for name, made in self.parts(dials).items()}
        self.ladder = getattr(self.task, "ladder", dict)()

    def proceed(self, n):
        """Let each learner read up to n characters more, and what it missed by an interrupt; one that diverged stays."""
        start = self.count
        try:
            for learner in self.learners.values():
                learner.read(max(0, start + n - learner.chars))
        finally:
            self.count = max(learner.chars for learner in self.learners.values())
        return self.count - start

    def moved(self, before):
        """Give the learners settings that act within the run: to all of them, or to none."""
        kept = [(learner, dict(vars(learner)), len(learner.record.events)) for learner in self.learners.values()]
        try:
            for name, made in self.parts(self.dials).items():
                self.learners[name].set(**made)
        except BaseException:
            for learner, attributes, events in kept:
                vars(learner).update(attributes)
                del learner.record.events[events:]
            raise

    def recompiled(self):
        for learner in self.learners.values():
            learner.compiled = self.compiled

    def parts_of_work(self):
        return [lambda learner=learner: learner.read(2) for learner in self.learners.values()]

    def program(self):
        kinds = [type(one).__qualname__ for one in (*self.own.values(), *self.kept.values())]
        kinds += ["signals"] * (self.task.alphabet is None)
        return " # ".join([write_line("race", self.dials.alike()), *kinds])

    def unwritten(self):
        own = [f"estimator {json.dumps(name)}" for name in self.own]
        own += [f"optimizer of {json.dumps(name)}" for name in self.kept]
        return ", ".join(filter(None, [super().unwritten(), *own]))

    def around(self):
        return super().around(), *(record.diverged for record in self.records.values())

    @property
    def task(self):
        return next(iter(self.learners.values())).task

    @property
    def records(self):
        """{method: its record}; that of RTRL holds the comparison of gradients."""
        return {name: learner.record for name, learner in self.learners.items()}

    @property
    def finished(self):
        """True when all learners have diverged, or their task has ended."""
        return all(record.diverged or record.ended for record in self.records.values())

    def figure(self):
        return figures.side_by_side(self.records, self.ladder, shown=self.shown)

    def arrays(self):
        return figures.side_by_side_arrays(self.records, POINTS)

    def curve(self, name):
        """Characters read and bits per character of a method; nothing where it does not run."""
        return self.records[name].measured(POINTS) if name in self.records else ((), ())

    def ahead(self):
        """Which of BPTT and NoBackTrack pays less over the last quarter, by 0.02 bits at least."""
        both = [self.records[name] for name in ("BPTT", "NoBackTrack") if name in self.records]
        if len(both) < 2:
            return "neither"
        bptt, nbt = (math.inf if record.diverged else record.score(max(1, record.chars // 4)) for record in both)
        return "neither" if abs(bptt - nbt) < 0.02 else "BPTT" if bptt < nbt else "NoBackTrack"

    def words(self):
        """What the chosen learner writes, anew every second."""
        writer = self.learners.get(self.dials.writer, next(iter(self.learners.values())))
        _, then, count = self._written
        if self.count == count or time.monotonic() - then < REWRITE * self.player.playing:
            return self._written[0]
        writes = self.count and self.task.alphabet is not None and not writer.record.diverged
        text = f"{self.dials.writer} writes: {writer.write(WRITTEN)}".replace("\n", "↵") if writes else ""
        self._written = text, time.monotonic(), self.count
        return self._written[0]

    def speed(self):
        """Characters a second of each method: its own time, not that of the others. RTRL's has the comparison in it."""
        speeds = {name: record.chars_per_second for name, record in self.records.items()}
        return "a second: " + ", ".join(f"{name} {speed / 1000:,.0f}k" for name, speed in speeds.items())

    def rows(self):
        """What the command line prints, a dict a method: see `race_words.rows_of`."""
        return rows_of(self.learners)

    def speed_alone(self, name, chars=20_000):
        """Characters per second of one method by itself, from character 0, without the comparison of gradients."""
        chars = whole("chars", chars, 1, 10**12)
        one = self.learners[word("name", name, self.learners)]
        alone = Learner(one.task, one.network, one.estimator, one.optimizer, one.seed, compiled=self.compiled)
        alone.read(chars)
        return alone.record.chars_per_second

    def sentence(self):
        return sentence_of(self.learners, self.rows(), self.count)

    def code(self):
        return code_of(self)
