"""Primitives on plain vectors and matrices."""

import numpy as np

from ..jit import loops, scalar, single


@scalar
def _exp(x):
    """e^x for -700 < x < 700 to two units in the last place, in a form that becomes vector instructions.

    x = k ln 2 + r, and e^r by its Taylor series: even and odd terms apart, two chains that a processor works on at once.
    """
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    s = r * r
    even = 1 / 2 + s * (1 / 24 + s * (1 / 720 + s * (1 / 40320 + s * (1 / 3628800 + s * (1 / 479001600)))))
    odd = 1 / 6 + s * (1 / 120 + s * (1 / 5040 + s * (1 / 362880 + s * (1 / 39916800))))
    p = 1 + (r + s * (even + r * odd))
    return p * np.int64((np.int64(np.int32(k)) + 1023) << 52).view(np.float64)


@single(_exp)
def _(x):
    """The same of a float32, to two units in its last place; below -87, where e^x could not be told from 0, e^-87."""
    x = -87.0 if x < -87.0 else x
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * 0.693359375) + k * 2.12194440e-4
    s = r * r
    p = 1.0 + (r + s * ((1 / 2 + r * (1 / 6)) + s * ((1 / 24 + r * (1 / 120)) + s * (1 / 720))))
    return p * np.int32((k + 127.0) * 8388608.0).view(np.float32)  # 2^k: the exponent stands 23 bits up


def tanh(x):
    """Elementwise hyperbolic tangent: (n,) -> (n,)."""
    return np.tanh(x)


@loops(tanh)
def _(x):
    y = np.empty_like(x)
    for i in range(x.size):
        e = _exp(-2.0 * min(abs(x[i]), 20.0))
        t = (1.0 - e) / (1.0 + e)
        y[i] = t if x[i] > 0.0 else -t
        if x[i] != x[i]:
            y[i] = x[i]
    return y


def sigmoid(x):
    """1 / (1 + exp(-x)), elementwise: (n,) -> (n,)."""
    return 0.5 + 0.5 * tanh(0.5 * x)


@loops(sigmoid)
def _(x):
    y = tanh(0.5 * x)
    for i in range(x.size):
        y[i] = 0.5 + 0.5 * y[i]
    return y


@scalar
def _largest(a):
    """The largest of a (m,), in four chains, since a processor waits for each comparison."""
    w = x = y = z = a[0]
    for i in range(0, a.size - 3, 4):
        w, x, y, z = max(w, a[i]), max(x, a[i + 1]), max(y, a[i + 2]), max(z, a[i + 3])
    for i in range(a.size - a.size % 4, a.size):
        w = max(w, a[i])
    return max(max(w, x), max(y, z))


def softmax(a):
    """a <- exp(a) / sum exp(a), in place: (m,)."""
    a -= a.max()
    np.exp(a, out=a)
    a /= a.sum()


@loops(softmax)
def _(a):
    top, total = _largest(a), 0.0
    for i in range(a.size):
        a[i] = 0.0 if a[i] - top < -700.0 else _exp(a[i] - top)
        total += a[i]
    share = 1.0 / total
    for i in range(a.size):
        a[i] *= share


def assign(y, x):
    """y[...] = x, for arrays of one shape. (numba's own assignment to a slice takes two seconds to compile.)"""
    y[...] = x


@loops(assign)
def _(y, x):
    if y.ndim == 1:
        for i in range(y.size):
            y[i] = x[i]
    else:
        for i in range(len(y)):
            assign(y[i], x[i])


def add(y, x):
    """y += x in place, for vectors of one length."""
    y += x


@loops(add)
def _(y, x):
    for i in range(y.size):
        y[i] += x[i]


def combine(y, a, x, b, z):
    """y <- a x + b z in place, elementwise: a number a, vectors x, b, z (n,)."""
    y[...] = a * x + b * z


@loops(combine)
def _(y, a, x, b, z):
    for i in range(y.size):
        y[i] = a * x[i] + b[i] * z[i]


def power(x, exponent):
    """x <- x^exponent in place: (n,), exponent >= 0."""
    x **= exponent


@loops(power)
def _(x, exponent):
    if exponent == 0.25:
        for i in range(x.size):
            x[i] = np.sqrt(np.sqrt(x[i]))
    else:
        for i in range(x.size):
            x[i] **= exponent


@scalar
def raised(x, exponent):
    """x^exponent for numbers x, exponent >= 0; a square root, where it is one, takes a tenth of the time."""
    return np.sqrt(x) if exponent == 0.5 else x**exponent


def norm2(x):
    """|x|^2: (n,) -> a number."""
    return x @ x


@loops(norm2)
def _(x):
    s = 0.0
    for i in range(x.size):
        s += x[i] * x[i]
    return s


def with_one(h):
    """[h; 1]: (n,) -> (n + 1,)."""
    y = np.empty(h.size + 1, h.dtype)
    y[:-1], y[-1] = h, 1.0
    return y


@loops(with_one)
def _(h):
    y = np.empty(h.size + 1, h.dtype)
    for i in range(h.size):
        y[i] = h[i]
    y[h.size] = 1.0
    return y


def dots(Q, V):
    """The inner products of the rows of Q (r, n) with those of V (k, at least n), cut to n: (r, k)."""
    return Q @ V[:, : Q.shape[1]].T


@loops(dots)
def _(Q, V):
    y = np.zeros((Q.shape[0], V.shape[0]), Q.dtype)
    for r in range(Q.shape[0]):
        for k in range(V.shape[0]):
            s = 0.0
            for i in range(Q.shape[1]):
                s += Q[r, i] * V[k, i]
            y[r, k] = s
    return y
