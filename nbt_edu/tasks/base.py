"""What all tasks share: those of symbols, and those of signals.

A symbol task has an `alphabet`; its stream is of arrays of indices into it. A signal task has `alphabet` None; its stream is
of pairs (inputs (T, m), targets (T, k)), float64: targets[t] is to be predicted after reading inputs[t] and all before it.
Either kind stands still: the same Generator gives the same stream, however it is consumed.
"""

import dataclasses
import functools

import numpy as np

from .references import autoregression, last_value

BLOCK = 1024  # steps in a block, or about as many
MEASURED = 20_000  # steps on which the references of a signal are measured
WORK = 10**9  # multiplications that may be spent on an autoregression: of a signal of very many components there is none


class Symbols:
    """A task of symbols. It owes `name`, `alphabet`, `fields` (its arguments, as plain data) and `stream`."""

    entropy_rate = None  # bits per character, where it is known exactly

    @property
    def inputs(self):
        """The number m of symbols."""
        return len(self.alphabet)

    @property
    def outputs(self):
        """The number of symbols again: a probability for each."""
        return len(self.alphabet)

    @property
    def references(self):
        """Lines to compare with, {label: bits per character}: none, unless the task knows better."""
        return {}

    def ladder(self, contexts=()):
        """What a predictor pays that sees the last k characters, {k: bits per character}: {} where it is not known."""
        return {}


class Signals:
    """A task of signals, of one input and one output unless it says so. It owes `name` and `stream`.

    `standardise`: whether the learner is to standardise what it reads, online. `next_value`: whether targets[t] is
    inputs[t + 1]; if not, it is a signal of its own, known after step t.
    """

    alphabet = None
    inputs = outputs = 1
    unit = ""  # what the values are measured in
    standardise = False
    next_value = True
    entropy_rate = None  # bits per step (differential, in the signal's own unit), where it is known exactly

    def fields(self):
        """The arguments that make this task, as plain data."""
        return dataclasses.asdict(self)

    def bounds(self):
        """Errors below which no predictor goes, {name: root-mean-square error}: none, unless the task knows better."""
        return {}

    @functools.cached_property
    def references(self):
        """Lines to compare with, {label: root-mean-square error in the signal's own unit}.

        The bounds; then what repeating the last known value, and an autoregression of order 2, would cost: measured when
        first asked for, on the first 20,000 steps of the signal (or of the stream drawn from seed 0). Of a signal of
        112 components and more the autoregression is measured on fewer steps, and from 232 on left out.
        """
        x, y = self._first(MEASURED)
        known, after = (x, y) if self.next_value else (y[:-1], y[1:])
        few = WORK // (2 * self.inputs + 1) ** 2
        regression = autoregression(x[:few], y[:few])
        errors = self.bounds() | {"last value": last_value(known, after), "autoregression": regression}
        return {f"{name} {error:.3g}": error for name, error in errors.items() if np.isfinite(error)}

    def _first(self, steps):
        """Inputs and targets of the first steps, or of as many as there are."""
        pairs, length = [], 0
        for pair in self.stream(np.random.default_rng(0)):
            pairs.append(pair)
            length += len(pair[0])
            if length >= steps:
                break
        return tuple(np.concatenate(parts)[:steps] for parts in zip(*pairs, strict=True))


def each_and_next(blocks):
    """From blocks of values (T, m), pairs of blocks: each value as input, the one after it as target."""
    last = None
    for block in blocks:
        values = block if last is None else np.concatenate((last, block))
        yield values[:-1], values[1:]
        last = values[-1:]
