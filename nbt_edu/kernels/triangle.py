"""Fewer rows that say the same: the triangle R of A = Q R, Q orthogonal, so that R^T R = A^T A (Householder 1958).

Column k of what is left is reflected onto its first entry, by the vector v = x + sign(x_0) |x| e_0:

    x <- x - beta (v . x) v,    beta = 2 / |v|^2 = 1 / (|x| (|x| + |x_0|))                                   (1)
"""

import numpy as np

from ..jit import loops
from .vectors import norm2


def triangle(A):
    """R (at most K, K) with R^T R = A^T A, of A (r, K): A itself where it has no more rows than columns."""
    return A.copy() if A.shape[0] <= A.shape[1] else np.linalg.qr(A)[1]


@loops(triangle)
def _(A):
    r, K = A.shape
    if r > K == 1:  # rank 1, at each character
        size, R = np.sqrt(norm2(A.ravel())), np.empty((1, 1), A.dtype)
        R[0, 0] = -size if A[0, 0] >= 0.0 else size
        return R
    R = A.copy()
    if r <= K:
        return R
    for k in range(K):
        square = R[k, k] * R[k, k]
        for i in range(k + 1, r):
            square += R[i, k] * R[i, k]
        if square != 0.0:  # nor NaN
            size = np.sqrt(square)
            beta = 1.0 / (size * (size + abs(R[k, k])))
            R[k, k] += size if R[k, k] >= 0.0 else -size  # column k is now v
            for j in range(k + 1, K):
                along = 0.0 * beta
                for i in range(k, r):
                    along += R[i, k] * R[i, j]
                for i in range(k, r):
                    R[i, j] -= beta * along * R[i, k]
            R[k, k] = -size if R[k, k] >= 0.0 else size
        for i in range(k + 1, r):
            R[i, k] = 0.0
    return R[:K].copy()
