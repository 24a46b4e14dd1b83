"""Statements of the documentation about variance and precision, each with the measurement behind it."""

import numpy as np
import pytest
from crowd import crowd, every_sign, norms, reduced_crowd, sizes
from table import SYSTEMS, learner, walk_of

from nbt_edu import (
    BlockKalman,
    CheckpointedBPTT,
    DiagonalKalman,
    InformationKalman,
    Kalman,
    NoBackTrack,
    QuasiDiagonalKalman,
    Record,
    ReducedNoBackTrack,
    SlidingBPTT,
    Text,
)  # fmt: skip
from nbt_edu.measuring.walk import all_signs
from nbt_edu.optimizers import kalman


@pytest.mark.parametrize("subject, said, unsaid", [
    (NoBackTrack, "over many steps the least lies between 1/2 and 1", "near beta = 1"),
    (ReducedNoBackTrack, "Over many steps nothing is proved", "over many steps, measured"),
    (SlidingBPTT, "but the weights of now", "derivatives of the theta of their time"),
    (CheckpointedBPTT, "as long as theta stands still within a window", "The same numbers as"),
    (kalman, "but not an unbiased precision", None),
    (Text, "in hindsight, fitted on the whole text", "measured on this text"),
    (Record.mean_loss, "Exact up to the last 4,096", None),
], ids=["NoBackTrack", "reduced", "sliding", "checkpointed", "kalman", "text", "record"])  # fmt: skip
def test_what_was_measured_is_what_is_said(subject, said, unsaid):
    """The words that the measurements here, in test_moving, test_tasks and test_record stand behind."""
    words = " ".join(subject.__doc__.split())
    assert said in words and (unsaid is None or unsaid not in words)


# --- the crowd is NoBackTrack ---


@pytest.mark.parametrize("system", ["leaky", "slides", "GRU", "LSTM"])
def test_the_crowd_is_nobacktrack(system):
    """Pair by pair: what is measured here is the library's own estimate."""
    walk = walk_of(system, 3, 20)
    size = walk.system.start().size
    signs = every_sign(20, 5, size, 7)
    for estimator, pairs in (NoBackTrack(1, 0.5), crowd(walk, 5, 0.5, 7)), (ReducedNoBackTrack(1), reduced_crowd(walk, 5, 7)):
        *_, (v, w) = pairs
        for draw in range(5):
            answers = walk.answers(estimator, signs[:, draw : draw + 1])
            q = walk.q[-1]
            np.testing.assert_allclose((v[draw, : q.size] @ q) * w[draw], answers[-1], rtol=1e-6, atol=1e-9)


# --- lambda ---


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_step_varies_least_at_beta_one(system):
    """From any pair, over all signs of one step, E |v w^T - M|^2 falls all the way as beta goes from 0 to 1."""
    walk = walk_of(system, 2, 4)
    *_, (old_v, old_w), _ = crowd(walk, 5)
    signs, J, B = all_signs(walk.system.start().size), walk.J[-1], walk.B[-1]
    for v, w in zip(old_v, old_w, strict=True):
        target, found = J @ np.outer(v, w) + B, []
        for beta in (0.0, 0.25, 0.5, 0.75, 1.0):
            lam, lam0 = (norms(B) + 1e-12) ** (beta / 2), (norms(w) / norms(J @ v)) ** (beta / 2)
            new = [np.outer(lam0 * (J @ v) + e * lam, w / lam0 + (e / lam) @ B) for e in signs]
            found.append(((np.array(new) - target) ** 2).sum((1, 2)).mean())
        assert (np.diff(found) <= 1e-9 * found[0]).all()


def difference(walk, one, other):
    """Relative difference of the variances of two crowds of common signs over the last steps, and its standard error."""
    one, other = (sizes(walk, pairs, 20) for pairs in (one, other))
    scale = other.mean() - 1
    return (one - other).mean() / scale, (one - other).std() / np.sqrt(len(one)) / scale


