"""A long series in bounded memory."""

import numpy as np

from ..protocols.entries import MOST
from ..settings import whole


class Curve:
    """A long series in bounded memory: means over buckets of `stride` characters, the stride doubling when full.

    Rows have C columns; NaN says that there was no value. What a bucket holds does not depend on how the series came in.
    The last `room` rows are kept as they came, row t at t mod room.
    """

    def __init__(self, columns, room=4096):
        self.room, self.stride, self.length = room, 1, 0
        self.sums, self.counts = np.zeros((room, columns)), np.zeros((room, columns), np.int64)
        self.latest = np.zeros((room, columns))

    def append(self, rows):
        """Add rows (T, C), one a character."""
        while self.length + len(rows) > self.room * self.stride:
            self.stride *= 2
            for table in self.sums, self.counts:
                table[: self.room // 2] = table[0::2] + table[1::2]
                table[self.room // 2 :] = 0
        buckets = (self.length + np.arange(len(rows))) // self.stride
        there = ~np.isnan(rows)
        np.add.at(self.sums, buckets, np.where(there, rows, 0.0))
        np.add.at(self.counts, buckets, there)
        self.length += len(rows)
        late = rows[-self.room :]
        self.latest[np.arange(self.length - len(late), self.length) % self.room] = late

    def take_up(self, stride, length):
        """Stand where a saved curve stood, whose sums and counts are here. ValueError for what no series can have left."""
        whole("length", length, 0, MOST)
        whole("stride", stride, 1, MOST)
        used = -(-length // stride)
        fits = stride & (stride - 1) == 0 and used <= self.room and (stride == 1 or 2 * length > self.room * stride)
        fits = fits and not np.isnan(self.sums).any() and not self.sums[used:].any() and not self.counts[used:].any()
        fits = fits and (self.counts >= 0).all() and (self.counts <= stride).all() and self.counts.sum(0).max() <= length
        if not fits:
            raise ValueError("a curve is none of any series")
        self.stride, self.length = stride, length

    def buckets(self, points=None):
        """Characters read at each bucket's end (B,), and means (B, C); merged to at most `points` buckets."""
        used = -(-self.length // self.stride)
        merge = max(1, -(-used // (points or self.room)))
        edges = np.arange(0, used, merge)
        if not used:
            return np.zeros(0), np.zeros((0, self.sums.shape[1]))
        sums, counts = (np.add.reduceat(table[:used], edges) for table in (self.sums, self.counts))
        ends = np.minimum((edges + merge) * self.stride, self.length)
        with np.errstate(invalid="ignore"):
            return ends.astype(float), sums / counts

    def mean(self, last):
        """Mean of each column over the last characters: exact up to `room`; of more, a bucket is cut in proportion."""
        if last <= min(self.room, self.length):
            rows = self.latest[np.arange(self.length - last, self.length) % self.room]
            there = ~np.isnan(rows)
            with np.errstate(invalid="ignore"):
                return np.where(there, rows, 0.0).sum(0) / there.sum(0)
        used = -(-self.length // self.stride)
        starts = np.arange(used) * self.stride
        ends = np.minimum(starts + self.stride, self.length)
        share = np.clip((ends - np.maximum(starts, self.length - last)) / (ends - starts), 0, 1)
        with np.errstate(invalid="ignore"):
            return share @ self.sums[:used] / (share @ self.counts[:used])
