"""Learning on signals, and on data that come one by one: in their own unit, and the same numbers however they come."""

import itertools
import math
import warnings

import numpy as np
import pytest
from statsmodels.datasets import sunspots
from table import SYSTEMS, same

import nbt_edu as nbt
from nbt_edu import (
    BPTT,
    RFLO,
    RTRL,
    SGD,
    UORO,
    Adam,
    CheckpointedBPTT,
    Kalman,
    LeakyRNN,
    MemoryNoBackTrack,
    NoBackTrack,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
    SnAp1,
)
from nbt_edu.learning import progress
from nbt_edu.measuring.walk import Walk
from nbt_edu.readouts import SquaredErrorReadout

ESTIMATORS = [RTRL(), BPTT(3), CheckpointedBPTT(3), SlidingBPTT(3), NoBackTrack(2), UORO(), RFLO(), SnAp1()]
ESTIMATORS += [MemoryNoBackTrack(3), SlidingMemoryNoBackTrack(3)]
OPTIMIZERS = [row.optimizer for row in nbt.catalogue.OPTIMIZERS]


def values(steps=120, columns=2, seed=0):
    """A seeded autoregression about 5."""
    rng, rows = np.random.default_rng(seed), [np.full(columns, 5.0)]
    for _ in range(steps - 1):
        rows.append(5 + 0.8 * (rows[-1] - 5) + rng.normal(size=columns))
    return np.array(rows)


def learner(task=None, network=None, estimator=None, optimizer=None, compiled=False, **settings):
    """A small learner, interpreted unless told otherwise."""
    parts = task or nbt.Signal(values()), network or LeakyRNN(3, 0.5), estimator or NoBackTrack(2), optimizer or Adam(0.01)
    return nbt.Learner(*parts, compiled=compiled, **settings)


# --- everywhere ---


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_every_estimator_on_every_network(system, estimator):
    one = learner(network=SYSTEMS[system](3), estimator=estimator, optimizer=SGD(0.01))
    record = one.run(60)
    assert record.diverged is None and record.chars == 60 and math.isfinite(record.rms_error())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: type(one).__name__)
def test_every_optimizer(optimizer):
    assert math.isfinite(learner(optimizer=optimizer).run(100).rms_error(last=30))