@pytest.mark.parametrize("system, seed, beta, low, high", [
    ("GRU", 0, 0.5, -0.4, -0.1), ("GRU", 0, 0.75, -0.25, -0.1), ("LSTM", 1, 0.75, -0.25, -0.1),
    ("leaky", 1, 0.75, 0.05, 0.15), ("slides", 0, 0.5, 0.04, 0.12), ("slides", 0, 0.0, 2, 40),
])  # fmt: skip
def test_over_many_steps_the_least_may_lie_elsewhere(system, seed, beta, low, high):
    """Variance of the estimate of G at steps 20 to 60, beta against 1: lower near 3/4 in some networks, higher in others."""
    walk = walk_of(system, 6, 60, seed=seed)
    found, error = difference(walk, crowd(walk, 3000, beta), crowd(walk, 3000, 1.0))
    assert low < found - 6 * error and found + 6 * error < high


@pytest.mark.parametrize("system", ["leaky", "slides", "GRU", "LSTM"])
def test_reduced_rank_one_varies_less_than_nobacktrack(system):
    """At steps 20 to 60, by 15 to 50 %."""
    walk = walk_of(system, 6, 60)
    found, error = difference(walk, reduced_crowd(walk, 1000), crowd(walk, 1000))
    assert -0.5 < found < -0.15 and found + 6 * error < 0


# --- Kalman filters that are fed by noise ---


def rows_of(walk):
    """N da/dh (m, n) at each step of a walk: what a filter asks of an estimator besides the gradient."""
    h, found = walk.system.start(), []
    for x, y in zip(walk.inputs, walk.whole[1:], strict=True):
        h, _ = walk.system.step(h, x)
        found.append(walk.readout.curvature_rows(walk.readout.loss(h, y)[1])[1:])
    return found


def precisions(walk, estimator, kind, inflation=1.0):
    """What a filter adds to the precision (P, P) at a walk's end, in the mean over all signs; and the exact C^T C."""
    N, G = rows_of(walk)[-1], walk.influences()[-1]
    exact, total = N @ G[: N.shape[1]], 0.0
    for noise in walk.signs(estimator):
        state = estimator.begin(walk.system)
        for tape, signs in zip(walk.tapes, noise, strict=True):
            estimator.advance(state, walk.system, tape, signs)
        optimizer = kind(prior=1.0, inflation=inflation)
        filtered, theta = optimizer.begin(walk.system.theta), walk.system.theta.copy()
        optimizer.apply(filtered, theta, *estimator.gradient(state, walk.system, np.vstack((walk.q[-1], N))))
        total = total + filtered.precision / len(walk.signs(estimator))
    return total - (np.eye(len(total)) if kind is InformationKalman else 1.0), exact.T @ exact


@pytest.mark.parametrize("system", ["leaky", "GRU"])
def test_a_filter_fed_by_noise_is_too_sure(system):
    """Over all signs: the precision has the estimate's covariance too much, over k; `inflation` makes its trace exact."""
    walk = walk_of(system, 2, 2)
    one, exact = precisions(walk, NoBackTrack(1), InformationKalman)
    two, _ = precisions(walk, NoBackTrack(2), InformationKalman)
    assert np.linalg.eigvalsh(one - exact).min() > -1e-12 * np.trace(one) and np.trace(one) > 1.5 * np.trace(exact)
    np.testing.assert_allclose(two - exact, (one - exact) / 2, atol=1e-12 * np.abs(one).max())
    inflation = np.trace(one) / np.trace(exact)
    mended, _ = precisions(walk, NoBackTrack(1), InformationKalman, inflation)
    assert np.trace(mended) == pytest.approx(np.trace(exact), rel=1e-12)
    diagonal, _ = precisions(walk, NoBackTrack(1), DiagonalKalman, inflation)
    np.testing.assert_allclose(diagonal.ravel(), np.diag(mended), atol=1e-12)


