"""What a driver is given is an address in compiled code; whatever Python lets one do with a NamedTuple, it does."""

from typing import NamedTuple

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import jit

needs_numba = pytest.mark.skipif(not jit.available(), reason="numba is not installed, or NBT_EDU_JIT=0 forbids machine code")
pytestmark = needs_numba


class Inner(NamedTuple):
    x: np.ndarray
    scale: float


class Outer(NamedTuple):
    inner: Inner
    pair: tuple
    whole: int
    flag: bool


class Pair(NamedTuple):
    a: np.ndarray
    b: np.ndarray


def outer():
    return Outer(Inner(np.arange(3.0), 0.5), (np.ones(2), np.full(2, 3.0)), 7, True)


@jit.step
def first(inner):
    return inner.x[0] + inner.scale


@jit.step
def handed(outer):
    return outer.inner


@jit.step
def spread(x, scale):
    return x.sum() * scale


def read(outer, answers):
    """Fields, nested ones, a plain tuple's entries, a number, a truth value."""
    answers[0] = outer.inner.x[2] * outer.inner.scale + outer.pair[1][0] + outer.whole
    answers[1] = 1.0 if outer.flag else 2.0


def unpack(outer, answers):
    inner, pair, whole, _ = outer
    x, scale = inner
    answers[0], answers[1] = x[1] + scale, pair[0][1] + whole


def index(outer, answers):
    answers[0], answers[1], answers[2] = outer[0][1], outer[-2], len(outer)


def call(outer, answers):
    """It is passed on, answered, spread, and written into."""
    answers[0] = first(outer.inner)
    answers[1] = first(handed(outer))
    answers[2] = spread(*outer.inner)
    outer.inner.x[0] = -5.0


def remake(outer, answers):
    """A thing made of what was given, and one of two: given, or made."""
    made = Outer(outer.inner, outer.pair, 8, False)
    answers[0] = first(made.inner) + made.whole
    either = outer.inner if outer.flag else Inner(outer.inner.x + 1.0, 2.0)
    answers[1] = first(either)
    either = Inner(outer.inner.x + 1.0, 2.0) if outer.flag else outer.inner
    answers[2] = first(either)


@pytest.mark.parametrize("driver", (read, unpack, index, call, remake), ids=lambda one: one.__name__)
def test_compiled_is_interpreted(driver):
    found = []
    for one in driver, jit.compiled(driver):
        thing, answers = outer(), np.zeros(3)
        one(thing, answers)
        found.append((answers, thing.inner.x))
    for (wanted, changed), (answers, x) in [found]:
        np.testing.assert_array_equal(answers, wanted)
        np.testing.assert_array_equal(x, changed)


@nbt.implements(nbt.protocols.Estimator)
class Spread:
    """An estimator whose methods take their state apart, spread it, and make it anew."""

    rank: int = 2

    def begin(self, system):
        return Pair(np.zeros(2), np.full((1, 1), 0.5))

    def advance(self, state, system, tape, noise):
        a, b = state
        a[0] += b[0, 0]
        again = Pair(*state)
        again.a[1] += 1.0

    def gradient(self, state, system, Q):
        return np.full((1, 1), state.a[0] + state[0][1]), np.full((1, system.theta.size), 1e-3)


def test_an_estimator_may_treat_its_state_so():
    ends = []
    for compiled in False, True:
        learner = nbt.Learner(nbt.AnBn(4), nbt.LeakyRNN(4, 0.3), Spread(), nbt.SGD(0.01), compiled=compiled)
        ends.append(learner.run(20).curve(20)[1])
    np.testing.assert_allclose(*ends, rtol=1e-12)


def test_what_is_changed_between_two_calls_is_seen():
    """Nothing is remembered of what a driver was given before."""
    driver = jit.compiled(read)
    thing, answers = outer(), np.zeros(3)
    driver(thing, answers)
    before = answers[0]
    thing.inner.x[2] = 100.0
    driver(thing._replace(whole=70), answers)
    assert answers[0] == before + (100.0 - 2.0) * 0.5 + 63


def test_arrays_that_are_read_of_it_are_not_counted_unless_a_list_could_keep_them():
    """Counting takes an atomic operation each time: a step took half as long again."""
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic
    from numba.typed import List

    @intrinsic
    def counted(typing_context, array):
        def generate(context, builder, signature, args):
            return cgutils.is_not_null(builder, context.make_array(array)(context, builder, args[0]).meminfo)

        return types.boolean(array), generate

    @jit.scalar  # as methods and kernels are: a driver and its steps count nothing anyway
    def two(outer, answers):
        answers[0] = counted(outer.inner.x) + counted(outer.pair[1])

    @jit.compiled
    def driver(outer, answers):
        two(outer, answers)

    @jit.compiled
    def keeping(outer, answers, some):
        two(outer, answers)

    answers = np.full(3, 9.0)
    driver(outer(), answers)
    assert answers[0] == 0
    keeping(outer(), answers, List([np.zeros(1)]))
    assert answers[0] > 0


@jit.scalar
def innermost(x):
    return x.sum() + np.zeros((1, 2, 1, 2, 1)).sum()


@jit.scalar
def between(x):
    return innermost(x) + 1.0


def fill(x):
    x[0] = between(x)


def test_others_may_use_what_was_compiled_for_a_driver(monkeypatch):
    """numba makes a function once for all who call it: who links one of a driver's parts gets all that it calls."""
    import numba

    monkeypatch.setattr("nbt_edu.jit.kept.keepable", lambda *about: False)  # what comes from the disk has no parts
    for made in jit.compiled(fill), numba.njit(fill):
        x = np.ones(1)
        made(x)
        assert x[0] == 2.0
