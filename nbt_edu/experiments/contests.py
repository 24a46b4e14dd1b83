"""A contest: methods that learn the same task with the same network and optimizer, each tuned alike, then run on fresh seeds.

Tuning: every method gets the same settings of the optimizer to choose from (`GRIDS`), on `TUNING` seeds and fewer characters;
it takes the one of the least median. Report: the chosen setting, on seeds that no tuning saw. Where a contest has a `leader`,
all run at the setting that the leader chose, its rate times `scale`: the slides' "large" and "small learning rate".
"""

import dataclasses
from typing import Any

import numpy as np

from ..optimizers import SGD, Adam, DiagonalKalman
from .cells import LEVELS, Cell
from .statistics import WORST

TUNING = range(5)  # seeds to tune on
FRESH = 1000  # the first seed of a report

RATES = 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1
GRIDS = {  # optimizers, eight settings each
    "kalman": [DiagonalKalman(1.0, 0.0, fading, prior) for fading in (1e-4, 3e-4, 1e-3, 3e-3) for prior in (10.0, 100.0)],
    "adam": [Adam(rate) for rate in RATES],
    "sgd": [SGD(rate) for rate in RATES],
}


@dataclasses.dataclass(frozen=True)
class Contest:
    """Who competes on what. methods: {name: estimator}, as pairs. chars, tuned: characters of a report's run, of a tuning run."""

    name: str
    task: Any
    network: Any
    grid: str
    methods: tuple
    chars: int
    tuned: int
    seeds: int = 10
    leader: str = ""
    scale: float = 1.0

    def tuning(self):
        """The cells of the tuning: {method: a row of cells for each setting}."""
        tried = {name: one for name, one in self.methods if not self.leader or name == self.leader}
        return {name: [[self._cell(one, optimizer, seed, self.tuned) for seed in TUNING] for optimizer in GRIDS[self.grid]]
                for name, one in tried.items()}  # fmt: skip

    def chosen(self, results):
        """{method: optimizer}, from {cell: result} of the tuning."""
        best = {name: GRIDS[self.grid][int(np.argmin(medians))] for name, medians in self.medians(results).items()}
        if self.leader:
            scaled = best[self.leader]._replace(rate=best[self.leader].rate * self.scale)
            return {name: scaled for name, _ in self.methods}
        return best

    def medians(self, results):
        """{method: the median bits of each setting of the grid}."""
        return {name: [float(np.median([bits(results[cell]) for cell in row])) for row in rows]
                for name, rows in self.tuning().items()}  # fmt: skip

    def report(self, chosen):
        """The cells of the report, {method: a cell for each fresh seed}."""
        seeds = range(FRESH, FRESH + self.seeds)
        return {name: [self._cell(one, chosen[name], seed, self.chars) for seed in seeds] for name, one in self.methods}

    def _cell(self, estimator, optimizer, seed, chars):
        return Cell(self.task, self.network, estimator, optimizer, seed, chars)


def bits(result, upto=1.0):
    """Bits per character over the last eighth of the run, or of its first `upto` (a power of 1/2, 1/8 at least)."""
    if result["bits"] is None:
        return WORST
    if upto == 1.0:
        return result["bits"]
    end = int(LEVELS * upto)
    return float(np.mean(result["levels"][end - end // 8 : end]))


def curve(result):
    """Mean losses (64,) of the parts of a run; where it had diverged, `WORST`."""
    found = np.full(LEVELS, WORST)
    found[: len(result["levels"])] = result["levels"]
    return found