@pytest.mark.parametrize("kind", [Kalman, InformationKalman, BlockKalman, DiagonalKalman, QuasiDiagonalKalman])
def test_inflation_is_of_the_recurrent_parameters_alone(kind):
    """There it does what a larger rate and prior would do; the readout, whose rows are exact, goes its own way as before."""
    one = learner(NoBackTrack(2), optimizer=kind(0.5, 0.1, 0.01, 2.0, 5.0))
    plain, scaled = (learner(NoBackTrack(2), optimizer=kind(*settings, 0.1, 0.01, prior))
                     for *settings, prior in ((0.5, 2.0), (2.5, 10.0)))  # fmt: skip
    for run in one, plain, scaled:
        run._built.theta[:] = np.random.default_rng(0).normal(size=run._built.theta.shape)
        run.run(1)
    np.testing.assert_allclose(one._system.theta, scaled._system.theta, rtol=1e-9)
    np.testing.assert_allclose(one._built.theta, plain._built.theta, rtol=1e-9)
    assert np.abs(one._system.theta - plain._system.theta).max() > 1e-6


@pytest.mark.parametrize("system, seed, rank_one, reduced", [
    ("leaky", 0, 8.4, 1.2), ("slides", 0, 12.3, 1.4), ("GRU", 0, 54, 1.2), ("LSTM", 1, 49, 3.7),
])  # fmt: skip
def test_inflation_as_measured(system, seed, rank_one, reduced):
    """Trace of E C^T C over the exact one at steps 20 to 60: of rank 1, and of ReducedNoBackTrack(4) over 20 draws."""
    walk = walk_of(system, 6, 60, seed=seed)
    rows = rows_of(walk)
    n = rows[0].shape[1]
    exact = sum(((N @ G[:n]) ** 2).sum() for N, G in zip(rows[20:], walk.influences()[20:], strict=True))
    traces = [((v[:, :n] @ N.T) ** 2).sum(1) * (w * w).sum(1) for (v, w), N in zip(crowd(walk, 1000), rows, strict=True)]
    draws = np.sum(traces[20:], axis=0) / exact
    assert draws.mean() == pytest.approx(rank_one, abs=6 * draws.std() / len(draws) ** 0.5)
    four, found = ReducedNoBackTrack(4), []
    for draw in range(20):
        state, trace = four.begin(walk.system), 0.0
        for t, signs in enumerate(every_sign(60, 1, walk.system.start().size, draw)):
            four.advance(state, walk.system, walk.tapes[t], signs)
            A, B = four.gradient(state, walk.system, rows[t])
            trace += ((A @ B) ** 2).sum() * (t >= 20) / exact
        found.append(trace)
    assert np.mean(found) == pytest.approx(reduced, abs=0.05 + 6 * np.std(found) / 20**0.5)


@pytest.mark.parametrize("kind", [Kalman, BlockKalman, DiagonalKalman, QuasiDiagonalKalman])
def test_a_step_is_the_same_in_nats_if_the_prior_is(kind):
    """Loss, gradient and C^T C are ln 2 times as large in nats; a prior times ln 2 makes it the same step, no other does."""
    rng, nats = np.random.default_rng(0), np.log(2)
    A, B, thetas = rng.normal(size=(4, 3)), rng.normal(size=(3, 12)), np.zeros((3, 1, 12))
    in_nats = np.vstack((nats * A[:1], np.sqrt(nats) * A[1:]))
    for theta, rows, prior in zip(thetas, (A, in_nats, in_nats), (2.0, 2.0 * nats, 2.0), strict=True):
        optimizer = kind(prior=prior, fading=0.1)
        state = optimizer.begin(theta.reshape(4, 3))
        for _ in range(3):
            optimizer.apply(state, theta, rows, B)
    np.testing.assert_allclose(thetas[1], thetas[0], rtol=1e-9)
    assert np.abs(thetas[2] / thetas[0] - 1).max() > 0.02
