"""What comes from the seed during a run: the task's symbols, and the random signs."""

import numpy as np

BLOCK = 1024  # characters whose signs are drawn at once


class Symbols:
    """The symbols of a task, in order. `last` (1,) is the one most lately handed out."""

    def __init__(self, task, seed):
        self._blocks = task.stream(np.random.default_rng((seed, 1)))
        self._rest = next(self._blocks)
        self.last = self._take(1)

    def ahead(self, count):
        """The next `count` symbols, preceded by the one before them: int64 (count + 1,)."""
        symbols = np.concatenate((self.last, self._take(count)))
        self.last = symbols[-1:]
        return symbols

    def peek(self, count):
        """The same, left where they are."""
        following = self._take(count) if count else self._rest[:0]
        self._rest = np.concatenate((following, self._rest))
        return np.concatenate((self.last, following))

    def _take(self, count):
        parts = []
        while count:
            if not self._rest.size:
                self._rest = next(self._blocks)
            part, self._rest = self._rest[:count], self._rest[count:]
            parts.append(part)
            count -= part.size
        return np.concatenate(parts)


def sample(task, chars, seed=0):
    """The first characters that a learner with this seed reads of a task: a string."""
    return "".join(task.alphabet[symbol] for symbol in Symbols(task, seed).ahead(chars - 1))


class Signs:
    """Independent signs +-1, a function of (seed, character, pair): `draws` vectors of `size` for each character.

    Pair k draws from a stream of its own, so that a change of rank leaves the signs of the other pairs as they were, and
    two runs of one seed share their noise (common random numbers).
    """

    def __init__(self, seed, draws, size):
        self.seed, self.draws, self.size = seed, draws, size
        self._index, self._block = None, None

    def block(self, t):
        """The signs from character t to the end of its block: int8 (T, draws, size), 1 <= T <= BLOCK."""
        index, start = divmod(t, BLOCK)
        if index != self._index:
            self._block = np.empty((BLOCK, self.draws, self.size), np.int8)
            for k in range(self.draws):
                rng = np.random.default_rng((self.seed, 2, k, index))
                bits = np.frombuffer(rng.bytes(BLOCK * self.size // 8), np.uint8)
                self._block[:, k] = np.unpackbits(bits).reshape(BLOCK, self.size)
            self._block *= 2
            self._block -= 1
            self._index = index
        return self._block[start:]
