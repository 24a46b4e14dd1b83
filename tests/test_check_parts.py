"""Proofs of optimizers, readouts and tasks: what is shipped passes, what is wrong is found and named, with both numbers."""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from nbt_edu import optimizers, tasks
from nbt_edu.implements import implements
from nbt_edu.jit import loops
from nbt_edu.kernels import add_product
from nbt_edu.measuring import check_optimizer, check_readout, check_task, report
from nbt_edu.optimizers import SGD
from nbt_edu.protocols import Optimizer, Outcome, Readout
from nbt_edu.readouts import Softmax, SoftmaxReadout, SquaredError
from nbt_edu.tasks.base import Signals, Symbols

FILTERS = (
    optimizers.Kalman,
    optimizers.JointKalman,
    optimizers.InformationKalman,
    optimizers.BlockKalman,
    optimizers.QuasiDiagonalKalman,
)
OPTIMIZERS = [
    SGD(0.1),
    SGD(0.5, 0.5, 1.0),
    SGD(0.0),
    optimizers.Adam(),
    optimizers.Adam(0.1, 0.0, 0.9),
    optimizers.RMSProp(),
    *(kind(*settings) for kind in (*FILTERS, optimizers.DiagonalKalman) for settings in ((), (0.3, 0.1, 0.02, 0.1))),
]
NOISE = np.random.default_rng(0).normal(size=(3000, 3))
TASKS = [
    tasks.AnBn(2),
    tasks.AnBn(),
    tasks.Brackets(),
    tasks.Brackets(3, 0, 2),
    tasks.Music(),
    tasks.Music(("4 4 4", "2."), "V7 I"),
    tasks.Text("to be or not to be, that is the question"),
    tasks.Signal(NOISE),
    tasks.Signal(NOISE[:1500], NOISE[:1500, :2].cumsum(0), standardise=None),
    tasks.Signal(np.arange(3.0)),
    tasks.Oscillator(),
    tasks.Oscillator(5, 0.5, 1.0, 0),
    tasks.Henon(),
    tasks.MackeyGlass(),
    tasks.Stream(alphabet="ab"),
    tasks.Stream(inputs=2),
]


def passes(rows):
    assert all(row.passed for row in rows), str(report.Report(rows))
    return rows


def faults(rows):
    """{claim: note} of what failed."""
    assert all((row.note == "") == row.passed and (row.passed or row.deviation > 0) for row in rows)
    return {row.claim: row.note for row in rows if not row.passed}


# --- what is shipped passes ---


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: one.label())
def test_shipped_optimizers(optimizer):
    rows = passes(check_optimizer.rows(optimizer, compiled=False))
    assert len(rows) == 8 - (optimizer.rate == 0) and {row.estimator for row in rows} == {optimizer.label()}


def test_all_shipped_optimizers_are_here():
    assert {type(one).__name__ for one in OPTIMIZERS} == set(optimizers.__all__)


@pytest.mark.parametrize("kind", [SGD, optimizers.DiagonalKalman], ids=lambda kind: kind.__name__)
def test_shipped_optimizers_compiled(kind):
    assert passes(check_optimizer.rows(kind(rate=0.1)))[-1].claim == "compiled is interpreted"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*FILTERS, optimizers.Adam, optimizers.RMSProp], ids=lambda kind: kind.__name__)
def test_other_shipped_optimizers_compiled(kind):
    assert passes(check_optimizer.rows(kind(rate=0.1)))[-1].claim == "compiled is interpreted"


@pytest.mark.parametrize("readout", [Softmax(), SquaredError(), SquaredError(0.3), SquaredError(None, 2)], ids=str)
def test_shipped_readouts(readout):
    assert len(passes(check_readout.rows(readout))) == 5
    targets = [2, 2, 0] if isinstance(readout, Softmax) else NOISE[:3]
    passes(check_readout.rows(readout, targets))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_shipped_tasks(task):
    assert len(passes(check_task.rows(task))) == 8


def test_all_shipped_tasks_are_here():
    bases = {"Signals", "Symbols"}
    assert {type(one).__name__ for one in TASKS} == set(tasks.__all__) - bases - {"Shakespeare"}  # which is a Text


# --- optimizers with a fault ---


