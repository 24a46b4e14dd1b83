"""The shipped proofs pass on what is shipped, and fail, naming the fault, on what is wrong."""

import json
import re
from typing import NamedTuple

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import LeakyRNN, cli
from nbt_edu.estimators import oracles
from nbt_edu.protocols import Estimator
from nbt_edu.systems import Linear


@pytest.fixture(scope="module")
def report():
    return nbt.check.run()


def test_everything_shipped_passes(report):
    """For every system x estimator a row; all pass, and the exact ones to the last digits."""
    assert report.passed, str(report)
    assert len(report.rows) == nbt.check.planned() == len(nbt.catalogue.SYSTEMS) * (1 + len(nbt.catalogue.ESTIMATORS))
    assert all(row.deviation < 1e-11 for row in report.rows if row.estimator != "derivatives")
    biased = [row for row in report.rows if row.claim == "biased" and row.how != "skipped"]
    assert len(biased) > 60 and all(float(row.note.split()[0]) > 1e-3 for row in biased)


def test_what_does_not_apply_is_skipped_with_a_sentence(report):
    """RFLO and SnAp-1 speak of units, two others of one psi; where no unit reads another, SnAp-1 is exact and says so."""
    skipped = {(row.system, row.estimator): row.note for row in report.rows if row.how == "skipped"}
    psi = {(system, name): "it needs psi, which this has not" for system in ("sparse RNN", "IndRNN", "linear")
           for name in ("KF-RTRL", "NoBackTrack metric rank 1")}  # fmt: skip
    units = {("linear", name): "it needs units, which this has not" for name in ("RFLO", "SnAp-1")}
    assert skipped == psi | units
    (diagonal,) = [row for row in report.rows if (row.system, row.estimator) == ("IndRNN", "SnAp-1")]
    assert (diagonal.claim, diagonal.note) == ("exact", "no bias on this system")
    assert [row.how for row in nbt.check.estimator(nbt.RFLO(), "biased").rows].count("skipped") == 1
    assert report.sentence == f"All {len(report.rows)} checks passed."
    assert str(report).count(" ok") == len(report.rows) and "<pre>" in report._repr_html_()


def test_every_shipped_estimator_is_checked():
    assert {type(row.estimator).__name__ for row in nbt.catalogue.ESTIMATORS} == set(nbt.estimators.__all__)
    assert {type(row.optimizer).__name__ for row in nbt.catalogue.OPTIMIZERS} == set(nbt.optimizers.__all__)


@pytest.mark.parametrize("form", [[], ["--json"], ["--compiled"]])
def test_command(report, monkeypatch, capsys, form):
    monkeypatch.setattr(nbt.check, "run", lambda progress, compiled: report)
    assert cli.main(["check", *form]) == 0
    out = capsys.readouterr().out
    if "--json" in form:
        assert set(json.loads(out)["rows"][0]) >= {"system", "estimator", "claim", "deviation", "passed"}
    else:
        assert "NoBackTrack rank 1" in out and "checks passed" in out
    failed = nbt.check.Report([report.rows[0]._replace(passed=False, note="why")])
    monkeypatch.setattr(nbt.check, "run", lambda progress, compiled: failed)
    assert cli.main(["check", *form]) == 1


# --- what is wrong is found ---


def linear(**methods):
    """A linear system some of whose methods are replaced."""
    rng = np.random.default_rng(0)
    right = Linear(rng.normal(size=(1, 4)), 0, 0.5 * rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 4)),
                   np.zeros(3))  # fmt: skip

    class Wrong:
        theta, x0 = right.theta, 0

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
    "add_vjps_theta": lambda self, w, tapes, e: None,
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


@nbt.implements(Estimator)
class Own:
    """An estimator with a fault: a factor, or no answer."""

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
    assert nbt.check.estimator(Own(nbt.BPTT(2)), "biased", expected=oracles.windowed(2)).passed


def test_a_wrong_estimator_is_found():
    report = nbt.check.estimator(Own(nbt.NoBackTrack(), 1.000001))
    assert not any(row.passed for row in report.rows)
    assert "parameter" in report.rows[0].note and "it should be" in report.rows[0].note
    assert not nbt.check.estimator(Own(nbt.RTRL()), "biased", expected=oracles.discounted(0.9)).passed
    silent = nbt.check.estimator(Own(nbt.RTRL(), late=1))
    assert silent.rows[0].note == "it never answered in 24 steps" and not silent.passed


def test_too_many_signs_are_sampled():
    """Beyond 2^12 sequences: 6 standard errors, said; a bias of half the gradient is found."""
    rank_4 = nbt.NoBackTrack(4)
    one = LeakyRNN(2, 0.4)
    row, _ = nbt.check.estimator(rank_4, on=one).rows
    assert row.passed and row.how.startswith("6 standard errors")
    row, other = nbt.check.estimator(Own(rank_4, 1.5), on=one).rows
    assert not row.passed and not other.passed


