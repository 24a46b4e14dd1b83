"""Primitives of networks: the derivative J of the next state by the state, dense, and its blocks within the units."""

import numpy as np

from ..jit import loops


def jacobian(D, S, theta, slope):
    """J[(c, i), (b, j)] = D[c, b, i] if i = j, plus sum_g S[c, g, i] theta[j, (g, i)] slope[j] if b = 0: (c n, c n)."""
    c, g, n = S.shape
    J = np.zeros((c, n, c, n), S.dtype)
    J[:, np.arange(n), :, np.arange(n)] = D.transpose(2, 0, 1)
    J[:, :, 0] += (S[:, None] * theta[:n].reshape(n, g, n)).sum(2).transpose(0, 2, 1) * slope
    return J.reshape(c * n, c * n)


@loops(jacobian)
def _(D, S, theta, slope):
    c, g, n = S.shape
    J = np.zeros((c * n, c * n), S.dtype)
    for k in range(c):
        for i in range(n):
            row = J[k * n + i]
            for b in range(g):
                for j in range(n):
                    row[j] += S[k, b, i] * theta[j, b * n + i] * slope[j]
            for b in range(c):
                row[b * n + i] += D[k, b, i]
    return J


def local_jacobian(D, S, theta, slope):
    """The blocks of J within the units: J[c, b, i] = D[c, b, i], plus sum_g S[c, g, i] theta[i, (g, i)] slope[i] if b = 0."""
    _, g, n = S.shape
    own = theta[:n].reshape(n, g, n)[np.arange(n), :, np.arange(n)].T  # (g, n)
    J = D.copy()
    J[:, 0] += (S * own).sum(1) * slope
    return J


@loops(local_jacobian)
def _(D, S, theta, slope):
    c, g, n = S.shape
    J = D.copy()
    for k in range(c):
        for b in range(g):
            for i in range(n):
                J[k, 0, i] += S[k, b, i] * theta[i, b * n + i] * slope[i]
    return J
