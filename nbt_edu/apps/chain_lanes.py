"""What Chain multiplies, q J_T ... J_1 B, and a lane of it: the products in some order, their costs, how far they are drawn."""

import numpy as np

from ..learning.randomness import generator
from ..measuring.walk import read
from ..readouts import Softmax
from ..systems import LeakyRNN

SYMBOLS, BEFORE = 2, 8  # symbols that the network reads, and steps before the chain begins
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
PERIOD = 4  # a gap between two factors is this part of a factor's width


def chain(units, steps, seed=0):
    """q (n,), the J from the first to the last (T, n, n) and B (n, p): of a fresh leaky network that has read some symbols."""
    rng = generator(seed, "weights")
    readout = Softmax().build(units, SYMBOLS)
    system = LeakyRNN(units, leak=0.5).build(0, SYMBOLS, rng)
    readout.theta[...] = rng.normal(size=readout.theta.shape)
    walk = read(system, readout, *rng.integers(SYMBOLS, size=(2, BEFORE + steps + 1)))
    return walk.q[-1], walk.J[BEFORE + 1 :], walk.B[BEFORE]


class Lane:
    """`turn` factors J are taken from the right, into the slab; then the others from the left, by the row; then row times slab.

    `ends`: multiplications done when each of the T + 1 products is done. `answer`: the gradient (p,).
    """

    def __init__(self, q, J, B, turn):
        self.q, self.J, self.n, self.T, self.turn = q, J, q.size, len(J), turn
        self.slabs, self.rows = [B], [q]
        for k in range(turn):
            self.slabs.append(J[k] @ self.slabs[-1])
        for k in range(self.T - 1, turn - 1, -1):
            self.rows.append(self.rows[-1] @ J[k])
        self.answer = self.rows[-1] @ self.slabs[-1]
        p, n = B.shape[1], self.n
        costs = [n * n * p] * turn + [n * n] * (self.T - turn) + [n * p]
        self.ends, self.done, self.finished_at = np.cumsum(costs), 0.0, []
        self.gap = max(1, n // PERIOD)
        self.places = [i * (n + self.gap) for i in range(self.T + 2)]  # where q, J_T, ..., J_1, B begin
        self.width = self.places[-1] + p

    def left(self):
        """Multiplications that are still to be done."""
        return self.ends[-1] - self.done

    def count(self):
        """Multiplications done."""
        return int(self.done)

    def whole(self):
        """Products done."""
        return int(np.searchsorted(self.ends, self.done, "right"))

    def work(self, start, ticks, speed):
        """Do `speed` multiplications a tick, from tick `start` on; note when a product is done."""
        before, self.done = self.done, min(self.done + ticks * speed, float(self.ends[-1]))
        for end in self.ends[len(self.finished_at) :]:
            if end <= self.done:
                self.finished_at.append(start + (end - before) / speed)

    def _part(self):
        """Of the product under way: how much is done, from 0 to 1."""
        k = self.whole()
        begun = self.ends[k - 1] if k else 0
        return (self.done - begun) / (self.ends[k] - begun) if k < len(self.ends) else 0.0

    def curve(self, count):
        """Ticks, and products done by then."""
        k = self.whole()
        return {"x": np.array([0.0, *self.finished_at, count]), "y": np.array([0.0, *range(1, k + 1), k + self._part()])}

    def names(self):
        """(name of a factor, where its middle is)."""
        names = ["q", *(f"J{str(k).translate(LOWERED)}" for k in range(self.T, 0, -1)), "B = ∂F/∂θ"]
        widths = [self.n] * (self.T + 1) + [self.width - self.places[-1]]
        return [(name, at + (width - 1) / 2) for name, at, width in zip(names, self.places, widths, strict=True)]

    def picture(self):
        """All factors that are not yet taken, and what is carried: (n, width), each scaled to 1, NaN where nothing is."""
        z, k, middle = np.full((self.n, self.width), np.nan), self.whole(), self.n // 2
        taken_right, taken_left = min(k, self.turn), max(0, min(k, self.T) - self.turn)
        for j in range(taken_right, self.T - taken_left):  # J_{j + 1}
            self._put(z, self.T - j, self.J[j])
        if k <= self.T:
            self._put(z, self.T + 1, self.slabs[taken_right])
            self._put(z, taken_left, self.rows[taken_left][None], middle)
        following, place = self._following(k, taken_right, taken_left)
        columns = int(self._part() * following.shape[1]) if k <= self.T else following.shape[1]
        part = slice(self.places[place], self.places[place] + columns)
        z[:, part] = np.nan
        if len(following) == 1:
            z[middle, part] = _scaled(following)[0, :columns]
        else:
            z[:, part] = _scaled(following)[:, :columns]
        return z

    def _following(self, k, taken_right, taken_left):
        """What the product under way makes, and at which place it is drawn."""
        if k < self.turn:
            return self.slabs[taken_right + 1], self.T + 1
        if k < self.T:
            return self.rows[taken_left + 1][None], taken_left + 1
        return self.answer[None], self.T + 1

    def _put(self, z, place, block, top=0):
        at = self.places[place]
        z[top : top + len(block), at : at + block.shape[1]] = _scaled(block)

    def outline(self, top):
        """A frame around what is carried, at rows from `top` on."""
        k, middle = self.whole(), top + self.n // 2
        row = k > self.T or k >= self.turn
        place = self.T + 1 if k > self.T or not row else k - self.turn
        low, high = (middle, middle + 1) if row else (top, top + self.n)
        x0, y0, y1 = self.places[place] - 0.9, low - 0.9, high - 0.1
        x1 = (self.width if place == self.T + 1 else self.places[place] + self.n) - 0.1
        return {"x": np.array([x0, x1, x1, x0, x0]), "y": np.array([y0, y0, y1, y1, y0])}


def _scaled(block):
    return block / (np.abs(block).max() or 1.0)
