"""A close look at gradient estimators: thousands of sign draws of each, along one stretch of a learner's text.

All begin together where the learner stands, see the same steps, and share their signs (common random numbers), theta either
frozen or moved by an optimizer along the exact gradient. Each is held, character by character, against the exact gradient;
one that answers late, against the sum of the exact gradients since its last answer. The readout's own gradient is exact for
every estimator, and so does not appear.
"""

import itertools
import json

import numpy as np

from ..estimators import RTRL
from ..jit import compiled
from ..kernels import add_product, assign
from ..learning.guards import affordable, weigh
from ..learning.record import read_archive, whole_file
from ..settings import named, require, whole
from ..systems import Net, SparseNet

FORMAT = "nbt_edu study 1"
GROUPS = 20  # of draws, from whose spread the standard error of bias^2 comes


# --- what is collected: functions of the exact gradients (T, P) and the guesses (D, T, P), one number for each of T answers


def variance(exact, guesses):
    """E |guess - E guess|^2, the trace of the covariance: unbiased."""
    return guesses.var(0, ddof=1).sum(-1) if len(guesses) > 1 else np.zeros(len(exact))


def bias2(exact, guesses):
    """|E guess - exact|^2: unbiased, so that it may be negative."""
    return ((guesses.mean(0) - exact) ** 2).sum(-1) - variance(exact, guesses) / len(guesses)


