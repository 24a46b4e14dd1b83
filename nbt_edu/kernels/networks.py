"""Primitives of networks: what weights and unit-wise derivatives do to vectors.

Parameters theta (n + m + 1, g n) have one row per *source*: n units, then m symbols or components of a signal, then the bias;
one column per gate of a unit. The vector psi = [source activity; x or onehot(x); 1] is never written down (`inputs`).
S (c, g, n) and D (c, c, n) act unit by unit; the vectors they act on are flat: states (c n,), gates (g n,).
"""

import numpy as np

from ..jit import loops
from .inputs import add_input, add_input_entries, input_columns


def push(theta, s):
    """s theta[:n]: what n sources s (n,) add to the columns: (p,)."""
    return s @ theta[: s.size]


@loops(push)
def _(theta, s):
    a = np.zeros(theta.shape[1], theta.dtype)
    for j in range(0, s.size - 3, 4):
        s0, s1, s2, s3 = s[j], s[j + 1], s[j + 2], s[j + 3]
        for i in range(a.size):
            a[i] += s0 * theta[j, i] + s1 * theta[j + 1, i] + s2 * theta[j + 2, i] + s3 * theta[j + 3, i]
    for j in range(s.size - s.size % 4, s.size):
        for i in range(a.size):
            a[i] += s[j] * theta[j, i]
    return a


def affine(theta, s, x):
    """psi theta with psi = [s; x; 1]: s (n,), theta (n + m + 1, p) -> (p,)."""
    a = s @ theta[: s.size]
    a += input_columns(theta, s.size, x)
    a += theta[-1]
    return a


@loops(affine)
def _(theta, s, x):
    a, read, bias = push(theta, s), input_columns(theta, s.size, x), theta[-1]
    for i in range(a.size):
        a[i] += read[i] + bias[i]
    return a


def pull(theta, d, n):
    """theta[:n] d: the columns' derivatives d (p,) brought back to the first n sources: (n,)."""
    return theta[:n] @ d


@loops(pull)
def _(theta, d, n):
    y = np.empty(n, theta.dtype)
    for j in range(n):
        s = 0.0
        for i in range(d.size):
            s += theta[j, i] * d[i]
        y[j] = s
    return y


def through(D, u, S, a):
    """y[c, i] = sum_b D[c, b, i] u[b, i] + sum_g S[c, g, i] a[g, i]: (c n,), (g n,) -> (c n,)."""
    c, g, n = S.shape
    if c == g == 1:
        return D[0, 0] * u + S[0, 0] * a
    return ((D * u.reshape(c, n)).sum(1) + (S * a.reshape(g, n)).sum(1)).ravel()


@loops(through)
def _(D, u, S, a):
    c, g, n = S.shape
    y = np.empty(c * n, S.dtype)
    for k in range(c):
        yk = y[k * n : k * n + n]
        for i in range(n):
            yk[i] = D[k, 0, i] * u[i] + S[k, 0, i] * a[i]
        for b in range(1, c):
            ub = u[b * n : b * n + n]
            for i in range(n):
                yk[i] += D[k, b, i] * ub[i]
        for b in range(1, g):
            ab = a[b * n : b * n + n]
            for i in range(n):
                yk[i] += S[k, b, i] * ab[i]
    return y


def back(S, e):
    """y[g, i] = sum_c S[c, g, i] e[c, i]: (c n,) -> (g n,)."""
    if S.shape[0] == 1:
        return (S[0] * e).ravel()
    return (S * e.reshape(S.shape[0], 1, -1)).sum(0).ravel()


@loops(back)
def _(S, e):
    c, g, n = S.shape
    y = np.zeros(g * n, S.dtype)
    for k in range(c):
        ek = e[k * n : k * n + n]
        for b in range(g):
            yb = y[b * n : b * n + n]
            for i in range(n):
                yb[i] += S[k, b, i] * ek[i]
    return y


