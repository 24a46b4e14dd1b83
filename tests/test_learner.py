"""A run is a function of its settings and seed, however it is cut, changed, stopped, saved or interrupted."""

import math
import os
import signal
import threading
import time
import warnings

import numpy as np
import pytest
from table import ESTIMATORS, learner, rarer, same

import nbt_edu.learning.learner as learner_module
from nbt_edu import BPTT, RTRL, SGD, AnBn, LeakyRNN, NoBackTrack, SlidesRNN, Text, sample
from nbt_edu.apps import Race
from nbt_edu.learning.guards import heard_while_compiling
from nbt_edu.learning.randomness import BLOCK

every_estimator = pytest.mark.parametrize("estimator", [row.estimator for row in ESTIMATORS.values()], ids=list(ESTIMATORS))


# --- in pieces ---


@every_estimator
def test_pieces_do_not_matter(estimator):
    in_pieces(estimator, compiled=False)


@pytest.mark.parametrize("estimator", [rarer(row.estimator, (RTRL, BPTT, NoBackTrack)) for row in ESTIMATORS.values()], ids=str)
def test_pieces_do_not_matter_compiled(estimator):
    in_pieces(estimator, compiled=True)


def in_pieces(estimator, compiled):
    """One run, an iterator, and runs of any lengths across the blocks of signs: the same numbers."""
    total = BLOCK + 100
    once, stepped, cut = (learner(estimator, compiled=compiled) for _ in range(3))
    once.run(total)
    bits = [next(stepped) for _ in range(total)]
    for piece in (1, 2, 700, 1, BLOCK - 650):
        cut.run(piece)
    cut.run(total - cut.chars)
    same(stepped, once)
    same(cut, once)
    assert np.mean(bits) == pytest.approx(once.record.bits_per_char())
    assert once.chars == once.record.chars == total and iter(once) is once


@every_estimator
def test_rewind(estimator):
    """The same run again, from nothing; the record begins anew."""
    once, again = learner(estimator), learner(estimator)
    again.run(90)
    again.rewind()
    for one in once, again:
        one.run(150)
    same(again, once)


def test_seeds_differ():
    """Weights, task and signs follow from the seed: another one gives another run."""
    one, other = (learner(seed=seed) for seed in (0, 1))
    weights = [run._system.theta[:-1].copy() for run in (one, other)]
    bits = [[next(run) for _ in range(50)] for run in (one, other)]
    assert np.abs(np.subtract(*weights)).min() > 0 and np.abs(np.subtract(*bits)).mean() > 0.05
    assert learner(seed=0).run(50).bits_per_char() == pytest.approx(np.mean(bits[0]))


def test_first_prediction_costs_the_uniform_code():
    """The readout begins at zero: every symbol is worth log2 m bits, and `probabilities` says so."""
    one = learner(task=Text("abcd"))
    assert one.probabilities() == dict.fromkeys("abcd", 0.25)
    assert next(one) == 2.0


def test_probabilities_are_those_of_the_next_character():
    """What is expected before a character is what it then costs."""
    text = "the cat sat on the mat. "
    one = learner(RTRL(), 0.3, task=Text(text))
    one.run(400)
    for _ in range(len(text)):
        coming = text[(one.chars + 1) % len(text)]
        expected = one.probabilities()
        assert sum(expected.values()) == pytest.approx(1)
        assert next(one) == pytest.approx(-math.log2(expected[coming]))


@pytest.mark.parametrize("estimator", [RTRL(), BPTT(4), NoBackTrack(4)], ids=str)
def test_it_learns(estimator):
    """After 20,000 characters of a^n b^n with n <= 3, less than half of the first loss is left above the floor."""
    one = learner(estimator, 0.05, True, task=AnBn(3), network=LeakyRNN(8, 0.5))
    first = one.run(300).bits_per_char() - one.task.entropy_rate
    one.run(20_000)
    assert one.task.entropy_rate < one.record.bits_per_char(5000) < one.task.entropy_rate + first / 2


# --- changed on the way ---

CHANGES = [  # from, what is set, the event that is noted
    (NoBackTrack(2), {"optimizer": SGD(0.01)}, "SGD rate=0.01"),
    (NoBackTrack(2), {"estimator": NoBackTrack(5)}, "NoBackTrack rank 5"),
    (NoBackTrack(2), {"estimator": NoBackTrack(1)}, "NoBackTrack rank 1"),
    (NoBackTrack(2), {"estimator": NoBackTrack(2, 0.5)}, "NoBackTrack rank 2 β=0.5"),
    (BPTT(4), {"estimator": BPTT(9), "optimizer": SGD(0.2, 0.3)}, "BPTT-9, SGD rate=0.2 decay=0.3"),
    (BPTT(1), {"estimator": RTRL()}, "RTRL"),
    (RTRL(), {"estimator": BPTT(1)}, "BPTT-1"),
    (RTRL(), {"estimator": NoBackTrack()}, "NoBackTrack rank 1"),
]


