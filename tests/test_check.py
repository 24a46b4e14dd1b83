"""The shipped proofs pass on what is shipped, and fail, naming the fault, on what is wrong."""

import json
from typing import NamedTuple

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import cli
from nbt_edu.systems import Linear


@pytest.fixture(scope="module")
def report():
    return nbt.check.run()


def test_everything_shipped_passes(report):
    """For every system x estimator a row; all pass, and the exact ones to the last digits."""
    assert report.passed, str(report)
    assert len(report.rows) == len(nbt.check.SYSTEMS) * (1 + len(nbt.check.ESTIMATORS)) - 1
    assert all(row.deviation < 1e-11 for row in report.rows if row.claim != "biased" and row.estimator != "derivatives")
    assert all(row.deviation > 1e-3 and row.note for row in report.rows if row.claim == "biased")
    assert report.sentence == f"All {len(report.rows)} checks passed."
    assert str(report).count(" ok") == len(report.rows) and "<pre>" in report._repr_html_()


def test_every_shipped_estimator_is_checked():
    assert {type(row[0]).__name__ for row in nbt.check.ESTIMATORS} == set(nbt.estimators.__all__)


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_command(report, monkeypatch, capsys, form):
    monkeypatch.setattr(nbt.check, "run", lambda progress: report)
    assert cli.main(["check", *form]) == 0
    out = capsys.readouterr().out
    if form:
        assert set(json.loads(out)["rows"][0]) >= {"system", "estimator", "claim", "deviation", "passed"}
    else:
        assert "NoBackTrack rank 1" in out and "checks passed" in out
    failed = nbt.check.Report([report.rows[0]._replace(passed=False, note="why")])
    monkeypatch.setattr(nbt.check, "run", lambda progress: failed)
    assert cli.main(["check", *form]) == 1


# --- what is wrong is found ---


def linear(**methods):
    """A linear system some of whose methods are replaced."""
    rng = np.random.default_rng(0)
    right = Linear(rng.normal(size=(1, 4)), 0.5 * rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 4)),
                   np.zeros(3))  # fmt: skip

    class Wrong:
        theta = right.theta

        def __getattr__(self, name):
            return getattr(right, name)

    for name, method in methods.items():
        setattr(Wrong, name, method)
    wrong = Wrong()
    wrong.right = right
    return wrong


def test_a_right_system_passes():
    assert nbt.check.system(linear()).passed


def add_half_row(self, w, tape, e):
    return self.right.add_vjp_theta(w, tape, 0.5 * e)


def add_wrong_rows(self, G, tape):
    G += 2 * self.right.C


WRONG = {
    "jvp": lambda self, tape, u: self.right.A.T @ u,  # the transposition
    "vjp": lambda self, tape, e: -(e @ self.right.A),  # the sign
    "jacobian": lambda self, tape: self.right.A.T,
    "jvp_theta": lambda self, tape, w: 1.01 * self.right.C @ w[0],
    "add_vjp_theta": add_half_row,
    "add_immediate": add_wrong_rows,
    "immediate_norms2": lambda self, tape: np.abs(self.right.C).sum(1),
    "immediate_gram": lambda self, tape: self.right.C @ self.right.C.T + 1e-4,
    "add_vjps_theta": lambda self, w, room, e: None,
}


@pytest.mark.parametrize("product", WRONG)
def test_a_wrong_product_is_named(product):
    """Which product, in which direction, both numbers."""
    (row,) = nbt.check.system(linear(**{product: WRONG[product]})).rows
    assert not row.passed
    assert product in row.note and "it should be" in row.note and "step" in row.note


def test_a_wrong_shape_is_named():
    (row,) = nbt.check.system(linear(jvp=lambda self, tape, u: np.ones(2))).rows
    assert not row.passed and row.note == "jvp(tape, u) has the shape (2,) instead of (3,)"


def test_a_state_changed_in_place_is_found():
    """Whoever runs a system relies on a new array at each step."""

    def in_place(self, h, x):
        h1, tape = self.right.step(h.copy(), x)
        h[:] = h1
        return h, tape

    (row,) = nbt.check.system(linear(step=in_place)).rows
    assert not row.passed and "h after step(h, x)" in row.note
    (row,) = nbt.check.system(linear(step=lambda self, h, x: (h[:], self.right.step(h, x)[1]))).rows
    assert not row.passed and "share memory" in row.note


def test_nan_is_no_agreement():
    (row,) = nbt.check.system(linear(jvp=lambda self, tape, u: np.full(3, np.nan))).rows
    assert not row.passed and "jvp" in row.note


class Own(NamedTuple):
    """NoBackTrack with a fault: a factor, or a draw too few."""

    inner: NamedTuple
    factor: float = 1.0
    late: int = 0

    def noise_vectors(self):
        return self.inner.noise_vectors()

    def begin(self, system):
        return self.inner.begin(system)

    def advance(self, state, system, tape, noise):
        self.inner.advance(state, system, tape, noise)

    def gradient(self, state, system, Q):
        A, B = self.inner.gradient(state, system, Q)
        return (self.factor * A, B) if not self.late else (np.ones((1, 0)), np.ones((0, system.theta.size)))

    def label(self):
        return "own"


def test_an_own_estimator_passes_through_the_same_door():
    report = nbt.check.estimator(Own(nbt.NoBackTrack()))
    assert report.passed and {row.claim for row in report.rows} == {"unbiased"}
    assert nbt.check.estimator(Own(nbt.RTRL())).rows[0].claim == "exact"
    assert nbt.check.estimator(Own(nbt.BPTT(2)), "biased").passed


def test_a_wrong_estimator_is_found():
    report = nbt.check.estimator(Own(nbt.NoBackTrack(), 1.000001))
    assert not any(row.passed for row in report.rows)
    assert "parameter" in report.rows[0].note and "it should be" in report.rows[0].note
    assert not nbt.check.estimator(Own(nbt.RTRL()), "biased").passed
    silent = nbt.check.estimator(Own(nbt.RTRL(), late=1))
    assert silent.rows[0].note == "it never answered" and not silent.passed


def test_too_many_signs_are_sampled():
    """Beyond 2^12 sequences: 6 standard errors, said; a bias of half the gradient is found."""
    nbt_13 = nbt.NoBackTrack(13)
    row = nbt.check._answers(nbt.check.SYSTEMS["leaky RNN"], "leaky RNN", nbt_13, "unbiased", "")
    assert row.passed and row.how.startswith("6 standard errors")
    row = nbt.check._answers(nbt.check.SYSTEMS["leaky RNN"], "leaky RNN", Own(nbt_13, 1.5), "unbiased", "")
    assert not row.passed


def test_claim_is_checked():
    with pytest.raises(ValueError, match="^claim must be one of exact, unbiased, biased"):
        nbt.check.estimator(nbt.RTRL(), "perfect")
