"""Primitives of sparse networks: gate i reads unit index[j, i] through its connection j, of k.

Parameters theta (k + m + 1, g n) have one row per connection, then per symbol or component of a signal, then the bias.
"""

import numpy as np

from ..jit import loops
from .inputs import add_input, add_input_entries, input_columns


def gather(theta, index, s):
    """y[i] = sum_j theta[j, i] s[index[j, i]]: what k sources add to each gate: (g n,)."""
    return (theta[: len(index)] * s[index]).sum(0)


@loops(gather)
def _(theta, index, s):
    k, p = index.shape
    y = np.zeros(p, theta.dtype)
    for j in range(k):
        for i in range(p):
            y[i] += theta[j, i] * s[index[j, i]]
    return y


def spread(theta, index, n):
    """The connections as a matrix from all n units, zero where there is none: (n, g n)."""
    y = np.zeros((n, theta.shape[1]), theta.dtype)
    y[index, np.arange(theta.shape[1])] = theta[: len(index)]
    return y


@loops(spread)
def _(theta, index, n):
    k, p = index.shape
    y = np.zeros((n, p), theta.dtype)
    for j in range(k):
        for i in range(p):
            y[index[j, i], i] = theta[j, i]
    return y


def scatter(theta, index, d, n):
    """y[u] = sum of theta[j, i] d[i] where index[j, i] = u: the gates' derivatives brought back to n units: (n,)."""
    return np.bincount(index.ravel(), (theta[: len(index)] * d).ravel(), n).astype(theta.dtype)


@loops(scatter)
def _(theta, index, d, n):
    k, p = index.shape
    y = np.zeros(n, theta.dtype)
    for j in range(k):
        for i in range(p):
            y[index[j, i]] += theta[j, i] * d[i]
    return y


def add_gathered(w, index, s, x, d):
    """w[:, i] += psi_i d[i], psi_i = [s[index[:, i]]; x; 1]. Answers the inner product of w and that, before."""
    k = len(index)
    psi = s[index]
    inner = ((w[:k] * psi).sum(0) + w[-1]) @ d + add_input(w, k, x, d)
    w[:k] += psi * d
    w[-1] += d
    return inner


@loops(add_gathered)
def _(w, index, s, x, d):
    k, p = index.shape
    inner = add_input(w, k, x, d)
    for j in range(k):
        for i in range(p):
            psi = s[index[j, i]]
            inner += w[j, i] * psi * d[i]
            w[j, i] += psi * d[i]
    for i in range(p):
        inner += w[-1, i] * d[i]
        w[-1, i] += d[i]
    return inner


def add_gathered_rows(G, S, index, s, x):
    """G += dF/dtheta: G (c n, (k + m + 1) g n); row (c, i) has the entries S[c, g, i] psi of the gates g of unit i."""
    c, g, n = S.shape
    k, i = len(index), np.arange(n)
    blocks = G.reshape(c, n, -1, g, n)  # component, unit, connection, gate, unit of the gate
    psi = s[index].reshape(k, g, n)
    for j in range(k):
        blocks[:, i, j, :, i] += (S * psi[j]).transpose(2, 0, 1)
    entries = [(k + x, 1.0)] if np.ndim(x) == 0 else [(k + j, value) for j, value in enumerate(x)]
    for j, value in [*entries, (-1, 1.0)]:
        blocks[:, i, j, :, i] += value * S.transpose(2, 0, 1)


@loops(add_gathered_rows)
def _(G, S, index, s, x):
    c, g, n = S.shape
    k, p = index.shape
    for b in range(c):
        for a in range(g):
            for i in range(n):
                row, gate = G[b * n + i], a * n + i
                for j in range(k):
                    row[j * p + gate] += S[b, a, i] * s[index[j, gate]]
                add_input_entries(row, k, p, gate, x, S[b, a, i])
                row[row.size - p + gate] += S[b, a, i]


def affine_gathered(theta, index, s, x):
    """psi_i theta[:, i] of every gate i, psi_i = [s[index[:, i]]; x; 1]: (g n,)."""
    return gather(theta, index, s) + input_columns(theta, len(index), x) + theta[-1]


@loops(affine_gathered)
def _(theta, index, s, x):
    a, read, bias = gather(theta, index, s), input_columns(theta, len(index), x), theta[-1]
    for i in range(a.size):
        a[i] += read[i] + bias[i]
    return a