@pytest.mark.parametrize("before, change, event", CHANGES, ids=lambda case: str(case) if isinstance(case, str) else "")
def test_set(before, change, event):
    """A change goes on from where the run is, is noted there, counts from there on, and is as good in pieces."""
    changed, again, alone = (learner(before) for _ in range(3))
    for one in changed, again, alone:
        one.run(50)
    for one in changed, again:
        one.set(**change)
        same_until_now = zip(one._arrays()[:2], alone._arrays()[:2], strict=True)
        assert all(np.array_equal(mine, theirs) for mine, theirs in same_until_now)
    changed.run(60)
    for piece in (1, 17, 42):
        again.run(piece)
    alone.run(60)
    same(changed, again)
    assert changed.record.events == [alone.record.events[0], (50, event)]
    assert changed.chars == 110 and changed.record.diverged is None
    assert not np.array_equal(changed._system.theta, alone._system.theta)


def test_set_to_the_same_changes_nothing():
    changed, alone = learner(NoBackTrack(2)), learner(NoBackTrack(2))
    for one in changed, alone:
        one.run(50)
    changed.set(estimator=NoBackTrack(2), optimizer=SGD(0.1, 0.1, 1.0))
    for one in changed, alone:
        one.run(50)
    same(changed, alone)


def test_rank_falls_to_the_first_pairs():
    """At rate 0, rank 3 made 1 goes on with the very pair and signs that rank 1 has all along."""
    many, one = learner(NoBackTrack(3), 0.0), learner(NoBackTrack(1), 0.0)
    for run in many, one:
        run.run(40)
        run.set(estimator=NoBackTrack(1))
        run.run(40)
    np.testing.assert_allclose(many._state.estimate.v, one._state.estimate.v, rtol=1e-12)
    np.testing.assert_allclose(many._state.estimate.w, one._state.estimate.w, rtol=1e-9, atol=1e-12)


# --- the optimizer ---


def test_rate_zero_freezes():
    one = learner(RTRL(), rate=0.0)
    before = [one._system.theta.copy(), one._built.theta.copy()]
    one.run(100)
    np.testing.assert_array_equal(one._system.theta, before[0])
    np.testing.assert_array_equal(one._built.theta, before[1])


def updates(optimizer, steps):
    """The changes of theta (2, 7) by a run of factored gradients, and the gradients."""
    rng, theta = np.random.default_rng(0), np.zeros((2, 7))
    memory, changes, gradients = optimizer.begin(theta), [], []
    for _ in range(steps):
        A, B, before = rng.normal(size=(2, 3)), rng.normal(size=(3, 7)), theta.copy()
        optimizer.apply(memory, theta, A, B)
        changes.append(theta - before)
        gradients.append(A @ B)
    return changes, gradients


def test_decay_schedule():
    """Update t is -rate / (1 + decay sqrt(t)) times the gradient, t from 0."""
    for t, (change, g) in enumerate(zip(*updates(SGD(0.2, decay=0.5), 6), strict=True)):
        np.testing.assert_allclose(change, -0.2 / (1 + 0.5 * math.sqrt(t)) * g, rtol=1e-12, atol=1e-15)


def test_clip_bounds_the_update():
    """A gradient longer than `clip` keeps its direction and becomes that long; a shorter one stays."""
    changes, gradients = updates(SGD(0.2, clip=6.0), 12)
    norms = [np.linalg.norm(g) for g in gradients]
    assert min(norms) < 6 < max(norms)
    for change, g, norm in zip(changes, gradients, norms, strict=True):
        np.testing.assert_allclose(change, -0.2 * g * min(1, 6 / norm), rtol=1e-12, atol=1e-15)


# --- stopped on the way ---