class Steps:
    """Plain gradient descent, to be spoilt."""

    rate: float = 0.1

    def begin(self, theta):
        return np.zeros(theta.shape)

    def apply(self, state, theta, A, B):
        theta -= self.rate * (A[:1] @ B).reshape(theta.shape) if len(A) == 1 else self.rate * (A @ B)


def optimizer(**methods):
    return implements(Optimizer)(type("Mine", (Steps,), methods))()


SHARED, CALLS = np.zeros(1), []


def uphill(self, state, theta, A, B):
    theta += self.rate * (A @ B)


def not_in_place(self, state, theta, A, B):
    theta = theta - self.rate * (A @ B)


def spoils(self, state, theta, A, B):
    A *= self.rate
    theta -= A @ B


def by_factors(self, state, theta, A, B):
    theta -= self.rate * np.sign(A) @ B


def remembers(self, state, theta, A, B):
    CALLS.append(1)
    theta -= self.rate / len(CALLS) * (A @ B)


def decays(self, state, theta, A, B):
    theta *= 0.99
    theta -= self.rate * (A @ B)


def breaks(self, state, theta, A, B):
    state[0, 0] += 1
    theta -= self.rate / np.float64(state[0, 0] < 20) * (A @ B)


def spoils_the_readout(self, state, readout, outcome):
    readout.theta[...] -= self.rate * np.outer(outcome.psi, outcome.error)
    outcome.error[...] = 0.0


def uphill_together(self, recurrent, output, theta, readout, A, B, outcome):
    theta += self.rate * (A[:1] @ B)


def negative_gains(self, state, M):
    M *= -1.0


def one_product(Y, A, B):
    add_product(Y, -1.0, A, B)


@loops(one_product)
def _(Y, A, B):
    add_product(Y, -1.001, A, B)


def other_loops(self, state, theta, A, B):
    one_product(theta, self.rate * A, B)


def negative_q(self, readout, outcome):
    return -outcome.q[None]


WRONG_OPTIMIZERS = {
    "asks for q first": ({"cotangents": negative_q}, r"cotangents\[0\] .* is \d\.\d+, entry .*; it should be -\d\.\d+"),
    "begins with arrays of its own": ({"begin": lambda self, theta: SHARED}, "array 0 of two states shares its memory"),
    "a step is that of A B": ({"apply": by_factors}, r"theta after \(A R, R\^-1 B\), .* is .*; it should be"),
    "leaves what it is given": ({"apply": spoils}, r"A after apply is .*; it should be"),
    "all it remembers is its state": ({"apply": remembers}, r"theta of a second run at step 1 is .*; it should be"),
    "theta stays finite": ({"apply": breaks}, "theta is not finite after step 20"),
    "goes against the gradient": ({"apply": uphill}, r"theta moved by \d+\.\d+ along its gradient .* below 0"),
    "rate 0 leaves theta": ({"apply": decays}, r"theta at rate 0 is .*; it should be"),
}


@pytest.mark.parametrize("claim", WRONG_OPTIMIZERS)
def test_a_wrong_optimizer_is_found(claim):
    methods, note = WRONG_OPTIMIZERS[claim]
    assert re.match(note, faults(check_optimizer.rows(optimizer(**methods), compiled=False))[claim])


def test_other_wrong_optimizers():
    found = faults(check_optimizer.rows(optimizer(apply=not_in_place), compiled=False))
    assert list(found) == ["goes against the gradient"] and "moved by 0 along" in found["goes against the gradient"]
    wrong = optimizer(cotangent_products=lambda self, readout, outcome, V: V.sum(1)[None])
    found = faults(check_optimizer.rows(wrong, compiled=False))
    assert list(found) == ["asks for q first"] and "cotangent_products of a softmax readout is" in found["asks for q first"]
    found = faults(check_optimizer.rows(optimizer(apply_readout=spoils_the_readout), compiled=False))
    assert list(found) == ["leaves what it is given"] and "error after apply_readout is 0" in found["leaves what it is given"]
    found = faults(check_optimizer.rows(optimizer(apply=lambda self, state, theta, A, B: 1 / 0), compiled=False))
    assert "ZeroDivisionError was raised (test_check_parts.py, line" in found["a step is that of A B"]
    found = faults(check_optimizer.rows(optimizer(apply_both=uphill_together), compiled=False))
    assert list(found) == ["goes against the gradient"]
    assert "theta, with the readout's, moved" in found["goes against the gradient"]
    found = faults(check_optimizer.rows(optimizer(gains=negative_gains), compiled=False))
    assert list(found) == ["leaves what it is given"] and "gains are from -1 to -1" in found["leaves what it is given"]


