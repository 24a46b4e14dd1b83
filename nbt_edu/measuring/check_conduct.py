"""How an estimator behaves, whatever it answers: it leaves what it is given, keeps nothing of it, and takes over from others.

What it is given is all that is not its own state: theta and the system's other arrays, the tape, the noise, and Q.
"""

import copy

import numpy as np

from ..implements import begun
from ..kernels import product
from ..learning.guards import leaves
from ..learning.randomness import DRAWS
from ..optimizers import SGD, DiagonalKalman
from ..optimizers.diagonal import DiagonalState
from ..readouts import Softmax
from .report import agrees, holds, unchanged
from .trials import built, trial_of

TAKEN = 8  # 2^8 sequences of signs at most, before and after another's settings were taken over


def given(trial, estimator):
    """Findings along a trial, under some signs: a second state goes on beside the first, the arrays of a step are lost."""
    walk, Q, size = trial.walk, trial.Q, trial.walk.J.shape[1]
    kinds, label = estimator.noise_kinds(size), estimator.label()
    yield holds(isinstance(label, str) and label, f"label() is {label!r}; it should be a string")
    known = all(kind in DRAWS and 1 <= width <= size for kind, width in kinds)
    yield holds(known and len(kinds) == estimator.noise_vectors(), f"noise_kinds({size}) is {kinds}; noise_vectors() is "
                f"{estimator.noise_vectors()}, a kind is one of {', '.join(DRAWS)}, a width from 1 to {size}")  # fmt: skip
    filtered = DiagonalState(np.ones(walk.system.theta.shape), np.zeros(1))
    estimator.heed(begun(estimator, walk.system), DiagonalKalman(), filtered)
    yield holds(all((leaf == leaf.flat[0]).all() for leaf in filtered), "heed changes the optimizer's state")
    noise = 1 - 2 * (np.arange(len(Q) * len(kinds) * size) % 3 == 1).astype(np.int8).reshape(len(Q), len(kinds), size)
    state, other = walk.begun(estimator), walk.begun(estimator)
    yield from _apart(*(leaves(estimator.begin(walk.system)) for _ in range(2)), "two states")
    yield from _apart(leaves(state), _arrays(walk.system), "a state and the system")
    answers, count = walk.ask(estimator, Q, noise)[:2]
    names = ["theta" if one is walk.system.theta else "the system's array" for one in _arrays(walk.system)]
    for t in range(len(Q)):
        parts = [copy.deepcopy(part) for part in (walk.tapes[t], noise[t], Q[t])]
        arrays = [*_arrays(walk.system), *leaves(parts[0]), *parts[1:]]
        named = [*names, *(f"the tape's array {i}" for i in range(len(leaves(parts[0])))), "noise", "Q"]
        before = copy.deepcopy(arrays)
        estimator.advance(state, walk.system, parts[0], parts[1])
        yield from unchanged(named, before, arrays, f"advance, at step {t + 1},")
        A, B = estimator.gradient(state, walk.system, parts[2])
        yield from unchanged(named, before, arrays, f"gradient, at step {t + 1},")
        if A.size:
            what = f"an answer at step {t + 1}, beside another state and when the arrays of earlier steps are lost,"
            yield agrees(what, product(A, B), answers[t, : count[t]])
        _lose(parts)
        others = [copy.deepcopy(part) for part in (walk.tapes[-1 - t], -noise[t], Q[-1 - t])]
        estimator.advance(other, walk.system, *others[:2])
        estimator.gradient(other, walk.system, others[2])
        _lose(others)
    yield from _asked(estimator, state, walk.system, Q[-1, 0])


def _asked(estimator, state, system, q):
    """Findings that `gradient_for` is the gradient of what an optimizer asks, and leaves a readout of this many units."""
    readout = Softmax().build(q.size, 3)
    readout.theta[...] = np.outer(np.append(q, 1.0), np.arange(-1, 2))
    outcome = readout.loss(q, 1)[1]
    given, before = [readout.theta, *outcome], copy.deepcopy([readout.theta, *outcome])
    for optimizer in SGD(0.1), DiagonalKalman():
        own, other = copy.deepcopy(state), copy.deepcopy(state)
        found = product(*estimator.gradient_for(own, system, optimizer, readout, outcome))
        yield from unchanged(["the readout's theta", "p", "psi", "error", "q"], before, given, "gradient_for")
        wanted = product(*estimator.gradient(other, system, optimizer.cotangents(readout, outcome)))
        asks = optimizer.label().partition(" rate")[0]
        yield holds(len(found) == len(wanted), f"gradient_for answers {len(found)} rows, where {asks} asks for {len(wanted)}")
        yield agrees(f"gradient_for, for what {asks} asks,", found[: len(wanted)], wanted[: len(found)])


