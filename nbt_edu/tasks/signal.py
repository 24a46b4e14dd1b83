"""A signal of your own: an array or a file of numbers, to be read once, from its start to its end."""

import pathlib
from dataclasses import dataclass, field

import numpy as np

from ..settings import array as checked_array
from ..settings import require
from .base import BLOCK, Signals, each_and_next
from .table import read_columns

LARGEST = 1e100  # the square of what is larger would soon be no number


@dataclass(frozen=True, eq=False)
class Signal(Signals):
    """Values (T,) or (T, m), and what is to be predicted after each: targets (T,) or (T, k), or else the next value.

    Time runs down the rows. `standardise`: "online", the learner subtracts the mean and divides by the standard deviation
    known so far; or None, values are of order 1 already. `unit` is what the values are measured in. The arrays are copied and
    cannot be changed. Raises ValueError for anything that is not finite, real and of fitting shape.
    """

    values: np.ndarray = field(repr=False)
    targets: np.ndarray | None = field(default=None, repr=False)
    name: str = "own signal"
    standardise: str | None = "online"
    unit: str = ""

    def __post_init__(self):
        own, given = object.__setattr__, self.targets is not None
        own(self, "values", _numbers("values", self.values))
        rows, wanted = len(self.values), "2 rows" if given else "3 rows, to predict the next from the ones before"
        require(rows >= (2 if given else 3), "values", rows, f"of at least {wanted}")
        if given:
            own(self, "targets", _numbers("targets", self.targets))
            require(len(self.targets) == rows, "targets", len(self.targets), f"of {rows:,} rows, one for each of values")
        own(self, "next_value", not given)
        own(self, "inputs", self.values.shape[1])
        own(self, "outputs", self.targets.shape[1] if given else self.inputs)
        own(self, "standardise", online(self.standardise))
        for name in "name", "unit":
            require(isinstance(getattr(self, name), str), name, getattr(self, name), "a string")

    @classmethod
    def file(cls, path, targets=None, columns=None, standardise="online", unit=""):
        """The signal of a CSV file, in columns apart by comma, semicolon (then 1,5 is 1.5) or tab, with a header or without.

        columns: the names of those to read (all by default, but for the targets). targets: the names of those to predict, in
        place of the next value. Without a header the names are "1", "2", ... Raises ValueError, with line and column.
        """
        values, targets = read_columns(path, columns, targets)
        return cls(values, targets, pathlib.Path(path).name, standardise, unit)

    def fields(self):
        """The arguments that make this task, as plain data: lists of numbers."""
        targets = None if self.next_value else self.targets.tolist()
        standardise = "online" if self.standardise else None
        data = {"values": self.values.tolist(), "targets": targets}
        return {**data, "name": self.name, "standardise": standardise, "unit": self.unit}

    def __eq__(self, other):
        return type(self) is type(other) and self.fields() == other.fields()

    def __hash__(self):
        return hash((self.name, self.values.shape, self.standardise))

    def stream(self, rng):
        """Pairs of arrays, inputs (T, m) and targets (T, k), up to the signal's end. Nothing is drawn."""
        blocks = [slice(start, start + BLOCK) for start in range(0, len(self.values), BLOCK)]
        if self.next_value:
            return each_and_next(self.values[block] for block in blocks)
        return ((self.values[block], self.targets[block]) for block in blocks)


def online(standardise):
    """True for "online", False for None; else ValueError."""
    fits = standardise is None or (isinstance(standardise, str) and standardise == "online")
    require(fits, "standardise", standardise, "'online' or None")
    return standardise is not None


def _numbers(name, given):
    """A read-only copy as float64 (T, m), or ValueError."""
    array = checked_array(name, given, "an array of real numbers whose rows are all of one length")
    require(array.ndim in (1, 2) and array.size, name, array.shape, "of shape (T,) or (T, columns), and not empty")
    bad = np.argwhere(~(np.abs(array) <= LARGEST))
    if len(bad):
        where = tuple(bad[0].tolist())
        place = ", column ".join(map(str, where))
        wanted = f"numbers no larger than {LARGEST:g} everywhere (mend or leave out row {place}, counted from 0)"
        require(False, name, float(array[where]), wanted)
    array = array.reshape(len(array), -1)
    array.flags.writeable = False
    return array
