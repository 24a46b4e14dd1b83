"""The race: RTRL, truncated BPTT and NoBackTrack learn the same text side by side. No widgets here.

The exact learner (RTRL) also carries the other two along its own trajectory, and scores their gradients against its own:
so bits per character come from three learners, and gradient errors from one trajectory.
"""

import functools
import shlex
from dataclasses import dataclass, replace

from ..estimators import BPTT, RTRL, NoBackTrack
from ..learning.learner import Learner
from ..optimizers import SGD
from ..settings import real, require, whole
from ..systems import LeakyRNN
from ..tasks import AnBn, Shakespeare, Text

METHODS = ("RTRL", "BPTT", "NoBackTrack")
TASKS = ("anbn", "shakespeare", "text")


@dataclass(frozen=True)
class Settings:
    """All that a race depends on. The first line takes effect within a running race; the rest restarts it."""

    rate: float = 0.002  # learning rate eta
    beta: float = 1.0  # exponent of NoBackTrack's lambda-scaling
    rank: int = 1  # NoBackTrack's rank k
    window: int = 4  # BPTT's truncation T, characters
    clip: float = float("inf")  # largest norm of a gradient
    task: str = "anbn"  # or a task of your own (nbt_edu.tasks), which no state line can hold
    N: int = 8  # longest a^n b^n
    text: str = ""  # the user's own text
    title: str = "own text"  # its name
    units: int = 10
    leak: float = 0.3
    seed: int = 0

    def __post_init__(self):
        known = self.task in TASKS if isinstance(self.task, str) else hasattr(self.task, "stream")
        require(known, "task", self.task, f"one of {', '.join(TASKS)}, or a task of your own")
        for name in self.__annotations__:
            kind = type(getattr(type(self), name))
            if kind is not str:
                value = getattr(self, name)
                object.__setattr__(self, name, real(name, value) if kind is float else whole(name, value, 0, 2**63))
        self.learned(), self.optimizer(), LeakyRNN(self.units, self.leak)

    def learned(self):
        """The task."""
        return _task(self.task, self.N, self.text, self.title) if isinstance(self.task, str) else self.task

    def estimators(self):
        """{method: estimator}."""
        return dict(zip(METHODS, (RTRL(), BPTT(self.window), NoBackTrack(self.rank, self.beta)), strict=True))

    def optimizer(self):
        self.estimators()
        return SGD(self.rate, clip=self.clip)


@functools.lru_cache(maxsize=8)
def _task(task, N, text, title):
    """The task of these settings, kept: a long text is scanned once, not at every move of a slider."""
    if task == "anbn":
        return AnBn(N)
    return Shakespeare() if task == "shakespeare" else Text(text, title)


LIVE = ("rate", "beta", "rank", "window", "clip")


