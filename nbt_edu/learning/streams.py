"""The examples of a task, in order: what a learner reads, and what it is to predict after that."""

import copy
from typing import NamedTuple

import numpy as np

from ..implements import part
from ..settings import require, whole
from ..tasks.signal import LARGEST
from ..tasks.standardise import Standardiser
from .randomness import BLOCK, generator


class Piece(NamedTuple):
    """Steps of a task: int64 (T,) of symbols, float64 (T, m) of a signal, whose inputs are of the learner's dtype.

    mean, scale: (T, m') of each target, where a signal is standardised: its own units are mean + scale target.
    """

    inputs: np.ndarray
    targets: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    def squared_errors(self, predictions):
        """Of predictions (T, m'), in the signal's own unit: (T,). NaN where nothing was predicted: of symbols."""
        if predictions.shape != self.targets.shape:
            return np.full(len(predictions), np.nan)
        return (((predictions - self.targets) * self.scale) ** 2).sum(1)

    def own_losses(self, losses):
        """Losses (T,) in bits, of the density in the signal's own unit."""
        return losses + np.log2(self.scale).sum(1)


class Examples:
    """The inputs and targets of a task, in order. `count`: how many were handed out."""

    def __init__(self, task, seed, purpose="task", dtype="float64"):
        self.task, self.count, self._dtype = task, 0, dtype
        self._blocks, self._symbol = task.stream(generator(seed, purpose)), np.empty(0, np.int64)
        self._rest = nothing(task)
        self._scaler = Scaler(task) if getattr(task, "standardise", False) else None

    def arrays(self):
        """All that changes by what is read."""
        return self._scaler.arrays() if self._scaler else []

    def ahead(self, count):
        """The next `count` of them, or as many as there are."""
        inputs, targets = self._take(count)
        self.count += len(inputs)
        return self._scaled(inputs, targets, self._scaler)

    def peek(self, count):
        """The same, left where they are."""
        inputs, targets = self._take(count)
        self._rest = tuple(map(np.concatenate, zip((inputs, targets), self._rest, strict=True)))
        return self._scaled(inputs, targets, copy.deepcopy(self._scaler))

    def skip(self, count):
        """Leave out `count` of them, of which a signal's scale learns nothing. ValueError where the task ends before."""
        while count:
            left_out = len(self._take(min(count, BLOCK))[0])
            require(left_out, "task", self.task.name, f"one of {count} steps more")
            self.count += left_out
            count -= left_out

    def sound(self):
        """Whether what `arrays` holds can have come from reading."""
        return self._scaler is None or self._scaler.sound()

    def pushed(self, x, y, stays=True):
        """The step of reading x and predicting y, from outside: a piece of one step, without target where y is missing.

        stays: whether a signal's scale takes x and y in.
        """
        inputs, targets = (self._symbols if self.task.alphabet is not None else self._values)(x, y)
        return self._scaled(inputs, targets, self._scaler if stays else copy.deepcopy(self._scaler))

    def _symbols(self, *pair):
        found = []
        for name, one in zip("xy", pair, strict=True):
            known = isinstance(one, str) and len(one) == 1 and one in self.task.alphabet
            require(known or (one is None and name == "y"), name, one, f"one of the task's {len(self.task.alphabet)} symbols")
            found.append(np.full(1, self.task.alphabet.index(one)) if known else np.empty(0, np.int64))
        return found

    def _values(self, x, y):
        found = []
        for name, one, size in ("x", x, self.task.inputs), ("y", y, self.task.outputs):
            try:
                values = np.full(size, np.nan) if one is None and name == "y" else np.array(one, float).reshape(-1)
            except Exception:  # no numbers, too large ones, or foreign code
                values = np.empty(0)
            missing = name == "y" and np.isnan(values).any()
            fits = values.size == size and (missing or (np.abs(values) <= LARGEST).all())
            numbers = f"{size} number{'s' if size > 1 else ''} no larger than {LARGEST:g}"
            require(fits, name, one, f"{numbers}, in the signal's own unit")
            found.append(np.empty((0, size)) if missing else values[None])
        return found

    def _scaled(self, inputs, targets, scaler):
        size = len(inputs), 1
        piece = scaler.piece(inputs, targets) if scaler else Piece(inputs, targets, np.zeros(size), np.ones(size))
        return piece if inputs.ndim == 1 else piece._replace(inputs=piece.inputs.astype(self._dtype, copy=False))

    def _take(self, count):
        parts, held = [self._rest], len(self._rest[0])
        while held < count and (block := next(self._blocks, None)) is not None:
            parts.append(self._pairs(block))
            held += len(parts[-1][0])
        whole = self._rest if len(parts) == 1 else list(map(np.concatenate, zip(*parts, strict=True)))
        taken, self._rest = [part[:count] for part in whole], [part[count:] for part in whole]
        return taken

    def _pairs(self, block):
        """Inputs and targets of a block: of symbols, each is to be predicted from the one before."""
        if isinstance(block, tuple):
            return block
        symbols = np.concatenate((self._symbol, block))
        self._symbol = symbols[-1:]
        return symbols[:-1], symbols[1:]


def nothing(task):
    """Inputs and targets of no step."""
    if task.alphabet is not None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.empty((0, task.inputs)), np.empty((0, task.outputs))


def room(task, steps):
    """Room for the losses (T,) and the predictions of so many steps: (T, m'), or (T, 0) of symbols, which need none."""
    return np.empty(steps), np.empty((steps, 0 if task.alphabet is not None else task.outputs))


def sample(task, chars, seed=0):
    """The first characters that a learner with this seed reads of a task: a string."""
    require(part("task", task).alphabet is not None, "task", task.name, "of characters: a signal has no text")
    chars, seed = whole("chars", chars, 0, 10**7), whole("seed", seed, 0, 2**63)
    inputs, targets, *_ = Examples(task, seed).ahead(chars - 1) if chars > 1 else Examples(task, seed).peek(1)
    return "".join(task.alphabet[symbol] for symbol in [inputs[0], *targets][:chars])


class Scaler:
    """Standardises a signal as it comes, by what is known at each step and never by what is still to come.

    But for the first value that differs: it tells the scale, and so counts as one unit away.
    """

    def __init__(self, task):
        self._inputs = Standardiser(task.inputs)
        self._targets = None if task.next_value else Standardiser(task.outputs)

    def arrays(self):
        """All that changes."""
        return [*self._inputs.arrays(), *(self._targets.arrays() if self._targets else ())]

    def sound(self):
        """Whether they can have come from reading."""
        return self._inputs.sound() and (self._targets is None or self._targets.sound())

    def piece(self, inputs, targets):
        """The next steps (T, m), (T, m'), by the mean and deviation of the inputs so far; of targets, of those before."""
        mean, scale = self._inputs.blocks(inputs)
        scaled = (inputs - mean) / np.where(scale > 0, scale, 1.0)
        if self._targets:
            known = self._targets.scale()
            later = self._targets.blocks(targets)
            mean, scale = (np.concatenate((one[None], more))[: len(inputs)] for one, more in zip(known, later, strict=True))
        away = np.zeros_like(scale)
        away[: len(targets)] = np.abs(targets - mean[: len(targets)])
        scale = np.where(scale > 0, scale, np.where(away > 0, away, 1.0))
        return Piece(scaled, (targets - mean[: len(targets)]) / scale[: len(targets)], mean, scale)