def test_other_machine_code_is_found():
    found = faults(check_optimizer.rows(optimizer(apply=other_loops)))
    assert list(found) == ["compiled is interpreted"] and "theta compiled at step 1 is" in found["compiled is interpreted"]


def test_a_right_optimizer_passes():
    passes(check_optimizer.rows(optimizer(), compiled=False))


# --- readouts with a fault ---


class Built(NamedTuple):
    """The description of a softmax readout some of whose methods are replaced."""

    kind: type

    def build(self, units, outputs):
        return self.kind(np.zeros((units + 1, outputs)))


def softmax(**methods):
    own = {name: vars(SoftmaxReadout)[name] for name in ("predict", "loss", "curvature", "variances", "curvature_rows")}
    fields = {"__annotations__": {"theta": np.ndarray}, "__module__": __name__}
    return Built(implements(Readout)(type("Mine", (), fields | own | methods)))


def changed(**parts):
    """A loss that answers with some parts of its outcome doubled."""

    def loss(self, h, y):
        found, outcome = SoftmaxReadout.loss(self, h, y)
        return found, outcome._replace(**{name: factor * getattr(outcome, name) for name, factor in parts.items()})

    return loss


def in_nats(self, h, y):
    found, outcome = SoftmaxReadout.loss(self, h, y)
    return np.log(2) * found, outcome


def sees_what_is_hidden(self, h, y):
    found, outcome = SoftmaxReadout.loss(self, h, y)
    return found + h[-1], outcome


def no_curvature(self, outcome):
    return np.diag(np.sqrt(outcome.p))


def forgets(self, outcome):
    self.theta[...] *= 0.5


def clears(self, h):
    p = SoftmaxReadout.predict(self, h)
    h[0] = 0.0
    return p


DERIVATIVES = "error and q are the loss's derivatives"
WRONG_READOUTS = {
    "q": ({"loss": changed(q=2.0)}, DERIVATIVES, r"at step 1 outcome.q, dl/dh, is (\S+), entry .*; it should be (\S+)"),
    "error": ({"loss": changed(error=-1.0)}, DERIVATIVES, r"at step 1 .*dl/dtheta, is (\S+), entry .*; it should be (\S+)"),
    "nats": ({"loss": in_nats}, DERIVATIVES, "at step 1 outcome.q, dl/dh, is .*; it should be"),
    "hidden": ({"loss": sees_what_is_hidden}, DERIVATIVES, "at step 1 the loss's slope along what is hidden .*should be 0"),
    "N": ({"curvature": no_curvature}, "N^T N is the loss's curvature", r"at step 1 N\^T N, d2l/da2, is .*; it should be"),
    "rows": (
        {"curvature_rows": lambda self, outcome: np.zeros((4, 4))},
        "its rows are made of N",
        "at step 1 curvature_rows is 0, entry .*; it should be",
    ),
    "products": (
        {"curvature_products": lambda self, outcome, V: np.zeros((4, len(V)))},
        "its rows are made of N",
        "at step 1 curvature_products is 0, entry .*; it should be",
    ),
    "variances": ({"variances": lambda self, outcome: outcome.p}, "its rows are made of N", "at step 1 variances, .* is"),
    "p": ({"loss": changed(p=2.0)}, "sees h, answers p", r"at step 1 predict\(h\) is .*; it should be"),
    "adapt": ({"adapt": forgets}, "leaves what it is given", "at step 1 theta after adapt is .*; it should be"),
    "predict": ({"predict": clears}, "leaves what it is given", "at step 1 h after predict is 0, entry .*; it should be"),
    "shape": (
        {"loss": lambda self, h, y: (1.0, Outcome(np.ones(3), h, np.ones(3), h[:4]))},
        "sees h, answers p",
        r"at step 1 outcome.psi has the shape \(8,\) instead of \(5,\)",
    ),
}


@pytest.mark.parametrize("fault", WRONG_READOUTS)
def test_a_wrong_readout_is_found(fault):
    methods, claim, note = WRONG_READOUTS[fault]
    assert re.match(note, faults(check_readout.rows(softmax(**methods)))[claim])


