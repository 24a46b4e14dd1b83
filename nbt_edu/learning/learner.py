"""Online learning: read an input, predict what comes, change theta, go on."""

import time
import warnings

import numpy as np

from .. import jit
from ..estimators import RTRL
from ..implements import begun, begun_both, named, part
from ..readouts import Softmax, SquaredError
from ..settings import function, precision, require, whole
from . import saving, trials
from .guards import admit, affordable, leaves, prepare, uninterrupted, weigh
from .loop import LearnerState, pass_one, run_chunk
from .precision import built, said
from .progress import Bar
from .randomness import BLOCK, Noise
from .record import BITS, RMS, Record
from .shadow import collect, take_over, watched
from .streams import Examples, room


class Learner:
    """A network that learns online to predict the next character of a text, or the targets of a signal.

    task: where inputs and targets come from. network: its description. estimator: how dl/dtheta is estimated. optimizer: what
    is done with it. seed: weights, task and noise follow from it; the same seed gives the same numbers, in whatever pieces the
    run is made. compare: estimators to score against the exact gradient (RTRL) along this learner's own trajectory, a list or
    {name: estimator}, each in `replicas` copies with independent noise. compiled: None compiles when numba is there.
    readout: None takes `Softmax()` for characters, `SquaredError()` for signals. dtype: "float64", or "float32" (`precision`).

    An iterator: `next(learner)` makes one step and answers its loss in bits. `run(n)` makes n; `learn_one(x, y)` learns from
    data of yours as it comes. Steps are called characters here, which they are of a text.
    Raises ValueError for arguments out of range or too large for this machine's memory, TypeError for own classes that cannot
    be compiled as they stand.
    """

    def __init__(self, task, network, estimator, optimizer, seed=0, compare=(), replicas=2, compiled=None, readout=None,
                 dtype="float64"):  # fmt: skip
        self.task, self.network, self.seed = part("task", task), part("network", network), whole("seed", seed, 0, 2**63)
        self.estimator, self.optimizer = part("estimator", estimator), part("optimizer", optimizer)
        self.compare, self.replicas = named(compare, "compare"), whole("replicas", replicas, 2, 4096)
        self.compiled = jit.chosen(compiled) and (compiled or getattr(network, "compiles", True))
        self.dtype, self._symbols = precision("dtype", dtype), task.alphabet is not None
        self.readout = part("readout", readout, default=Softmax() if self._symbols else SquaredError())
        fits = self._symbols == getattr(self.readout, "symbols", self._symbols)
        require(fits, "readout", self.readout, "Softmax() for a task of characters, SquaredError() for a signal")
        self.rewind()

    def __repr__(self):
        made = f"{self.chars:,} {self.record.steps}"
        return f"<Learner of {self.task.name} by {self.estimator.label()}, {made}, seed {self.seed}{said(self.dtype)}>"

    def __iter__(self):
        return self

    def __next__(self):
        losses = self._piece(1)
        if not losses.size:
            raise StopIteration
        return float(losses[0])

    @property
    def chars(self):
        """Characters predicted so far; of a signal, steps made."""
        return int(self._state.count[0])

    def rewind(self):
        """Back to step 0 with the same seed and the present settings: the first weights again, a new record."""
        task, units, self._made = self.task, self.network.units, None  # made: what there is machine code for
        with affordable("units", units):
            self._system, self._built = built(self.network, self.readout, task, self.seed, self.dtype)
            admit(self._system, self._built, self.optimizer, [self.estimator, *self.compare.values()], self.compiled)
            self._state = self._first_state()
            weigh(self._state)
        self._examples, self._noise, self._pace = Examples(task, self.seed, dtype=self.dtype), self._new_noise(self._watched), 1
        about = task.name, self.estimator.label(), self.seed, BITS if self._symbols else RMS, task.outputs
        noisy = [name for name, one in self.compare.items() if one.noise_vectors()]
        self._failure = "what came next had probability zero, or a number overflowed"
        self.record = Record(*about, task.entropy_rate, task.references, compared=self.compare, noisy=noisy)
        self.record.events.append((0, f"{self.estimator.label()}, {self.optimizer.label()}{said(self.dtype)}"))

    def _first_state(self):
        self._watched = watched(self.estimator, RTRL(), list(self.compare.values()), self.replicas)
        memories = begun_both(self.optimizer, self._system.theta, self._built.theta)
        return LearnerState(self._system.start(), begun(self._watched, self._system), *memories, np.zeros(1, np.int64))

    def _new_noise(self, estimator):
        size = self._state.h.size
        return Noise(self.seed, estimator.noise_kinds(size), size, self.dtype)

    def run(self, chars):
        """Make `chars` steps, with a progress bar when it takes long; answers the record of the whole run.

        A run that diverges stops with a warning that says where and what to change, one whose task has ended with a sentence
        in its record; what was found is kept. Interrupt (Ctrl-C) stops between two steps: the next call goes on from there.
        """
        chars = whole("chars", chars, 1, 10**12)
        with Bar(chars, self.record.steps, self.compiled) as bar:
            self.read(chars, bar.update)
        if self.record.diverged or self.record.ended:
            warnings.warn(self.record.diverged or self.record.ended, stacklevel=2)
        return self.record

    def read(self, chars, progress=lambda done: None):
        """Make `chars` steps, or up to where the run diverges or ends, calling progress(steps) now and then."""
        chars, done, progress = whole("chars", chars, 0, 10**12), 1, function("progress", progress)
        while chars and done:
            done = self._piece(chars).size
            chars -= done
            progress(done)

    def _piece(self, chars):
        """Make at most `chars` steps, in about 0.1 s; answers their losses: none when the run has diverged or ended."""
        if self.record.diverged:
            return np.empty(0)
        prepare(self)
        with uninterrupted():
            noise = self._noise.block(self.chars)[: min(chars, self._pace)]
            piece = self._examples.ahead(len(noise))
            if len(piece.inputs):
                return self._learn(piece, noise[: len(piece.inputs)])
        self.record.end()
        return np.empty(0)

    def _learn(self, piece, noise):
        """Learn from a piece; answers the losses, and adds them to the record."""
        with uninterrupted():
            start = time.perf_counter()
            losses, predictions = self._run(piece.inputs, piece.targets, noise)
            seconds = time.perf_counter() - start if self.record.chars else 0.0  # the first piece finds cold memory
            self._pace = int(np.clip(self._pace * np.clip(0.1 / max(seconds, 1e-6), 0.5, 2.0), 1, BLOCK))
            return self._note(piece.own_losses(losses), piece.squared_errors(predictions), seconds)

    def _run(self, inputs, targets, noise):
        """Learn from inputs and targets: losses and predictions. Steps after a failure have the loss NaN."""
        (losses, predictions), first = room(self.task, len(noise)), self.chars
        run, parts = run_chunk if self.compiled else run_chunk.interpreted, (self._watched, self.optimizer, self._state)
        with np.errstate(all="ignore"):
            try:
                run(self._system, self._built, *parts, inputs, targets, noise, losses, predictions)
            except np.linalg.LinAlgError as error:
                losses[self.chars - first :] = np.nan
                self._failure = f"a matrix could not be factored ({error})"
        return losses, predictions

    def _note(self, losses, errors, seconds):
        """Add to the record what was read, up to a loss that is not finite, which ends the run; answers the losses."""
        finite = np.isfinite(losses)
        good = len(losses) if finite.all() else int(finite.argmin())
        scores = [rows[:good] for rows in collect(self._watched, self._state.estimate)]
        self.record.append(losses[:good], errors[:good], scores, seconds)
        if good < len(losses):
            self.record.diverge(self._failure, self.optimizer.label())
        return losses[:good]

    def learn_one(self, x, y=None):
        """Read x, learn to predict y, of data of yours; answers the loss in bits, or None where y is missing.

        x, y: characters of the alphabet; or numbers or arrays, in the signal's own unit. A missing y (None, or NaN in it) is
        predicted and not learnt from. The same numbers as `run` on a task of the same data.
        Raises ValueError for what the task cannot read.
        """
        require(not self.record.diverged, "learner", self.record.diverged, "one that has not diverged: rewind it")
        prepare(self)
        piece, noise = self._examples.pushed(x, y), self._noise.block(self.chars)[:1]
        if len(piece.targets):
            losses = self._learn(piece, noise)
            return float(losses[0]) if losses.size else None
        run = pass_one if self.compiled else pass_one.interpreted
        with uninterrupted(), np.errstate(all="ignore"):
            run(self._system, self._built, self._watched, self.optimizer, self._state, piece.inputs[0], noise[0], np.empty(0))
            self.record.append(*np.full((2, 1), np.nan), collect(self._watched, self._state.estimate), 0.0)
        return None

    def predict_one(self, x):
        """What is expected after reading x, which stays unread: {symbol: probability}, or values (m',) in their own unit."""
        return trials.expected(self, self._examples.pushed(x, None, stays=False))

    def probabilities(self):
        """What the network now expects: {symbol: probability} for the next character."""
        piece = self._examples.peek(1)
        require(self._symbols and len(piece.inputs), "task", self.task.name, "of characters, and not at its end")
        return trials.expected(self, piece)

    def evaluate(self, task, chars):
        """Predict `chars` characters (steps) of a task with theta as it is, from a fresh state: a Record. Nothing changes."""
        return trials.evaluate(self, task, whole("chars", chars, 1, 10**12))

    def write(self, chars, temperature=1.0):
        """A text that the network writes from where it stands: each character drawn from what it expects. Nothing changes.

        temperature: probabilities are raised to 1 / temperature; 0 takes the most probable. Follows from the seed.
        """
        return trials.write(self, whole("chars", chars, 1, 10**7), temperature)

    def set(self, estimator=None, optimizer=None, compare=None):
        """Change settings within the run; what is not given stays.

        An estimator of the same class goes on from what it has (a rank grows by copying pairs, which stay unbiased; a
        new BPTT window begins); one of another class begins anew. `compare` takes as many estimators as before.
        """
        before, estimator = self._watched, part("estimator", estimator, default=self.estimator)
        optimizer = part("optimizer", optimizer, default=self.optimizer)
        compare = self.compare if compare is None else named(compare, "compare")
        as_many = len(self.compare)
        require(len(compare) == as_many, "compare", [*compare], f"{as_many} estimators, as when the run began")
        admit(self._system, self._built, optimizer, [estimator, *compare.values()], self.compiled)
        after, state = watched(estimator, RTRL(), list(compare.values()), self.replicas), self._state
        if after != before:
            with affordable("estimator", estimator.label()):
                weigh(begun(after, self._system))
                state = state._replace(estimate=take_over(after, before, state.estimate, self._system))
        if type(optimizer) is not type(self.optimizer):
            with affordable("optimizer", optimizer.label()):
                weigh(memories := begun_both(optimizer, self._system.theta, self._built.theta))
            state = state._replace(recurrent=memories[0], readout=memories[1])
        if changed := [new.label() for new, old in ((estimator, self.estimator), (optimizer, self.optimizer)) if new != old]:
            self.record.events.append((self.chars, ", ".join(changed)))
        self.estimator, self.optimizer, self._state = estimator, optimizer, state
        self.compare = dict(zip(self.compare, compare.values(), strict=True))
        if after != before:
            self._watched, self._noise = after, self._new_noise(after)

    def parts(self):
        """Copies of the network, the readout and the state, to look at or to experiment with."""
        return trials.copies(self)

    def ahead(self, count):
        """Inputs and targets of the next `count` steps, as the network reads them: a `Piece`. They stay unread."""
        return self._examples.peek(whole("count", count, 0, 10**7))

    def save(self, path):
        """Write all that is needed to go on later to a file (.npz): settings, weights, states and record."""
        saving.save(path, self, self._arrays())

    @classmethod
    def restore(cls, path, classes=()):
        """A learner that goes on from a saved one, with the same numbers as if it had never stopped.

        `classes`: your own settings classes, if the saved learner had any. Raises ValueError when the file is missing,
        is not a saved learner, or is damaged.
        """
        return saving.restore(path, classes, cls)

    def _arrays(self):
        """All the numbers that change."""
        parts = [self._system.theta, *leaves(self._built), *leaves(self._state), *self._examples.arrays()]
        return [part for part in parts if isinstance(part, np.ndarray)]
