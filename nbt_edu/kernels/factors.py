"""Gradients as products A B that are never written down: A (r, K), and B (K, P) an array, or factors itself.

Where theta (s, columns) has a row for each source, a method may keep one vector u over the sources and K vectors V_k over the
columns; row k of its B is an outer product, flat, and so is every row of A B:

    B_k = u (x) V_k          (A B)_i = u (x) (A V)_i          |A B| = |u| |A V|                              (1)

Every function here takes both; so an optimizer that only calls these need not know which it is given.
"""

from typing import NamedTuple

import numpy as np

from ..jit import generated, loops
from .vectors import norm2


class Kronecker(NamedTuple):
    """B as factors, equation (1): s + K columns numbers instead of K s columns."""

    u: np.ndarray  # (s,)
    V: np.ndarray  # (K, columns)


def add_product(Y, scale, A, B):
    """Y += scale A B, for Y (r, P)."""
    if isinstance(B, Kronecker):
        Y += scale * product(A, B)
    else:
        Y += (scale * A) @ B


@loops(add_product)
def _(Y, scale, A, B):
    u, V = B
    p = V.shape[1]
    d = np.zeros((A.shape[0], p), V.dtype)
    add_product(d, scale, A, V)
    for i in range(A.shape[0]):
        row, own = Y[i], d[i]
        for j in range(u.size):
            part, uj = row[j * p : j * p + p], u[j]
            for k in range(p):
                part[k] += uj * own[k]


@loops(add_product, vector="B")
def _(Y, scale, A, B):
    K = B.shape[0]
    for i in range(A.shape[0]):
        for k in range(0, K - 3, 4):
            a0, a1, a2, a3 = scale * A[i, k], scale * A[i, k + 1], scale * A[i, k + 2], scale * A[i, k + 3]
            for j in range(B.shape[1]):
                Y[i, j] += a0 * B[k, j] + a1 * B[k + 1, j] + a2 * B[k + 2, j] + a3 * B[k + 3, j]
        for k in range(K - K % 4, K):
            a0 = scale * A[i, k]
            for j in range(B.shape[1]):
                Y[i, j] += a0 * B[k, j]


def product(A, B):
    """A B written out, (r, P)."""
    if isinstance(B, Kronecker):
        return np.multiply.outer(A @ B.V, B.u).swapaxes(1, 2).reshape(len(A), -1)
    return A @ B


@loops(product)
def _(A, B):
    Y = np.zeros((A.shape[0], B.u.size * B.V.shape[1]), B.V.dtype)
    add_product(Y, 1.0, A, B)
    return Y


@loops(product, vector="B")
def _(A, B):
    Y = np.zeros((A.shape[0], B.shape[1]), B.dtype)
    if A.shape[0] == 1:
        add_product(Y, 1.0, A, B)
    elif A.size and B.size:
        multiply(A, B, Y)
    return Y


def multiply(A, B, Y):
    """Y <- A B, of contiguous matrices."""
    np.matmul(A, B, out=Y)


@generated(multiply)
def _(A, B, Y):
    from ..jit.blas import gemm

    if "A" in (A.layout, B.layout):  # neither by rows nor by columns
        return lambda A, B, Y: gemm(np.ascontiguousarray(A), np.ascontiguousarray(B), Y)
    return lambda A, B, Y: gemm(A, B, Y)


def product_norm(A, B):
    """|A B|, the Frobenius norm."""
    return np.linalg.norm(B.u) * np.linalg.norm(A @ B.V) if isinstance(B, Kronecker) else np.linalg.norm(A @ B)


@loops(product_norm)
def _(A, B):
    return np.sqrt(norm2(B.u)) * product_norm(A, B.V)


@loops(product_norm, vector="B")
def _(A, B):
    row, total = np.zeros((1, B.shape[1]), B.dtype), 0.0
    for i in range(A.shape[0]):
        row.fill(0.0)
        add_product(row, 1.0, A[i : i + 1], B)
        total += norm2(row[0])
    return np.sqrt(total)
