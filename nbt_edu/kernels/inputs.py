"""Primitives of inputs: x is a symbol, an index into m rows, or a signal (m,). A one-hot vector is never multiplied out.

Parameters theta (k + m + 1, p) have m rows for the input, from row k on.
"""

import numpy as np

from ..jit import loops


def input_columns(theta, k, x):
    """What the input adds to the columns: theta[k + x], or x theta[k : k + m]: (p,). To be read, not changed."""
    return theta[k + x] if np.ndim(x) == 0 else x @ theta[k : k + x.size]


@loops(input_columns)
def _(theta, k, x):
    return theta[k + x]


@loops(input_columns, vector="x")
def _(theta, k, x):
    a = np.zeros(theta.shape[1], theta.dtype)
    for j in range(x.size):
        for i in range(a.size):
            a[i] += x[j] * theta[k + j, i]
    return a


def add_input(w, k, x, d):
    """The input's rows of w += x (x) d, d (p,). Answers the inner product <w, x (x) d> taken before."""
    if np.ndim(x) == 0:
        inner = w[k + x] @ d
        w[k + x] += d
    else:
        inner = x @ (w[k : k + x.size] @ d)
        w[k : k + x.size] += np.multiply.outer(x, d)
    return inner


@loops(add_input)
def _(w, k, x, d):
    row, inner = w[k + x], 0.0
    for i in range(d.size):
        inner += row[i] * d[i]
        row[i] += d[i]
    return inner


@loops(add_input, vector="x")
def _(w, k, x, d):
    inner = 0.0
    for j in range(x.size):
        row, xj, total = w[k + j], x[j], 0.0
        for i in range(d.size):
            total += row[i] * d[i]
            row[i] += xj * d[i]
        inner += xj * total
    return inner


def input_norm2(x):
    """|x|^2, of a symbol 1."""
    return 1.0 if np.ndim(x) == 0 else x @ x


@loops(input_norm2)
def _(x):
    return np.float32(1.0)  # exact; a double would make one of a sum in single precision


@loops(input_norm2, vector="x")
def _(x):
    s = 0.0
    for j in range(x.size):
        s += x[j] * x[j]
    return s


def add_input_entries(row, k, p, column, x, value):
    """The input's entries of one column, in a flat row of (k + m + 1) p numbers: += value x."""
    if np.ndim(x) == 0:
        row[(k + x) * p + column] += value
    else:
        row[k * p + column : (k + x.size) * p : p] += value * x


@loops(add_input_entries)
def _(row, k, p, column, x, value):
    row[(k + x) * p + column] += value


@loops(add_input_entries, vector="x")
def _(row, k, p, column, x, value):
    for j in range(x.size):
        row[(k + j) * p + column] += value * x[j]
