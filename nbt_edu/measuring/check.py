"""The shipped proofs: every system's derivatives, and what every estimator answers, held against independent oracles.

* A system: each of its products against central differences of `step`, in random directions (`check_system`).
* An estimator on a system: at fixed theta, along a walk of several windows, against the gradient made of the influence
  matrices, or where it is biased against what it is said to be. Where it draws signs, the mean over all of them is taken,
  exactly; where these are too many, over a sample, to 6 standard errors.
* An optimizer, a readout, a task: `check_optimizer`, `check_readout`, `check_task`.

`nbt_edu.check.run()` checks all that is shipped, and there is a door for each kind of your own. Each answers a `Report`.
"""

import numpy as np

from .. import catalogue
from ..catalogue import BIASED, EXACT, UNBIASED
from ..estimators import oracles
from ..implements import part
from ..settings import function, require, string, whole, word
from . import check_optimizer, check_readout, check_system, check_task
from .report import Report, Row
from .walk import Walk

CLAIMS = (EXACT, UNBIASED, BIASED)
CLOSE = 1e-11  # agreement with the oracle, relative
MOST = 1000  # units
LARGEST = 10**7  # numbers of a matrix that is written down
INPUTS = 3  # symbols, or components of a signal
SAMPLES = 4000
SIGNS = 12  # at most 2^12 sequences of signs are enumerated
STEPS = 6  # of a walk with few signs or none: three windows of two


def run(progress=lambda row: None):
    """Every shipped system, and every shipped estimator on every system that it can run on. `progress` takes each row."""
    rows = []

    def add(row):
        rows.append(row)
        progress(row)

    for system in catalogue.SYSTEMS:
        add(check_system.row(_built(system.describe(3), _x0(system.signal), _rng(1)), system.name))
        for row in catalogue.ESTIMATORS:
            add(_proof(system, row.estimator, row.claim, row.reason, row.expected))
    return Report(rows)


def planned():
    """How many rows `run` makes."""
    return len(catalogue.SYSTEMS) * (1 + len(catalogue.ESTIMATORS))


def system(system, inputs=INPUTS, name="yours"):
    """Check your own system's derivatives: an object as `protocols.System` asks for, or the description of a network.

    It reads symbols 0 ... inputs - 1, or signals of as many components. Of a description both are checked.
    """
    inputs, name = whole("inputs", inputs, 1, 1000), string("name", name)
    if not hasattr(system, "build"):
        return Report([check_system.row(_small(part("system", system)), name, inputs)])
    few = part("system", system, "network").units <= MOST
    require(few, "system", system, f"of at most {MOST} units: ten prove as much")
    kinds = (("symbols", 0), ("signals", np.zeros(inputs)))
    built = [(_small(system.build(x0, inputs, _rng(1))), f"{name}, {kind}") for kind, x0 in kinds]
    return Report([check_system.row(*one, inputs) for one in built])


def estimator(estimator, claim=None, on=None, expected=None, progress=lambda row: None):
    """Check your own estimator on every shipped system, or `on` a network of your own (a description).

    claim: "exact", "unbiased" (over all its signs) or "biased"; by default "unbiased" if it draws random numbers, else
    "exact". expected: what a biased one's mean answers are, a function of a `Walk` (`estimators.oracles`); None asks only that
    there be a bias. One that answers late is held against the sum of the exact gradients since its last answer. What it
    cannot run on is skipped, with a sentence; what it stops with is a row that failed.
    """
    part("estimator", estimator), function("progress", progress)
    function("expected", oracles.exact if expected is None else expected)
    claim = (UNBIASED if estimator.noise_vectors() else EXACT) if claim is None else word("claim", claim, CLAIMS)
    shipped = next((row.expected for row in catalogue.ESTIMATORS if row.estimator == estimator), None)
    expected, rows = expected or (shipped if claim == BIASED else oracles.exact), []
    for one in catalogue.SYSTEMS if on is None else _networks(on):
        rows.append(_proof(one, estimator, claim, "", expected))
        progress(rows[-1])
    return Report(rows)


def optimizer(optimizer):
    """Check your own optimizer: what it asks, that it moves against the gradient, and only by what it is given."""
    return Report(check_optimizer.rows(part("optimizer", optimizer)))


def readout(readout):
    """Check your own readout (a description): its derivatives and curvature against differences of its loss."""
    return Report(check_readout.rows(part("readout", readout)))


def task(task):
    """Check your own task: its stream, that it is repeatable, its settings, and that its floor is one."""
    return Report(check_task.rows(part("task", task)))


def _small(system):
    """A system whose matrices dF/dtheta can be written down, or ValueError."""
    size = system.start().size * system.theta.size
    require(size <= LARGEST, "system", size, f"so small that dF/dtheta has at most {LARGEST:,} numbers: try ten units")
    return system


def _networks(on):
    """Rows, as the catalogue's, of a network of the user's: sizes are tried as they are, since it may have one size only."""
    part("on", on, "network")
    name = type(on).__name__
    return [catalogue.SystemRow(f"{name}, {kind}", lambda n: on, kind == "signals") for kind in ("symbols", "signals")]


