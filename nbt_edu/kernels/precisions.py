"""Primitives of filters with a diagonal precision: one pass over the parameters, whose gradient is never written down.

Divisions are what such a pass waits for. The loop forms make one do for two parameters, in the two halves of a block:

    1 / a = b (1 / (a b))          1 / b = a (1 / (a b))                                                     (1)
"""

import numpy as np

from ..jit import loops
from .factors import Kronecker, product
from .networks import push


def noise_rows(theta, q, p, mean):
    """q, then for each output r the row sqrt(p[r]) (theta[:n, r] - mean): theta (n + 1, m), q and mean (n,) -> (1 + m, n)."""
    return np.concatenate((q[None], np.sqrt(p)[:, None] * (theta[:-1].T - mean)))


@loops(noise_rows)
def _(theta, q, p, mean):
    n, m = q.size, p.size
    Q = np.empty((1 + m, n), theta.dtype)
    for i in range(n):
        Q[0, i] = q[i]
    for r in range(m):
        root = np.sqrt(p[r])
        for i in range(n):
            Q[1 + r, i] = root * (theta[i, r] - mean[i])
    return Q


def noise_products(theta, q, p, roots, V):
    """The products of such rows with those of V, the mean being that over p: theta (n + 1, m), V (k, n or more) -> (1 + m, k).

    V q, then for each output r the row roots[r] (V theta[:n, r] - sum over s of p[s] V theta[:n, s]).
    """
    V = V[:, : q.size]
    Z = theta[:-1].T @ V.T
    return np.concatenate(((V @ q)[None], roots[:, None] * (Z - p @ Z)))


@loops(noise_products)
def _(theta, q, p, roots, V):
    n, m = q.size, p.size
    A = np.empty((1 + m, len(V)), theta.dtype)
    for k in range(len(V)):
        v = V[k, :n]
        z, first, mean = push(theta, v), 0.0, 0.0
        for i in range(n):
            first += q[i] * v[i]
        for r in range(m):
            mean += p[r] * z[r]
        A[0, k] = first
        for r in range(m):
            A[1 + r, k] = roots[r] * (z[r] - mean)
    return A


def diagonal_step(precision, theta, keep, prior, root, a, B, rate):
    """precision <- keep precision + prior + sum_r (root B)[r]^2, then theta <- theta - rate (a B) / precision, in place.

    precision and theta (P,), root (r, K), a (K,), B (K, P) or its factors.
    """
    if isinstance(B, Kronecker):
        shape, variance = (B.u.size, -1), ((root @ B.V) ** 2).sum(0)
        diagonal_outer_step(precision.reshape(shape), theta.reshape(shape), keep, prior, variance, B.u, a @ B.V, rate)
    else:
        precision *= keep
        precision += prior + ((root @ B) ** 2).sum(0)
        theta -= rate * (a @ B) / precision


@loops(diagonal_step)
def _(precision, theta, keep, prior, root, a, B, rate):
    u, V = B
    C = product(root, V)
    own, parameters = precision.reshape(u.size, -1), theta.reshape(u.size, -1)
    diagonal_outer_step(own, parameters, keep, prior, (C * C).sum(0), u, product(a[None], V)[0], rate)


@loops(diagonal_step, vector="B")
def _(precision, theta, keep, prior, root, a, B, rate):
    if B.shape[0] == 1:
        b, size, step, half = B[0], root[0, 0] * root[0, 0], rate * a[0], theta.size // 2
        own, other, theirs = precision[half:], theta[half:], b[half:]  # of the second half
        for j in range(half):
            x, y = keep * precision[j] + prior + size * b[j] * b[j], keep * own[j] + prior + size * theirs[j] * theirs[j]
            share = step / (x * y)  # (1)
            precision[j], own[j] = x, y
            theta[j] -= share * b[j] * y
            other[j] -= share * theirs[j] * x
        for j in range(2 * half, theta.size):
            precision[j] = keep * precision[j] + prior + size * b[j] * b[j]
            theta[j] -= step * b[j] / precision[j]
    else:
        C, g = product(root, B), product(a[None], B)[0]
        for j in range(theta.size):
            precision[j] = keep * precision[j] + prior
        for r in range(len(C)):
            c = C[r]
            for j in range(theta.size):
                precision[j] += c[j] * c[j]
        for j in range(theta.size):
            theta[j] -= rate * g[j] / precision[j]


def diagonal_outer_step(precision, theta, keep, prior, variance, psi, error, rate):
    """The same for the gradient psi (x) error, and psi^2 (x) variance added to the precision.

    precision and theta (n, m), psi (n,), variance and error (m,).
    """
    precision *= keep
    precision += prior + np.multiply.outer(psi * psi, variance)
    theta -= rate * np.multiply.outer(psi, error) / precision


@loops(diagonal_outer_step)
def _(precision, theta, keep, prior, variance, psi, error, rate):
    half = psi.size // 2
    for j in range(half):
        row, own, size, step = theta[j], precision[j], psi[j] * psi[j], rate * psi[j]
        row2, own2, size2, step2 = theta[half + j], precision[half + j], psi[half + j] * psi[half + j], rate * psi[half + j]
        for k in range(error.size):
            x, y = keep * own[k] + prior + size * variance[k], keep * own2[k] + prior + size2 * variance[k]
            share = error[k] / (x * y)  # (1)
            own[k], own2[k] = x, y
            row[k] -= step * share * y
            row2[k] -= step2 * share * x
    for j in range(2 * half, psi.size):
        row, own, size, step = theta[j], precision[j], psi[j] * psi[j], rate * psi[j]
        for k in range(error.size):
            own[k] = keep * own[k] + prior + size * variance[k]
            row[k] -= step * error[k] / own[k]
