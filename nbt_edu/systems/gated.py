"""Gated cells. In both, every gate reads psi = [h; x; 1] through its own columns of theta."""

import numpy as np

from ..implements import implements
from ..kernels import assign, sigmoid, tanh
from ..protocols import Cell


@implements(Cell)
class LSTMCell:
    """Long short-term memory: state [h; s], gates i, f, o and u, (c, g) = (2, 4).

    s' = f s + i u          h' = o tanh(s')          i, f, o = sigmoid(a0), sigmoid(a1 + forget), sigmoid(a2), u = tanh(a3)

    The weights read h; s is seen by its own unit alone.
    """

    forget: float  # added to the forget gates: the larger, the longer a fresh network remembers

    def shape(self):
        return 2, 4

    def reach(self):
        reach = np.ones((2, 4))
        reach[1, 2] = 0.0  # the output gate does not move s
        return reach

    def activate(self, h, a):
        n = h.size // 2
        s = h[n:]
        i, f, o, u = sigmoid(a[:n]), sigmoid(a[n : 2 * n] + self.forget), sigmoid(a[2 * n : 3 * n]), tanh(a[3 * n :])
        s1 = f * s + i * u
        r = tanh(s1)
        through = o * (1.0 - r * r)  # dh' / ds'
        h1, D, S = np.empty_like(h), np.zeros((2, 2, n), h.dtype), np.zeros((2, 4, n), h.dtype)
        assign(h1[:n], o * r)
        assign(h1[n:], s1)
        assign(D[1, 1], f)
        assign(S[1, 0], u * i * (1.0 - i))
        assign(S[1, 1], s * f * (1.0 - f))
        assign(S[1, 3], i * (1.0 - u * u))
        assign(D[0, 1], through * D[1, 1])
        assign(S[0, 0], through * S[1, 0])
        assign(S[0, 1], through * S[1, 1])
        assign(S[0, 2], r * o * (1.0 - o))
        assign(S[0, 3], through * S[1, 3])
        return h1, D, S


@implements(Cell)
class GRUCell:
    """Gated recurrent unit, in the form whose reset acts on a sum (as in cuDNN): (c, g) = (1, 4).

    h' = z h + (1 - z) u          z, r = sigmoid(a0 + remember), sigmoid(a1)          u = tanh(a2 + r a3)

    The textbook's unit has a2 read x alone and a3 read h alone. Here all gates read [h; x; 1], so that one structure serves
    every cell: a fresh network starts with zeros there (`GRU.build`), and learning may use them.
    """

    remember: float  # added to the update gates: the larger, the longer a fresh network remembers

    def shape(self):
        return 1, 4

    def activate(self, h, a):
        n = h.size
        z, r = sigmoid(a[:n] + self.remember), sigmoid(a[n : 2 * n])
        a3 = a[3 * n :]
        u = tanh(a[2 * n : 3 * n] + r * a3)
        D, S = z.copy()[None, None], np.empty((1, 4, n), h.dtype)
        assign(S[0, 0], (h - u) * z * (1.0 - z))
        assign(S[0, 2], (1.0 - z) * (1.0 - u * u))
        assign(S[0, 1], S[0, 2] * a3 * r * (1.0 - r))
        assign(S[0, 3], S[0, 2] * r)
        return z * h + (1.0 - z) * u, D, S
