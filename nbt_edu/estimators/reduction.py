"""Random matrices of rank r with a given mean and the least variance, by signs (used by `ReducedNoBackTrack`).

To represent diag(sigma), sigma_1 >= ... >= sigma_m > 0, without bias in rank r: let

    p_j = min(1, sigma_j / kappa),    kappa such that sum_j p_j = r                                          (1)
    Q (m, r) with Q^T Q = 1 and diag(Q Q^T) = p                                                              (2)
    X = diag(sqrt(sigma / p)) E Q Q^T E diag(sqrt(sigma / p)),    E = diag(eps), eps independent signs       (3)

E X = diag(sigma), since off the diagonal E eps_i eps_j = 0; and E |X|^2 = sum_j sigma_j^2 / p_j, the least that an unbiased
estimate of rank r can have (Barnes, Cameron and Howard, arXiv:2505.09647). With r = 1 it is the rank-one trick with balanced
norms; with r = m - 1, OK's reduction (Benzing et al., arXiv:1902.03993). (2) is the Schur-Horn theorem, by plane rotations.
"""

import numpy as np

from ..jit import scalar


@scalar
def shares(sigma, r):
    """Equation (1): sigma (m,), descending and positive -> p (m,). The largest ones are kept whole, p = 1."""
    kept, rest = 0, sigma.sum()
    while kept < min(r, sigma.size) and sigma[kept] * (r - kept) >= rest:
        rest -= sigma[kept]
        kept += 1
    p, rest = np.ones_like(sigma), sigma[kept:].sum()
    for j in range(kept, sigma.size):
        p[j] = sigma[j] * (r - kept) / rest
    return p


@scalar
def frame(p, r):
    """Equation (2): p (m,), descending, with sum r -> Q (m, r)."""
    Q, squares = np.zeros((p.size, r), p.dtype), np.zeros(p.size, p.dtype)
    for j in range(r):
        Q[j, j], squares[j] = 1.0, 1.0
    i, j = 0, r
    while i < r and j < p.size:
        shift = min(squares[i] - p[i], p[j] - squares[j])
        if shift > 0.0:
            inner = (Q[i] * Q[j]).sum()
            root = np.sqrt(inner * inner + (squares[i] - squares[j] - shift) * shift)
            t = shift / (root - inner) if inner < 0.0 else -shift / (root + inner)  # tan of the angle
            c = 1.0 / np.sqrt(1.0 + t * t)
            s = t * c
            for k in range(r):
                Q[i, k], Q[j, k] = c * Q[i, k] + s * Q[j, k], c * Q[j, k] - s * Q[i, k]
            squares[i] -= shift
            squares[j] += shift
        if squares[i] - p[i] <= p[j] - squares[j]:
            i += 1
        else:
            j += 1
    return Q