def test_own_estimator_on_own_network():
    """The rows say on which inputs; what stops is a row, and the others are made all the same."""
    report = nbt.check.estimator(nbt.NoBackTrack(), on=LeakyRNN(2, 0.4))
    assert report.passed and [row.system for row in report.rows] == ["LeakyRNN, symbols", "LeakyRNN, signals"]

    class Broken(LeakyRNN):
        def build(self, x0, inputs, rng):
            if np.ndim(x0):
                raise ZeroDivisionError("signals are beyond me")
            return super().build(x0, inputs, rng)

    four = nbt.check.estimator(nbt.NoBackTrack(), on=LeakyRNN(3, 0.4)).rows[0]
    assert four.passed and four.how == "all 2^12 signs, 4 steps"
    first, second = nbt.check.estimator(nbt.NoBackTrack(), on=Broken(2, 0.4)).rows
    assert first.passed and not second.passed and second.note == "ZeroDivisionError: signals are beyond me"
    assert [row.passed for row in nbt.check.system(LeakyRNN(3, 0.4)).rows] == [True, True]


def test_a_biased_estimator_is_held_against_what_it_is_said_to_be():
    """A constant is biased, but not as truncated BPTT is; nor is another truncation."""
    assert nbt.check.estimator(nbt.BPTT(3), "biased", expected=oracles.windowed(3)).passed
    assert not any(row.passed for row in nbt.check.estimator(nbt.SlidingBPTT(3), "biased", expected=oracles.slid(2)).rows)
    late = nbt.check.estimator(nbt.BPTT(3), "biased", expected=oracles.windowed(2)).rows[0]
    assert re.match(r"it answers at the steps \[3, 6, .*24\]; it should at \[2, 4, 6", late.note)


def test_claim_is_checked():
    with pytest.raises(ValueError, match="^claim must be one of exact, unbiased, biased"):
        nbt.check.estimator(nbt.RTRL(), "perfect")


@nbt.implements(Estimator)
class Gaussian:
    """UORO with Gaussian random numbers instead of signs: their mean is 0, their covariance 1, and that is all it needs."""

    inner: NamedTuple = nbt.UORO()

    def noise_vectors(self):
        return self.inner.noise_vectors()

    def noise_kinds(self, size):
        return [("normal", size)] * self.noise_vectors()

    def begin(self, system):
        return self.inner.begin(system)

    def advance(self, state, system, tape, noise):
        self.inner.advance(state, system, tape, noise)

    def gradient(self, state, system, Q):
        return self.inner.gradient(state, system, Q)


def test_noise_may_be_real_numbers():
    """It is sampled, as signs without number are, and found unbiased; a learner gives it what it asks for."""
    first, _ = nbt.check.estimator(Gaussian(), on=LeakyRNN(2, 0.4)).rows
    assert first.passed and first.how.startswith("6 standard errors"), first
    assert 0.01 < float(first.how.partition("blind below ")[2]) < 2, "a proof by sampling says what it cannot see"
    half, threefold = (lambda walk, factor=factor: [factor * g for g in walk.exact()] for factor in (0.5, 3.0))
    assert not any(row.passed for row in nbt.check.estimator(Gaussian(), "biased", LeakyRNN(2, 0.4), half).rows)
    assert nbt.check.estimator(Own(nbt.NoBackTrack(4), 3.0), "biased", LeakyRNN(2, 0.4), threefold).passed
    learner = nbt.Learner(nbt.AnBn(3), LeakyRNN(3, 0.4), Gaussian(), nbt.SGD(0.01), compiled=False)
    learner.run(20)
    noise = learner._noise.block(0)
    assert noise.dtype == float and noise.shape[1:] == (1, 3) and abs(noise.std() - 1) < 0.1


@nbt.implements(Estimator)
class Reset:
    """UORO that begins anew every second step: unbiased over the first two, biased over a longer walk."""

    every: int = 2

    def noise_vectors(self):
        return 1

    def begin(self, system):
        return ResetState(nbt.UORO().begin(system), np.zeros(1, np.int64))

    def advance(self, state, system, tape, noise):
        if state.count[0] % self.every == 0:
            state.pairs.v.fill(0.0)
            state.pairs.w.fill(0.0)
        nbt.UORO().advance(state.pairs, system, tape, noise)
        state.count[0] += 1

    def gradient(self, state, system, Q):
        return nbt.UORO().gradient(state.pairs, system, Q)


class ResetState(NamedTuple):
    pairs: NamedTuple
    count: np.ndarray


def test_what_is_forgotten_late_is_found_on_an_own_network_too():
    """The walk is long enough to come to it, and says how long it was."""
    rows = nbt.check.estimator(Reset(), on=LeakyRNN(3, 0.5)).rows
    assert not any(row.passed for row in rows) and rows[0].how == "all 2^12 signs, 4 steps"
    rows = nbt.check.estimator(Reset(), "biased", LeakyRNN(3, 0.5), oracles.slid(2)).rows
    assert "it should be" in rows[0].note, "nor is it what slides over two steps"


def test_every_shipped_description_is_made_again():
    """Built twice it is the same system, and so it is from its fields, through JSON."""
    for row in nbt.catalogue.SYSTEMS:
        assert nbt.check.system(row.describe(3)).passed, row.name
