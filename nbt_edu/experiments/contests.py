"""A contest: methods that learn the same task with the same network and kind of optimizer, each tuned alike.

Tuning: every method gets the same settings of the optimizer to choose from (`GRIDS`), on seeds 0, 1, ... and fewer characters;
it takes the one of the least median. Report: that setting, on fresh seeds, from 1000 on. Where a contest has a `leader`, all
run at the setting that the leader chose, its rate times `scale`: the slides' "large" and "small learning rate".
"""

import dataclasses
from typing import Any

import numpy as np

from ..implements import part
from ..optimizers import SGD, Adam, DiagonalKalman
from ..settings import between, require, string, whole, word
from ..tasks import Shakespeare
from .cells import Cell, pace
from .results import Results, Runs, bits
from .sweep import sweep

FRESH = 1000  # the first seed of a report
RATES = 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1
GRIDS = {  # optimizers, eight settings each
    "kalman": tuple(DiagonalKalman(1.0, 0.0, fading, prior) for fading in (1e-4, 3e-4, 1e-3, 3e-3) for prior in (10.0, 100.0)),
    "adam": tuple(Adam(rate) for rate in RATES),
    "sgd": tuple(SGD(rate) for rate in RATES),
}


SHAPES = {"grid": "a tuple of optimizers, such as GRIDS['kalman']", "methods": "a tuple of pairs, ((name, estimator), ...)"}


@dataclasses.dataclass(frozen=True)
class Contest:
    """Who competes on what. methods: {name: estimator}, as pairs. chars, tuned: characters of a report's run, of a tuning run.

    grid: the optimizers to choose from. seeds, tuning_seeds: how many of each. first: of the seeds of the report; whoever has
    looked at some and then asks anew takes others.
    """

    name: str
    task: Any
    network: Any
    grid: tuple
    methods: tuple
    chars: int
    tuned: int
    seeds: int = 10
    tuning_seeds: int = 5
    leader: str = ""
    scale: float = 1.0
    first: int = FRESH

    def __post_init__(self):
        string("name", self.name)
        if self.task is not Shakespeare:
            part("task", self.task)
        part("network", self.network)
        for field in ("grid", "methods"):
            given = getattr(self, field)
            require(isinstance(given, tuple) and given, field, given, SHAPES[field])
        for one in self.grid:
            part("each of grid", one, "optimizer")
        pairs = all(isinstance(one, tuple) and len(one) == 2 for one in self.methods)
        require(pairs, "methods", self.methods, SHAPES["methods"])
        for name, one in self.methods:
            string("each name in methods", name), part("each of methods", one, "estimator")
        for field, low in ("chars", 64), ("tuned", 64), ("seeds", 1), ("tuning_seeds", 1):
            object.__setattr__(self, field, whole(field, getattr(self, field), low, 10**12))
        word("leader", self.leader, ["", *dict(self.methods)])
        object.__setattr__(self, "scale", between("scale", self.scale, 0, 1000))

    def tuning(self):
        """The cells of the tuning: {method: a row of cells, one a seed, for each setting of the grid}."""
        seeds = range(self.tuning_seeds)
        tried = {name: one for name, one in self.methods if not self.leader or name == self.leader}
        return {name: [[self._cell(one, optimizer, seed, self.tuned) for seed in seeds] for optimizer in self.grid]
                for name, one in tried.items()}  # fmt: skip

    def chosen(self, medians):
        """{method: optimizer}, for medians {method: bits of each setting}."""
        best = {name: self.grid[int(np.argmin(found))] for name, found in medians.items()}
        if self.leader:
            scaled = best[self.leader]._replace(rate=best[self.leader].rate * self.scale)
            return {name: scaled for name, _ in self.methods}
        return best

    def report(self, chosen):
        """The cells of the report, {method: a cell for each fresh seed}."""
        seeds = range(self.first, self.first + self.seeds)
        return {name: [self._cell(one, chosen[name], seed, self.chars) for seed in seeds] for name, one in self.methods}

    def planned(self):
        """How many cells there are, and their characters: ((tuning, characters), (report, characters))."""
        tried = len(self.tuning()) * len(self.grid) * self.tuning_seeds
        made = len(self.methods) * self.seeds
        return (tried, tried * self.tuned), (made, made * self.chars)

    def play(self, folder, executor=None, workers=1, progress=lambda cell, result: None):
        """Tune, then run: the `Results`. What stands in the folder already is read, not made again (`sweep`)."""
        rows = self.tuning()
        found = self._made((cell for of in rows.values() for row in of for cell in row), folder, executor, workers, progress)
        medians = {name: [float(np.median([bits(found[cell]) for cell in row])) for row in of] for name, of in rows.items()}
        chosen = self.chosen(medians)
        cells = self.report(chosen)
        turns = (cell for turn in zip(*cells.values(), strict=True) for cell in turn)  # seed by seed: a part is fair too
        found = self._made(turns, folder, executor, workers, progress)
        made = {}
        for name, row in cells.items():
            runs = [found[cell] for cell in row]
            made[name] = Runs(row[0].estimator, chosen[name], medians.get(name), pace(row[0]), runs)
        return Results.of(self, made)

    def _made(self, cells, *how):
        cells = list(cells)
        return dict(zip(cells, sweep(cells, *how), strict=True))

    def _cell(self, estimator, optimizer, seed, chars):
        return Cell(self.task, self.network, estimator, optimizer, seed, chars)
