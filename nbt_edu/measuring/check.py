"""The shipped proofs: every system's derivatives, and what every estimator answers, held against independent oracles.

* A system: each of its products against central differences of `step`, in random directions.
* An estimator on a system: at fixed theta, along a short walk, against the gradient made of the influence matrices. Where it
  draws signs, the mean over all of them is taken, exactly; where these are too many, over a sample, to 6 standard errors.

`nbt_edu.check.run()` checks all that is shipped, `system(...)` and `estimator(...)` your own. Each answers a `Report`.
"""

import html
from typing import NamedTuple

import numpy as np

from .. import estimators, systems
from ..settings import require
from .walk import Walk

STEP = 1e-5  # of central differences
CLOSE = 1e-6  # agreement of derivatives with central differences, relative
EXACT = 1e-11  # agreement with the oracle, relative
CLAIMS = ("exact", "unbiased", "biased")
SYMBOLS = 3
SAMPLES = 4000
SIGNS = 12  # at most 2^12 sequences of signs are enumerated

SYSTEMS = {  # name: a description of it, of n units
    "leaky RNN": lambda n: systems.LeakyRNN(n, tuple(np.linspace(0.3, 0.8, n))),
    "slides' RNN": lambda n: systems.SlidesRNN(n, tuple(np.linspace(0.5, 1.0, n))),
    "sparse RNN": lambda n: systems.LeakyRNN(n, 0.4, connections=max(1, n - 1)),
    "GRU": lambda n: systems.GRU(n, 0.5),
    "LSTM": lambda n: systems.LSTM(n, 0.5),
    "linear": lambda n: _LinearSystem(n),
}
ESTIMATORS = [  # estimator, what is claimed of it, by what it differs from the exact gradient, if it does
    (estimators.RTRL(), "exact", ""),
    (estimators.RTRL(0.7), "biased", "the past is discounted"),
    (estimators.BPTT(4), "exact", ""),
    (estimators.BPTT(2), "biased", "the window before is forgotten"),
    (estimators.SlidingBPTT(4), "exact", ""),
    (estimators.SlidingBPTT(2), "biased", "older steps are forgotten"),
    (estimators.CheckpointedBPTT(4), "exact", ""),
    (estimators.NoBackTrack(), "unbiased", ""),
    (estimators.NoBackTrack(beta=0.5), "unbiased", ""),
    (estimators.NoBackTrack(beta=0.0), "unbiased", ""),
    (estimators.NoBackTrack(2), "unbiased", ""),
    (estimators.UORO(), "unbiased", ""),
    (estimators.ReducedNoBackTrack(1), "unbiased", ""),
    (estimators.ReducedNoBackTrack(2), "unbiased", ""),
    (estimators.ProjectedNoBackTrack(1), "biased", "small singular values are dropped"),
    (estimators.RFLO(), "biased", "credit does not pass between units"),
]


class Row(NamedTuple):
    """One check. deviation: the largest difference found, relative to the largest entry of the oracle."""

    system: str
    estimator: str  # or "derivatives"
    claim: str  # exact, unbiased, biased; of derivatives: exact
    how: str  # by which proof
    deviation: float
    passed: bool
    note: str  # what is wrong, with both numbers; or why there is a bias


class Report(NamedTuple):
    """The rows of a check; prints as a table."""

    rows: list

    @property
    def passed(self):
        return all(row.passed for row in self.rows)

    @property
    def sentence(self):
        failed = [row for row in self.rows if not row.passed]
        if not failed:
            return f"All {len(self.rows)} checks passed."
        first = failed[0]
        return f"{len(failed)} of {len(self.rows)} checks failed, first {first.estimator} on {first.system}: {first.note}."

    def __str__(self):
        head = ("system", "estimator", "claim", "proof", "deviation", "")
        ends = [(f"{row.deviation:.1e}", "ok" if row.passed else f"FAILED: {row.note}") for row in self.rows]
        lines = [head, *((*row[:4], *end) for row, end in zip(self.rows, ends, strict=True))]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head) - 1)]
        padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=False)] + [line[-1]] for line in lines]
        return "\n".join("  ".join(line).rstrip() for line in padded) + f"\n\n{self.sentence}"

    __repr__ = __str__

    def _repr_html_(self):
        return f"<pre>{html.escape(str(self))}</pre>"


