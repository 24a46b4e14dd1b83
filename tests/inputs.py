"""What the public doors are tried with (`test_inputs`): a row for every argument, and every kind of value that is not meant.

A row's name says the argument, "Learner(task)"; its function takes a value for it. LONG: rows in which a large whole number
asks for endless work, which is one's right. CALLED: rows that call what they are given.
"""

import dataclasses
import decimal
import fractions
import functools
import inspect
import pathlib
import tempfile

import numpy as np

import nbt_edu as nbt
from nbt_edu import estimators, optimizers, readouts, systems, tasks

TASK, SIGNAL, NETWORK, ESTIMATOR, OPTIMIZER = nbt.AnBn(4), nbt.Henon(), nbt.LeakyRNN(3, 0.5), nbt.NoBackTrack(), nbt.SGD(0.01)
PARTS = {"task": TASK, "network": NETWORK, "estimator": ESTIMATOR, "optimizer": OPTIMIZER, "compiled": False}


class Half:
    """A little of every protocol, and not enough of any."""

    units, name, alphabet, rank = 3, "half", "ab", 1

    def begin(self, system):
        return None

    def stream(self, rng):
        return iter(())

    def build(self):
        return None


class Hostile:
    """Cannot be shown, compared, or taken for true or false."""

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no equality")

    __bool__ = __hash__ = __iter__ = __repr__


def deep():
    """A list in a list in a list ..., deeper than Python's recursion goes."""
    found = []
    for _ in range(20_000):
        found = [found]
    return found


def endless():
    while True:
        yield 1


KINDS = {
    "nothing": lambda: None,
    "true": lambda: True,
    "5": lambda: 5,
    "-1": lambda: -1,
    "0": lambda: 0,
    "1.5": lambda: 1.5,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "1e300": lambda: 1e300,
    "10^12": lambda: 10**12,
    "10^400": lambda: 10**400,
    "10^5000": lambda: 10**5000,
    "numpy nan": lambda: np.float64("nan"),
    "complex": lambda: 1 + 2j,
    "decimal": lambda: decimal.Decimal("NaN"),
    "fraction": lambda: fractions.Fraction(10**400, 3),
    "date": lambda: np.datetime64("now"),
    "empty text": lambda: "",
    "letter": lambda: "x",
    "long text": lambda: "x" * 5000,
    "zero byte": lambda: "a\0b",
    "half a character": lambda: "ab\ud800",
    "bytes": lambda: b"",
    "long bytes": lambda: b"x" * 5000,
    "list": lambda: [],
    "list of a list": lambda: [[]],
    "tuple": lambda: (),
    "ragged": lambda: [[1.0, 2.0], [3.0]],
    "nan list": lambda: [float("nan")] * 3,
    "list of 10^400": lambda: [10**400, 1],
    "deep list": deep,
    "dict": lambda: {},
    "dict of numbers": lambda: {"a": 1, 2: 3},
    "set": lambda: {1, 2},
    "list of half": lambda: [Half()],
    "endless": endless,
    "range": lambda: range(10**12),
    "object": object,
    "a class": lambda: nbt.SGD,
    "another class": lambda: nbt.AnBn,
    "a function": lambda: lambda: 0,
    "a module": lambda: np,
    "half a part": Half,
    "half a part's class": lambda: Half,
    "hostile": Hostile,
    "an estimator": lambda: nbt.RTRL(),
    "a task": lambda: nbt.AnBn(3),
    "an optimizer": lambda: nbt.SGD(0.1),
    "an exception": lambda: ValueError("x"),
    "no numbers": lambda: np.zeros(0),
    "cube": lambda: np.zeros((2, 3, 4)),
    "strings": lambda: np.array(["a", "b"]),
    "complex array": lambda: np.ones(3, complex),
    "objects": lambda: np.array([object(), 1]),
    "nan array": lambda: np.full((3, 2), np.nan),
    "dates": lambda: np.zeros(3, "datetime64[s]"),
    "large array": lambda: np.zeros(100_000),
}

LARGE = {"10^12", "1e300"}


@functools.cache
def record():
    return learner(compare=[nbt.BPTT(2)]).run(20)


@functools.cache
@functools.cache
def saved():
    path = pathlib.Path(tempfile.mkdtemp(), "learner.npz")
    learner().save(path)
    return path


def study():
    return nbt.study.study(learner(), [ESTIMATOR], chars=4, draws=2)


def learner(**parts):
    """A small learner, interpreted, some of whose parts are others."""
    return nbt.Learner(**{**PARTS, **parts})