def _lose(parts):
    for lost in (*leaves(parts[0]), *parts[1:]):
        if isinstance(lost, np.ndarray):
            lost[...] = np.nan if lost.dtype.kind == "f" else 0


def _apart(some, others, what):
    shared = any(np.shares_memory(one, other) for one in some for other in others if isinstance(other, np.ndarray))
    yield holds(not shared, f"{what} share memory: begin(system) must answer with new arrays")


def _arrays(system):
    return [one for one in leaves(system) if isinstance(one, np.ndarray)] if isinstance(system, tuple) else [system.theta]


# --- what takes over ---


def resumed(system, estimator, biased, expected):
    """Findings on `resume`: the mean answers go on, or begin anew; the state that was is left as it was.

    After its own settings; where it is unbiased and has a rank, after a rank of one more.
    """
    befores = [estimator]
    if not biased and "rank" in getattr(estimator, "_fields", ()):
        befores.append(estimator._replace(rank=estimator.rank + 1))
    for before in befores:
        trial, cut = _cut(system, estimator, before)
        if trial:
            yield from _taken_over(trial, cut, estimator, before, None if not biased else expected)


def _cut(system, estimator, before):
    """A trial, and the step at which another takes over: between two windows. Or (None, 0), where there are too many signs."""
    window = max(getattr(estimator, "window", 1), 1)
    for units in 2, 1:
        size = built(system, units).start().size
        kinds, widths = zip(*((one.noise_kinds(size), sum(width for _, width in one.noise_kinds(size)))
                              for one in (before, estimator)), strict=True)  # fmt: skip
        if not any(widths):
            return trial_of(system, 3, 5 * window), 2 * window
        enumerable = all(kind == "signs" for one in kinds for kind, _ in one)
        for cut, after in (2 * window, window), (window, window):
            if enumerable and cut * widths[0] + after * widths[1] <= TAKEN:
                return trial_of(system, units, cut + after), cut
    return None, 0


def _taken_over(trial, cut, estimator, before, expected):
    walk, Q = trial.walk, trial.Q
    first, rest, steps = walk.part(0, cut), walk.part(cut, len(Q)), len(Q) - cut
    said, count, n = 0.0, None, 0
    for early in first.signs(before):
        left = walk.begun(before)
        first.ask(before, Q[:cut], early, left)
        kept = copy.deepcopy(left)
        for late in rest.signs(estimator):
            state = estimator.resume(before, left, walk.system)
            answers, count, _ = rest.ask(estimator, Q[cut:], late, state)
            said, n = said + answers, n + 1
        yield from _apart(leaves(state), leaves(left), "the states before and after resume")
        yield from unchanged(["an array of the state before"] * len(leaves(left)), leaves(kept), leaves(left), "resume")
    said, answered = said / n, [t for t in range(steps) if count[t]]
    yield holds(answered, f"after resume it never answered in {steps} steps")
    for t, start in zip(answered, [0, *(t + 1 for t in answered)], strict=False):
        whole, anew = _due(walk, expected, start + cut, t + cut), _due(rest, expected, start, t)
        found = said[t, 0]
        goes_on, begins = (agrees("", found, wanted)[1] for wanted in (whole, anew))
        at = int(np.argmax(np.abs(found - whole)))
        fault = f"at step {t + 1} after resume parameter {at} has the mean gradient {found[at]:.6g}; it should be "
        yield holds(not goes_on or not begins, f"{fault}{whole[at]:.6g} (it goes on) or {anew[at]:.6g} (it begins anew)")


def _due(walk, expected, start, t):
    """What is due at step t of a walk: the exact gradients since `start`, or what is expected of a biased estimator."""
    said = sum(walk.exact()[start : t + 1]) if expected is None else expected(walk)[t]
    return np.full(walk.system.theta.size, np.nan) if said is None else said