def bias2_error(exact, guesses):
    """The standard error of `bias2`, by leaving out one of 20 groups of draws in turn (jackknife; half too
    large where there is no bias). 0 for a single draw."""
    if len(guesses) == 1:
        return np.zeros(len(exact))
    groups = np.array_split(guesses, min(GROUPS, len(guesses) // 2)) if len(guesses) >= 6 else []
    if not groups:
        return np.full(len(exact), np.nan)
    sums, squares = np.array([group.sum(0) for group in groups]), np.array([(group**2).sum((0, 2)) for group in groups])
    left = np.array([len(guesses) - len(group) for group in groups])[:, None]
    means = (sums.sum(0) - sums) / left[..., None]
    spreads = (squares.sum(0) - squares - left * (means**2).sum(-1)) / (left - 1)
    without = ((means - exact) ** 2).sum(-1) - spreads / left
    return np.sqrt((len(groups) - 1) * without.var(0))


def cosine(exact, guesses):
    """The mean cosine of guess and exact gradient; NaN where one of them is zero."""
    sizes = np.linalg.norm(guesses, axis=-1) * np.linalg.norm(exact, axis=-1)
    return ((guesses * exact).sum(-1) / sizes).mean(0)


def norm_ratio(exact, guesses):
    """The root of E |guess|^2 / |exact|^2."""
    return np.sqrt((guesses**2).sum(-1).mean(0) / (exact**2).sum(-1))


def relative_error(exact, guesses):
    """The root of E |guess - exact|^2 / |exact|^2."""
    return np.sqrt(((guesses - exact) ** 2).sum(-1).mean(0) / (exact**2).sum(-1))


def signal_to_noise(exact, guesses):
    """|exact|^2 / variance; infinite where there is no noise."""
    return (exact**2).sum(-1) / variance(exact, guesses)


COLLECTORS = {one.__name__: one for one in (
    variance, bias2, bias2_error, cosine, norm_ratio, relative_error, signal_to_noise,
)}  # fmt: skip


@compiled
def replay(system, thetas, estimator, state, tapes, q, noise, answers, answered):
    """One draw: the answers (T, P) of an estimator to q (T, n) along tapes, theta (T, ...) as it was at each step."""
    for t in range(len(q)):
        assign(system.theta, thetas[t])
        estimator.advance(state, system, system.recall(tapes, t), noise[t])
        A, B = estimator.gradient(state, system, q[t : t + 1])
        if A.size:
            add_product(answers[t : t + 1], 1.0, A, B)
            answered[t] = 1


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
        require(block in self.blocks, "block", block, f"one of {', '.join(self.blocks)}")
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
        with open(path, "wb") as file:
            np.savez_compressed(file, head=json.dumps(head), **{str(i): array for i, (_, array) in enumerate(arrays)})

    @classmethod
    def load(cls, path):
        """Read a saved study. Raises ValueError when the file is missing, is not a study, or is damaged."""
        head, arrays = read_archive(path, FORMAT)
        with whole_file(path):
            parts = {}
            for i, (*path_to, last) in enumerate(head["keys"]):
                place = parts
                for key in path_to:
                    place = place.setdefault(key, {})
                place[last] = arrays[str(i)]
            return cls(head["about"], **parts)


def study(learner, estimators, chars=32, draws=1000, optimizer=None, collectors=None, seed=0):
    """Compare gradient estimators closely where a learner stands; the learner is left as it is. Answers a `Study`.

    estimators: a list, or {name: estimator}. chars: length of the stretch. draws: sign draws of each estimator that draws
    signs. optimizer: None freezes theta; else it moves theta along the exact gradient. collectors: more quantities,
    {name: function(exact (T, P), guesses (draws, T, P)) -> (T,)}. seed: of the signs.
    Cost: `chars` steps of RTRL, chars^2 / 2 more when theta moves, and draws x chars steps of each estimator.
    Raises ValueError for arguments out of range or too large for this machine's memory.
    """
    chars, draws = whole("chars", chars, 1, 10**6), whole("draws", draws, 1, 10**7)
    estimators, collectors = named(estimators, "estimators"), COLLECTORS | dict(collectors or {})
    path = _Path(learner, chars, optimizer)
    at, values, exact2 = {}, {}, {}
    for name, estimator in estimators.items():
        exact, guesses, at[name] = path.guesses(estimator, draws if estimator.noise_vectors() else 1, seed)
        values[name], exact2[name] = {}, {}
        for block, part in path.blocks.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = exact[:, part], guesses[:, :, part]
                values[name][block] = {key: np.asarray(collect(*cut), float) for key, collect in collectors.items()}
                exact2[name][block] = (cut[0] ** 2).sum(-1)
    about = {"task": learner.task.name, "seed": seed, "chars": chars, "draws": draws, "start": learner.chars}
    about["moved_by"] = optimizer.label() if optimizer else "nothing"
    return Study(about, at, values, exact2, path.staleness())


class _Path:
    """The stretch: tapes, loss derivatives and thetas of each step, and the exact gradients."""

    def __init__(self, learner, chars, optimizer):
        net, readout, state = learner.parts()
        self.compiled, self.net, self.first = learner.compiled, net, state.h.copy()
        self.symbols = learner.ahead(chars)
        self.tapes, self.thetas = net.room(chars), np.empty((chars, *net.theta.shape))
        self.q, self.readouts, self.exact = np.empty((chars, len(readout.theta) - 1)), [], np.empty((chars, net.theta.size))
        influence, own = RTRL().begin(net), self.first.copy()
        memories = [optimizer.begin(part.theta) for part in (net, readout)] if optimizer else []
        for t, (x, y) in enumerate(itertools.pairwise(self.symbols)):
            self.thetas[t] = net.theta
            own, tape = net.step(own, x)
            self.readouts.append(readout._replace(theta=readout.theta.copy()))
            _, psi, error, self.q[t] = readout.loss(own[: self.q.shape[1]], y)
            net.keep(self.tapes, t, tape)
            RTRL().advance(influence, net, tape, None)
            Q = optimizer.cotangents(readout, self.q[t], error, y) if optimizer else self.q[t : t + 1]
            A, B = RTRL().gradient(influence, net, Q)
            self.exact[t] = (A[:1] @ B)[0]
            if optimizer:
                optimizer.apply(memories[0], net.theta.reshape(1, -1), A, B)
                optimizer.apply_readout(memories[1], readout, psi, error, y)
        require(np.isfinite(self.exact).all(), "optimizer", optimizer, "gentle enough for the run not to diverge here")
        self.blocks = _blocks(net)

    def guesses(self, estimator, draws, seed):
        """Exact gradients (T, P) and guesses (draws, T, P) at the T answers, and after which characters these came."""
        chars, P = self.exact.shape
        with affordable("draws", draws):
            answers, answered = np.zeros((draws, chars, P)), np.zeros(chars, np.int64)
            weigh((answers, answers))  # once more when the answers are picked out
        run, size = replay if self.compiled else replay.interpreted, self.first.size
        for d in range(draws):
            rng = np.random.default_rng((seed, d))
            signs = rng.integers(2, size=(estimator.noise_vectors(), chars, size), dtype=np.int8)
            noise = 2 * signs.transpose(1, 0, 2).copy() - 1
            run(self.net, self.thetas, estimator, estimator.begin(self.net), self.tapes, self.q, noise, answers[d], answered)
        ends = np.flatnonzero(answered)
        require(len(ends) > 0, "chars", chars, f"long enough for {estimator.label()} to answer once")
        starts = np.concatenate(([0], ends[:-1] + 1))
        return np.add.reduceat(self.exact[: ends[-1] + 1], starts), answers[:, ends], ends + 1

    def staleness(self):
        """(T,), see `Study`. Zero while theta stands still."""
        found = np.zeros(len(self.exact))
        if (self.thetas == self.thetas[0]).all():
            return found
        for t in range(len(found)):
            assign(self.net.theta, self.thetas[t])
            h, influence = self.first.copy(), RTRL().begin(self.net)
            for x in self.symbols[: t + 1]:
                h, tape = self.net.step(h, x)
                RTRL().advance(influence, self.net, tape, None)
            q = self.readouts[t].loss(h[: self.q.shape[1]], self.symbols[t + 1])[3]
            A, B = RTRL().gradient(influence, self.net, q.reshape(1, -1))
            fresh = (A @ B)[0]
            size = np.linalg.norm(fresh)
            found[t] = np.linalg.norm(self.exact[t] - fresh) / size if size else np.nan
        return found


def _blocks(net):
    """{block: which of the P parameters}."""
    everything = {"all": np.ones(net.theta.size, bool)}
    if not isinstance(net, Net | SparseNet):
        return everything
    sources, columns = net.theta.shape
    units = len(net.index) if isinstance(net, SparseNet) else columns // net.cell.shape()[1]
    row = np.repeat(np.arange(sources), columns)
    return everything | {"W": row < units, "R": (row >= units) & (row < sources - 1), "b": row == sources - 1}