def run(progress=lambda row: None):
    """Every shipped system, and every shipped estimator on every system. `progress` is called with each row."""
    rows = []
    for name, describe in SYSTEMS.items():
        rows.append(_derivatives(describe(3).build(SYMBOLS, _rng(1)), name))
        progress(rows[-1])
        for estimator, claim, why in ESTIMATORS:
            if name == "linear" and isinstance(estimator, estimators.RFLO):
                continue  # RFLO speaks of units and gates: a linear system has none
            rows.append(_answers(describe, name, estimator, claim, why))
            progress(rows[-1])
    return Report(rows)


def system(system, symbols=SYMBOLS, name="yours"):
    """Check your own system's derivatives: an object as `protocols.System` asks for, which reads symbols 0 ... symbols - 1."""
    return Report([_derivatives(system, name, symbols)])


def estimator(estimator, claim=None, progress=lambda row: None):
    """Check your own estimator on every shipped system.

    claim: "exact", "unbiased" (over all its signs) or "biased"; by default "unbiased" if it draws signs, else "exact".
    An estimator that answers late is held against the sum of the exact gradients since its last answer.
    """
    claim = claim or ("unbiased" if estimator.noise_vectors() else "exact")
    require(claim in CLAIMS, "claim", claim, f"one of {', '.join(CLAIMS)}")
    rows = []
    for name, describe in SYSTEMS.items():
        rows.append(_answers(describe, name, estimator, claim, ""))
        progress(rows[-1])
    return Report(rows)


# --- systems ---


def _derivatives(system, name, symbols=SYMBOLS):
    """All products that a system answers with, against differences of its own `step` and among themselves."""
    worst, note = 0.0, ""
    for product, direction, found, wanted in _products(system, symbols):
        found, wanted = np.asarray(found, float), np.asarray(wanted, float)
        if found.shape != wanted.shape:
            return Row(name, "derivatives", "exact", "differences", np.inf, False,
                       f"{product} has the shape {found.shape} instead of {wanted.shape}")  # fmt: skip
        off = np.abs(found - wanted)
        deviation = off.max() / max(1e-3, np.abs(wanted).max())
        if not deviation <= CLOSE and not note:  # NaN too; what comes later may follow from it
            at = np.unravel_index(np.argmax(off), off.shape)
            note = f"{product} is {found[at]:.6g} {direction}, entry {tuple(map(int, at))}; it should be {wanted[at]:.6g}"
        worst = max(worst, deviation) if deviation == deviation else np.inf
    return Row(name, "derivatives", "exact", "differences", float(worst), not note, note)


def _products(system, symbols):
    """(name, direction, what it answers, what it should) of every product, along three steps."""
    rng, h = _rng(2), system.start() + 0.3 * _rng(3).normal(size=system.start().shape)
    room, rows, total, expected = system.room(3), rng.normal(size=(3, h.size)), np.zeros_like(system.theta), 0.0
    for t in range(3):
        x = t % symbols
        before = h.copy()
        h1, tape = system.step(h, x)
        u, w, e = rng.normal(size=h.shape), rng.normal(size=system.theta.shape), rows[t]
        moved = _slope(lambda h, x=x: system.step(h, x)[0], h, u)
        where = f"at step {t}, in random direction {t}"
        yield "h after step(h, x)", where, h, before
        yield "the number of states that share memory after step(h, x)", where, np.shares_memory(h1, h), 0
        yield "jvp(tape, u)", where, system.jvp(tape, u), moved
        yield "jacobian(tape) u", where, system.jacobian(tape) @ u, moved
        yield "vjp(tape, e) . u", where, system.vjp(tape, e) @ u, e @ moved
        along = _slope_by_theta(system, h, x, w)
        yield "jvp_theta(tape, w)", where, system.jvp_theta(tape, w), along
        row, G = np.zeros_like(system.theta), np.zeros((h.size, system.theta.size))
        grown = system.add_vjp_theta(row, tape, e)
        system.add_immediate(G, tape)
        yield "add_vjp_theta(0, tape, e) . w", where, (row * w).sum(), e @ along
        yield "the answer of add_vjp_theta(0, tape, e)", where, grown, (row**2).sum()
        before, after = (w**2).sum(), ((w + row) ** 2).sum()
        yield "the answer of add_vjp_theta(w, tape, e)", where, system.add_vjp_theta(w.copy(), tape, e), after - before
        yield "add_immediate(0, tape) w", where, G @ w.ravel(), along
        yield "immediate_norms2(tape)", where, system.immediate_norms2(tape), (G**2).sum(1)
        yield "immediate_gram(tape)", where, system.immediate_gram(tape), G @ G.T
        system.keep(room, t, tape)
        expected = expected + row
        h = h1
    system.add_vjps_theta(total, room, rows)
    yield "add_vjps_theta(0, room, e)", "after three steps", total, expected
    yield "jvp of a tape kept and recalled", "at the last step", system.jvp(system.recall(room, 2), u), system.jvp(tape, u)


