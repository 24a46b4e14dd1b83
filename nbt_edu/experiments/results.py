"""What a contest found: the runs of each method, seed by seed, small enough to be kept for good."""

import json
from typing import Any, NamedTuple

import numpy as np

from .. import estimators, optimizers, systems, tasks
from ..output import shortened, write_text
from ..settings import between, from_dict, to_dict, word
from ..settings import path as existing
from .cells import LEVELS, Cell, plain
from .statistics import WORST

FORMAT = "nbt_edu results 1"


class Runs(NamedTuple):
    """The runs of a method. medians: of each setting of the grid, in bits; None where another's setting was taken.

    pace: seconds a character, measured alone.
    """

    estimator: Any
    optimizer: Any
    medians: list | None
    pace: float
    runs: list  # what `Cell.run` answers, one a seed

    def to_dict(self):
        kept = [{key: one[key] for key in ("seed", "bits", "ends", "levels", "seconds")} for one in self.runs]
        about = {"estimator": to_dict(self.estimator), "optimizer": to_dict(self.optimizer), "medians": self.medians}
        made = {key: self.runs[0][key] for key in ("source", "versions")}
        return about | {"pace": self.pace} | made | {"runs": kept}


class Results:
    """Of a contest: its name, settings, and {method: {estimator, optimizer, medians, source, versions, runs}}: plain data."""

    def __init__(self, name, settings, methods):
        self.name, self.settings, self.methods = name, settings, methods

    @classmethod
    def of(cls, contest, runs):
        """From {method: Runs}."""
        task = contest.task() if callable(contest.task) else contest.task
        settings = {"task": plain(task), "network": plain(contest.network), "grid": [to_dict(one) for one in contest.grid]}
        settings |= {name: getattr(contest, name) for name in ("chars", "tuned", "seeds", "tuning_seeds", "leader", "scale")}
        floor, references = task.entropy_rate, task.references
        return cls(contest.name, settings | {"floor": floor, "references": references},
                   {name: one.to_dict() for name, one in runs.items()})  # fmt: skip

    def __repr__(self):
        return f"<Results of {self.name}: {', '.join(self.methods)}; {self.settings['seeds']} seeds>"

    def cell(self, method, seed):
        """The cell of one of the runs, to be run again."""
        about, made = self.settings["task"], self.settings["network"]
        task = tasks.Shakespeare if about["class"] == "Text" else from_dict(about, _classes(tasks))
        settings = from_dict(made, _classes(systems)), self.estimator(method), self.optimizer(method)
        return Cell(task, *settings, seed, self.settings["chars"])

    def run(self, method, seed):
        """What was kept of one of the runs: {seed, bits, ends, levels, seconds}."""
        return next(run for run in self._of(method)["runs"] if run["seed"] == seed)

    def estimator(self, method):
        """The estimator of a method."""
        return from_dict(self._of(method)["estimator"], _classes(estimators))

    def optimizer(self, method):
        """The optimizer that a method chose."""
        return from_dict(self._of(method)["optimizer"], _classes(optimizers))

    def bits(self, method, upto=1.0):
        """Bits per character at the end of the first `upto` of the run, means of its last eighth: (seeds,)."""
        upto = between("upto", upto, 1 / LEVELS, 1)
        return np.array([bits(one, upto) for one in self._of(method)["runs"]])

    def curves(self, method):
        """Mean losses of 64 equal parts of each run: (seeds, 64); `WORST` where it had diverged."""
        return np.array([curve(one) for one in self._of(method)["runs"]])

    def pace(self, method):
        """Seconds that learning from a character takes: alone, one thread."""
        return self._of(method)["pace"]

    def seconds(self, method):
        """Seconds of a method's quickest run: others may have waited for the machine."""
        return min(one["seconds"] for one in self._of(method)["runs"])

    def ends(self, method):
        """Of aⁿbⁿ: the share of sequences whose end is predicted right, (seeds,); 0 of a run that diverged. Else NaN."""
        runs = self._of(method)["runs"]
        if all(one["ends"] is None for one in runs):
            return np.full(len(runs), np.nan)
        return np.array([one["ends"] or 0.0 for one in runs])

    def diverged(self, method):
        """How many runs diverged."""
        return sum(one["bits"] is None for one in self._of(method)["runs"])

    def at_edge(self, method):
        """The fields of which a method chose the least or the greatest that was tried, so that a better one may lie beyond.

        Empty where it chose none, because it ran at another's setting.
        """
        found, grid = self._of(method)["medians"], self.settings["grid"]
        if found is None:
            return ()
        chosen, tried = grid[int(np.argmin(found))], {name: {one.get(name) for one in grid} for name in grid[0]}
        return tuple(name for name, values in tried.items()
                     if len(values) > 1 and chosen[name] in (min(values), max(values)))  # fmt: skip

    @property
    def x(self):
        """Characters read at the end of each part (64,)."""
        return self.settings["chars"] * np.arange(1, LEVELS + 1) / LEVELS

    def _of(self, method):
        return self.methods[word("method", method, self.methods)]

    def save(self, path):
        """Write it to a file of JSON, a line a run."""
        head = json.dumps({"format": FORMAT, "contest": self.name, "settings": self.settings}, ensure_ascii=False)
        parts = []
        for name, one in self.methods.items():
            runs = ",\n".join(json.dumps(run, separators=(",", ":")) for run in one["runs"])
            about = json.dumps({key: value for key, value in one.items() if key != "runs"}, ensure_ascii=False)
            parts.append(f'{json.dumps(name, ensure_ascii=False)}: {about[:-1]}, "runs": [\n{runs}]}}')
        methods = ",\n".join(parts)
        write_text(path, f'{head[:-1]}, "methods": {{\n{methods}}}}}\n')

    @classmethod
    def load(cls, path):
        """Read such a file. Raises ValueError where it is missing, or is none."""
        path = existing("path", path)
        try:
            found = json.loads(path.read_text("utf-8"))
            if found["format"] == FORMAT:
                return cls(found["contest"], found["settings"], found["methods"])
        except (OSError, ValueError, TypeError, KeyError):
            pass
        raise ValueError(f"path {shortened(path)!r} is not a file of results: run the experiment again")


def _classes(room):
    return [getattr(room, name) for name in room.__all__]


def bits(result, upto=1.0):
    """Bits per character over the last eighth of the first `upto` of a run, in (0, 1]; `WORST` where it diverged by then."""
    if upto == 1.0:
        return WORST if result["bits"] is None else result["bits"]
    total = np.concatenate(([0.0], np.cumsum(result["levels"])))
    end = LEVELS * upto
    if end > len(result["levels"]):
        return WORST
    start, stop = np.interp([end * 7 / 8, end], np.arange(len(total)), total)
    return float((stop - start) / (end / 8))


def curve(result):
    """Mean losses (64,) of the parts of a run; where it had diverged, `WORST`."""
    found = np.full(LEVELS, WORST)
    found[: len(result["levels"])] = result["levels"]
    return found
