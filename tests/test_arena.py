"""Small arrays of a step lie in the driver's own stack: none is allocated, none is lost, and the numbers are those without."""

import threading
from typing import NamedTuple

import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import jit
from nbt_edu.implements import implements
from nbt_edu.jit import arena, kept
from nbt_edu.kernels import assign, product
from nbt_edu.protocols import Estimator

numba = pytest.importorskip("numba")
from numba.core.runtime import _nrt_python, rtsys  # noqa: E402 (where numba is not, nothing of this file runs)

SMALL, LARGE = 10, 4_500  # units: of LARGE two states fill the arena
NETWORK = nbt.LeakyRNN(SMALL, 0.4)


def allocated(work):
    """How many arrays numba allocates meanwhile, and how many of them it keeps."""
    counted = _nrt_python.memsys_stats_enabled()
    _nrt_python.memsys_enable_stats()
    try:
        before = rtsys.get_allocation_stats()
        work()
        after = rtsys.get_allocation_stats()
    finally:
        if not counted:
            _nrt_python.memsys_disable_stats()
    made = after.mi_alloc - before.mi_alloc
    return made, made - (after.mi_free - before.mi_free)


def run(one, chars=2000):
    """Its losses."""
    record = one.run(chars)
    return record.curve(10**9)[1]


@pytest.mark.parametrize("estimator", [nbt.NoBackTrack(3), nbt.BPTT(4), nbt.UORO(), nbt.KFRTRL()], ids=lambda one: one.label())
def test_a_step_allocates_nothing(estimator):
    one = learner(estimator, network=NETWORK, compiled=True)
    one.run(10)  # compiles
    made, kept_ = allocated(lambda: one.run(1000))
    assert made < 500  # those of the arguments; 20 a step would be 20,000
    assert kept_ == 0


def test_what_does_not_fit_is_allocated_and_freed():
    """Arrays of a large network: the same numbers as interpreted, and none is kept."""
    network, estimator = nbt.LeakyRNN(LARGE, connections=2), nbt.NoBackTrack()
    one, plain = (nbt.Learner(nbt.AnBn(4), network, estimator, nbt.SGD(1e-4), seed=3, compiled=of) for of in (True, False))
    one.run(2)
    made, kept_ = allocated(lambda: one.run(20))
    assert made > 20
    assert kept_ == 0
    plain.run(22)
    np.testing.assert_allclose(run(one, 5), run(plain, 5), rtol=1e-9)


def test_two_threads_have_an_arena_each():
    alone = [run(learner(nbt.NoBackTrack(2), network=NETWORK, compiled=True, seed=seed), 20_000) for seed in range(4)]
    found = [None] * 4

    def work(seed):
        found[seed] = run(learner(nbt.NoBackTrack(2), network=NETWORK, compiled=True, seed=seed), 20_000)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for one, other in zip(alone, found, strict=True):
        np.testing.assert_array_equal(one, other)


class Sum(NamedTuple):
    """Listing's state."""

    q: np.ndarray  # (n,)


@implements(Estimator)
class Listing:
    """It goes through a list of arrays: numba frees what a list holds by a function whose address it takes."""

    scale: float = 1.0

    def begin(self, system):
        return Sum(np.zeros(system.theta.shape[1]))

    def advance(self, state, system, tape, noise):
        state.q[0] += 1.0

    def gradient(self, state, system, Q):
        rows = [Q[0].copy(), 2.0 * Q[0], self.scale * state.q]
        rows.append(rows[1] - rows[0])
        return np.ones((1, 1)), np.full((1, system.theta.size), rows[-1].sum() + rows[2].sum())

    def label(self):
        return "listing"


def test_arrays_in_a_list_are_let_go():
    one, plain = (learner(Listing(1e-6), rate=1e-3, network=NETWORK, compiled=of) for of in (True, False))
    one.run(10)
    made, kept_ = allocated(lambda: one.run(500))
    assert made >= 500  # the lists themselves
    assert kept_ == 0
    plain.run(510)
    np.testing.assert_allclose(run(one, 100), run(plain, 100), rtol=1e-9)


@jit.step
def outer(x):
    """A step that answers an array: it must outlive the step."""
    return 2.0 * x


@jit.compiled
def doubled(x, answers):
    """Twice x, many times over, from a step that answers arrays; the arena overflows."""
    for t in range(len(answers)):
        y = outer(x)
        z = outer(y)
        answers[t] = y.sum() + z.sum()


def test_what_a_step_answers_outlives_it():
    x, answers = np.arange(100.0), np.zeros(1000)
    _, kept_ = allocated(lambda: doubled(x, answers))
    np.testing.assert_array_equal(answers, 6.0 * x.sum())
    assert kept_ == 0


@jit.step
def put(found, x):
    """A step that puts an array where it outlives the driver."""
    found.append(2.0 * x)


@jit.compiled
def filling(found, x, times):
    for t in range(times):
        put(found, x + t)


def test_what_is_put_into_a_list_outlives_the_driver():
    found = numba.typed.List([np.zeros(3)])
    filling(found, np.arange(3.0), 20)
    filling(found, np.arange(3.0) + 100.0, 20)
    wanted = [2.0 * (np.arange(3.0) + start + t) for start in (0.0, 100.0) for t in range(20)]
    np.testing.assert_array_equal(np.array(list(found))[1:], wanted)


@jit.compiled
def handing_out(x):
    """A driver that answers an array."""
    return x + 1.0


def test_a_driver_may_answer_an_array():
    found = [handing_out(np.full(10, float(k))) for k in range(50)]
    assert [one[0] for one in found] == [k + 1.0 for k in range(50)]


@jit.compiled
def keeping(A, B, answers):
    """The same product, too large to be inlined, in a driver that has an arena, and in one that answers what it makes."""
    assign(answers[0], product(A, B) + np.dot(A, B))
    assign(answers[1], product(A, B) - np.dot(A, B))


@jit.compiled
def answering(A, B):
    return product(A, B) + np.dot(A, B), product(A, B) - np.dot(A, B)


def test_drivers_with_an_arena_and_without_do_not_meet():
    """Machine code is told apart by names, and theirs are equal."""
    rng, answers = np.random.default_rng(0), np.empty((2, 5, 6))
    A, B = rng.normal(size=(5, 4)), rng.normal(size=(4, 6))
    for _ in range(3):
        keeping(A, B, answers)
        for found in [answering(A, B) for _ in range(100)]:
            np.testing.assert_array_equal(found, answers)


def test_where_numba_looks_otherwise_there_is_no_arena(monkeypatch, tmp_path):
    """Its allocator is asked as before, and the numbers are the same."""
    with_arena = run(learner(nbt.NoBackTrack(), network=NETWORK, compiled=True), 500)
    monkeypatch.setattr(kept, "folder", lambda: tmp_path)
    monkeypatch.setattr(arena, "EXPECTED", ("never heard of",))
    jit.drivers._dispatcher.cache_clear()
    try:
        one = learner(nbt.NoBackTrack(), network=NETWORK, compiled=True)
        np.testing.assert_allclose(run(one, 500), with_arena, rtol=1e-12)
        made, _ = allocated(lambda: one.run(100))
        assert made > 1000
    finally:
        jit.drivers._dispatcher.cache_clear()
