"""Online learning: read a character, predict the next, change theta, go on."""

import copy
import time
import warnings
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from .. import jit
from ..estimators import RTRL
from ..jit import borrowed, compiled, hold
from ..kernels import assign
from ..readouts.softmax import Softmax
from ..settings import named, require, whole
from . import saving
from .guards import affordable, leaves, uninterrupted, weigh
from .record import Record
from .shadow import collect, take_over, watched
from .streams import BLOCK, Signs, Symbols


class State(NamedTuple):
    """What goes on from one character to the next. All arrays, changed in place."""

    h: np.ndarray  # (c n,) the network's state
    estimate: NamedTuple  # the estimator's state
    recurrent: np.ndarray  # the optimizer's memory for the recurrent theta
    readout: np.ndarray  # the optimizer's memory for the readout's theta
    count: np.ndarray  # (1,) characters predicted


@compiled
def run_chunk(system, readout, estimator, optimizer, state, symbols, noise, bits):
    """Predict symbols[1:] one by one, learning on the way: symbols (T + 1,), noise (T, draws, c n), bits (T,) filled.

    Changes theta and the state in place. Stops at the first loss that is not finite, which is not counted in `count`.
    """
    system, readout, state, symbols, noise = borrowed((system, readout, state, symbols, noise))
    n, h = readout.theta.shape[0] - 1, state.h.copy()
    theta = borrowed(system.theta.reshape(1, -1))
    for t in range(symbols.size - 1):
        before = h
        h, made = system.step(borrowed(h), symbols[t])
        scored = readout.loss(borrowed(h[:n]), symbols[t + 1])
        tape = borrowed(made)
        bits[t], psi, error, q = borrowed(scored)
        if not np.isfinite(bits[t]):
            break
        estimator.advance(state.estimate, system, tape, noise[t])
        asked = optimizer.cotangents(readout, q, error, symbols[t + 1])
        answer = estimator.gradient(state.estimate, system, borrowed(asked))
        A, B = borrowed(answer)
        if A.size:
            optimizer.apply(state.recurrent, theta, A, B)
        optimizer.apply_readout(state.readout, readout, psi, error, symbols[t + 1])
        state.count[0] += 1
        hold(before, made, scored, asked, answer)
    assign(state.h, h)