def _slope(function, at, direction):
    return (function(at + STEP * direction) - function(at - STEP * direction)) / (2 * STEP)


def _slope_by_theta(system, h, x, w):
    """How the next state moves with theta, which is moved in place and put back to the last bit."""
    theta, ends = system.theta.copy(), []
    for sign in 1, -1:
        system.theta[...] = theta + sign * STEP * w
        ends.append(np.array(system.step(h, x)[0]))
    system.theta[...] = theta
    return (ends[0] - ends[1]) / (2 * STEP)


# --- estimators ---


def _answers(describe, name, estimator, claim, why):
    """One estimator's mean answers along a walk, against the exact gradients."""
    walk, sampled = _walk(describe, estimator.noise_vectors())
    how, errors = "influence matrix", [EXACT] * len(walk.q)
    if sampled:
        found, errors = walk.sampled_mean(estimator, SAMPLES)
        how = f"6 standard errors, {SAMPLES} draws"
    else:
        found = walk.mean(estimator)
        if estimator.noise_vectors():
            how = f"all 2^{estimator.noise_vectors() * walk.J.shape[1] * len(walk.tapes)} signs"
    answered, right, worst, note, since = False, True, 0.0, "it never answered", 0.0
    for t, (answer, g, error) in enumerate(zip(found, walk.exact(), errors, strict=True)):
        since = since + g
        if answer is None:
            continue
        off, size = np.abs(answer - since), np.abs(since).max()
        allowed = np.maximum(6 * error, EXACT * size) if sampled else EXACT * size
        right = right and bool((off <= allowed).all())
        if not answered or not off.max() / size <= worst:  # NaN too
            at, worst = int(np.argmax(off)), float(off.max() / size)
            note = f"at step {t + 1} parameter {at} has the mean gradient {answer[at]:.6g}; it should be {since[at]:.6g}"
        answered, since = True, 0.0
    if claim == "biased":
        passed, note = answered and not right, why if answered and not right else "no bias was found"
    else:
        passed, note = answered and right, "" if answered and right else note
    return Row(name, estimator.label(), claim, how, worst if answered else np.inf, passed, note)


def _walk(describe, draws):
    """As long a walk of as many units as all signs of so many draws allow; and whether it takes sampling instead."""
    components = describe(1).build(SYMBOLS, _rng(0)).start().size
    sizes = [(3, 4)] if not draws else [(3, 3), (2, 3), (2, 2), (1, 3), (1, 2)]
    fitting = [(n, T) for n, T in sizes if draws * components * n * T <= SIGNS]
    units, steps = (fitting or [(2, 3)])[0]
    rng = _rng(4)
    made = describe(units).build(SYMBOLS, rng)
    return Walk(made, rng.integers(SYMBOLS, size=steps), rng.normal(size=(steps, units))), not fitting


class _LinearSystem:
    """A linear system of n components and 2 n parameters, described as the networks are."""

    def __init__(self, units):
        self.units = units

    def build(self, symbols, rng):
        n = self.units
        A, B, C = rng.normal(size=(n, n)) / np.sqrt(n), rng.normal(size=(symbols, n)), rng.normal(size=(n, 2 * n))
        return systems.Linear(rng.normal(size=(1, 2 * n)), A, B, C, np.zeros(n))


def _rng(seed):
    return np.random.default_rng((20151207, seed))