def _proof(system, estimator, claim, reason, expected):
    """One estimator's mean answers along a walk, against the oracle: a row, whatever happens."""
    try:
        lacking = _lacking(system, estimator)
        if lacking:
            return Row(system.name, estimator.label(), claim, "skipped", 0.0, True, f"it needs {lacking}, which this has not")
        return _answers(system, estimator, claim, reason, expected)
    except Exception as error:  # of foreign code: told in its row, so that the others are made
        return Row(system.name, estimator.label(), claim, "stopped", np.inf, False, f"{type(error).__name__}: {error}")


def _lacking(system, estimator):
    offers = getattr(_built(system.describe(1), _x0(system.signal), _rng(0)), "offers", ())
    return ", ".join(sorted({*getattr(estimator, "needs", ())} - {*offers}))


def _answers(system, estimator, claim, reason, expected):
    walk, sampled = _walk(system, estimator)
    how, errors = f"influence matrix, {len(walk.q)} steps", None
    if sampled:
        found, errors = walk.sampled_mean(estimator, SAMPLES)
    else:
        found = walk.mean(estimator)
        if estimator.noise_vectors():
            how = f"all 2^{len(walk.q) * sum(walk.widths(estimator))} signs, {len(walk.q)} steps"
    answered = [t for t, answer in enumerate(found) if answer is not None]
    if not answered:
        return Row(system.name, estimator.label(), claim, how, np.inf, False, "it never answered")
    exact = dict(zip(answered, _sums(walk.exact(), answered), strict=True))
    wanted = exact if expected in (None, oracles.exact) else _due(expected(walk))
    if sampled:
        blind = max(6 * errors[t].max() / np.abs(g).max() for t, g in exact.items())
        how = f"6 standard errors, {SAMPLES} draws, {len(walk.q)} steps: blind below {blind:.1g}"
    if sorted(wanted) != answered:
        note = f"it answers at the steps {[t + 1 for t in answered]}; it should at {[t + 1 for t in sorted(wanted)]}"
        return Row(system.name, estimator.label(), claim, how, np.inf, False, note)
    worst, right, note = _compare(found, wanted, errors)
    if claim == BIASED:
        bias, unbiased, _ = _compare(found, exact, errors)
        there = not unbiased
        if expected is None:
            return Row(system.name, estimator.label(), claim, how, bias, there, reason if there else "no bias was found")
        claim = claim if there else EXACT
        note = note if not right else f"{bias:.2g} from the exact gradient: {reason}" if there else "no bias on this system"
        return Row(system.name, estimator.label(), claim, how, worst, right, note)
    return Row(system.name, estimator.label(), claim, how, worst, right, "" if right else note)


def _sums(gradients, answered):
    """Sums of the gradients since the last answer, at each answer."""
    starts = [0, *(t + 1 for t in answered[:-1])]
    return [sum(gradients[start : t + 1]) for start, t in zip(starts, answered, strict=True)]


def _due(answers):
    return {t: answer for t, answer in enumerate(answers) if answer is not None}


def _compare(found, wanted, errors):
    """The largest relative deviation, whether all are allowed, and a note on the largest."""
    right, worst, note = True, 0.0, ""
    for t, g in wanted.items():
        off, size = np.abs(found[t] - g), max(np.abs(g).max(), 1e-300)
        allowed = CLOSE * size if errors is None else np.maximum(6 * errors[t], CLOSE * size)
        right = right and bool((off <= allowed).all())
        if not note or not off.max() / size <= worst:  # NaN too
            at, worst = int(np.argmax(off)), float(off.max() / size)
            note = f"at step {t + 1} parameter {at} has the mean gradient {found[t][at]:.6g}; it should be {g[at]:.6g}"
    return worst, right, note


def _walk(system, estimator):
    """As long a walk of as many units as all signs of the estimator allow, of two of its windows if these do; and whether it
    takes sampling instead."""
    one, three = (_built(system.describe(n), _x0(system.signal), _rng(0)).start().size for n in (1, 3))
    varied = [(3, STEPS), (3, 3), (2, 3), (2, 4), (2, STEPS), (2, 2), (1, 3), (1, 4), (1, STEPS), (1, 2)]
    sizes = varied if one < three else [(3, steps) for steps in range(STEPS, 2, -1)]
    enumerable = all(kind == "signs" for kind, _ in estimator.noise_kinds(one))
    fitting = [(n, T) for n, T in sizes if enumerable and T * _signs(system, estimator, n) <= SIGNS]
    enough = [(n, T) for n, T in fitting if 2 * getattr(estimator, "window", 0) <= T]
    units, steps = (enough or fitting or [(2, 3)])[0]
    rng = _rng(4)
    made = _built(system.describe(units), _x0(system.signal), rng)
    inputs = rng.normal(size=(steps, INPUTS)) if system.signal else rng.integers(INPUTS, size=steps)
    return Walk(made, inputs, rng.normal(size=(steps, system.describe(units).units))), not fitting


def _signs(system, estimator, units):
    """How many random numbers a step takes on so many units."""
    size = _built(system.describe(units), _x0(system.signal), _rng(0)).start().size
    return sum(width for _, width in estimator.noise_kinds(size))


def _built(description, x0, rng):
    return description.build(x0, INPUTS, rng)


def _x0(signal):
    return np.zeros(INPUTS) if signal else 0


def _rng(seed):
    return np.random.default_rng((20151207, seed))