class Learner:
    """A network that learns online to predict the next character of a task.

    task: where characters come from. network: its description. estimator: how dl/dtheta is estimated.
    optimizer: what is done with it. seed: weights, task and signs follow from it; the same seed gives the same numbers,
    in whatever pieces the run is made. compare: estimators to score against the exact gradient (RTRL) along this
    learner's own trajectory, a list or {name: estimator}, each in `replicas` copies with independent signs. compiled:
    None compiles when numba is there.

    An iterator: `next(learner)` reads one character and answers its loss in bits. `run(n)` reads n.
    Raises ValueError for arguments out of range or too large for this machine's memory.
    """

    def __init__(self, task, network, estimator, optimizer, seed=0, compare=(), replicas=2, compiled=None):
        self.task, self.network, self.seed = task, network, whole("seed", seed, 0, 2**63)
        self.estimator, self.optimizer = estimator, optimizer
        self.compare, self.replicas = named(compare, "compare"), whole("replicas", replicas, 2, 4096)
        self.compiled = jit.available() and getattr(network, "compiles", True) if compiled is None else compiled
        self.rewind()

    def __repr__(self):
        return f"<Learner of {self.task.name} by {self.estimator.label()}, {self.chars:,} characters, seed {self.seed}>"

    def __iter__(self):
        return self

    def __next__(self):
        bits = self._piece(1)
        if not bits.size:
            raise StopIteration
        return float(bits[0])

    @property
    def chars(self):
        """Characters predicted so far."""
        return int(self._state.count[0])

    def rewind(self):
        """Back to character 0 with the same seed and the present settings: the first weights again, a new record."""
        symbols, units, task = len(self.task.alphabet), self.network.units, self.task
        with affordable("units", units):
            self._system = self.network.build(symbols, np.random.default_rng((self.seed, 0)))
            self._readout = Softmax(np.zeros((units + 1, symbols)))
            self._state = self._first_state()
            weigh(self._state)
        self._symbols, self._signs, self._pace = Symbols(task, self.seed), self._new_signs(self._watched), 1
        method = self.estimator.label()
        about = task.name, method, self.seed, symbols, task.entropy_rate, task.references
        noisy = [name for name, one in self.compare.items() if one.noise_vectors()]
        self._failure = "what came next had probability zero, or a number overflowed"
        self.record = Record(*about, compared=self.compare, noisy=noisy)
        self.record.events.append((0, f"{method}, {self.optimizer.label()}"))

    def _first_state(self):
        self._watched = watched(self.estimator, RTRL(), list(self.compare.values()), self.replicas)
        recurrent, readout = self.optimizer.begin(self._system.theta), self.optimizer.begin(self._readout.theta)
        estimate = self._watched.begin(self._system)
        return State(self._system.start(), estimate, recurrent, readout, np.zeros(1, np.int64))

    def _new_signs(self, estimator):
        return Signs(self.seed, estimator.noise_vectors(), self._state.h.size)

    def run(self, chars):
        """Read `chars` characters, with a progress bar when it takes long; answers the record of the whole run.

        A run that diverges stops with a warning that says where and what to change; its record is kept. Interrupt
        (Ctrl-C) stops between two characters: the next call goes on from there.
        """
        chars = whole("chars", chars, 1, 10**12)
        with tqdm(total=chars, delay=2, unit=" characters", unit_scale=True, leave=False) as bar:
            self.read(chars, bar.update)
        if self.record.diverged:
            warnings.warn(self.record.diverged, stacklevel=2)
        return self.record

    def read(self, chars, progress=None):
        """Read `chars` characters, or up to where the run diverges, calling progress(characters) now and then."""
        done = 1
        while chars and done:
            done = self._piece(chars).size
            chars -= done
            if progress:
                progress(done)

    def _piece(self, chars):
        """Read at most `chars` characters, in about 0.1 s; answers their losses: none when the run has diverged."""
        if self.record.diverged:
            return np.empty(0)
        noise = self._signs.block(self.chars)[: min(chars, self._pace)]
        bits = np.empty(len(noise))
        run = run_chunk if self.compiled else run_chunk.interpreted
        with uninterrupted(), np.errstate(all="ignore"):
            start, first = time.perf_counter(), self.chars
            try:
                run(self._system, self._readout, self._watched, self.optimizer, self._state,
                    self._symbols.ahead(len(noise)), noise, bits)  # fmt: skip
            except np.linalg.LinAlgError as error:
                bits[self.chars - first :] = np.nan
                self._failure = f"a matrix could not be factored ({error})"
            seconds = time.perf_counter() - start if self.record.chars else 0.0  # the first piece may compile
            self._pace = int(np.clip(self._pace * np.clip(0.1 / max(seconds, 1e-6), 0.5, 2.0), 1, BLOCK))
            return self._note(bits, seconds)

    def _note(self, bits, seconds):
        """Add to the record what was read, up to a loss that is not finite, which ends the run; answers the losses."""
        finite = np.isfinite(bits)
        good = len(bits) if finite.all() else int(finite.argmin())
        self.record.append(bits[:good], [rows[:good] for rows in collect(self._watched, self._state.estimate)], seconds)
        if good < len(bits):
            self.record.diverged = (
                f"diverged at character {self.record.chars:,}: {self._failure}. Rewind with a lower rate (now "
                f"{self.optimizer.label()}), with clipping, a larger prior of a Kalman filter, or beta = 1 (λ-scaling on)."
            )
        return bits[:good]

    def set(self, estimator=None, optimizer=None, compare=None):
        """Change settings within the run; what is not given stays.

        An estimator of the same class goes on from what it has (a rank grows by copying pairs, which stay unbiased; a
        new BPTT window begins); one of another class begins anew. `compare` takes as many estimators as before.
        """
        before, estimator, optimizer = self._watched, estimator or self.estimator, optimizer or self.optimizer
        compare = self.compare if compare is None else named(compare, "compare")
        fits = len(compare) == len(self.compare)
        require(fits, "compare", list(compare), f"{len(self.compare)} estimators, as when the run began")
        after = watched(estimator, RTRL(), list(compare.values()), self.replicas)
        state = self._state
        if after != before:
            with affordable("estimator", estimator.label()):
                weigh(after.begin(self._system))
                state = state._replace(estimate=take_over(after, before, state.estimate, self._system))
        if type(optimizer) is not type(self.optimizer):
            recurrent, readout = optimizer.begin(self._system.theta), optimizer.begin(self._readout.theta)
            state = state._replace(recurrent=recurrent, readout=readout)
        changed = [new.label() for new, old in ((estimator, self.estimator), (optimizer, self.optimizer)) if new != old]
        if changed:
            self.record.events.append((self.chars, ", ".join(changed)))
        self.estimator, self.optimizer, self._state = estimator, optimizer, state
        self.compare = dict(zip(self.compare, compare.values(), strict=True))
        if after != before:
            self._watched, self._signs = after, self._new_signs(after)

    def probabilities(self):
        """What the network now expects: {symbol: probability} for the next character."""
        h, _ = self._system.step(self._state.h, self._symbols.last[0])
        p = self._readout.probabilities(h[: self.network.units])
        return dict(zip(self.task.alphabet, p.tolist(), strict=True))

    def parts(self):
        """Copies of the network, the readout and the state, to look at or to experiment with."""
        theta = self._system.theta.copy()
        if isinstance(self._system, tuple):
            net = self._system._replace(theta=theta)
        else:
            net = copy.copy(self._system)
            net.theta = theta
        return net, self._readout._replace(theta=self._readout.theta.copy()), copy.deepcopy(self._state)

    def ahead(self, count):
        """The symbol to be read next and the `count` after it: int64 (count + 1,). They stay unread."""
        return self._symbols.peek(whole("count", count, 0, 10**9))

    def save(self, path):
        """Write all that is needed to go on later to a file (.npz): settings, weights, states and record."""
        saving.save(path, self, self._arrays())

    @classmethod
    def restore(cls, path, classes=()):
        """A learner that goes on from a saved one, with the same numbers as if it had never stopped.

        `classes`: your own settings classes, if the saved learner had any. Raises ValueError when the file is missing,
        is not a saved learner, or is damaged.
        """

        def make(**settings):
            learner = cls(**settings)
            return learner, learner._arrays()

        self, self.record = saving.restore(path, classes, make)
        left = self.chars
        while left:  # read on in the text to where the run was
            left -= self._symbols.ahead(min(left, BLOCK)).size - 1
        return self

    def _arrays(self):
        """All the numbers that change."""
        return [self._system.theta, self._readout.theta, *leaves(self._state)]
