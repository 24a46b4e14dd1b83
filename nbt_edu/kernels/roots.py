"""A Kalman filter's update of a root L of its covariance, P = L L^T: L is read once, then read and written once.

An observation c of theta takes (P c)(P c)^T / (1 + c . P c) from P. With f = L^T c and b = 1 + f . f (Potter 1963)

    L <- L M,    M = 1 - f f^T / (b + sqrt(b)),    M^2 = 1 - f f^T / b                                       (1)

An update makes k observations c_i of s L (s: what fading multiplies L by), and asks for the step L' L'^T g from the new L':

    L' = s L M_1 ... M_k,    f_i = M_{i-1} ... M_1 F_i,    F_i = s L^T c_i                                   (2)

One by one that is two passes over L for each. But products of M have a short form, in which no L occurs:

    M_1 ... M_k = 1 - sum_i h_i f_i^T,    h_i = (f_i - sum_{p<i} (f_p . f_i) h_p) / (b_i + sqrt(b_i))        (3)
    f_i = F_i - sum_{p<i} (h_p . F_i) f_p                                                                    (4)
    u = L'^T g = U - sum_i (h_i . U) f_i,    U = s L^T g                                                     (5)
    L' u = s L w,    w = M_1 ... M_k u = u - sum_i (f_i . u) h_i                                             (6)

So the first pass answers Y = s L^T (g and the c_i); the second takes from each row l of L what it needs and writes it:

    d_i = s l . h_i,    step = s l . w,    l <- s l - sum_i d_i f_i                                          (7)

What is given back to parameter j is an observation of that one, c = sqrt(.) e_j; its F is a row of L and needs no pass.
If the evidence is one row in the gradient's direction (rank 1), g = a x and c = r x, then y = s L^T x tells both, f_1 = r y,
U = a y, and by M_1 y = y / sqrt(b_1) the inner product with w follows from those with y and h = M_1 f_2:

    w = a (y / b_1 - (f_2 . y) / (b_2 sqrt(b_1)) h)                                                          (8)
"""

import numpy as np

from ..jit import loops, scalar
from .factors import product
from .networks import push
from .vectors import add, assign, norm2

CHUNK = 64  # rows of L that matrix products take at a time, so that they stay in the cache


@scalar
def seen(L, X):
    """X L, the first pass: L (n, N), X (q, n) -> (q, N)."""
    return push(L, X[0])[None] if len(X) == 1 else product(X, L)


@scalar
def reflections(s, Y, A, size, row):
    """Equations (3) to (6): what `turn` takes from L and puts in, V (p, N), F (k, N) and weights (p,).

    Y (q, N) = X L of q vectors: the gradient is A[0] X, the evidence's rows are A[1:] X, A (1 + r, q). size^2 is given back to
    the parameter whose row of L is `row` (N,). k = r + 1. Cost: 2 k^2 N.
    """
    if len(Y) == 1:
        return reflect_once(s, Y[0], A[0, 0], A[1, 0], size, row)
    F = np.concatenate((s * product(A[1:], Y), (s * size * row)[None]))
    k, u = len(A), s * product(A[:1], Y)[0]
    V, weights = np.zeros((k + 1, u.size), Y.dtype), np.zeros(k + 1, Y.dtype)
    for i in range(k):
        add(F[i], -np.dot(np.dot(V[:i], F[i]), F[:i]))  # (4)
        b = 1.0 + norm2(F[i])
        assign(V[i], (F[i] - np.dot(np.dot(F[:i], F[i]), V[:i])) / (b + np.sqrt(b)))  # (3)
    add(u, -np.dot(np.dot(V[:k], u), F))  # (5)
    assign(V[k], u - np.dot(np.dot(F, u), V[:k]))  # (6)
    weights[k] = 1.0
    return V, F, weights


def reflect_once(s, y, a, r, size, row):
    """Equation (8): the same for the gradient a x and one row of evidence r x, of which y = L^T x."""
    y, f = s * y, s * size * row
    b1 = 1.0 + r * r * (y @ y)
    share = r * r / (b1 + np.sqrt(b1))
    f = f - share * (f @ y) * y
    b2, along = 1.0 + f @ f, f @ y
    V, F = np.array([y, f - share * along * y]), np.array([share * y, f / (b2 + np.sqrt(b2))])
    return V, F, np.array([a / b1, -a * along / (b2 * np.sqrt(b1))])


@loops(reflect_once)
def _(s, y, a, r, size, row):
    V, F, weights = np.empty((2, y.size), y.dtype), np.empty((2, y.size), y.dtype), np.empty(2, y.dtype)
    whole, h, part, f = V[0], V[1], F[0], F[1]
    y2, along, f2 = 0.0, 0.0, 0.0
    for j in range(y.size):
        whole[j], f[j] = s * y[j], s * size * row[j]
        y2 += whole[j] * whole[j]
        along += whole[j] * f[j]
    b1 = 1.0 + r * r * y2
    share = r * r / (b1 + np.sqrt(b1))
    taken, along = share * along, 0.0
    for j in range(y.size):
        f[j] -= taken * whole[j]
        f2 += f[j] * f[j]
        along += f[j] * whole[j]
    b2 = 1.0 + f2
    taken, rest = share * along, 1.0 / (b2 + np.sqrt(b2))
    for j in range(y.size):
        part[j], h[j] = share * whole[j], f[j] - taken * whole[j]
        f[j] *= rest
    weights[0], weights[1] = a / b1, -a * along / (b2 * np.sqrt(b1))
    return V, F, weights


def turn(L, s, V, F, weights):
    """Equation (7), in place: D = s L V^T, L <- s L - D[:, :k] F. Answers the step, D weights (n,).

    L (n, N) may be some of the rows. The loop form has a case of its own for one row of evidence, which needs p = k = 2.
    """
    D = s * (L @ V.T)
    L *= s
    L -= D[:, : len(F)] @ F
    return D @ weights


@loops(turn)
def _(L, s, V, F, weights):
    n, N = L.shape
    step = np.empty(n, L.dtype)
    if len(V) == 2 and len(F) == 2:
        h0, h1, f0, f1 = V[0], V[1], F[0], F[1]
        for i in range(n):
            row, d0, d1 = L[i], 0.0, 0.0
            for j in range(N):
                d0 += row[j] * h0[j]
                d1 += row[j] * h1[j]
            d0, d1 = s * d0, s * d1
            step[i] = d0 * weights[0] + d1 * weights[1]
            for j in range(N):
                row[j] = s * row[j] - d0 * f0[j] - d1 * f1[j]
    else:
        for start in range(0, n, CHUNK):
            rows = L[start : start + CHUNK]
            D = s * product(rows, V.T)
            change = product(np.ascontiguousarray(D[:, : len(F)]), F)
            for i in range(len(rows)):
                step[start + i] = 0.0
                for j in range(weights.size):
                    step[start + i] += D[i, j] * weights[j]
                for j in range(N):
                    rows[i, j] = s * rows[i, j] - change[i, j]
    return step