class RaceModel:
    """Three learners of one text. `step(n)` lets each read n characters; `set(rate=...)` changes settings on the way.

    compiled: as of a `Learner`; it may be changed at any time. Raises ValueError for settings out of range; the race then
    stays as it was.
    """

    def __init__(self, compiled=None, **settings):
        self._compiled, self.settings = compiled, Settings(**settings)
        self.rewind()

    def __repr__(self):
        return "<RaceModel of RTRL, BPTT and NoBackTrack>"

    @property
    def compiled(self):
        """Whether machine code runs, or the same source interpreted: slowly, to the same numbers."""
        return self.learners["RTRL"].compiled

    @compiled.setter
    def compiled(self, value):
        self._compiled = value
        for learner in self.learners.values():
            learner.compiled = value

    @property
    def chars(self):
        """Characters that each learner has been given."""
        return max(learner.chars for learner in self.learners.values())

    @property
    def task(self):
        return self.learners["RTRL"].task

    @property
    def records(self):
        """{method: its record}; that of RTRL holds the comparison of gradients."""
        return {name: learner.record for name, learner in self.learners.items()}

    @property
    def finished(self):
        """True when all learners have diverged."""
        return all(record.diverged for record in self.records.values())

    def rewind(self):
        """Back to character 0, with the same seed and the present settings."""
        self.learners = self._learners(self.settings)

    def _learners(self, settings):
        common = {
            "task": settings.learned(),
            "network": LeakyRNN(settings.units, settings.leak),
            "optimizer": settings.optimizer(),
            "seed": settings.seed,
            "compiled": self._compiled,
        }
        return {
            name: Learner(estimator=one, compare=_compared(name, settings), **common)
            for name, one in settings.estimators().items()
        }

    def step(self, chars):
        """Let each learner read `chars` characters, and what it missed by an interrupt; one that diverged stays."""
        end = self.chars + chars
        for learner in self.learners.values():
            learner.read(end - learner.chars)

    def set(self, **values):
        """Change settings. Learning rate, beta, rank, window and clip act within the run; others restart it.

        Answers True when the race was restarted.
        """
        unknown = values.keys() - vars(self.settings).keys()
        require(not unknown, "settings", sorted(unknown), f"among {', '.join(vars(self.settings))}")
        before, after = self.settings, replace(self.settings, **values)
        restarts = replace(before, **{name: getattr(after, name) for name in LIVE}) != after
        if restarts:
            self.learners = self._learners(after)
        elif after != before:
            try:
                self._change(after)
            except ValueError:
                self._change(before)
                raise
        self.settings = after
        return restarts

    def _change(self, settings):
        """Give the learners settings that act within the run."""
        optimizer = settings.optimizer()
        for name, estimator in settings.estimators().items():
            self.learners[name].set(estimator, optimizer, _compared(name, settings))

    def reset(self):
        """Default settings, character 0."""
        self.settings = Settings()
        self.rewind()

    def state(self):
        """What differs from the defaults, as a line to copy, for `Race.from_state`. A task of one's own is only named there."""
        defaults = vars(Settings())
        changed = {name: value for name, value in vars(self.settings).items() if value != defaults[name]}
        if not isinstance(self.settings.task, str):
            changed["task"] = self.task.name
        return " ".join(["race", *(shlex.quote(f"{name}={value}") for name, value in changed.items())])

    @classmethod
    def from_state(cls, line):
        """The race that a line of `state()` describes. Raises ValueError when it cannot be read."""
        return cls(**parse_state(line))

    def rows(self):
        """One dict a method: name, bits_per_char over the last quarter, chars_per_second, and its gradient's quality.

        gradient_cosine and gradient_variance (relative to |exact gradient|^2) are those along RTRL's trajectory over its
        last quarter; RTRL's own are 1 and 0 by definition.
        """
        exact, rows = self.records["RTRL"], []
        for name, record in self.records.items():
            quality = {"cosine": 1.0, "variance": 0.0, "bias2": 0.0}
            if name in exact.compared and exact.chars:
                quality = exact.gradient_summary(name, last=max(1, exact.chars // 4))
            bits = record.mean_loss(last=max(1, record.chars // 4)) if record.chars else None
            rows.append({
                "name": self.settings.estimators()[name].label(),
                "bits_per_char": bits,
                "chars_per_second": record.chars_per_second,
                "gradient_cosine": quality["cosine"],
                "gradient_variance": quality["variance"],
                "gradient_bias2": quality["bias2"],
                "diverged": record.diverged,
            })  # fmt: skip
        return rows

    def speed(self, name, chars=20_000):
        """Characters per second of one method by itself, from character 0, without the comparison of gradients."""
        learner = self.learners[name]
        alone = Learner(learner.task, learner.network, learner.estimator, learner.optimizer, learner.seed)
        alone.read(chars)
        return alone.record.chars_per_second

    def sentence(self):
        """The state of the race in one sentence: what a reader who does not see the figure needs."""
        if not self.chars:
            return f"{self.task.name}: no character read yet."
        parts, rows = [], self.rows()
        for row in rows:
            if row["diverged"]:
                parts.append(f"{row['name']} {row['diverged'].partition(':')[0]}")
            else:
                parts.append(f"{row['name']} {row['bits_per_char']:.2f}")
        aims = ", ".join(self.task.references)
        variance = rows[-1]["gradient_variance"]
        noise = f"; NoBackTrack's gradient variance is {variance:.2g} times |exact gradient|²" if variance == variance else ""
        remedy = " To mend it: Rewind with a lower rate, or with β = 1." if any(row["diverged"] for row in rows) else ""
        report = f"After {self.chars:,} characters, bits/char over the last quarter: {'; '.join(parts)} ({aims}){noise}."
        return report + remedy


def _compared(name, settings):
    """{method: estimator} that the learner `name` carries along: the exact one carries all the others."""
    return {other: one for other, one in settings.estimators().items() if other != name} if name == "RTRL" else {}


def parse_state(line):
    """The settings, as a dict, of a line of `Race.state()`. Raises ValueError when it cannot be read."""
    kinds = {name: type(value) for name, value in vars(Settings()).items()}
    try:
        first, *words = shlex.split(str(line))
        pairs = [word.split("=", 1) for word in words]
        values = {name: kinds[name](value) for name, value in pairs}
    except (ValueError, KeyError, AttributeError, TypeError):
        first, values = None, {}
    require(first == "race", "state", line, 'a line as copied from the app, such as "race rate=0.01 rank=4"')
    Settings(**values)
    return values