def test_a_right_readout_passes():
    passes(check_readout.rows(softmax()))


# --- tasks with a fault ---


@dataclass(frozen=True)
class Coins(Symbols):
    """Fair coins, to be spoilt."""

    faces: int = 2

    name = "coins"
    alphabet = "ht"
    entropy_rate = 1.0

    def fields(self):
        return {"faces": self.faces}

    def stream(self, rng):
        while True:
            yield rng.integers(self.faces, size=100)


@dataclass(frozen=True)
class Steady(Signals):
    """Normal noise, to be spoilt."""

    size: float = 1.0

    name = "noise"

    def stream(self, rng):
        while True:
            pair = self.size * rng.normal(size=(2, 500, 1))
            yield pair[0], pair[1]


def endless(block):
    def stream(self, rng):
        while True:
            yield block(rng)

    return stream


FLOOR, NUMBERS, BLOCKS, SIZES = (
    "its floor is not beaten",
    "references and floor are numbers",
    "blocks of one kind",
    "names and sizes",
)
ONE = np.random.default_rng(0)
WRONG_TASKS = {  # fault: the task, what is replaced, claim, note
    "too high a floor": (Coins, {"entropy_rate": 1.2}, FLOOR, r"entropy_rate is 1\.2, but a context of 0 attains 1\.0"),
    "a negative floor": (Coins, {"entropy_rate": -0.1}, NUMBERS, r"entropy_rate is -0\.1; .* below 0"),
    "NaN": (Coins, {"references": {"guess": np.nan}}, NUMBERS, r"references\['guess'\] is nan; it should"),
    "sizes": (Coins, {"inputs": 3}, SIZES, "inputs is 3; it should be 2"),
    "no name": (Coins, {"name": 7}, SIZES, "name is 7; it should be a string"),
    "twice": (Coins, {"alphabet": "hh"}, SIZES, "alphabet has 2 symbols, only 1"),
    "out of range": (Coins, {"stream": endless(lambda rng: rng.integers(5, size=99))}, BLOCKS, "a symbol of block 0 is 2;"),
    "floats": (Coins, {"stream": endless(lambda rng: rng.normal(size=9))}, BLOCKS, "the type of block 0 is float64;"),
    "global": (
        Coins,
        {"stream": endless(lambda rng: np.random.randint(2, size=100))},  # noqa: NPY002
        "the seed alone decides",
        r"the stream of the same seed \(symbols\) is [01], entry .*; it should be [01]",
    ),
    "one for all": (
        Coins,
        {"stream": endless(lambda rng: ONE.integers(2, size=100))},
        "streams do not meet",
        r"stream 1, while another is alive, \(symbols\) is [01], entry .*; it should be [01]",
    ),
    "no JSON": (
        Coins,
        {"fields": lambda self: {"faces": np.int64(2)}},
        "is made again from its fields",
        "TypeError was raised",
    ),
    "bound": (Steady, {"bounds": lambda self: {"best": 1.1}}, FLOOR, r"the square of the bound 'best' is 1\.21, but"),
    "a signal's floor": (Steady, {"entropy_rate": 3.0}, FLOOR, "entropy_rate is 3, but an autoregression attains 2.0"),
    "not finite": (
        Steady,
        {"stream": endless(lambda rng: (rng.normal(size=(500, 1)), np.full((500, 1), np.inf)))},
        BLOCKS,
        "targets of block 0 have 500 values that are not finite",
    ),
    "flat": (
        Steady,
        {"stream": endless(lambda rng: (rng.normal(size=500), rng.normal(size=500)))},
        BLOCKS,
        r"inputs of block 0 have the shape \(500,\) instead of \(500, 1\)",
    ),
}


@pytest.mark.parametrize("fault", WRONG_TASKS)
def test_a_wrong_task_is_found(fault):
    kind, changes, claim, note = WRONG_TASKS[fault]
    assert re.match(note, faults(check_task.rows(type("Mine", (kind,), changes)()))[claim])


def test_a_setting_that_is_not_saved_is_found():
    lossy = type("Mine", (Coins,), {"fields": lambda self: {}})(1)
    found = faults(check_task.rows(lossy))
    assert found["is made again from its fields"].startswith("the stream of the task made again (symbols) is 1, entry")


def test_right_tasks_pass():
    passes(check_task.rows(Coins()))
    passes(check_task.rows(Steady()))
