"""A close look at gradient estimators: thousands of draws of each, along one stretch of a learner's text.

All begin together where the learner stands, see the same steps, and share their noise (common random numbers), theta either
frozen or moved by an optimizer along the exact gradient. Each is held, step by step, against the exact gradient; one that
answers late, against the sum of the exact gradients since its last answer. The readout's own gradient is exact for every
estimator, and so does not appear.
"""

import numpy as np

from ..implements import named
from ..learning.archive import read_archive, write_archive
from ..settings import array, function, require, whole, word
from . import metric
from .collectors import COLLECTORS
from .moments import moments
from .path import Path

FORMAT = "nbt_edu study 1"


class Study:
    """What a study found. `values[name][block][quantity]` is an array over the answers of estimator `name`.

    at[name]: the characters (T,) after which it answered, from 1. exact2[name][block]: |exact gradient|^2 there. staleness
    (T,): |g - g'| / |g'|, where g is the exact gradient along the thetas that were, g' that at theta as it now is. blocks:
    "all", then "W" (units), "R" (symbols), "b" (bias) where the system has them. draws: sign draws of each.
    """

    def __init__(self, about, at, values, exact2, staleness):
        self.about, self.at, self.values, self.exact2, self.staleness = about, at, values, exact2, staleness

    def __repr__(self):
        return f"<Study of {', '.join(self.values)}: {self.about['draws']} draws over {self.about['chars']} characters>"

    @property
    def blocks(self):
        return list(next(iter(self.exact2.values())))

    def rows(self, block="all"):
        """One dict an estimator, at its last answer: name, and every quantity, variance and bias^2 relative to |exact|^2."""
        word("block", block, self.blocks)
        found = []
        for name, blocks in self.values.items():
            scale = self.exact2[name][block][-1]
            last = {key: float(array[-1]) for key, array in blocks[block].items()}
            relative = {key: last[key] / float(scale) for key in ("variance", "bias2", "bias2_error") if key in last}
            found.append({"name": name} | last | relative)
        return found

    def sentence(self):
        """The study in words."""
        parts = [f"{row['name']}: variance {row['variance']:.3g}, bias² {row['bias2']:.3g} ± {row['bias2_error']:.1g}, "
                 f"cosine {row['cosine']:.2f} at {row['norm_ratio']:.3g} times the norm" for row in self.rows()]  # fmt: skip
        return f"Relative to |exact|², after {self.about['chars']} characters, {self.about['draws']} draws: {'; '.join(parts)}."

    def save(self, path):
        """Write the study to a file (.npz), which `Study.load` reads."""
        arrays = [(("staleness",), self.staleness)]
        for name, blocks in self.values.items():
            arrays.append((("at", name), self.at[name]))
            for block, quantities in blocks.items():
                arrays.append((("exact2", name, block), self.exact2[name][block]))
                arrays += [(("values", name, block, key), array) for key, array in quantities.items()]
        head = {"format": FORMAT, "about": self.about, "keys": [key for key, _ in arrays]}
        write_archive(path, head, {str(i): array for i, (_, array) in enumerate(arrays)})

    @classmethod
    def load(cls, path):
        """Read a saved study. Raises ValueError when the file is missing, is not a study, or is damaged."""
        with read_archive(path, FORMAT) as archive:
            about, parts = archive.head["about"], {"at": {}, "values": {}, "exact2": {}}
            chars = whole("chars", about["chars"], 1, 10**6)
            for i, (*path_to, last) in enumerate(archive.head["keys"]):
                place = parts
                for key in path_to:
                    place = place.setdefault(key, {})
                place[last] = archive.vector(str(i), np.int64 if path_to == ["at"] else np.float64, chars)
            found = cls(about, **parts)
            found._hold()
            return found

    def _hold(self):
        """ValueError, unless all fits together: an array for each block of each estimator, as long as its answers are many."""
        chars, blocks = self.about["chars"], {tuple(one) for one in self.exact2.values()}
        fits = len(blocks) == 1 and "all" in self.blocks and self.at.keys() == self.values.keys() == self.exact2.keys()
        fits = fits and isinstance(self.staleness, np.ndarray) and len(self.staleness) == chars
        for name, at in self.at.items():
            fits = fits and len(at) and at[0] >= 1 and at[-1] <= chars and (np.diff(at) > 0).all()
            fits = fits and self.values[name].keys() == self.exact2[name].keys()
            fits = fits and all(COLLECTORS.keys() <= block.keys() for block in self.values[name].values())
            arrays = [*self.exact2[name].values(), *(one for block in self.values[name].values() for one in block.values())]
            fits = fits and all(len(one) == len(at) for one in arrays)
        whole("draws", self.about["draws"], 1, 10**7)
        if not fits:
            raise ValueError("its arrays do not fit together")


