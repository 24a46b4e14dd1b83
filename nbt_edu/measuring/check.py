"""The shipped proofs: every system's derivatives, and what every estimator answers, held against independent oracles.

* A system: each of its products against central differences of `step`, in random directions (`check_system`).
* An estimator on a system: what it answers, several rows at once, along walks of several windows (`check_estimator`), and that
  it leaves what it is given and takes over from other settings as it should (`check_conduct`).
* Compiled, both once more: machine code against the same source interpreted (`check_compiled`).
* An optimizer, a readout, a task: `check_optimizer`, `check_readout`, `check_task`.

`nbt_edu.check.run()` checks all that is shipped, and there is a door for each kind of your own. Each answers a `Report`.
"""

import numpy as np

from .. import catalogue, jit
from ..catalogue import BIASED, EXACT, UNBIASED
from ..estimators import oracles
from ..implements import part
from ..settings import function, require, string, whole, word
from . import check_compiled, check_estimator, check_optimizer, check_readout, check_system, check_task
from .check_estimator import Claim
from .report import Report
from .trials import INPUTS, built, random
from .walk import Walk  # noqa: F401  what an oracle of one's own is given

CLAIMS = (EXACT, UNBIASED, BIASED)
MOST = 1000  # units
LARGEST = 10**7  # numbers of a matrix that is written down


def run(progress=lambda row: None, compiled=False):
    """Every shipped system, and every shipped estimator on every system that it can run on. `progress` takes each row.

    compiled: their machine code too, a row more for each: ten minutes, where it has to be made first.
    """
    _compilable(compiled)
    rows = []

    def add(row):
        rows.append(row)
        progress(row)

    for system in catalogue.SYSTEMS:
        add(check_system.row(built(system, 3, random(1)), system.name))
        if compiled:
            add(check_compiled.system(built(system, 3, random(1)), system.name))
        for row in catalogue.ESTIMATORS:
            add(check_estimator.row(system, row.estimator, Claim(row.claim, row.expected, row.reason)))
            if compiled:
                add(check_compiled.estimator(system, row.estimator))
    for row in catalogue.ESTIMATORS:
        mine = [i for i, one in enumerate(rows) if one.estimator == row.estimator.label() and one.claim != check_compiled.CLAIM]
        for i, one in zip(mine, check_estimator.without_bias([rows[i] for i in mine], row.claim), strict=True):
            rows[i] = one
    return Report(rows)


def planned(compiled=False):
    """How many rows `run` makes."""
    return len(catalogue.SYSTEMS) * (1 + len(catalogue.ESTIMATORS)) * (2 if compiled else 1)


def system(system, inputs=INPUTS, name="yours", compiled=False):
    """Check your own system's derivatives: an object as `protocols.System` asks for, or the description of a network.

    It reads symbols 0 ... inputs - 1, or signals of as many components. Of a description both are checked, and that it is made
    again from its fields. compiled: its machine code too.
    """
    inputs, name = whole("inputs", inputs, 1, 1000), string("name", name)
    _compilable(compiled)
    if not hasattr(system, "build"):
        made, rows = [(_small(part("system", system)), name)], [check_system.row(system, name, inputs)]
    else:
        few = part("system", system, "network").units <= MOST
        require(few, "system", system, f"of at most {MOST} units: ten prove as much")
        kinds = (("symbols", 0), ("signals", np.zeros(inputs)))
        made = [(_small(system.build(x0, inputs, random(1))), f"{name}, {kind}") for kind, x0 in kinds]
        rows = [check_system.described(system, x0, f"{name}, {kind}", inputs) for kind, x0 in kinds]
    return Report(rows + [check_compiled.system(one, called, inputs) for one, called in made if compiled])


def estimator(estimator, claim=None, on=None, expected=None, progress=lambda row: None, compiled=False):
    """Check your own estimator on every shipped system, or `on` a network of your own (a description).

    claim: "exact", "unbiased" (over all its signs) or "biased"; by default "unbiased" if it draws random numbers, else
    "exact". expected: what a biased one's mean answers are, a function of a `Walk` (`estimators.oracles`), for without it any
    number would do. One that answers late is held against the sum of the exact gradients since its last answer. What it
    cannot run on is skipped, with a sentence; what it stops with is a row that failed. compiled: its machine code too.
    """
    part("estimator", estimator), function("progress", progress), _compilable(compiled)
    claim = (UNBIASED if estimator.noise_vectors() else EXACT) if claim is None else word("claim", claim, CLAIMS)
    shipped = next((row for row in catalogue.ESTIMATORS if row.estimator == estimator and row.claim == claim), None)
    if expected is None:
        expected = shipped.expected if shipped else None if claim == BIASED else oracles.exact
    given = "a function of a walk that says what a biased estimator's mean answers are (estimators.oracles has some)"
    require(callable(expected), "expected", expected, given)
    rows = []
    for one in _networks(on):
        rows.append(check_estimator.row(one, estimator, Claim(claim, expected, shipped.reason if shipped else "")))
        progress(rows[-1])
    rows = check_estimator.without_bias(rows, claim)
    return Report(rows + [check_compiled.estimator(one, estimator) for one in _networks(on) if compiled])


def optimizer(optimizer):
    """Check your own optimizer: what it asks, that it moves against the gradient, and only by what it is given."""
    return Report(check_optimizer.rows(part("optimizer", optimizer)))


def readout(readout):
    """Check your own readout (a description): its derivatives and curvature against differences of its loss."""
    return Report(check_readout.rows(part("readout", readout)))


def task(task):
    """Check your own task: its stream, that it is repeatable, its settings, and that its floor is one."""
    return Report(check_task.rows(part("task", task)))


def _small(system):
    """A system whose matrices dF/dtheta can be written down, or ValueError."""
    size = system.start().size * system.theta.size
    require(size <= LARGEST, "system", size, f"so small that dF/dtheta has at most {LARGEST:,} numbers: try ten units")
    return system


def _networks(on):
    """Rows, as the catalogue's, of a network of the user's: sizes are tried as they are, since it may have one size only."""
    if on is None:
        return catalogue.SYSTEMS
    part("on", on, "network")
    name = type(on).__name__
    return [catalogue.SystemRow(f"{name}, {kind}", lambda n: on, kind == "signals") for kind in ("symbols", "signals")]


def _compilable(compiled):
    require(not compiled or jit.available(), "compiled", compiled, "False where numba is not installed, or NBT_EDU_JIT is 0")