def immediate_norms2(S, psi2):
    """|dF_ci/dtheta|^2 = |psi|^2 sum_g S[c, g, i]^2: -> (c n,)."""
    return psi2 * (S * S).sum(1).ravel()


@loops(immediate_norms2)
def _(S, psi2):
    c, g, n = S.shape
    y = np.zeros(c * n, S.dtype)
    for k in range(c):
        yk = y[k * n : k * n + n]
        for b in range(g):
            for i in range(n):
                yk[i] += psi2 * S[k, b, i] * S[k, b, i]
    return y


def immediate_gram(S, psi2):
    """dF_ci/dtheta . dF_bi/dtheta = |psi|^2 sum_g S[c, g, i] S[b, g, i], zero between units: -> (c n, c n)."""
    c, _, n = S.shape
    y = np.zeros((c, n, c, n), S.dtype)
    y[:, np.arange(n), :, np.arange(n)] = psi2 * (S[:, None] * S[None]).sum(2).transpose(2, 0, 1)
    return y.reshape(c * n, c * n)


@loops(immediate_gram)
def _(S, psi2):
    c, g, n = S.shape
    y = np.zeros((c * n, c * n), S.dtype)
    for k in range(c):
        for b in range(c):
            for j in range(g):
                for i in range(n):
                    y[k * n + i, b * n + i] += psi2 * S[k, j, i] * S[b, j, i]
    return y


def immediate_jvp(S, s, x, w):
    """(S (x) psi) w = S (psi w), with psi = [s; x; 1]: (n + m + 1, g n) -> (c n,)."""
    a = s @ w[: s.size] + input_columns(w, s.size, x) + w[-1]
    return (S * a.reshape(S.shape[1:])).sum(1).ravel()


@loops(immediate_jvp)
def _(S, s, x, w):
    c, g, n = S.shape
    a, y = affine(w, s, x), np.zeros(c * n, S.dtype)
    for k in range(c):
        for b in range(g):
            for i in range(n):
                y[k * n + i] += S[k, b, i] * a[b * n + i]
    return y


def add_outer(w, s, x, d):
    """w += psi (x) d with psi = [s; x; 1]. Answers the inner product <w, psi (x) d> taken before."""
    units, bias = w[: s.size], w[-1]
    inner = (s @ units + bias) @ d + add_input(w, s.size, x, d)
    units += s[:, None] * d
    bias += d
    return inner


@loops(add_outer)
def _(w, s, x, d):
    n, p = s.size, d.size
    inner = add_input(w, n, x, d)
    for j in range(n):
        row, sj, total = w[j], s[j], 0.0
        for i in range(p):
            total += row[i] * d[i]
            row[i] += sj * d[i]
        inner += sj * total
    bias = w[-1]
    for i in range(p):
        inner += bias[i] * d[i]
        bias[i] += d[i]
    return inner


def add_immediate(G, S, s, x):
    """G += dF/dtheta = S (x) psi: G (c n, (n + m + 1) g n), one nonzero block per unit."""
    c, g, n = S.shape
    i = np.arange(n)
    blocks = G.reshape(c, n, -1, g, n)  # component, unit, source, gate, unit of the gate
    entries = [(n + x, 1.0)] if np.ndim(x) == 0 else [(n + k, value) for k, value in enumerate(x)]
    for j, value in [*enumerate(s), *entries, (-1, 1.0)]:
        blocks[:, i, j, :, i] += value * S.transpose(2, 0, 1)


@loops(add_immediate)
def _(G, S, s, x):
    c, g, n = S.shape
    p = g * n
    for k in range(c):
        for j in range(g):
            for i in range(n):
                row = G[k * n + i]
                for source in range(n):
                    row[source * p + j * n + i] += S[k, j, i] * s[source]
                add_input_entries(row, n, p, j * n + i, x, S[k, j, i])
                row[row.size - p + j * n + i] += S[k, j, i]
