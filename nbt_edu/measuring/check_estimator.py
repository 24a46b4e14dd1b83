"""What an estimator answers on a system, proved: at fixed theta, along walks of several windows, for several rows at once.

An exact or unbiased one is held against the gradients made of the influence matrices, the sum of those since its last answer;
a biased one against what it is said to be, and it must differ from the exact gradient. The mean is over all signs, exactly;
where these are too many, over a sample, to 6 standard errors.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..catalogue import BIASED, EXACT
from ..estimators import oracles
from ..implements import lacking
from . import check_conduct
from .report import Row, holds
from .trials import ROWS, built, trials

CLOSE = 1e-11  # agreement with the oracle, relative
LEAST = 1e-6  # a bias smaller than this could be rounding
NONE = "no bias on this system"


class Claim(NamedTuple):
    """What is said of an estimator's mean answers."""

    kind: str  # exact, unbiased or biased
    expected: Callable = oracles.exact  # what a biased one's are; of every one, when they come
    reason: str = ""  # why there is a bias


def row(system, estimator, claim):
    """One estimator on one system, a row of `catalogue.SYSTEMS`: a `Row`, whatever happens."""
    try:
        missing = lacking(estimator, built(system, 1))
        if missing:
            note = f"it needs {missing}, which this has not"
            return Row(system.name, estimator.label(), claim.kind, "skipped", 0.0, True, note)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a rank above the size of so small a state
            return _proved(system, estimator, claim)
    except Exception as error:  # of foreign code: told in its row, so that the others are made
        name = type(estimator).__name__
        return Row(system.name, name, claim.kind, "stopped", np.inf, False, f"{type(error).__name__}: {error}")


def _proved(system, estimator, claim):
    made = trials(system, estimator)
    how, worst, note, bias = made[0].how(estimator), 0.0, "", 0.0
    for trial in made:
        kept = trial.kept()
        found = trial.mean(estimator)
        if trial.sampled:
            exact = trial.rows(_since_the_last(found.answered), 1)
            blind = max([6 * found.errors[t].max() / np.abs(g).max() for t, g in exact.items()], default=np.inf)
            how += f": blind below {blind:.1g}"
        findings = [*check_conduct.given(trial, estimator), *_findings(trial, estimator, claim, found)]
        findings += [holds(kept == trial.kept(), "it changes theta, or the tapes, under some of its signs")]
        worst = max([worst, *(deviation for deviation, _ in findings)])
        note = note or next((fault for _, fault in findings if fault), "")
        bias = max(bias, _bias(trial, found))
    for deviation, fault in () if note else check_conduct.resumed(system, estimator, claim.kind == BIASED, claim.expected):
        worst, note = max(worst, deviation), note or fault
    kind = claim.kind
    if kind == BIASED and not note:
        kind, note = (EXACT, NONE) if bias <= LEAST else (kind, f"{bias:.2g} from the exact gradient: {claim.reason}")
        return Row(system.name, estimator.label(), kind, how, worst, True, note)
    return Row(system.name, estimator.label(), kind, how, float(worst), not note, note)


def without_bias(rows, kind):
    """The rows of one estimator, none of them passed where it is said to be biased and is so nowhere."""
    said = [row for row in rows if row.how != "skipped"]
    if kind != BIASED or not said or any(row.note != NONE for row in said):
        return rows
    fault = "it is said to be biased, and no bias was found: its claim is exact, or unbiased"
    return [row if row.how == "skipped" else row._replace(claim=BIASED, passed=False, note=fault) for row in rows]


def _since_the_last(answered):
    """An oracle: at each answer the sum of the exact gradients since the one before."""

    def oracle(walk):
        sums, exact = [None] * len(walk.q), walk.exact()
        for start, t in zip([0, *(t + 1 for t in answered)], answered, strict=False):
            sums[t] = sum(exact[start : t + 1])
        return sums

    return oracle


def _findings(trial, estimator, claim, found):
    """(deviation, fault) of its answers: that there are any, when, how many rows, and their numbers."""
    steps, answered = len(trial.Q), found.answered
    if found.fault:
        yield np.inf, found.fault
    if not answered:
        yield np.inf, f"it never answered in {steps} steps"
        return
    rows, late = {int(found.rows[t]) for t in answered}, len(answered) < steps
    if rows != {ROWS} and not (rows == {1} and (late or getattr(estimator, "window", 0) == 1)):
        yield (
            np.inf,
            f"it answers {min(rows)} of the {ROWS} rows that it is asked for; only one that comes late may have one row",
        )
        return
    if late and len(answered) < 2:
        yield np.inf, f"it answered once in {steps} steps, and several windows are wanted: name its length in a field `window`"
    due = sorted(t for t, said in enumerate(claim.expected(trial.walk)) if said is not None)
    if claim.expected is not oracles.exact and due != answered:
        yield np.inf, f"it answers at the steps {[t + 1 for t in answered]}; it should at {[t + 1 for t in due]}"
        return
    oracle = claim.expected if claim.kind == BIASED else _since_the_last(answered)
    for t, wanted in trial.rows(oracle, *rows).items():
        yield from compared(f"at step {t + 1}", found, t, wanted)


def compared(where, found, t, wanted):
    """Findings that the mean answer at step t is what it should be, (rows, P), row by row."""
    for r, g in enumerate(wanted):
        off, size = np.abs(found.answers[t, r] - g), max(np.abs(g).max(), 1e-300)
        allowed = CLOSE * size if found.errors is None else np.maximum(6 * found.errors[t, r], CLOSE * size)
        at, asked = int(np.argmax(off)), "gradient" if r == 0 else f"answer to row {r + 1}"
        note = f"{where} parameter {at} has the mean {asked} {found.answers[t, r, at]:.6g}; it should be {g[at]:.6g}"
        yield np.nan_to_num(off[at] / size, nan=np.inf), "" if (off <= allowed).all() else note


def _bias(trial, found):
    """How far the mean gradient is from the exact one, relative; of a sample, what is beyond 6 standard errors."""
    worst = 0.0
    for t, g in trial.rows(_since_the_last(found.answered), 1).items():
        off = np.abs(found.answers[t, 0] - g[0]) - (0.0 if found.errors is None else 6 * found.errors[t, 0])
        worst = max(worst, off.max() / max(np.abs(g).max(), 1e-300))
    return worst
