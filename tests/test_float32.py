"""Single precision: the same mathematics in 7 digits. Nothing on the way is of double precision, in memory or in machine code.

How far float32 may be from float64 over 200 steps is stated in FAR; where it is more than rounding, with the reason.
"""

import re
from typing import NamedTuple

import numba
import numpy as np
import pytest
from table import SYSTEMS, learner, rarer, same, walk_of

import nbt_edu as nbt
from nbt_edu import catalogue, jit
from nbt_edu.estimators.nobacktrack import limits
from nbt_edu.jit import drivers
from nbt_edu.kernels import sigmoid, softmax, tanh
from nbt_edu.learning import saving
from nbt_edu.learning.guards import leaves
from nbt_edu.learning.precision import cast, exact_parts
from nbt_edu.measuring.study import study
from nbt_edu.measuring.walk import read
from nbt_edu.systems import RandomLinear

THIRD = 1 / 3
BETAS = (0.0, 0.5, 1.0)
ROWS = [row.estimator for row in catalogue.ESTIMATORS]
FILTERS = [row.optimizer for row in catalogue.OPTIMIZERS]
FAR = {  # bits of a loss, and of theta's largest entry the part, that float32 may be away after 200 steps; else 3e-5
    # small singular values, read off their squares, are rounding: other pairs of the same mean
    nbt.ReducedNoBackTrack: 0.05,
    # an inverse that is fed by noise: a filter whose prior is as low as 10 amplifies rounding as it amplifies its noise
    **dict.fromkeys((nbt.Kalman, nbt.InformationKalman, nbt.BlockKalman, nbt.QuasiDiagonalKalman, nbt.JointKalman), 3e-3),
}


def pair(steps, **settings):
    """The losses (2, steps) of a learner in float64 and in float32, and both learners."""
    both = [learner(dtype=dtype, **settings) for dtype in ("float64", "float32")]
    return np.array([[next(one) for _ in range(steps)] for one in both]), both


def hold_close(losses, both, far):
    """Assert that float32 is no further away than this, and that theta moved ten times as far."""
    double, single = both[0]._system.theta, both[1]._system.theta
    first = learner(network=both[0].network, task=both[0].task)._system.theta
    assert np.abs(losses[0] - losses[1]).max() < far
    assert np.abs(double - single).max() < min(far * np.abs(double).max(), 0.1 * np.abs(double - first).max())


# --- the same, to rounding ---


@pytest.mark.parametrize("estimator", ROWS, ids=lambda one: one.label())
def test_every_estimator_follows_float64(estimator):
    losses, both = pair(200, estimator=estimator)
    hold_close(losses, both, FAR.get(type(estimator), 3e-5))


@pytest.mark.parametrize("optimizer", FILTERS, ids=lambda one: one.label())
def test_every_optimizer_follows_float64(optimizer):
    if hasattr(optimizer, "prior"):
        optimizer = optimizer._replace(prior=10.0, fading=0.01)
    losses, both = pair(200, optimizer=optimizer)
    hold_close(losses, both, FAR.get(type(optimizer), 3e-5))


@pytest.mark.parametrize("row", catalogue.SYSTEMS, ids=lambda row: row.name)
def test_every_network_follows_float64(row):
    """On symbols and on signals."""
    task = nbt.Henon() if row.signal else nbt.AnBn(5)
    steps = 20 if row.name == "linear" else 200  # its state grows
    losses, both = pair(steps, task=task, network=row.describe(4), optimizer=nbt.SGD(0.002))
    hold_close(losses / np.maximum(1.0, np.abs(losses[0])), both, 3e-5)