def study(learner, estimators, chars=32, draws=1000, optimizer=None, collectors=None, seed=0, precision=None):
    """Compare gradient estimators closely where a learner stands; the learner is left as it is. Answers a `Study`.

    estimators: a list, or {name: estimator}. chars: length of the stretch. draws: sign draws of each estimator that draws
    signs. optimizer: None freezes theta; else it moves theta along the exact gradient. collectors: more quantities,
    {name: function(exact (T, P), guesses (draws, T, P)) -> (T,)}. seed: of the signs. precision: a matrix Lambda (P, P), such
    as `nbt.metric.fisher(learner, chars)`: variance and bias^2 are then told in its two metrics too (`measuring.metric`), in
    a block of parameters by that block of Lambda.
    Cost: `chars` steps of RTRL, chars^2 / 2 more when theta moves, and draws x chars steps of each estimator; with a precision,
    2 draws x chars x P^2 multiplications more for each.
    Raises ValueError for arguments out of range or too large for this machine's memory.
    """
    chars, draws, seed = whole("chars", chars, 1, 10**6), whole("draws", draws, 1, 10**7), whole("seed", seed, 0, 2**63)
    estimators = named(estimators, "estimators")
    require(estimators, "estimators", estimators, "at least one")
    require(collectors is None or isinstance(collectors, dict), "collectors", collectors, "{name: function}, or None")
    own = {key: function(f"collectors[{key!r}]", one) for key, one in (collectors or {}).items()}
    path = Path(learner, chars, optimizer)
    precision = None if precision is None else _square(precision, path.exact.shape[1])
    at, values, exact2 = {}, {}, {}
    for name, estimator in estimators.items():
        exact, guesses, at[name] = path.guesses(estimator, draws if estimator.noise_vectors() else 1, seed)
        exact2[name] = {}
        with np.errstate(divide="ignore", invalid="ignore"):
            values[name] = moments(exact, guesses, path.blocks())
            for block, within in path.blocks().items():
                exact2[name][block] = (exact[:, within] ** 2).sum(-1)
                if own or precision is not None:
                    cut = exact[:, within], guesses[:, :, within]
                    values[name][block] |= {key: np.asarray(collect(*cut), float) for key, collect in own.items()}
                if precision is not None:
                    values[name][block] |= metric.columns(*cut, precision[np.ix_(within, within)])
    about = {"task": learner.task.name, "seed": seed, "chars": chars, "draws": draws, "start": learner.chars}
    about["moved_by"] = "nothing" if optimizer is None else optimizer.label()
    return Study(about, at, values, exact2, path.staleness())


def _square(precision, size):
    """The precision as an array (size, size) of numbers, or ValueError."""
    wanted = f"a matrix ({size}, {size}) of finite numbers, such as nbt.metric.fisher(learner, chars)"
    matrix = array("precision", precision, wanted, 2)
    require(matrix.shape == (size, size) and np.isfinite(matrix).all(), "precision", matrix, wanted)
    return matrix