@pytest.mark.parametrize("system", ["leaky", "GRU", "sparse"])
def test_unbiased_on_signals(system):
    """The mean over all signs along a walk of signals is the exact gradient."""
    rng = np.random.default_rng(0)
    net = SYSTEMS[system](2).build(np.zeros(3), 3, rng)
    walk = Walk(net, rng.normal(size=(3, 3)), rng.normal(size=(3, 2)))
    for estimator in NoBackTrack(), UORO():
        for found, wanted in zip(walk.mean(estimator), walk.exact(), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_one_hot_signal_is_a_symbol(system):
    """A step that reads onehot(x), and every product, are those of the step that reads x."""
    rng = np.random.default_rng(0)
    one = SYSTEMS[system](4).build(0, 3, rng)
    other, h = one._replace(x0=np.zeros(3)), rng.normal(size=one.start().size)
    w, e, G = rng.normal(size=one.theta.shape), rng.normal(size=h.size), rng.normal(size=(h.size, one.theta.size))
    (h1, tape), (h2, tape2) = one.step(h, 2), other.step(h, np.eye(3)[2])
    np.testing.assert_allclose(h2, h1, rtol=1e-13)
    np.testing.assert_allclose(other.jvp_theta(tape2, w), one.jvp_theta(tape, w), rtol=1e-12)
    np.testing.assert_allclose(other.immediate_norms2(tape2), one.immediate_norms2(tape), rtol=1e-12)
    changed = [(part.copy(), part.copy()) for part in (w, G)]
    for system_, tape_, k in (one, tape, 0), (other, tape2, 1):
        system_.add_vjp_theta(changed[0][k], tape_, e)
        system_.add_immediate(changed[1][k], tape_)
    for mine, theirs in changed:
        np.testing.assert_allclose(theirs, mine, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("network, estimator, optimizer, compare", [
    (LeakyRNN(5, 0.4), NoBackTrack(2), Adam(0.01), [BPTT(2)]),
    (nbt.GRU(3), BPTT(3), nbt.DiagonalKalman(fading=0.01), []),
    (LeakyRNN(4, 0.5, connections=2), RTRL(), SGD(0.01), []),
], ids=str)  # fmt: skip
def test_interpreted_is_compiled(network, estimator, optimizer, compare):
    task = nbt.Signal(values(200, 3), values(200, 1, seed=1)[:, 0])
    read, run = (learner(task, network, estimator, optimizer, code, compare=compare) for code in (False, True))
    for one in read, run:
        one.run(150)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(run.record.error_curve()[1], read.record.error_curve()[1], rtol=1e-8)
    np.testing.assert_allclose(run.record.curve()[1], read.record.curve()[1], rtol=1e-8, atol=1e-10)


# --- known answers ---


def test_a_full_filter_on_the_readout_is_recursive_least_squares():
    """Of given features and a given variance: the ridge solution of all that came, after each step."""
    rng, s, prior = np.random.default_rng(0), 0.3, 0.7
    readout = SquaredErrorReadout(np.zeros((4, 1)), np.full(1, s), np.zeros(1), 0)
    optimizer = Kalman(prior=prior)
    state, psi, y = optimizer.begin(readout.theta), [], []
    for _ in range(30):
        h, target = rng.normal(size=3), rng.normal(size=1)
        _, outcome = readout.loss(h, target)
        optimizer.apply_readout(state, readout, outcome)
        psi.append([*h, 1.0])
        y.append(target[0])
        X = np.array(psi)
        wanted = np.linalg.solve(X.T @ X / (s * math.log(2)) + prior * np.eye(4), X.T @ np.array(y) / (s * math.log(2)))
        np.testing.assert_allclose(readout.theta[:, 0], wanted, rtol=1e-9, atol=1e-12)


def test_the_variance_is_the_running_mean_of_squared_errors():
    readout, s = nbt.SquaredError(memory=5).build(2, 1), 1.0
    rng = np.random.default_rng(0)
    for t in range(1, 30):
        y = rng.normal(size=1)
        loss, outcome = readout.loss(np.zeros(2), y)
        assert loss == pytest.approx(y[0] ** 2 / (2 * s * math.log(2)) + 0.5 * math.log2(2 * math.pi * s), rel=1e-12)
        readout.adapt(outcome)
        s += (y[0] ** 2 - s) / (1 + min(t, 5))
        assert readout.variance[0] == pytest.approx(s, rel=1e-12)


def test_losses_and_errors_are_in_the_signals_own_unit():
    """Ten times the values: log2 10 bits more a component, ten times the error, the same network."""
    small, large = (learner(nbt.Signal(scale * values())) for scale in (1.0, 10.0))
    for one in small, large:
        one.run(100)
    np.testing.assert_allclose(large._system.theta, small._system.theta, rtol=1e-9)
    (_, first), (_, other) = small.record.curve(), large.record.curve()
    np.testing.assert_allclose(other[2:] - first[2:], 2 * math.log2(10), rtol=1e-9)
    assert large.record.error_curve()[1][2:] == pytest.approx(10 * small.record.error_curve()[1][2:], rel=1e-9)


def test_an_oscillator_is_learnt_down_to_its_floor_and_no_further():
    task = nbt.Oscillator()
    one = learner(task, LeakyRNN(8, 0.5), RTRL(), Adam(0.003), compiled=True)
    error = one.run(12_000).rms_error(last=6000)
    spread = 6 * task.floor / math.sqrt(2 * 6000)  # of a root-mean-square of Gaussian errors, which are white at the floor
    assert task.floor - spread < error < next(line for label, line in task.references.items() if "last value" in label)


# --- one by one ---


@pytest.mark.parametrize("task", [
    nbt.Signal(values()), nbt.Signal(values(), standardise=None), nbt.Signal(values(), values(seed=1)[:, :1]),
    nbt.Text("the cat sat on the mat. "),
], ids=["standardised", "as it is", "own targets", "text"])  # fmt: skip
def test_pushed_one_by_one_they_give_the_same_numbers(task):
    """`learn_one` on the data of a task is `run` on the task; `predict_one` foretells, and changes nothing."""
    run, pushed = learner(task), learner(task)
    x, y = (np.concatenate(part) for part in zip(*itertools.islice(_pairs(task), 3), strict=False))
    run.run(60)
    losses = []
    for t in range(60):
        one, other = (task.alphabet[x[t]], task.alphabet[y[t]]) if task.alphabet else (x[t], y[t])
        before = [part.copy() for part in pushed._arrays()]
        expected = pushed.predict_one(one)
        for mine, theirs in zip(before, pushed._arrays(), strict=True):
            np.testing.assert_array_equal(mine, theirs)
        losses.append(pushed.learn_one(one, other))
        if task.alphabet:
            assert losses[-1] == pytest.approx(-math.log2(expected[other]), rel=1e-9)
        elif t > 1:  # before, nothing tells the scale of targets of one's own
            error = pushed.record.error_curve(10**6)[1][-1]
            assert error == pytest.approx(np.linalg.norm(expected - other), rel=1e-9, abs=1e-12)
    np.testing.assert_array_equal(pushed._system.theta, run._system.theta)
    np.testing.assert_allclose(losses, run.record.curve(10**6)[1], rtol=1e-12)


def _pairs(task):
    last = None
    for block in task.stream(np.random.default_rng(0)):
        if isinstance(block, tuple):
            yield block
        else:
            symbols = block if last is None else np.concatenate((last, block))
            yield symbols[:-1], symbols[1:]
            last = symbols[-1:]


def test_a_missing_target_is_predicted_and_not_learnt_from():
    """Theta stands still, but for what BPTT owed at its window's end; the step counts, in no mean."""
    task = nbt.Stream(inputs=2, outputs=1)
    one = learner(task, optimizer=Adam(0.01))
    one.learn_one([1.0, 2.0], 3.0)
    theta, out = one._system.theta.copy(), one._built.theta.copy()
    assert one.learn_one([2.0, 2.0]) is None and one.learn_one([2.0, 1.0], float("nan")) is None
    np.testing.assert_array_equal(one._system.theta, theta)
    np.testing.assert_array_equal(one._built.theta, out)
    first = one.record.mean_loss(last=3)
    assert one.chars == one.record.chars == 3 and math.isfinite(first) and one.record.mean_loss() == first
    assert math.isfinite(one.learn_one([1.0, 1.0], 2.0))

    late = learner(task, estimator=BPTT(3), optimizer=SGD(0.1))
    late._built.theta[:] = 1.0
    theta = late._system.theta.copy()
    late.learn_one([1.0, 2.0], 3.0)
    late.learn_one([2.0, 1.0], 5.0)
    np.testing.assert_array_equal(late._system.theta, theta)
    late.learn_one([2.0, 2.0])
    assert np.abs(late._system.theta - theta).max() > 1e-6


@pytest.mark.parametrize("task, x, y, message", [
    (nbt.Stream(inputs=2, outputs=1), [1.0], 2.0, r"^x must be 2 numbers no larger than"),
    (nbt.Stream(inputs=2, outputs=1), [1.0, float("nan")], 2.0, r"^x must be 2 numbers no larger than"),
    (nbt.Stream(inputs=2, outputs=1), [1.0, 1e200], 2.0, r"^x must be 2 numbers no larger than 1e\+100"),
    (nbt.Stream(inputs=2, outputs=1), [1.0, 2.0], "warm", r"^y must be 1 number no larger than"),
    (nbt.Stream("ab"), "c", "a", r"^x must be one of the task's 2 symbols, not 'c'"),
    (nbt.Stream("ab"), "a", "ab", r"^y must be one of the task's 2 symbols"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_and_changes_nothing(task, x, y, message):
    one = learner(task)
    before = [part.copy() for part in one._arrays()]
    with pytest.raises(ValueError, match=message):
        one.learn_one(x, y)
    for mine, theirs in zip(before, one._arrays(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


# --- stopped, measured, written ---


def test_saved_and_restored_in_mid_run(tmp_path):
    """With a scale that moves, and pushes in between: the same numbers as if it had never stopped."""
    alone, stopped = learner(), learner()
    for one in alone, stopped:
        one.run(40)
        one.learn_one([4.0, 5.0], [5.0, 5.0])
    stopped.save(tmp_path / "one.npz")
    again = nbt.Learner.restore(tmp_path / "one.npz")
    again.compiled = False
    for one in alone, again:
        one.run(30)
    same(alone, again)


def test_the_end_of_a_signal_ends_the_run_with_a_sentence():
    one = learner(nbt.Signal(values(50)))
    with pytest.warns(UserWarning, match=r"^the task ended after 49 steps"):
        record = one.run(1000)
    assert record.chars == 49 and math.isfinite(record.rms_error()) and "the task ended after 49 steps" in record.sentence()
    with pytest.raises(StopIteration):
        next(one)
    with pytest.warns(UserWarning, match=r"^the task ended after 0 steps"):
        learner(nbt.Stream(inputs=1, outputs=1)).run(5)


def test_evaluation_changes_nothing_and_learns_nothing():
    one = learner(nbt.AnBn(3), optimizer=SGD(0.1))
    one.run(300)
    before = [part.copy() for part in one._arrays()]
    first, again = one.evaluate(nbt.AnBn(3), 500), one.evaluate(nbt.AnBn(3), 500)
    for mine, theirs in zip(before, one._arrays(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert first.chars == 500 and first.bits_per_char() == again.bits_per_char() > nbt.AnBn(3).entropy_rate
    with pytest.raises(ValueError, match="^task must be one with the alphabet"):
        one.evaluate(nbt.Text("quite another text"), 10)
    one._built.theta[:] = np.nan
    spoilt = one.evaluate(nbt.AnBn(3), 500)
    assert spoilt.chars == 0 and spoilt.diverged == "diverged at character 0: a loss is not finite"


def test_a_learner_that_diverged_learns_no_more():
    """Neither by run nor one by one; it says so, and stays as it was."""
    one = nbt.Learner(nbt.AnBn(3), nbt.SlidesRNN(4), RTRL(), SGD(1e3), compiled=False)
    with pytest.warns(UserWarning, match="diverged"):
        end = one.run(5000).chars
    for y in "a", None:
        with pytest.raises(ValueError, match="^learner must be one that has not diverged: rewind it"):
            one.learn_one("a", y)
    assert one.chars == one.record.chars == end


def test_writing():
    """From the alphabet alone, by the seed; at temperature 0 without chance, at a high one near chance."""
    one = learner(nbt.AnBn(3), optimizer=SGD(0.1))
    one.run(300)
    before = [part.copy() for part in one._arrays()]
    text = one.write(200)
    assert len(text) == 200 and set(text) <= set("ab\n") and text == one.write(200)
    expected, cold = one.probabilities(), one.write(30, 0)
    assert cold[0] == max(expected, key=expected.get)
    one.seed = 99
    assert one.write(30, 0) == cold and one.write(200) != text, "chance comes from the seed; at temperature 0 there is none"
    one.seed = 0
    hot = one.write(3000, temperature=1e6)
    for symbol in "ab\n":
        assert hot.count(symbol) / 3000 == pytest.approx(1 / 3, abs=6 * math.sqrt(2 / 9 / 3000))
    for mine, theirs in zip(before, one._arrays(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(ValueError, match="^temperature must be a finite number"):
        one.write(5, temperature=-1)
    with pytest.raises(ValueError, match="^task must be of characters"):
        learner().write(5)


def test_sunspots(tmp_path):
    """A real file, as the README has it: the curve's axis, and the lines to compare with, are in the file's own unit."""
    path = tmp_path / "sunspots.csv"
    sunspots.load_pandas().data.to_csv(path, index=False)
    task = nbt.Signal.file(path, columns=["SUNACTIVITY"])
    one = nbt.Learner(task, LeakyRNN(32, 0.5), NoBackTrack(4), Adam(0.003), readout=nbt.SquaredError(), compiled=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record = one.run(3000)
    assert record.chars == 308 and 15 < record.rms_error(last=100) < 40
    figure = nbt.figures.learning_curves(record)
    assert figure.layout.yaxis.title.text == "root-mean-square error"
    assert {note.text for note in figure.layout.annotations} == {"last value 24", "autoregression 17.2"} == {*record.references}


def test_the_wrong_readout_is_refused():
    with pytest.raises(ValueError, match=r"^readout must be Softmax\(\) for a task of characters, SquaredError"):
        learner(readout=nbt.Softmax())
    with pytest.raises(ValueError, match=r"^estimator must be one that does without units, which Linear does not offer"):
        learner(network=nbt.systems.RandomLinear(3), estimator=RFLO())


def test_the_bar_says_that_it_compiles(capsys, monkeypatch):
    """What waits for machine code says so, and the wait counts in no speed."""
    monkeypatch.setattr(progress, "SOON", 0.05)
    monkeypatch.setattr(progress, "LATER", 0.05)
    with progress.Bar(100, "characters", compiled=True) as bar:
        bar._timer.join()
        bar.update(1)
        assert bar._bar.format_dict["elapsed"] < 0.05
    assert "compiling (once)" in capsys.readouterr().err


def test_a_diverged_record_says_so():
    one = nbt.Learner(nbt.AnBn(3), nbt.SlidesRNN(4), RTRL(), SGD(1e3), compiled=False)
    with pytest.warns(UserWarning):
        assert "; diverged at character " in repr(one.run(5000))
