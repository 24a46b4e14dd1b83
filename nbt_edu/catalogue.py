"""What is shipped, a row each: what is claimed of it, why, what it costs, how it is drawn.

`check` proves the claims, the tests count the costs, `bench` and the figures take names and lines from here, and
`nbt-edu list` prints it. Costs are leading terms of a step, time in multiplications beside those of the network and memory in
numbers kept, as Python expressions of

    n units    m symbols or components read    c, g components and gates a unit    P = (n + m + 1) g n parameters
    k rank     T window    s = ceil(sqrt T)    K factors of a gradient    R rows besides it    Z sources of a column
    O parameters of the other block, where both are learned as one
    tape = (2 + c + c^2 + c g) n + 1 numbers in the tape of a step
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from . import estimators as es
from . import optimizers as op
from . import systems as sy
from . import tasks as ta
from .estimators import oracles
from .settings import require, whole

EXACT, UNBIASED, BIASED = "exact", "unbiased", "biased"


class EstimatorRow(NamedTuple):
    """A setting of an estimator; its claim holds over any number of windows, and `expected` says what a bias makes of it."""

    estimator: NamedTuple
    claim: str
    time: str
    memory: str
    reason: str = ""  # why there is a bias
    expected: Callable = oracles.exact


class OptimizerRow(NamedTuple):
    """A setting of an optimizer, with its cost for each update of P parameters."""

    optimizer: NamedTuple
    time: str
    memory: str


class SystemRow(NamedTuple):
    """A network of n units, small and awkward on purpose, that reads symbols or a signal."""

    name: str
    describe: Callable  # n -> description
    signal: bool = False


WINDOW = "the window before is forgotten"
FADED = "the past is discounted"
NBT = {"time": "3*k*g*n**2", "memory": "k*(P + c*n + 3)"}
MEMORY = "T*(tape + (1 + k)*c*n) + 1 + k*(P + c*n + 3)"
REDUCED = {"time": "k*(4*P + k*P + g*n**2) + (c*n)**3", "memory": "k*(P + c*n)"}

ESTIMATORS = [
    EstimatorRow(es.RTRL(), EXACT, "(c*n)**2*P", "2*c*n*P + 1"),
    EstimatorRow(es.RTRL(0.7), BIASED, "(c*n)**2*P", "2*c*n*P + 1", FADED, oracles.discounted(0.7)),
    EstimatorRow(es.BPTT(1), BIASED, "2*g*n**2", "T*(tape + 2*c*n) + 1", WINDOW, oracles.windowed(1)),
    EstimatorRow(es.BPTT(2), BIASED, "2*g*n**2", "T*(tape + 2*c*n) + 1", WINDOW, oracles.windowed(2)),
    EstimatorRow(es.SlidingBPTT(1), BIASED, "2*T*g*n**2", "T*(tape + c*n) + 1", "older steps are forgotten", oracles.slid(1)),
    EstimatorRow(es.SlidingBPTT(2), BIASED, "2*T*g*n**2", "T*(tape + c*n) + 1", "older steps are forgotten", oracles.slid(2)),
    EstimatorRow(es.CheckpointedBPTT(2), BIASED, "3*g*n**2", "(T + s - 1)//s*c*n + s*(tape + c*n) + T*(c*n + 1) + 1",
                 WINDOW, oracles.windowed(2)),
    EstimatorRow(es.NoBackTrack(), UNBIASED, **NBT),
    EstimatorRow(es.NoBackTrack(beta=0.5), UNBIASED, **NBT),
    EstimatorRow(es.NoBackTrack(beta=0.0), UNBIASED, **NBT),
    EstimatorRow(es.NoBackTrack(2), UNBIASED, **NBT),
    EstimatorRow(es.MemoryNoBackTrack(1), UNBIASED, "(2 + 3*k + k/T)*g*n**2", MEMORY, expected=oracles.summed(1)),
    EstimatorRow(es.MemoryNoBackTrack(2), UNBIASED, "(2 + 3*k + k/T)*g*n**2", MEMORY, expected=oracles.summed(2)),
    EstimatorRow(es.SlidingMemoryNoBackTrack(1), UNBIASED, "(2*T + 4*k)*g*n**2", MEMORY),
    EstimatorRow(es.SlidingMemoryNoBackTrack(2), UNBIASED, "(2*T + 4*k)*g*n**2", MEMORY),
    EstimatorRow(es.MetricNoBackTrack(), UNBIASED, "(5*k + 1)*g*n**2", "k*(P + c*n) + P"),
    EstimatorRow(es.UORO(), UNBIASED, "4*k*g*n**2", "k*(P + c*n)"),
    EstimatorRow(es.KFRTRL(), UNBIASED, "(c*n)**2*g*n", "c*g*n**2 + n + m + 1"),
    EstimatorRow(es.ReducedNoBackTrack(1), UNBIASED, **REDUCED),
    EstimatorRow(es.ReducedNoBackTrack(2), UNBIASED, **REDUCED),
    EstimatorRow(es.ProjectedNoBackTrack(1), BIASED, **REDUCED, reason="small singular values are dropped",
                 expected=oracles.projected(1)),
    EstimatorRow(es.RFLO(), BIASED, "c**2*P + 2*c*g*n**2", "c*P", "credit does not pass between units",
                 oracles.at_fixed_gates),
    EstimatorRow(es.SnAp1(), BIASED, "c**2*P + 2*c*g*n**2", "c*P", "credit does not pass between units",
                 oracles.reached_in_a_step),
]  # fmt: skip

OPTIMIZERS = [
    OptimizerRow(op.SGD(0.01), "K*P", "1"),
    OptimizerRow(op.Adam(), "K*P + 6*P", "2*P + 1"),
    OptimizerRow(op.RMSProp(), "K*P + 5*P", "2*P + 1"),
    OptimizerRow(op.Kalman(), "3*min(R, K)*P**2", "P**2 + 1"),
    OptimizerRow(op.JointKalman(), "3*R*P*(P + O)", "P*(P + O) + 1"),
    OptimizerRow(op.InformationKalman(), "P**3/3", "P**2 + 1"),
    OptimizerRow(op.BlockKalman(), "3*min(R, K)*P*Z", "P*Z + 1"),
    OptimizerRow(op.QuasiDiagonalKalman(), "min(R, K)*P*K + 8*P", "2*P + 1"),
    OptimizerRow(op.DiagonalKalman(), "min(R, K)*P*K + 4*P", "P + 1"),
]


def _between(low, high, n):
    """n numbers from low to high: one leak for each unit."""
    return tuple(low + (high - low) * i / max(n - 1, 1) for i in range(n))


SYSTEMS = [
    SystemRow("leaky RNN", lambda n: sy.LeakyRNN(n, _between(0.3, 0.8, n))),
    SystemRow("slides' RNN", lambda n: sy.SlidesRNN(n, _between(0.5, 1.0, n))),
    SystemRow("sparse RNN", lambda n: sy.LeakyRNN(n, 0.4, connections=max(1, n - 1))),
    SystemRow("IndRNN", lambda n: sy.IndRNN(n, 0.4)),
    SystemRow("GRU", lambda n: sy.GRU(n, 0.5)),
    SystemRow("LSTM", lambda n: sy.LSTM(n, 0.5)),
    SystemRow("linear", lambda n: sy.RandomLinear(n)),
    SystemRow("leaky RNN, signal", lambda n: sy.LeakyRNN(n, _between(0.3, 0.8, n)), True),
    SystemRow("GRU, signal", lambda n: sy.GRU(n, 0.5), True),
]

TASKS = [
    ta.AnBn(), ta.Brackets(), ta.Music(), ta.Text("the cat sat on the mat. "), ta.Oscillator(), ta.Henon(), ta.MackeyGlass(),
]  # fmt: skip

STYLES = {  # of a method: the first that a name begins with is its line (Okabe-Ito palette)
    "RTRL": {"color": "#000000", "width": 2.5, "dash": "solid"},
    "BPTT sliding": {"color": "#0072B2", "width": 2, "dash": "solid"},
    "BPTT checkpointed": {"color": "#0072B2", "width": 2, "dash": "dot"},
    "BPTT": {"color": "#0072B2", "width": 2, "dash": "dash"},
    "NoBackTrack reduced": {"color": "#D55E00", "width": 2, "dash": "longdash"},
    "NoBackTrack projected": {"color": "#D55E00", "width": 2, "dash": "dot"},
    "NoBackTrack memory": {"color": "#D55E00", "width": 2, "dash": "longdashdot"},
    "NoBackTrack sliding memory": {"color": "#D55E00", "width": 2, "dash": "dashdot"},
    "NoBackTrack metric": {"color": "#E69F00", "width": 2, "dash": "solid"},
    "NoBackTrack": {"color": "#D55E00", "width": 2, "dash": "solid"},
    "second NoBackTrack": {"color": "#009E73", "width": 2, "dash": "dashdot"},
    "UORO": {"color": "#CC79A7", "width": 2, "dash": "dashdot"},
    "KF-RTRL": {"color": "#009E73", "width": 2, "dash": "solid"},
    "RFLO": {"color": "#E69F00", "width": 3, "dash": "dash"},
    "SnAp-1": {"color": "#56B4E9", "width": 3, "dash": "dashdot"},
}


def cost(estimator):
    """The row of an estimator's class, whatever its settings: its costs are formulas in these."""
    row = next((row for row in ESTIMATORS if type(row.estimator) is type(estimator)), None)
    require(row, "estimator", estimator, "one that the library ships: `nbt-edu list` names them")
    return row


