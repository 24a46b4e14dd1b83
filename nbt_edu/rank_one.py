"""The rank-one trick by itself (slides, "The rank-one trick").

A = sum_i v_i w_i^T, i = 1 ... m; with independent signs eps_i = +-1 and any positive lambda_i that do not depend on them:

    v = sum_i eps_i lambda_i v_i,   w = sum_i eps_i w_i / lambda_i,   E v w^T = A                            (1)
    E |v w^T - A|^2 = sum_{i != j} (lambda_i / lambda_j)^2 |v_i|^2 |w_j|^2 + (v_i . v_j) (w_i . w_j)         (2)
    least where lambda_i = (|w_i| / |v_i|)^(1/2), which equalises the norms; lambda^beta: 0 none, 1 equal    (3)

For a tensor A = sum_i x_i (x) y_i (x) z_i ... of order d the signs are d-th roots of unity, uniform and independent, and the
same eps_i goes to all d factors, without conjugates: E eps_i^d = 1, while any other product of them has mean 0. (4)

Terms are rows: V (m, n), W (m, p). Expectations are exact: all 2^m (or d^m) draws are enumerated.
"""

import functools
import math

import numpy as np

from .settings import array, between, require, whole

MOST = 2**20  # draws that are enumerated at once
NUMBERS = 2**27  # in a table, at most
ROWS = 1024  # of a table of m x m that are written down at once


def scales(V, W, beta=1.0):
    """lambda (m,), equation (3); 1 where a norm is zero. beta in [0, 1]."""
    V, W = _terms(V, W)
    beta = between("beta", beta, 0, 1)
    v, w = np.linalg.norm(V, axis=1), np.linalg.norm(W, axis=1)
    there = (v > 0) & (w > 0)
    return np.where(there, np.where(there, w, 1.0) / np.where(there, v, 1.0), 1.0) ** (0.5 * beta)


def draw(V, W, signs, lam=1.0):
    """Equation (1): v (..., n) and w (..., p) for signs (..., m); lam (m,) as from `scales`. Cost: m (n + p) a draw."""
    V, W = _terms(V, W)
    signs, lam = array("signs", signs), _scale(lam, len(V))
    require(signs.shape[-1:] == (len(V),), "signs", signs, f"of shape (..., {len(V)}), a sign for each term")
    return (signs * lam) @ V, (signs / lam) @ W


def expectation(V, W, lam=1.0):
    """The mean of v w^T (n, p) over all 2^m signs, and the variance E |v w^T - mean|^2: exact, by enumeration."""
    V, W = _terms(V, W)
    signs, shapes = all_roots(len(V), 2).real, (V.shape, W.shape)
    fits = len(signs) * (V.shape[1] + W.shape[1]) <= NUMBERS
    require(fits, "V, W", shapes, f"so small that all draws fit in memory: 2^m (n + p) at most {NUMBERS:,}")
    v, w = draw(V, W, signs, lam)
    mean = v.T @ w / len(v)
    return mean, float(((v**2).sum(1) * (w**2).sum(1)).mean() - (mean**2).sum())


def variance(V, W, lam=1.0):
    """E |v w^T - A|^2 by formula (2). Cost: m^2 (n + p)."""
    V, W = _terms(V, W)
    lam2, v2, w2, total = _scale(lam, len(V)) ** 2, (V**2).sum(1), (W**2).sum(1), 0.0
    for start in range(0, len(V), ROWS):
        rows = slice(start, start + ROWS)
        terms = np.outer((lam2 * v2)[rows], w2 / lam2) + (V[rows] @ V.T) * (W[rows] @ W.T)
        total += terms.sum() - terms[:, rows].trace()
    return float(total)


def tensor(factors):
    """A = sum_i x_i (x) y_i (x) ..., for d arrays of rows: (m, n_1), ..., (m, n_d) -> (n_1, ..., n_d)."""
    return sum(functools.reduce(np.multiply.outer, rows) for rows in zip(*_factors(factors), strict=True))


def tensor_expectation(factors, roots):
    """The mean, over all draws, of the product of sum_i eps_i x_i, sum_i eps_i y_i, ...: complex (n_1, ..., n_d).

    roots: the eps are uniform on the roots-th roots of unity. A for roots = d; with signs (2) and d = 3 it is 0.
    """
    factors = _factors(factors)
    eps = all_roots(len(factors[0]), roots)
    sums = [eps @ rows for rows in factors]
    letters = "abcdefgh"[: len(sums)]
    return np.einsum(",".join(f"z{letter}" for letter in letters) + f"->{letters}", *sums) / len(eps)


def all_roots(m, roots):
    """Every choice of m roots-th roots of unity: complex (roots^m, m)."""
    roots, m = whole("roots", roots, 2, MOST), whole("m", m, 0, 10**12)
    fits = m * math.log(roots) <= math.log(MOST) + 1e-9
    require(fits, "m", m, f"so small that {roots}^m draws can be enumerated: at most {MOST:,}")
    unit = np.exp(2j * np.pi * np.arange(roots) / roots)
    draws = np.arange(roots**m)[:, None]
    return unit[draws // roots ** np.arange(m - 1, -1, -1) % roots]


def _terms(V, W):
    V, W = (array(name, one, "a table of numbers, a row for each term", 2) for name, one in (("V", V), ("W", W)))
    require(len(V) == len(W) > 0, "V, W", (V.shape, W.shape), "two tables of as many rows, one a term")
    require(np.isfinite(V).all() and np.isfinite(W).all(), "V, W", "with NaN or infinity", "of finite numbers")
    return V, W


def _scale(lam, terms):
    """lam as (terms,)."""
    lam = array("lam", lam, "a positive number, or one for each term")
    require(lam.shape in ((), (terms,)) and (lam > 0).all(), "lam", lam, f"a positive number, or {terms}, one for each term")
    return np.broadcast_to(lam, terms)


def _factors(factors):
    """Two to eight arrays of rows, as many in each."""
    wanted = "a list of two to eight tables of as many rows, one a term"
    require(isinstance(factors, list | tuple | np.ndarray) and 1 <= len(factors) <= 8, "factors", factors, wanted)
    tables = [array("each of factors", one, "a table of numbers, a row for each term", 2) for one in factors]
    shapes = [one.shape for one in tables]
    require(len({len(one) for one in tables}) == 1 and len(tables[0]), "factors", shapes, wanted)
    small = math.prod(one.shape[1] for one in tables) <= NUMBERS
    require(small, "factors", shapes, f"so small that the tensor has at most {NUMBERS:,} numbers")
    return tables
