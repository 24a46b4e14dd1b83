"""A cell: the settings of one run and its seed; and what is kept of the run, some 700 bytes of plain data."""

import functools
import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

from ..jit.sources import digest
from ..learning.learner import Learner
from ..measuring.ends import share
from ..settings import shown, to_dict
from ..tasks import AnBn

LEVELS = 64  # equal parts of a run whose mean losses are kept
LONG = 300  # characters of a setting that are kept as they are; of a longer one, a text say, its digest
DRIVING = "learning.loop", "learning.streams", "learning.randomness"  # what every run goes through


class Cell(NamedTuple):
    """One run. task: a task, or a function that makes it, `nbt.Shakespeare`: then no text travels between processes."""

    task: Any
    network: Any
    estimator: Any
    optimizer: Any
    seed: int
    chars: int

    def learner(self):
        """The learner of this cell, at its first character."""
        return Learner(self.made(), self.network, self.estimator, self.optimizer, seed=self.seed)

    def made(self):
        """The task itself."""
        return self.task() if callable(self.task) else self.task

    def settings(self):
        """All that the run depends on but the sources, as plain data."""
        parts = {"network": self.network, "estimator": self.estimator, "optimizer": self.optimizer}
        return {"task": plain(self.made()), **{name: plain(one) for name, one in parts.items()},
                "seed": self.seed, "chars": self.chars}  # fmt: skip

    def source(self):
        """The digest of the sources that the run depends on (`jit.sources`): of these classes, and of the loop."""
        return _source(type(self.made()), type(self.network), type(self.estimator), type(self.optimizer))

    def key(self):
        """The name of the cell's file: it changes with the settings and with the sources, so that no result is stale."""
        text = json.dumps([self.settings(), self.source()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def run(self):
        """Make the run: {seed, settings, source, versions, bits, ends, levels, seconds}.

        bits: mean loss of the last eighth, in bits per character; None of a run that diverged. ends: of aⁿbⁿ, the share of
        sequences whose end is then predicted right. levels: mean losses of 64 equal parts, as far as the run came. seconds: of
        learning, without compiling.
        """
        learner = self.learner()
        learner.read(self.chars)
        record = learner.record
        whole = record.diverged is None and record.chars == self.chars
        found = levels(record, self.chars)
        bits = round(record.mean_loss(self.chars // 8), 5) if whole else None
        ends = round(share(learner), 4) if whole and isinstance(learner.task, AnBn) else None
        return {"seed": self.seed, "settings": self.settings(), "source": self.source(), "versions": versions(), "bits": bits,
                "ends": ends, "levels": found, "seconds": round(record.seconds, 3)}  # fmt: skip


def run(cell):
    """What an executor is given to do."""
    return cell.run()


def pace(cell):
    """Seconds that learning from a character takes, the least of three stretches of 10,000: in this process, alone."""
    learner, found = cell.learner(), []
    for _ in range(4):
        before = learner.record.seconds, learner.chars
        learner.read(10_000)
        found.append((learner.record.seconds - before[0]) / max(learner.chars - before[1], 1))
    return float(f"{min(found[1:]):.3g}")


def levels(record, chars, parts=LEVELS):
    """Mean losses of `parts` equal parts of `chars` characters, to 4 decimals: as many as were read to their end."""
    x, y = record.curve(10**9)
    ends = np.concatenate(([0.0], x))
    total = np.concatenate(([0.0], np.cumsum(y * np.diff(ends))))
    edges = np.linspace(0, chars, parts + 1)
    edges = edges[edges <= record.chars]
    means = np.diff(np.interp(edges, ends, total)) / np.diff(edges)
    return [round(float(one), 4) for one in means]


@functools.cache
def _source(*classes):
    return digest(*classes, *DRIVING)


def plain(settings):
    """A settings object as plain data, whatever is longer than 300 characters as its digest."""
    return {name: _short(value) for name, value in to_dict(settings).items()}


def _short(value):
    if isinstance(value, str) and len(value) > LONG:
        return _digest_of(value)
    return value if isinstance(value, str | int | float | bool | None) else json.loads(json.dumps(value, default=shown))


@functools.lru_cache(4)
def _digest_of(text):
    return f"{len(text)} characters, sha256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def versions():
    """{name: version} of what the numbers may hang on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in "nbt-edu", "numpy", "numba":
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found