@pytest.mark.parametrize("estimator", [rarer(one, nbt.NoBackTrack) for one in ROWS], ids=lambda one: one.label())
def test_interpreted_is_compiled(estimator):
    """But for the pairs of a reduction, whose small singular values are rounding."""
    read, run = (learner(estimator, 0.05, compiled, dtype="float32") for compiled in (False, True))
    losses = np.array([[next(one) for _ in range(200)] for one in (read, run)])
    far = FAR.get(type(estimator), 3e-5)
    assert np.abs(losses[0] - losses[1]).max() < far
    np.testing.assert_allclose(run._system.theta, read._system.theta, atol=far)
    hold_single(run)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_nobacktrack_is_unbiased(system, beta):
    """E v w^T = G over all signs, to single precision."""
    n, T = (1, 4) if system == "LSTM" else (3, 3)
    exact = walk_of(system, n, T)
    rough = read(cast(exact.system, "float32"), cast(exact.readout, "float32"), exact.inputs, exact.whole[1:])
    answers = rough.all_answers(nbt.NoBackTrack(beta=beta), rough.signs(nbt.NoBackTrack()))
    for found, wanted in zip(np.mean(answers, 0), exact.exact(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6 * np.abs(wanted).max())


@pytest.mark.parametrize("estimator", [nbt.ReducedNoBackTrack(1), nbt.ReducedNoBackTrack(2)], ids=lambda one: one.label())
def test_reductions_keep_their_mean(estimator):
    """Though small singular values are read off their squares."""
    exact = walk_of("leaky", 3, 3)
    rough = read(cast(exact.system, "float32"), cast(exact.readout, "float32"), exact.inputs, exact.whole[1:])
    answers = rough.all_answers(estimator, rough.signs(estimator))
    for found, wanted in zip(np.mean(answers, 0), exact.exact(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_the_length_that_is_carried_along_is_that_of_w():
    """NoBackTrack's w2 over a run in which the scale leaves its range many times: nothing overflows, and no digit gets lost."""
    one, scales = learner(dtype="float32", rate=0.01), []
    for _ in range(2000):
        next(one)
        state = one._state.estimate
        scales.append(state.scale[0])
        assert state.w2[0] == pytest.approx(np.square(state.w[0].astype(float)).sum(), rel=1e-3)
    _, far = limits(state.w)
    returns = np.abs(np.diff(np.log(scales))) > 0.5 * np.log(far)
    assert returns.sum() > 10
    assert far == 1e6
    assert limits(state.w.astype(float)) == (1e-6, 1e15)


# --- nothing is of double precision ---


def doubles(state, name=""):
    """The names of the fields of a state, at any depth, that hold float64."""
    if isinstance(state, tuple):
        names = getattr(state, "_fields", [name] * len(state))
        return {found for own, one in zip(names, state, strict=True) for found in doubles(one, own)}
    return {name} if getattr(state, "dtype", None) == np.float64 else set()


def hold_single(one):
    """Assert that what a learner holds is float32, but for its counts, and the rows of scores, which are recorded."""
    held = one._system, one._built, tuple(one._state)
    assert sum(getattr(leaf, "dtype", None) == np.float32 for leaf in leaves(held)) > 4
    assert doubles(held) <= {"t", "count", "rows"}


@pytest.mark.parametrize("optimizer", FILTERS, ids=lambda one: one.label())
@pytest.mark.parametrize("row", catalogue.SYSTEMS, ids=lambda row: row.name)
def test_no_step_promotes(row, optimizer):
    """Neither the state, the tape, the outcome, what is asked of the estimator nor what an optimizer keeps."""
    task = nbt.Henon() if row.signal else nbt.AnBn(5)
    one = learner(task=task, network=row.describe(3), optimizer=optimizer, dtype="float32", rate=0.001)
    next(one)
    hold_single(one)
    piece = one.ahead(1)
    h, tape = one._system.step(one._state.h, piece.inputs[0])
    _, outcome = one._built.loss(h, piece.targets[0])
    rows = optimizer.cotangents(one._built, outcome), one._built.variances(outcome), one._built.curvature(outcome)
    assert not doubles((h, tape, outcome, *rows, one._built.output_rows(outcome), one._built.column_rows(outcome)))


@pytest.mark.parametrize("estimator", ROWS, ids=lambda one: one.label())
@pytest.mark.parametrize("network", [nbt.LeakyRNN(3, 0.4), nbt.LSTM(2)], ids=str)
def test_no_estimator_promotes(network, estimator):
    one = learner(estimator, network=network, dtype="float32", optimizer=nbt.DiagonalKalman(prior=10.0))
    for _ in range(4):
        next(one)
        hold_single(one)
        Q = np.ones((2, network.units), np.float32)
        assert not doubles(tuple(estimator.gradient(one._state.estimate, one._system, Q)))


@pytest.mark.parametrize("optimizer", [nbt.SGD(0.01), nbt.DiagonalKalman(prior=10.0)], ids=lambda one: one.label())
def test_machine_code_computes_in_single_precision(optimizer, monkeypatch):
    """No vector of doubles is added, multiplied or divided anywhere in a step; in float64 they are."""
    monkeypatch.setattr("nbt_edu.jit.kept.keepable", lambda *about: False)  # what comes from the disk cannot be read
    counts = {}
    for dtype in "float64", "float32":
        drivers._dispatcher.cache_clear()
        made, make = [], drivers._dispatcher
        monkeypatch.setattr(drivers, "_dispatcher", lambda *about, make=make, made=made: made.append(make(*about)) or made[-1])
        next(learner(optimizer=optimizer, compiled=True, dtype=dtype))
        monkeypatch.setattr(drivers, "_dispatcher", make)
        (code,) = made[-1].inspect_llvm().values()
        counts[dtype] = [len(re.findall(rf"= (?:f(?:add|sub|mul|div)|.*@llvm\.fm\w+\.v).* <\d+ x {kind}>", code))
                         for kind in ("float", "double")]  # fmt: skip
    assert counts["float32"][0] > 50
    assert counts["float32"][1] == 0
    assert counts["float64"][0] == 0
    assert counts["float64"][1] > 50


class Settings(NamedTuple):
    rate: float
    x: np.ndarray


@jit.scalar
def beside(x, number, settings, weights):
    """What numbers make of x: constants, of this module and of numpy, an argument, a field, parts of tuples."""
    first, _ = weights
    return (
        0.5 * x[0], THIRD * x[0], np.pi * x[0], number * x[0], settings.rate * x[0], weights[1] * x[0], first * x[0],
        0.5 * x, number * x, settings.rate * x, settings.x[0] * x[0],
    )  # fmt: skip


@numba.njit
def asked(x, number, settings, weights):
    return beside(x, number, settings, weights)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_numbers_are_weak_as_in_numpy(kind):
    """In machine code as in Python: numbers take the type of an array, entries of an array of doubles stay doubles."""
    from nbt_edu.jit import connect

    connect.everything()
    given = np.full(2, 3, kind), 0.1, Settings(0.2, np.full(1, 0.3)), (0.4, 0.7)
    asked(*given)
    types = asked.overloads[asked.signatures[-1]].signature.return_type
    kinds = [str(getattr(one, "dtype", one)) for one in types]
    assert kinds[:-1] == [np.dtype(kind).name] * 10
    assert kinds == [one.dtype.name for one in beside(*given)]
    for found, wanted in zip(asked(*given), beside(*given), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=3e-7)


@jit.scalar
def shared(x, n):
    """What whole numbers make of an array, and of a number."""
    return x / n, x[0] / n


@numba.njit
def asked_of_whole(x, n):
    return shared(x, n)


def test_whole_numbers_are_not_weak():
    """Beside an array of float32 they are; beside a number of it numba makes a double."""
    from nbt_edu.jit import connect

    connect.everything()
    asked_of_whole(np.ones(2, np.float32), 3)
    types = asked_of_whole.overloads[asked_of_whole.signatures[0]].signature.return_type
    assert [str(getattr(one, "dtype", one)) for one in types] == ["float32", "float64"]


@numba.njit
def functions(x, a):
    softmax(a)
    return tanh(x), sigmoid(x)


def test_exponentials_to_the_last_digits():
    """Of machine code, beside numpy's in double precision: at most 1.5e-7 of 1 away, everywhere; NaN stays NaN."""
    from nbt_edu.jit import connect

    connect.everything()
    x = np.linspace(-100, 100, 20_001).astype(np.float32)
    for start in range(0, 20_000, 7):
        a = x[start : start + 7].copy()
        t, s = functions(x[start : start + 7], a)
        wide = x[start : start + 7].astype(float)
        np.testing.assert_allclose(t, np.tanh(wide), atol=1.5e-7)
        np.testing.assert_allclose(s, 1 / (1 + np.exp(-wide)), atol=1.5e-7)
        np.testing.assert_allclose(a, np.exp(wide - wide.max()) / np.exp(wide - wide.max()).sum(), rtol=1e-6)
        assert t.dtype == s.dtype == np.float32
    wild = np.array([0.0, -500.0, 3e38, np.nan], np.float32)
    far = np.array([-300.0, 0.0, 5.0], np.float32)
    t, _ = functions(wild, far)
    np.testing.assert_allclose(t, [0, -1, 1, np.nan])
    np.testing.assert_allclose(far, [0, *np.exp([-5, 0]) / (1 + np.exp(-5))], rtol=1e-6, atol=1e-37)
    assert far[0] > 0
    functions(wild, wild)
    assert np.isnan(wild).all()


# --- a learner's life ---


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("f4"), "f4"])
def test_it_is_said(dtype):
    one = learner(dtype=dtype)
    assert one.dtype == "float32"
    assert repr(one).endswith(", seed 3, float32>")
    assert one.record.events[0][1].endswith(", float32")
    assert "float" not in repr(learner()) + learner(dtype=float).record.events[0][1]


@pytest.mark.parametrize("dtype", ["float16", "double precision", int, None, np.complex64, np.ones(2, np.float32)])
def test_other_kinds_are_refused(dtype):
    with pytest.raises(ValueError, match='^dtype must be "float64" or "float32", not '):
        learner(dtype=dtype)


def test_what_keeps_its_own_precision_is_refused():
    pytest.importorskip("jax")
    network = nbt.FunctionRNN(lambda h, x, theta: h * theta[0], 2, lambda units, inputs, rng: np.ones(2))
    with pytest.raises(ValueError, match="^dtype must be float64 for Function, which is no NamedTuple of arrays"):
        learner(network=network, dtype="float32")


@pytest.mark.parametrize("task", [nbt.AnBn(5), nbt.Henon()], ids=lambda task: task.name)
def test_saved_and_restored(task, tmp_path):
    one = learner(task=task, dtype="float32", rate=0.01, compare=[nbt.BPTT(3)])
    one.run(30)
    one.save(tmp_path / "one.npz")
    other = nbt.Learner.restore(tmp_path / "one.npz")
    assert other.dtype == "float32"
    other.compiled = False
    for each in one, other:
        each.run(30)
        hold_single(each)
    same(one, other)


def test_files_without_a_dtype_are_double(tmp_path, monkeypatch):
    one = learner()
    one.run(20)
    write = saving.write_archive
    monkeypatch.setattr(saving, "write_archive", lambda path, head, arrays: write(path, {
        key: value for key, value in head.items() if key != "dtype"}, arrays))  # fmt: skip
    one.save(tmp_path / "one.npz")
    assert nbt.Learner.restore(tmp_path / "one.npz").dtype == "float64"


def test_it_stays_when_settings_change():
    """Another rank, window, class, optimizer; a rewind; trials."""
    one = learner(nbt.NoBackTrack(2), dtype="float32")
    changes = [nbt.NoBackTrack(5), nbt.NoBackTrack(1), nbt.MemoryNoBackTrack(3), nbt.MemoryNoBackTrack(2, 2), nbt.RTRL()]
    for change in changes:
        one.run(10)
        one.set(estimator=change)
        hold_single(one)
    one.set(optimizer=nbt.Adam(0.01))
    one.run(10)
    hold_single(one)
    assert len(one.write(50)) == 50
    assert one.evaluate(nbt.AnBn(5), 40).chars == 40
    assert sum(one.probabilities().values()) == pytest.approx(1, abs=1e-6)
    one.rewind()
    hold_single(one)


def test_signals_pushed_one_by_one():
    """Read in the learner's precision too; a missing target is passed over."""
    task = nbt.Henon()
    one, other = (learner(task=task, dtype=dtype, rate=0.001) for dtype in ("float32", "float64"))
    rng = np.random.default_rng(0)
    for step, (x, y) in enumerate(rng.normal(size=(40, 2))):
        mine, theirs = (each.learn_one(x, None if step % 5 == 4 else y) for each in (one, other))
        assert (mine is None) == (step % 5 == 4)
        assert mine is None or mine == pytest.approx(theirs, abs=1e-4)
        assert one.predict_one(x) == pytest.approx(other.predict_one(x), abs=1e-4)
    hold_single(one)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_run_that_diverges_is_told(compiled):
    one = learner(nbt.RTRL(), network=nbt.SlidesRNN(3), optimizer=nbt.SGD(1e6), compiled=compiled, dtype="float32")
    with pytest.warns(UserWarning, match="^diverged at character"):
        one.run(2000)
    assert np.isfinite(one.record.curve()[1]).all()


def test_an_explosion_ends_sooner():
    """Of a state that grows tenfold at each step: float64 goes on for many times as long."""
    ends = []
    for dtype in "float32", "float64":
        one = learner(network=RandomLinear(2), optimizer=nbt.SGD(0.0), dtype=dtype)
        one._system.A[:] = 10.0 * np.eye(2)
        with pytest.warns(UserWarning, match="^diverged"):
            ends.append(one.run(400).chars)
    assert 10 < ends[0] < ends[1] / 4


def test_counts_do_not_stop_at_2_to_the_24():
    """Where float32 cannot tell x + 1 from x."""
    one = learner(dtype="float32", optimizer=nbt.SGD(0.1, 0.01))
    for state in one._state.recurrent, one._state.readout:
        state.t[0] = 2.0**24
    next(one)
    assert one._state.recurrent.t[0] == one._state.readout.t[0] == 2**24 + 1


def test_measured_in_full():
    """A study of a learner in float32 has its theta, and the digits of float64."""
    one = learner(dtype="float32", rate=0.01)
    one.run(50)
    system, *_ = exact_parts(one)
    assert system.theta.dtype == np.float64
    np.testing.assert_array_equal(system.theta, one._system.theta)
    found = study(one, [nbt.NoBackTrack(), nbt.BPTT(4)], chars=12, draws=20)
    assert all(array.dtype == np.float64 for array in found.values["NoBackTrack rank 1"]["all"].values())
