"""How the noise of an estimate grows: with the horizon (the steps it has come from where it began), and with the units.

Quotients of means: E |guess - E guess|^2, and |E guess - exact|^2, each averaged over learners (seeds, places) and then divided
by the average |exact|^2. After one step NoBackTrack's variance has a closed form in a network of one component a unit:

    variance = sum_i q_i^2 |b_i| sum_j |b_j| - sum_i q_i^2 |b_i|^2 = (n - 1) |exact|^2, where all |b_i| are equal       (1)

so that it grows with the units; with the horizon it grows as long as the past still counts. Source: (1) is the rank-one trick's
variance (slides) at orthogonal rows b_i.
"""

from dataclasses import dataclass

import numpy as np

from ..implements import named
from ..settings import array, require, whole
from .path import a_learner
from .study import study

HORIZONS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Scaling:
    """what: what x (X,) counts, "steps" or "units". variance, bias2: {name: (X,)}, over |exact|^2; NaN before a first answer.

    draws: of signs, in each of `learners` learners. bias2 is unbiased, so that it may be negative.
    """

    what: str
    x: np.ndarray
    variance: dict
    bias2: dict
    draws: int
    learners: int

    def sentence(self):
        """From the first x to the last, in words."""
        first, last = self.x[0], self.x[-1]
        parts = [f"{name}: {y[0]:.3g} at {first}, {y[-1]:.3g} at {last} {self.what}" for name, y in self.variance.items()]
        return f"Variance over |exact|²: {'; '.join(parts)}."


def horizon(learners, estimators, horizons=HORIZONS, draws=100, seed=0):
    """A `Scaling` over the steps since the estimators began: along a stretch ahead of each learner, which is left as it is.

    learners: one, or a list (of several seeds, say). An estimator that answers late counts with its last answer.
    Cost: for each learner max(horizons) steps of RTRL, and draws times as many of each estimator.
    Raises ValueError for arguments out of range.
    """
    x, made, estimators = _points("horizons", horizons), _several("learners", learners), named(estimators, "estimators")
    studies = [study(one, estimators, int(x[-1]), draws, seed=seed) for one in made]
    sums = {}
    for name in estimators:
        ends = [np.searchsorted(one.at[name], x, "right") - 1 for one in studies]
        sums[name] = sum(_at(one, name, last) for one, last in zip(studies, ends, strict=True))
    return _scaling("steps", x, sums, draws, len(made))


def units(learners, estimators, chars=32, draws=100, seed=0):
    """A `Scaling` over the units of networks: the mean over the second half of a stretch of `chars` steps.

    learners: {units: a learner, or a list of them}, which are left as they are.
    Cost: for each learner `chars` steps of RTRL, and draws times as many of each estimator.
    Raises ValueError for arguments out of range.
    """
    wanted = "of learners: {units: learner, or a list of them}"
    require(isinstance(learners, dict) and len(learners) > 0, "learners", type(learners).__name__, wanted)
    x, estimators = _points("learners", list(learners)), named(estimators, "estimators")
    chars, columns = whole("chars", chars, 1, 10**6), {name: [] for name in estimators}
    for n in x.tolist():
        studies = [study(one, estimators, chars, draws, seed=seed) for one in _several("learners", learners[n])]
        for name, found in columns.items():
            halves = [_at(one, name, np.flatnonzero(one.at[name] > chars // 2)) for one in studies]
            found.append(sum(half.sum(1) for half in halves))
    sums = {name: np.stack(found, 1) for name, found in columns.items()}
    return _scaling("units", x, sums, draws, sum(len(_several("learners", learners[n])) for n in x.tolist()))


def _at(one, name, answers):
    """(3, K): variance, bias^2 and |exact|^2 of a study at answers (K,), counted from 0; NaN at -1, before the first."""
    found = one.values[name]["all"]
    parts = found["variance"], found["bias2"], one.exact2[name]["all"]
    return np.where(answers < 0, np.nan, [part[answers] for part in parts])


def _scaling(what, x, sums, draws, learners):
    variance, bias2 = ({name: part[k] / part[2] for name, part in sums.items()} for k in (0, 1))
    return Scaling(what, x, variance, bias2, draws, learners)


def _points(name, values):
    """Whole numbers (X,), in order."""
    wanted = "some whole numbers, such as [1, 2, 4]"
    found = np.unique([whole(name, one, 1, 10**6) for one in array(name, values, wanted, 1).tolist()])
    require(found.size, name, found, wanted)
    return found


def _several(name, learners):
    """A list of them, from one or several."""
    made = [a_learner(name, one) for one in (learners if isinstance(learners, list | tuple) else [learners])]
    require(made, name, made, "at least one")
    return made
