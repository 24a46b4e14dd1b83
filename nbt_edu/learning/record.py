"""What a run leaves: curves of bounded size, the events of the run, and how it ended."""

import contextlib
import json
import pathlib

import numpy as np

from ..settings import UnknownClass, require, whole
from .score import COLUMNS

FORMAT = "nbt_edu record 1"


class Curve:
    """A long series in bounded memory: means over buckets of `stride` characters, the stride doubling when full.

    Rows have C columns; NaN says that there was no value. What a bucket holds does not depend on how the series came in.
    """

    def __init__(self, columns, room=4096):
        self.room, self.stride, self.length = room, 1, 0
        self.sums, self.counts = np.zeros((room, columns)), np.zeros((room, columns), np.int64)

    def append(self, rows):
        """Add rows (T, C), one a character."""
        while self.length + len(rows) > self.room * self.stride:
            self.stride *= 2
            for table in self.sums, self.counts:
                table[: self.room // 2] = table[0::2] + table[1::2]
                table[self.room // 2 :] = 0
        buckets = (self.length + np.arange(len(rows))) // self.stride
        there = ~np.isnan(rows)
        np.add.at(self.sums, buckets, np.where(there, rows, 0.0))
        np.add.at(self.counts, buckets, there)
        self.length += len(rows)

    def buckets(self, points=None):
        """Characters read at each bucket's end (B,), and means (B, C); merged to at most `points` buckets."""
        used = -(-self.length // self.stride)
        merge = max(1, -(-used // (points or self.room)))
        edges = np.arange(0, used, merge)
        if not used:
            return np.zeros(0), np.zeros((0, self.sums.shape[1]))
        sums, counts = (np.add.reduceat(table[:used], edges) for table in (self.sums, self.counts))
        ends = np.minimum((edges + merge) * self.stride, self.length)
        with np.errstate(invalid="ignore"):
            return ends.astype(float), sums / counts

    def mean(self, last):
        """Mean of each column over the last characters: exact at bucket borders, in proportion between them."""
        used = -(-self.length // self.stride)
        starts = np.arange(used) * self.stride
        ends = np.minimum(starts + self.stride, self.length)
        share = np.clip((ends - np.maximum(starts, self.length - last)) / (ends - starts), 0, 1)
        with np.errstate(invalid="ignore"):
            return share @ self.sums[:used] / (share @ self.counts[:used])


class Record:
    """The history of a run.

    task, method, seed: what ran. symbols: size of the task's alphabet. references: {label: bits per character}, lines to
    compare with; `floor` is the entropy rate or None. events: [(character, what changed)]. seconds: time spent training.
    diverged: None, or a sentence. noisy: those of `compared` that draw signs, and so have a variance.
    Bits per character come from `bits_per_char` and `curve`; the comparison of estimators from `gradients`.
    """

    def __init__(self, task, method, seed, symbols, floor, references, compared=(), noisy=()):
        self.task, self.method, self.seed, self.symbols = task, method, seed, symbols
        self.floor, self.references = floor, dict(references)
        self.events, self.seconds, self.diverged, self.noisy = [], 0.0, None, list(noisy)
        self._bits = Curve(1)
        self._scores = {name: Curve(len(COLUMNS)) for name in compared}

    def __repr__(self):
        return f"<Record of {self.method} on {self.task}, {self.chars:,} characters, seed {self.seed}>"

    @property
    def chars(self):
        """Characters read."""
        return self._bits.length

    @property
    def compared(self):
        """Names of the estimators compared with the exact gradient."""
        return list(self._scores)

    @property
    def chars_per_second(self):
        """Speed of the training, in characters per second."""
        return self.chars / self.seconds if self.seconds else 0.0

    def append(self, bits, scores, seconds):
        """Add the losses bits (T,) of T characters, and a list of scores (T, 5), one array for each compared."""
        self._bits.append(bits.reshape(-1, 1))
        for curve, rows in zip(self._scores.values(), scores, strict=True):
            curve.append(rows)
        self.seconds += seconds

    def bits_per_char(self, last=None):
        """Mean loss over the last characters (all by default): a float, in bits per character.

        Raises ValueError when `last` is not a whole number from 1 to the number of characters read.
        """
        require(self.chars > 0, "record", "empty", "of at least one character: run the learner first")
        last = self.chars if last is None else whole("last", last, 1, self.chars)
        return float(self._bits.mean(last)[0])

    def curve(self, points=400):
        """Characters read (B,) and bits per character (B,), in at most `points` buckets."""
        x, y = self._bits.buckets(points)
        return x, y[:, 0]

    def sentence(self):
        """The run in one sentence: what a reader who does not see the figure needs."""
        if not self.chars:
            return f"{self.method} on {self.task}: no character read yet."
        bits = self.bits_per_char(last=max(1, self.chars // 4))
        aims = ", ".join(self.references)
        end = f"; {self.diverged}" if self.diverged else "."
        return f"{self.method} on {self.task}, {self.chars:,} characters: {bits:.2f} bits/char at the end ({aims}){end}"

    def gradients(self, name, points=400):
        """How estimator `name` compares with the exact gradient along the run: a dict of arrays (B,).

        chars; cosine; norm_ratio; bias2 and variance, both relative to the mean |exact gradient|^2 of the bucket.
        """
        require(name in self._scores, "name", name, f"one of {self.compared}")
        x, means = self._scores[name].buckets(points)
        return {"chars": x, **_relative(means)}

    def gradient_summary(self, name, last=None):
        """The same four numbers, as floats, over the last characters (all by default)."""
        require(name in self._scores, "name", name, f"one of {self.compared}")
        last = self.chars if last is None else whole("last", last, 1, self.chars)
        return {key: float(value) for key, value in _relative(self._scores[name].mean(last)).items()}

    def save(self, path):
        """Write the record to a file (.npz), which `Record.load` reads."""
        head, arrays = self.to_parts()
        with open(path, "wb") as file:
            np.savez_compressed(file, head=json.dumps({"format": FORMAT, **head}), **arrays)

    @classmethod
    def load(cls, path):
        """Read a saved record. Raises ValueError when the file is missing, is not a record, or is damaged."""
        head, arrays = read_archive(path, FORMAT)
        with whole_file(path):
            return cls.from_parts(head, arrays)

    def to_parts(self):
        """The record as (plain data, {name: array})."""
        head = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        curves = {"bits": self._bits, **{f"score {name}": curve for name, curve in self._scores.items()}}
        head["curves"] = {name: [curve.stride, curve.length] for name, curve in curves.items()}
        arrays = {f"{name} sums": curve.sums for name, curve in curves.items()}
        return head, arrays | {f"{name} counts": curve.counts for name, curve in curves.items()}

    @classmethod
    def from_parts(cls, head, arrays):
        """The inverse of `to_parts`."""
        names = [name.removeprefix("score ") for name in head["curves"] if name != "bits"]
        self = cls(head["task"], head["method"], head["seed"], head["symbols"], head["floor"], head["references"], names)
        self.events = [tuple(event) for event in head["events"]]
        self.seconds, self.diverged, self.noisy = head["seconds"], head["diverged"], head["noisy"]
        for name, curve in [("bits", self._bits), *((f"score {name}", self._scores[name]) for name in names)]:
            curve.stride, curve.length = head["curves"][name]
            fill(curve.sums, arrays[f"{name} sums"])
            fill(curve.counts, arrays[f"{name} counts"])
        return self


def _relative(means):
    cosine, size, exact, bias2, variance = np.moveaxis(np.asarray(means), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(size / exact)
        return {"cosine": cosine, "norm_ratio": ratio, "bias2": bias2 / exact, "variance": variance / exact}


def read_archive(path, expected):
    """(plain data, {name: array}) of a file saved here. One clear ValueError for whatever is wrong with it."""
    require(pathlib.Path(path).is_file(), "path", str(path), "an existing file")
    with whole_file(path):
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        head = json.loads(arrays.pop("head").item())
        if head.pop("format") != expected:
            raise KeyError("format")
    return head, arrays


@contextlib.contextmanager
def whole_file(path):
    """Whatever goes wrong within, reading a saved file, becomes one ValueError that names the file."""
    try:
        yield
    except UnknownClass:
        raise
    except Exception as error:
        kind = type(error).__name__
        message = f"path {str(path)!r} is damaged, or is not a file saved by this method ({kind}): save it anew"
        raise ValueError(message) from error


def fill(array, values):
    """Copy values into an array of exactly their shape and kind."""
    if array.shape != values.shape or array.dtype != values.dtype:
        raise ValueError(f"{values.dtype}{values.shape} where {array.dtype}{array.shape} belongs")
    array[...] = values