@functools.cache
def descent():
    return nbt.balancing.Descent(ESTIMATOR, OPTIMIZER)


@functools.cache
def table():
    """A file of numbers."""
    path = pathlib.Path(tempfile.mkdtemp(), "table.csv")
    path.write_text("a,b\n1,2\n2,1\n3,5\n4,4\n", "utf-8")
    return path


def of_signal():
    return learner(task=SIGNAL)


def method(name, argument, make=learner, **given):
    """The call of a method of a new object, with a value for one argument."""
    return lambda value: getattr(make(), name)(**{**given, argument: value})


def calls(prefix, function, **given):
    """Rows of a function: one for every argument in `given`, which says what the others are."""
    return {f"{prefix}({name})": lambda value, name=name: function(**{**given, name: value}) for name in given}


def settings():
    """Rows of all that is shipped of settings: every field."""
    needed = {
        "rate": 0.1,
        "units": 3,
        "text": "abcab",
        "values": [1.0, 2.0, 1.0, 3.0],
        "F": lambda h, x, theta: h,
        "alphabet": "ab",
        "initial": lambda units, inputs, rng: np.zeros(2),
    }
    found = {}
    for module in estimators, optimizers, readouts, tasks, systems:
        for name in module.__all__:
            cls = getattr(module, name)
            if not inspect.isclass(cls) or name in BUILT:
                continue
            fields = cls._fields if issubclass(cls, tuple) else [one.name for one in dataclasses.fields(cls) if one.init]
            without = {"outputs": {"inputs": 1, "alphabet": None}, "inputs": {"alphabet": None}}
            for field in fields:
                given = {key: value for key, value in needed.items() if key in fields} | (
                    without.get(field, {}) if name == "Stream" else {}
                )
                found[f"{name}({field})"] = lambda value, cls=cls, given=given, field=field: cls(**{**given, field: value})
    return found


BUILT = {
    "Function",
    "GRUCell",
    "LSTMCell",
    "Leaky",
    "Linear",
    "Net",
    "Slides",
    "SparseNet",
    "Tape",
    "SoftmaxReadout",
    "SquaredErrorReadout",
    "Signals",
    "Symbols",
}


def dials():
    """Rows of every dial of every app."""
    found = {}
    for name in nbt.apps.ALL:
        app = getattr(nbt.apps, name)
        for dial in app.Dials.declared():
            found[f"{name}({dial})"] = lambda value, app=app, dial=dial: app(compiled=False, **{dial: value})
    return found


CONTEST = {"name": "one", "task": TASK, "network": NETWORK, "grid": (OPTIMIZER,), "methods": (("one", ESTIMATOR),), "chars": 64,
           "tuned": 64, "seeds": 1, "tuning_seeds": 1, "leader": "", "scale": 1.0}  # fmt: skip


def contest_with(name):
    """A contest with another value for one of its fields."""
    return lambda value: nbt.experiments.Contest(**CONTEST | {name: value})


def one_contest():
    return nbt.experiments.shipped()["anbn 8 kalman"]


def race(**given):
    return nbt.apps.Race(compiled=False, **given)


