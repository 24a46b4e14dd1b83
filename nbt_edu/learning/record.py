"""What a run leaves: curves of bounded size, the events of the run, and how it ended."""

import numpy as np

from ..protocols.entries import MOST
from ..settings import between, require, whole, word
from .archive import read_archive, write_archive
from .curve import Curve
from .score import COLUMNS

FORMAT = "nbt_edu record 3"
BITS, RMS = "bits per character", "root-mean-square error"


class Record:
    """The history of a run.

    task, method, seed: what ran. measure: what curves show, "bits per character" or, of a signal, "root-mean-square error",
    in the signal's own unit. outputs: symbols or components predicted. references: {label: such a number}, lines to compare
    with; `floor` is the entropy rate in bits, or None. events: [(step, what changed)]. seconds: time spent training.
    diverged, ended: None, or a sentence. noisy: those of `compared` that draw random numbers, and so have a variance.
    Losses come from `mean_loss` (of characters `bits_per_char`) and `curve`, errors of a signal from `rms_error` and
    `error_curve`; the comparison of estimators from `gradients`. A step whose target was missing counts in none of them.
    """

    def __init__(self, task, method, seed, measure, outputs, floor, references, compared=(), noisy=()):
        self.task, self.method, self.seed, self.measure, self.outputs = task, method, seed, measure, outputs
        self.floor, self.references = floor, dict(references)
        self.events, self.seconds, self.diverged, self.ended, self.noisy = [], 0.0, None, None, list(noisy)
        self._losses, self._errors = Curve(1), Curve(1)
        self._scores = {name: Curve(len(COLUMNS)) for name in compared}

    def __repr__(self):
        end = f"; {self.diverged.partition(':')[0]}" if self.diverged else ""
        return f"<Record of {self.method} on {self.task}, {self.chars:,} {self.steps}, seed {self.seed}{end}>"

    @property
    def chars(self):
        """Characters read; of a signal, steps."""
        return self._losses.length

    @property
    def steps(self):
        """What a step is called: "characters" or "steps"."""
        return "characters" if self.measure == BITS else "steps"

    @property
    def compared(self):
        """Names of the estimators compared with the exact gradient."""
        return list(self._scores)

    @property
    def chars_per_second(self):
        """Speed of the training, in characters (steps) per second."""
        return self.chars / self.seconds if self.seconds else 0.0

    def append(self, losses, errors, scores, seconds):
        """Add the losses (T,) in bits and squared errors (T,) of T steps, and scores (T, 5), an array for each compared."""
        self._losses.append(losses.reshape(-1, 1))
        if self.measure == RMS:
            self._errors.append(errors.reshape(-1, 1))
        for curve, rows in zip(self._scores.values(), scores, strict=True):
            curve.append(rows)
        self.seconds += seconds

    def diverge(self, why, optimizer):
        """It ends here, for a loss that is not finite. optimizer: a label."""
        self.diverged = (
            f"diverged at {self.steps[:-1]} {self.chars:,}: {why}. Rewind with a lower rate (now {optimizer}), with clipping, "
            "a larger prior of a Kalman filter, or beta = 1 (λ-scaling on)."
        )

    def end(self):
        """The task ends here."""
        self.ended = f"the task ended after {self.chars:,} {self.steps}: there is no more to read"

    def mean_loss(self, last=None):
        """Mean loss over the last steps (all by default): a float, in bits per character, or per step of a signal.

        Exact up to the last 4,096, and of all. Of more in a longer run, a bucket of the curve (at most 1/2048 of the run) that
        begins before the last steps counts in proportion.
        Raises ValueError when `last` is not a whole number from 1 to the number of steps made.
        """
        return float(self._losses.mean(self._last(last))[0])

    def bits_per_char(self, last=None):
        """The same, of characters. Raises ValueError for the record of a signal."""
        require(self.measure == BITS, "record", self.task, "of characters; of a signal ask mean_loss or rms_error")
        return self.mean_loss(last)

    def rms_error(self, last=None):
        """Root of the mean squared error over the last steps, in the signal's own unit. Raises ValueError for characters."""
        require(self.measure == RMS, "record", self.task, "of a signal; of characters ask bits_per_char")
        return float(np.sqrt(self._errors.mean(self._last(last))[0]))

    def _last(self, last):
        require(self.chars > 0, "record", "empty", "of at least one step: run the learner first")
        return self.chars if last is None else whole("last", last, 1, self.chars)

    def curve(self, points=400):
        """Steps made (B,) and the loss in bits per step (B,), in at most `points` buckets."""
        x, y = self._losses.buckets(whole("points", points, 1, 10**9))
        return x, y[:, 0]

    def error_curve(self, points=400):
        """Steps made (B,) and the root-mean-square error (B,) of a signal, in at most `points` buckets."""
        x, y = self._errors.buckets(whole("points", points, 1, 10**9))
        return x, np.sqrt(y[:, 0])

    def measured(self, points=400):
        """The curve of the record's own measure: bits per character, or root-mean-square errors."""
        return self.curve(points) if self.measure == BITS else self.error_curve(points)

    def score(self, last=None):
        """The record's own measure over the last steps."""
        return self.mean_loss(last) if self.measure == BITS else self.rms_error(last)

    def sentence(self):
        """The run in one sentence: what a reader who does not see the figure needs."""
        if not self.chars:
            return f"{self.method} on {self.task}: no {self.steps[:-1]} read yet."
        last = max(1, self.chars // 4)
        found = f"{self.score(last):.2f} bits/char" if self.measure == BITS else f"an RMS error of {self.score(last):.3g}"
        aims = ", ".join(self.references)
        end = "".join(f"; {why.rstrip('.')}" for why in (self.diverged, self.ended) if why) + "."
        return f"{self.method} on {self.task}, {self.chars:,} {self.steps}: {found} at the end ({aims}){end}"

    def gradients(self, name, points=400):
        """How estimator `name` compares with the exact gradient along the run: a dict of arrays (B,).

        chars; cosine; norm_ratio; bias2 and variance, both relative to exact2, the mean |exact gradient|^2 of the bucket. They
        are ratios of means, not means of ratios: steps of small gradients do not outweigh the others. So is norm_ratio^2.
        """
        x, means = self._scores[word("name", name, self._scores)].buckets(whole("points", points, 1, 10**9))
        return {"chars": x, **_relative(means)}

    def gradient_summary(self, name, last=None):
        """The same numbers, ratios of means, as floats, over the last characters (all by default; exact as `mean_loss` is)."""
        word("name", name, self._scores)
        last = self._last(last)
        return {key: float(value) for key, value in _relative(self._scores[name].mean(last)).items()}

    def save(self, path):
        """Write the record to a file (.npz), which `Record.load` reads."""
        head, arrays = self.to_parts()
        write_archive(path, {"format": FORMAT, **head}, arrays)

    @classmethod
    def load(cls, path):
        """Read a saved record. Raises ValueError when the file is missing, is not a record, or is damaged."""
        with read_archive(path, FORMAT) as archive:
            return cls.from_parts(archive.head, archive)

    def to_parts(self):
        """The record as (plain data, {name: array})."""
        head = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        head["curves"] = {name: [curve.stride, curve.length] for name, curve in self._curves().items()}
        arrays = {f"{name} sums": curve.sums for name, curve in self._curves().items()}
        arrays |= {f"{name} latest": curve.latest for name, curve in self._curves().items()}
        return head, arrays | {f"{name} counts": curve.counts for name, curve in self._curves().items()}

    @classmethod
    def from_parts(cls, head, archive):
        """The inverse of `to_parts`, of plain data and an `Archive`. ValueError for what no run can have left."""
        scored = [name.removeprefix("score ") for name in head["curves"] if name.startswith("score ")]
        self = cls(head["task"], head["method"], head["seed"], head["measure"], head["outputs"], head["floor"],
                   head["references"], scored)  # fmt: skip
        for key in "events", "seconds", "diverged", "ended", "noisy":
            setattr(self, key, head[key])
        self.events = [(whole("event", step, 0, MOST), str(what)) for step, what in head["events"]]
        for name, curve in self._curves().items():
            archive.fill(f"{name} sums", curve.sums)
            archive.fill(f"{name} counts", curve.counts)
            archive.fill(f"{name} latest", curve.latest)
            curve.take_up(*head["curves"][name])
        self._hold()
        return self

    def _hold(self):
        """ValueError, unless these are the words and numbers of a record."""
        texts = [self.task, self.method, *(one for one in (self.diverged, self.ended) if one is not None), *self.noisy]
        numbers = [*self.references.values(), *([] if self.floor is None else [self.floor])]
        wrong = [one for one in (*texts, *self.references) if not isinstance(one, str)]
        wrong += [one for one in numbers if not isinstance(one, int | float)]
        lengths = {curve.length for curve in self._scores.values()} | ({self._errors.length} if self.measure == RMS else set())
        if wrong or self.measure not in (BITS, RMS) or lengths - {self.chars} or not set(self.noisy) <= set(self.compared):
            raise ValueError("the record's words do not fit")
        whole("seed", self.seed, 0, 2**63)
        whole("outputs", self.outputs, 1, MOST)
        between("seconds", self.seconds, 0, MOST)

    def _curves(self):
        return {"losses": self._losses, "errors": self._errors} | {f"score {name}": one for name, one in self._scores.items()}


def _relative(means):
    cosine, size, exact, bias2, variance = np.moveaxis(np.asarray(means), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(size / exact)
        return {"cosine": cosine, "norm_ratio": ratio, "bias2": bias2 / exact, "variance": variance / exact, "exact2": exact}