def counts(estimator, n, m):
    """Multiplications of a step, numbers kept: the formulas of `cost` for a leaky network of n units that reads m symbols."""
    n, m, row = whole("n", n, 1, 10**9), whole("m", m, 1, 10**9), cost(estimator)
    k, T = getattr(estimator, "rank", 1), getattr(estimator, "window", 1)
    known = {"n": n, "m": m, "c": 1, "g": 1, "P": (n + m + 1) * n, "tape": 5 * n + 1}
    known |= {"k": k, "T": T, "s": math.ceil(math.sqrt(T))}
    return eval(row.time, known), eval(row.memory, known)


def listing():
    """All of it as plain data: what `nbt-edu list --json` prints."""
    return {
        "estimators": [
            {"name": row.estimator.label(), "class": type(row.estimator).__name__, "claim": row.claim, "reason": row.reason,
             "needs": list(getattr(row.estimator, "needs", ())), "time": row.time, "memory": row.memory}
            for row in ESTIMATORS
        ],
        "systems": [{"name": row.name, "class": type(row.describe(2)).__name__, "reads": "signals" if row.signal else "symbols"}
                    for row in SYSTEMS],
        "optimizers": [
            {"name": row.optimizer.label(), "class": type(row.optimizer).__name__, "time": row.time, "memory": row.memory}
            for row in OPTIMIZERS
        ],
        "tasks": [{"name": task.name, "class": type(task).__name__, "reads": "symbols" if task.alphabet else "signals",
                   "entropy_rate": task.entropy_rate} for task in TASKS],
    }  # fmt: skip
