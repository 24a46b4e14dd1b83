"""The minimum-variance reduction of a matrix to rank r, and NoBackTrack with it: proved by enumeration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table import SYSTEMS, walk_of

from nbt_edu import RTRL, LeakyRNN, NoBackTrack, ProjectedNoBackTrack, ReducedNoBackTrack
from nbt_edu.estimators.reduction import frame, shares
from nbt_edu.measuring.walk import all_signs

spectra = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=9).map(lambda s: np.sort(s)[::-1].copy())


@settings(max_examples=200, deadline=None)
@given(sigma=spectra, r=st.integers(1, 9))
def test_shares_and_frame(sigma, r):
    """p is in (0, 1], of sum r, proportional to sigma below 1; Q has orthonormal columns and row norms^2 p."""
    r = min(r, sigma.size)
    p = shares(sigma, r)
    assert ((p > 0) & (p <= 1 + 1e-12)).all()
    assert p.sum() == pytest.approx(r, rel=1e-12)
    mixed = p < 1 - 1e-9
    if mixed.any():
        kappa = (sigma / p)[mixed]
        np.testing.assert_allclose(kappa, kappa[0], rtol=1e-9)
        assert (sigma[~mixed] >= kappa[0] * (1 - 1e-9)).all()
    Q = frame(p, r)
    np.testing.assert_allclose(Q.T @ Q, np.eye(r), atol=1e-10)
    np.testing.assert_allclose((Q**2).sum(1), p, atol=1e-10)


def reduced(sigma, r, signs):
    """Equation (3): X."""
    p = shares(sigma, r)
    half = np.sqrt(sigma / p)[:, None] * signs[:, None] * frame(p, r)
    return half @ half.T


@pytest.mark.parametrize("r", [1, 2, 3, 4])
def test_mean_rank_and_least_variance(r):
    """Over all signs: the mean is diag(sigma), the rank r, the variance sum sigma^2 / p - sum sigma^2."""
    sigma = np.array([5.0, 2.0, 1.5, 0.3])
    draws = np.array([reduced(sigma, r, signs) for signs in all_signs(4)])
    np.testing.assert_allclose(draws.mean(0), np.diag(sigma), atol=1e-13)
    assert max(np.linalg.matrix_rank(X, tol=1e-9) for X in draws) == r
    variance = ((draws - np.diag(sigma)) ** 2).sum((1, 2)).mean()
    assert variance == pytest.approx((sigma**2 / shares(sigma, r)).sum() - (sigma**2).sum(), abs=1e-10)


def test_two_to_one_has_the_known_optimum():
    """Rank 2 to 1: variance 2 sigma_1 sigma_2."""
    sigma = np.array([3.0, 0.7])
    draws = np.array([reduced(sigma, 1, signs) for signs in all_signs(2)])
    assert ((draws - np.diag(sigma)) ** 2).sum((1, 2)).mean() == pytest.approx(2 * 3.0 * 0.7, rel=1e-12)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_no_other_sampling_does_better(r):
    """Any other shares p that add up to r have a larger sum sigma^2 / p: here, small changes in all directions."""
    sigma = np.array([4.0, 3.0, 1.0, 0.5])
    p, rng = shares(sigma, r), np.random.default_rng(0)
    for _ in range(200):
        change = rng.normal(size=4)
        other = np.clip(p + 1e-3 * (change - change.mean()), 1e-6, 1.0)
        other *= r / other.sum()
        if other.max() <= 1.0:
            assert (sigma**2 / other).sum() >= (sigma**2 / p).sum() - 1e-12


def errors(walk, estimator, before=None):
    """E |v w^T - G|^2 over all signs, after a step of `estimator` from pairs left by earlier steps."""
    total = []
    for noise in all_signs(1, estimator.noise_vectors(), walk.system.start().size):
        state = before._replace(v=before.v.copy(), w=before.w.copy())
        target = walk.J[-1] @ (state.v.T @ state.w.reshape(len(state.v), -1)) + walk.B[-1]
        estimator.advance(state, walk.system, walk.tapes[-1], noise[0])
        total.append(((state.v.T @ state.w.reshape(len(state.v), -1) - target) ** 2).sum())
    return np.mean(total)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("rank", [1, 2])
def test_a_step_has_the_least_variance(system, rank):
    """From the same pairs, a reduced step varies as the singular values say, and never more than the averaging one."""
    walk, kind = walk_of(system, 2, 3), ReducedNoBackTrack(rank)
    state = kind.begin(walk.system)
    for tape in walk.tapes[:-1]:
        kind.advance(state, walk.system, tape, np.ones((1, walk.system.start().size)))
    M = walk.J[-1] @ (state.v.T @ state.w.reshape(rank, -1)) + walk.B[-1]
    sigma = np.linalg.svd(M, compute_uv=False)
    p = shares(sigma, rank)
    assert errors(walk, kind, state) == pytest.approx((sigma**2 / p).sum() - (sigma**2).sum(), rel=1e-7)

    averaging, total = NoBackTrack(rank), []
    for noise in all_signs(rank, walk.system.start().size):
        pairs = averaging.begin(walk.system)
        pairs.v[:], pairs.w[:] = rank**0.5 * state.v, rank**0.5 * state.w  # their mean is the sum of the reduced ones
        pairs.w2[:] = (pairs.w**2).reshape(rank, -1).sum(1)
        averaging.advance(pairs, walk.system, walk.tapes[-1], noise)
        true = pairs.scale[:, None] * pairs.w.reshape(rank, -1)
        total.append(((pairs.v.T @ true / rank - M) ** 2).sum())
    assert errors(walk, kind, state) <= np.mean(total) * (1 + 1e-9)


@pytest.mark.parametrize("kind", [ReducedNoBackTrack, ProjectedNoBackTrack])
@pytest.mark.parametrize("system", ["one leak per unit", "LSTM"])
def test_full_rank_is_rtrl(kind, system):
    """With as many pairs as the state has components nothing is lost; with more, that is said."""
    walk = walk_of(system, 2, 6)
    size = walk.system.start().size
    with pytest.warns(UserWarning, match=f"rank = {size + 1} is above the size of the state, {size}"):
        found = walk.answers(kind(size + 1), -np.ones((6, 1, size)))
    np.testing.assert_allclose(found, walk.answers(RTRL(), np.zeros((6, 0, size))), rtol=0, atol=1e-9)


def test_averaging_takes_any_rank():
    """Beside it, plain NoBackTrack runs with more pairs than the state has components."""
    net = LeakyRNN(2).build(0, 3, np.random.default_rng(0))
    assert NoBackTrack(50).begin(net).v.shape == (50, 2)


@pytest.mark.parametrize("kind", [ReducedNoBackTrack, ProjectedNoBackTrack])
def test_growing_keeps_the_estimate(kind):
    walk = walk_of("leaky", 4, 3)
    state = kind(1).begin(walk.system)
    for tape in walk.tapes:
        kind(1).advance(state, walk.system, tape, np.ones((1, 4)))
    grown = kind(3).resume(kind(1), state, walk.system)
    assert grown.v.shape == (3, 4)
    np.testing.assert_array_equal(np.einsum("kn,kij->nij", grown.v, grown.w), np.einsum("kn,kij->nij", state.v, state.w))


@pytest.mark.parametrize("kind", [ReducedNoBackTrack, ProjectedNoBackTrack])
@pytest.mark.parametrize("rank", [0, 5000, 1.5])
def test_rank_out_of_range(kind, rank):
    with pytest.raises(ValueError, match="^rank must be a whole number"):
        kind(rank)
