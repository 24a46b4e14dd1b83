"""NoBackTrack in a filter's metric: unbiased in any, NoBackTrack of other units in each, and least there of a step."""

import numpy as np
import pytest
from table import learner, walk_of

from nbt_edu import (
    BPTT,
    RTRL,
    SGD,
    Adam,
    AnBn,
    BlockKalman,
    DiagonalKalman,
    Kalman,
    LeakyRNN,
    Learner,
    MetricNoBackTrack,
    NoBackTrack,
)  # fmt: skip
from nbt_edu.measuring.path import Path
from nbt_edu.measuring.study import study
from nbt_edu.optimizers.diagonal import DiagonalState

SYSTEMS = ["leaky", "slides", "GRU", "LSTM"]


def heeding(estimator, walk, M):
    """The state of a walk's beginning, in the metric M."""
    state = estimator.begin(walk.system)
    estimator.heed(state, DiagonalKalman(), DiagonalState(1 / M, np.zeros(1)))
    return state


def uneven(walk, seed=0):
    """A metric in which some parameters count a thousand times as much as others."""
    return np.exp(2 * np.random.default_rng(seed).normal(size=walk.system.theta.shape))


@pytest.mark.parametrize("system", SYSTEMS)
def test_unbiased_in_any_metric(system):
    """The mean over all signs, the metric another at each step, is the exact gradient."""
    n = 1 if system == "LSTM" else 2
    walk, estimator = walk_of(system, n=n, T=4), MetricNoBackTrack()
    metrics, said = [uneven(walk, t) for t in range(4)], []
    for noise in walk.signs(estimator):
        state = estimator.begin(walk.system)
        for tape, M, signs in zip(walk.tapes, metrics, noise, strict=True):
            estimator.heed(state, DiagonalKalman(), DiagonalState(1 / M, np.zeros(1)))
            estimator.advance(state, walk.system, tape, signs)
        A, B = estimator.gradient(state, walk.system, walk.q[-1:])
        said.append((A @ B)[0])
    wanted = walk.exact()[-1]
    np.testing.assert_allclose(np.mean(said, axis=0), wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
    assert np.ptp(said, axis=0).max() > 1e-3


def test_in_euclid_s_metric_it_is_nobacktrack():
    """With SGD and Adam, which tell no metric, the same numbers."""
    for optimizer in SGD(0.05), Adam(0.01):
        one, other = (learner(kind(2), optimizer=optimizer) for kind in (MetricNoBackTrack, NoBackTrack))
        for run in one, other:
            run.run(200)
        np.testing.assert_allclose(one._system.theta, other._system.theta, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_is_nobacktrack_in_units_in_which_the_metric_is_euclid_s(system):
    """NoBackTrack in plain numpy on phi = M^(-1/2) theta, whose rows dF_i/dphi are b_i M^(1/2): its v, and its w M^(1/2)."""
    walk, estimator = walk_of(system, n=3, T=6), MetricNoBackTrack()
    M, rng = uneven(walk), np.random.default_rng(1)
    noise = rng.choice([-1.0, 1.0], size=(6, 1, len(walk.J[0])))
    state, v, w = heeding(estimator, walk, M), 0.0, 0.0
    for tape, J, B, signs in zip(walk.tapes, walk.J, walk.B, noise, strict=True):
        estimator.advance(state, walk.system, tape, signs)
        rows = B * np.sqrt(M.ravel())
        lam = np.linalg.norm(rows, axis=1) ** 0.5
        Jv = J @ v if np.ndim(v) else np.zeros(len(J))
        lam0 = np.sqrt(np.linalg.norm(w) / np.linalg.norm(Jv)) if np.ndim(v) else 1.0
        v, w = lam0 * Jv + signs[0] * lam, w / lam0 + (signs[0] / lam) @ rows
    np.testing.assert_allclose(state.pairs.v[0], v, rtol=1e-8)
    np.testing.assert_allclose((state.pairs.w[0] * np.sqrt(M)).ravel(), w, rtol=1e-8)


def test_a_step_varies_least_in_its_metric():
    """From one pair, over all signs of a step: the variance of v w^T in the metric is below that of the lambdas of any other
    metric; where length is Euclid's, Euclid's are those that have less. The size of a metric does not matter."""
    walk = walk_of("leaky", n=3, T=4)
    M, noise = uneven(walk), np.random.default_rng(0).choice([-1.0, 1.0], size=(4, 1, 3))
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, 1, -1).T

    def variance(metric, measured):
        estimator, found = MetricNoBackTrack(), []
        for last in signs:
            state = heeding(estimator, walk, M)
            for t in range(3):
                estimator.advance(state, walk.system, walk.tapes[t], noise[t])
            estimator.heed(state, DiagonalKalman(), DiagonalState(1 / metric, np.zeros(1)))
            estimator.advance(state, walk.system, walk.tapes[3], last)
            found.append(np.outer(state.pairs.v[0], state.pairs.w[0]) * np.sqrt(measured.ravel()))
        return np.var(found, axis=0).sum()

    one = np.ones_like(M)
    least = variance(M, M)
    for metric in one, 1 / M, M**0.5, M**2:
        assert least < variance(metric, M)
    assert variance(one, one) < variance(M, one)
    assert variance(1000 * M, M) == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize("optimizer", [DiagonalKalman(prior=5.0), Kalman(prior=5.0), BlockKalman(prior=5.0)], ids=str)
def test_learners_show_it_their_filter(optimizer):
    """As it was before the step; where it drives, and where it is only watched, beside others; at a missing target too."""
    driving = learner(MetricNoBackTrack(), optimizer=optimizer)
    watched = learner(RTRL(), optimizer=optimizer, compare=[BPTT(2), MetricNoBackTrack(2)])
    beside = learner(NoBackTrack(), optimizer=optimizer, compare=[MetricNoBackTrack()])
    for one, found in ((driving, lambda state: state), (watched, lambda state: state.replicas),
                       (beside, lambda state: state.shadow.replicas)):  # fmt: skip
        one.run(30)
        M = np.ones_like(one._system.theta)
        optimizer.gains(one._state.recurrent, M)
        one.learn_one("a", None)
        for seen in found(one._state.estimate).M.reshape(-1, *M.shape):
            np.testing.assert_array_equal(seen, M)
        assert np.ptp(M) > 1e-4


def test_where_the_filter_is_given_up_so_is_its_metric():
    one = learner(MetricNoBackTrack(), optimizer=DiagonalKalman(prior=5.0))
    one.run(30)
    assert np.ptp(one._state.estimate.M) > 1e-4
    one.set(optimizer=SGD(0.01))
    one.run(1)
    np.testing.assert_array_equal(one._state.estimate.M, np.ones_like(one._system.theta))


def test_a_study_takes_the_filter_of_its_learner():
    one = learner(RTRL(), optimizer=DiagonalKalman(prior=5.0))
    one.run(100)
    estimator, path = MetricNoBackTrack(), Path(one, 5, None)
    _, (guess,), _ = path.guesses(estimator, 1, seed=0)
    walk_state = estimator.begin(path.system)
    estimator.heed(walk_state, *path.heeded)
    np.testing.assert_array_equal(walk_state.M, 1 / one._state.recurrent.precision)
    _, (plain,), _ = path.guesses(NoBackTrack(), 1, seed=0)
    assert not np.allclose(guess, plain, rtol=1e-3)


@pytest.mark.slow
def test_noise_goes_where_a_filter_feels_it_less():
    """Over 60 steps, of a network that a diagonal filter has trained: less variance in its metric, more in the inverse one."""
    optimizer = DiagonalKalman(prior=30.0, fading=0.003)
    for seed in 1, 3:
        one = Learner(AnBn(8), LeakyRNN(10, 0.3), RTRL(), optimizer, seed=seed)
        one.read(20_000)
        precision = np.diag(one.parts()[2].recurrent.precision.ravel())
        found = study(one, [NoBackTrack(), MetricNoBackTrack()], chars=60, draws=1000, precision=precision).values
        plain, metric = (found[name]["all"] for name in ("NoBackTrack rank 1", "NoBackTrack metric rank 1"))
        ratios = {key: np.median(metric[key][10:]) / np.median(plain[key][10:]) for key in metric if key.endswith("_variance")}
        assert ratios["kalman_variance"] < 0.9 and ratios["sensitive_variance"] > 1.3


def test_interpreted_is_compiled():
    optimizer = DiagonalKalman(fading=0.01, prior=5.0)
    read, run = (learner(MetricNoBackTrack(2), compiled=code, optimizer=optimizer) for code in (False, True))
    for one in read, run:
        one.run(150)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-7, atol=1e-9)