def test_divergence_is_told_and_kept():
    """A run that blows up stops with a warning that says where and what to do; what it had read is kept."""
    one = learner(RTRL(), network=SlidesRNN(4), optimizer=SGD(1e3))
    with pytest.warns(UserWarning, match="diverged at character ") as caught:
        record = one.run(5000)
    assert len(caught) == 1 and str(caught[0].message) == record.diverged
    assert f"diverged at character {record.chars:,}:" in record.diverged and "(now SGD rate=1000)" in record.diverged
    assert 0 < record.chars < 5000 and one.chars == record.chars
    assert np.isfinite(record.curve()[1]).all() and math.isfinite(record.bits_per_char())
    with pytest.raises(StopIteration):
        next(one)
    with pytest.warns(UserWarning, match="diverged"):
        assert one.run(10).chars == record.chars
    one.optimizer = SGD(0.01, clip=1.0)
    one.rewind()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert one.run(500).diverged is None


@pytest.fixture
def ctrl_c():
    """Python's own answer to Ctrl-C, which a runner in the background may have switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler, "the handler was not put back"


@pytest.mark.usefixtures("ctrl_c")
def test_interrupt_falls_between_characters(monkeypatch):
    """Ctrl-C within a character waits for the end of the piece; the next run goes on as if nothing had been."""
    advance, when = NoBackTrack.advance, {"left": 77}

    def interrupted(self, *args):
        when["left"] -= 1
        if when["left"] == 0:
            signal.raise_signal(signal.SIGINT)
        return advance(self, *args)

    alone = learner()
    alone.run(400)
    monkeypatch.setattr(NoBackTrack, "advance", interrupted)
    one = learner()
    with pytest.raises(KeyboardInterrupt):
        one.run(400)
    assert 77 <= one.chars == one.record.chars < 400
    one.run(400 - one.chars)
    same(one, alone)


@pytest.mark.usefixtures("ctrl_c")
def test_interrupt_from_outside():
    """A real signal to a compiled run stops it within moments, at a character's end."""
    one, alone = learner(compiled=True), learner(compiled=True)
    one.run(1)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        one.run(10**9)
    assert 1 < one.chars == one.record.chars
    one.run(100)
    alone.run(one.chars)
    same(one, alone)


class Compiler:
    """A driver that takes a while to compile, when it is first called, and is interrupted then."""

    def __init__(self, driver):
        self.interpreted, self.calls = driver.interpreted, 0

    def __call__(self, *args):
        self.calls += 1
        if self.calls == 1:
            signal.raise_signal(signal.SIGINT)
        self.interpreted(*args)


@pytest.mark.usefixtures("ctrl_c")
def test_interrupt_while_compiling_is_heard_at_once_and_loses_nothing(monkeypatch):
    """It comes before anything was read; the next run begins where this one would have."""
    once, stopped = learner(), learner()
    once.run(30)
    monkeypatch.setattr(learner_module, "run_chunk", Compiler(learner_module.run_chunk))
    stopped.compiled = True
    with pytest.raises(KeyboardInterrupt):
        stopped.run(30)
    assert stopped.chars == stopped._examples.count == 0
    stopped.run(30)
    same(stopped, once)


@pytest.mark.usefixtures("ctrl_c")
def test_interrupt_that_llvm_would_swallow_is_heard_a_moment_later():
    """It falls into a call from C, whose exceptions are lost: here a function in a file of llvmlite's, which drops them."""
    callback = {"signal": signal, "dropped": []}
    source = """
def notify():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        dropped.append(1)
"""
    exec(compile(source, os.path.join("llvmlite", "binding", "executionengine.py"), "exec"), callback)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), heard_while_compiling():
        callback["notify"]()
        while time.monotonic() < start + 20:
            time.sleep(0.001)
    assert not callback["dropped"] and time.monotonic() < start + 10
    with pytest.raises(KeyboardInterrupt), heard_while_compiling():
        callback["notify"]()  # and the work ends before the moment has passed
    time.sleep(0.2)


@pytest.mark.parametrize("steps", [-1, math.nan, math.inf, 1e300, 10**13, 1.5, None, "10", True])
@pytest.mark.parametrize("call", ["run", "read", "evaluate", "write", "step", "speed_alone", "sample"])
def test_how_many_is_refused_in_a_sentence(call, steps):
    """None of them may run for ever, or backwards."""
    one, race = learner(), Race(compiled=False, units=3)
    calls = {
        "run": one.run, "read": one.read, "evaluate": lambda n: one.evaluate(AnBn(5), n), "write": one.write,
        "step": race.step, "speed_alone": lambda n: race.speed_alone("BPTT", n), "sample": lambda n: sample(AnBn(5), n),
    }  # fmt: skip
    if (call, steps) == ("step", None):
        return  # a chunk
    with pytest.raises(ValueError, match="^(chars|n) must be a whole number"):
        calls[call](steps)
    assert one.chars == race.count == 0
