"""The rank-one trick, proved by enumerating every draw."""

import numpy as np
import pytest

from nbt_edu import rank_one


def terms(m=5, n=3, p=4, seed=0):
    """m terms of very different norms."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n)) * 10.0 ** rng.uniform(-1, 1, (m, 1)), rng.normal(size=(m, p))


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("m, n, p", [(1, 1, 1), (5, 3, 4), (8, 2, 2)])
def test_mean_and_variance(m, n, p, beta):
    """Enumerated: the mean is A for every lambda, and the variance is that of the formula."""
    V, W = terms(m, n, p)
    lam = rank_one.scales(V, W, beta)
    mean, variance = rank_one.expectation(V, W, lam)
    np.testing.assert_allclose(mean, V.T @ W, rtol=0, atol=1e-12 * np.abs(V.T @ W).max())
    size = (np.linalg.norm(V, axis=1).sum() * np.linalg.norm(W, axis=1).sum()) ** 2
    assert rank_one.variance(V, W, lam) == pytest.approx(variance, rel=1e-12, abs=1e-12 * size)


def test_equal_norms_have_the_least_variance():
    """beta = 1 is the minimum among the beta, and no small change of any lambda lowers the variance."""
    V, W = terms()
    betas = [rank_one.variance(V, W, rank_one.scales(V, W, beta)) for beta in np.linspace(0, 1, 11)]
    assert np.all(np.diff(betas) < 0)
    best = rank_one.scales(V, W)
    for i in range(len(V)):
        for factor in (0.99, 1.01):
            lam = best.copy()
            lam[i] *= factor
            assert rank_one.variance(V, W, lam) > betas[-1]


def test_closed_form_at_equal_norms():
    """Var* = sum_{i != j} |v_i| |w_i| |v_j| |w_j| + (v_i . v_j)(w_i . w_j)."""
    V, W = terms()
    sizes = np.linalg.norm(V, axis=1) * np.linalg.norm(W, axis=1)
    products = (V @ V.T) * (W @ W.T)
    closed = sizes.sum() ** 2 - (sizes**2).sum() + products.sum() - products.trace()
    assert rank_one.variance(V, W, rank_one.scales(V, W)) == pytest.approx(closed, rel=1e-12)


def test_a_term_of_norm_zero_is_left_alone():
    V, W = terms()
    V[1], W[2] = 0.0, 0.0
    lam = rank_one.scales(V, W)
    assert lam[1] == lam[2] == 1.0 and np.isfinite(lam).all()
    np.testing.assert_allclose(rank_one.expectation(V, W, lam)[0], V.T @ W, atol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_tensors_by_roots_of_unity(d):
    """The mean over all draws is the tensor, to the last digits, and real."""
    rng = np.random.default_rng(d)
    factors = [rng.normal(size=(4, size)) for size in (2, 3, 2, 3)[:d]]
    mean, A = rank_one.tensor_expectation(factors, d), rank_one.tensor(factors)
    np.testing.assert_allclose(mean, A, rtol=0, atol=1e-12 * np.abs(A).max())


def test_signs_fail_for_tensors_of_order_three():
    """With +-1 the mean of an odd product is 0, not A; and of order 4 there are unwanted pairs."""
    rng = np.random.default_rng(0)
    factors = [rng.normal(size=(4, 2)) for _ in range(4)]
    assert np.abs(rank_one.tensor_expectation(factors[:3], 2)).max() < 1e-14
    assert np.abs(rank_one.tensor_expectation(factors, 2) - rank_one.tensor(factors)).max() > 0.1


@pytest.mark.parametrize("call, message", [
    (lambda: rank_one.variance(np.ones((2, 3)), np.ones((3, 3))), r"^V, W must be two tables of as many rows"),
    (lambda: rank_one.variance([[np.nan]], [[1.0]]), r"^V, W must be of finite numbers"),
    (lambda: rank_one.scales([[1.0]], [[1.0]], 2), r"^beta must be a number from 0"),
    (lambda: rank_one.expectation(np.ones((40, 1)), np.ones((40, 1))), r"^m must be so small"),
    (lambda: rank_one.all_roots(3, 1), r"^roots must be a whole number from 2 "),
])  # fmt: skip
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
