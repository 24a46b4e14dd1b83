"""Random numbers from a seed: every purpose has a stream of its own, and so has every vector of an estimator's noise.

SeedSequence(seed, spawn_key=(purpose, ...)): no draw of a study ever coincides with a learner's weights, and no two seeds
share a stream.
"""

import math

import numpy as np

BLOCK = 1024  # steps whose noise is drawn at once, and the most that are learnt in one piece
PURPOSES = ("weights", "task", "noise", "study", "writing", "evaluation")


def generator(seed, purpose, *key):
    """The Generator of a purpose; `key` tells apart the streams of one purpose."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), *key)))


def study_noise(seed, draw, kinds, steps, size):
    """The noise (steps, vectors, size) of one draw of a study, a function of (seed, draw, vector). kinds: as of `Noise`."""
    vectors = [DRAWS[kind](generator(seed, "study", draw, k), (steps, size)) for k, (kind, _) in enumerate(kinds)]
    return np.stack(vectors, 1) if vectors else np.empty((steps, 0, size), np.int8)


class Noise:
    """Independent random numbers, a function of (seed, step, vector): `kinds` [(kind, width)] vectors for each step.

    Vector k draws from a stream of its own, so that a change of rank leaves the noise of the other vectors as it was, and
    two runs of one seed share theirs (common random numbers). Signs +-1 are int8; where a vector is normal, all are `dtype`.
    """

    def __init__(self, seed, kinds, size, dtype=np.float64):
        self.seed, self.kinds, self.size = seed, kinds, size
        self._type = np.int8 if all(kind == "signs" for kind, _ in kinds) else dtype
        self._index, self._block = None, None

    def block(self, t):
        """The noise from step t to the end of its block: (T, vectors, size), 1 <= T <= BLOCK."""
        index, start = divmod(t, BLOCK)
        if index != self._index:
            self._block = np.empty((BLOCK, len(self.kinds), self.size), self._type)
            for k, (kind, _) in enumerate(self.kinds):
                self._block[:, k] = DRAWS[kind](generator(self.seed, "noise", k, index), (BLOCK, self.size))
            self._index = index
        return self._block[start:]


def signs(rng, shape):
    """Independent signs +-1: int8."""
    size = math.prod(shape)
    bits = np.unpackbits(np.frombuffer(rng.bytes(-(-size // 8)), np.uint8), count=size)
    return (2 * bits.astype(np.int8) - 1).reshape(shape)


DRAWS = {"signs": signs, "normal": lambda rng, shape: rng.normal(size=shape)}