V, W = np.eye(2, 3), np.eye(2, 4)
ROWS = {
    **calls("Learner", learner, **PARTS, readout=None, seed=0, compare=(), replicas=2, dtype="float64"),
    **calls("evaluate", lambda **given: learner().evaluate(**given), task=TASK, chars=3),
    **calls("write", lambda **given: learner().write(**given), chars=3, temperature=1.0),
    **calls("set", lambda **given: learner().set(**given), estimator=None, optimizer=None, compare=None),
    "run(chars)": method("run", "chars"),
    "read(chars)": method("read", "chars"),
    "read(progress)": method("read", "progress", chars=2),
    "predict_one(x)": method("predict_one", "x"),
    "learn_one(x)": method("learn_one", "x"),
    "learn_one(y)": method("learn_one", "y", x="a"),
    "ahead(chars)": lambda value: learner().ahead(value),
    "predict_one(x) of a signal": method("predict_one", "x", of_signal),
    "learn_one(x) of a signal": method("learn_one", "x", of_signal),
    "learn_one(y) of a signal": method("learn_one", "y", of_signal, x=1.0),
    "restore(path)": nbt.Learner.restore,
    "Record.load(path)": nbt.Record.load,
    "Study.load(path)": nbt.study.Study.load,
    **calls("sample", nbt.sample, task=TASK, chars=5, seed=0),
    **settings(),
    "Text.file(path)": nbt.Text.file,
    "Text.encode(text)": lambda value: nbt.Text("abc").encode(value),
    "Text.ladder(contexts)": lambda value: nbt.Text("abcabc").ladder(value),
    "AnBn.ladder(contexts)": lambda value: TASK.ladder(value),
    "Brackets.ladder(contexts)": lambda value: nbt.Brackets().ladder(value),
    "Music.ladder(contexts)": lambda value: nbt.Music().ladder(value),
    **calls("Signal.file", nbt.Signal.file, path=table(), targets=None, columns=None),
    **{f"record.{name}(last)": method(name, "last", record) for name in ("mean_loss", "bits_per_char", "score")},
    **{f"record.{name}(points)": method(name, "points", record) for name in ("curve", "error_curve", "measured")},
    **calls("record.gradients", lambda **given: record().gradients(**given), name="BPTT-2", points=400),
    **calls("record.gradient_summary", lambda **given: record().gradient_summary(**given), name="BPTT-2", last=None),
    **calls(
        "study",
        nbt.study.study,
        learner=learner(),
        estimators=[ESTIMATOR],
        chars=4,
        draws=2,
        optimizer=None,
        collectors=None,
        seed=0,
        precision=None,
    ),
    **calls("driven.bias", nbt.driven.bias, learner=learner(), estimator=ESTIMATOR, rate=None, chars=2, draws=6, seed=0),
    "driven.against_rate(rates)": lambda value: nbt.driven.against_rate(learner(), ESTIMATOR, value, chars=2, draws=6),
    **calls(
        "errors.along",
        nbt.errors.along,
        learner=learner(),
        estimators=[ESTIMATOR],
        chars=4,
        lags=2,
        draws=2,
        optimizer=None,
        seed=0,
    ),
    **calls("metric.fisher", nbt.metric.fisher, learner=learner(), chars=4, ridge=0.1),
    **calls("ends.share", nbt.ends.share, learner=learner(), chars=200),
    "metric.of_filter(learner)": nbt.metric.of_filter,
    **calls(
        "scaling.horizon",
        nbt.scaling.horizon,
        learners=learner(),
        estimators=[ESTIMATOR],
        horizons=(1, 2),
        draws=2,
        seed=0,
    ),
    **calls("scaling.units", nbt.scaling.units, learners={3: learner()}, estimators=[ESTIMATOR], chars=4, draws=2, seed=0),
    "figures.metrics(study)": nbt.figures.metrics,
    **{f"figures.{name}(found)": getattr(nbt.figures, name) for name in ("lasting", "driven", "scaling")},
    "restore(classes)": lambda value: nbt.Learner.restore(saved(), value),
    "study.rows(block)": lambda value: study().rows(value),
    **calls("check.system", nbt.check.system, system=NETWORK, inputs=3, name="yours"),
    **calls(
        "check.estimator",
        nbt.check.estimator,
        estimator=nbt.RTRL(),
        claim=None,
        on=NETWORK,
        expected=None,
        progress=lambda row: None,
    ),
    "check.optimizer(optimizer)": nbt.check.optimizer,
    "check.readout(readout)": nbt.check.readout,
    "check.task(task)": nbt.check.task,
    **calls("balancing.descend", nbt.balancing.descend, estimator=ESTIMATOR, optimizer=OPTIMIZER, steps=3, seed=0),
    **calls("balancing.Descent", nbt.balancing.Descent, estimator=ESTIMATOR, optimizer=OPTIMIZER, seed=0),
    **calls("Descent.change", lambda **given: descent().change(**given), estimator=ESTIMATOR, optimizer=OPTIMIZER),
    **calls("Descent.go", lambda **given: descent().go(**given), steps=2, compiled=False),
    "balancing.system(theta)": nbt.balancing.system,
    "balancing.truncated_influence(steps)": nbt.balancing.truncated_influence,
    **calls("rank_one.scales", nbt.rank_one.scales, V=V, W=W, beta=1.0),
    **calls("rank_one.draw", nbt.rank_one.draw, V=V, W=W, signs=[1, -1], lam=1.0),
    **calls("rank_one.expectation", nbt.rank_one.expectation, V=V, W=W, lam=1.0),
    **calls("rank_one.variance", nbt.rank_one.variance, V=V, W=W, lam=1.0),
    "rank_one.tensor(factors)": nbt.rank_one.tensor,
    **calls("rank_one.tensor_expectation", nbt.rank_one.tensor_expectation, factors=[V, W], roots=2),
    **calls("rank_one.all_roots", nbt.rank_one.all_roots, m=2, roots=2),
    "figures.learning_curves(records)": nbt.figures.learning_curves,
    "figures.gradient_errors(record)": nbt.figures.gradient_errors,
    **calls("figures.side_by_side", nbt.figures.side_by_side, records={"RTRL": record()}, ladder={}, width=840),
    "figures.side_by_side_arrays(records)": nbt.figures.side_by_side_arrays,
    **calls("figures.errors_along", nbt.figures.errors_along, study=study(), quantity="variance", block="all"),
    "figures.errors_by_block(study)": nbt.figures.errors_by_block,
    "figures.staleness(study)": nbt.figures.staleness,
    **calls("figures.costs", nbt.figures.costs, estimators=[ESTIMATOR], measured=None, n=32, m=32),
    "figures.products(chains)": nbt.figures.products,
    "figures.Picture(figure)": lambda value: nbt.figures.Picture(value, "seen"),
    "figures.notes(text)": nbt.figures.notes,
    "figures.style(name)": nbt.figures.style,
    "figures.escaped(text)": nbt.figures.escaped,
    **calls("exercises.check", nbt.exercises.check, answer=lambda N: 1.0, key="00 floor"),
    **dials(),
    **calls("Race", nbt.apps.Race, compiled=False, estimators=(), projector=False),
    "Race.set(rank)": lambda value: race().set(rank=value),
    "Race.step(n)": lambda value: race(methods=["BPTT"]).step(value),
    "Race.guess(leader)": lambda value: race().guess(leader=value),
    "Race.guess(curve)": lambda value: race().guess(curve=value),
    "Signs.guess(one)": lambda value: nbt.apps.Signs().guess(one=value),
    "Race.pace": lambda value: setattr(race(), "pace", value),
    "Race.pause_at": lambda value: setattr(race(), "pause_at", value),
    "Race.from_state(line)": nbt.apps.Race.from_state,
    "apps.find(name)": nbt.apps.find,
    "apps.again(results)": nbt.apps.again,
    "apps.again(methods)": lambda value: nbt.apps.again(one_contest(), value),
    "experiments.contests(topic)": nbt.experiments.contests,
    "experiments.sweep(cells)": lambda value: nbt.experiments.sweep(value, tempfile.gettempdir()),
    "experiments.sweep(folder)": lambda value: nbt.experiments.sweep([], value),
    "experiments.sweep(workers)": lambda value: nbt.experiments.sweep([], tempfile.gettempdir(), workers=value),
    "experiments.sweep(progress)": lambda value: nbt.experiments.sweep([], tempfile.gettempdir(), progress=value),
    **{f"Contest({name})": contest_with(name) for name in CONTEST},
    "results.bits(method)": lambda value: one_contest().bits(value),
    "results.bits(upto)": lambda value: one_contest().bits("BPTT-4", value),
    "experiments.judge(results)": nbt.experiments.judge,
    "experiments.mapped(results)": nbt.experiments.mapped,
    "experiments.table(results)": nbt.experiments.table,
    "Results.load(path)": nbt.experiments.Results.load,
    "figures.contest(results)": nbt.figures.contest,
    "figures.contest(methods)": lambda value: nbt.figures.contest(one_contest(), value),
    "figures.contest(less)": lambda value: nbt.figures.contest(one_contest(), less=value),
    "figures.span_map(maps)": nbt.figures.span_map,
    "experiments.judge(part)": lambda value: nbt.experiments.judge({}, part=value),
    "figures.verdicts(found)": nbt.figures.verdicts,
    "figures.verdict_map(rows)": nbt.figures.verdict_map,
    "figures.ranks(results)": nbt.figures.ranks,
    **calls("catalogue.counts", nbt.catalogue.counts, estimator=ESTIMATOR, n=4, m=3),
    "catalogue.cost(estimator)": nbt.catalogue.cost,
    "course.Map(folder)": nbt.course.Map,
}

CALLABLES = {"a class", "another class", "a function", "half a part's class"}  # who hands these over, answers for what they do
CALLED = {"read(progress)", "check.estimator(progress)", "check.estimator(expected)"}
LONG = {"run(chars)", "read(chars)", "evaluate(chars)", "write(chars)", "Race.step(n)"}
SAID = {
    "Race.guess(leader)": "leader",
    "ahead(chars)": "count",
    "apps.find(name)": "app",
}  # what the sentence calls the argument, where it is another word
