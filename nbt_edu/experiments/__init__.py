"""The slides' question "Does it work?", answered by runs: cells, sweeps, contests, claims with a verdict each.

`cells` holds one run and what is kept of it, `sweep` makes many, on any executor, and goes on where it was stopped; `contests`
says who is compared on what and how all are tuned alike; `claims` are rows, a margin each; `statistics` has intervals and
tests; `verdicts` judges; `shipped` reads what the package brings along; `command` is `nbt-edu experiment`.
May be imported here: kernels, protocols, jit, settings, output, systems, readouts, estimators, optimizers, tasks, catalogue,
learning, measuring.
"""

from .contests import GRIDS, Contest
from .results import Results
from .shipped import shipped
from .suite import contests
from .sweep import sweep
from .verdicts import judge, mapped, table

__all__ = ["GRIDS", "Contest", "Results", "contests", "judge", "mapped", "shipped", "sweep", "table"]
