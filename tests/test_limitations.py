"""Each line of docs/limitations.md names a test that exists; and tests of the lines that no other holds."""

import ast
import pathlib
import re

import numpy as np
import pytest
from planted_estimators import Hidden, mutant, proved
from planted_systems import net
from table import learner, walk_of

import nbt_edu as nbt
from nbt_edu import SGD, AnBn, FunctionRNN, LeakyRNN, catalogue
from nbt_edu.estimators import nobacktrack
from nbt_edu.measuring.trials import built, trial_of, trials
from nbt_edu.measuring.walk import all_signs
from nbt_edu.optimizers import BlockKalman, DiagonalKalman, Kalman, QuasiDiagonalKalman
from nbt_edu.systems import Net

TESTS = pathlib.Path(__file__).parent
LINES = [line for line in (TESTS.parent / "docs" / "limitations.md").read_text("utf-8").splitlines() if line.startswith("- ")]
SYSTEMS = {row.name: row for row in catalogue.SYSTEMS}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[2:40])
def test_each_line_names_tests_that_exist(line):
    names = re.findall(r"`(test_\w+\.py)::(test_\w+)`", line)
    assert names, "it names no test"
    for file, name in names:
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file} has no {name}"


# --- machine code ---


def test_a_constant_of_the_package_that_is_replaced_is_not_seen(monkeypatch):
    """It is compiled as its file says."""
    found = []
    for tiny in nobacktrack.TINY, 0.5:
        monkeypatch.setattr(nobacktrack, "TINY", tiny)
        for compiled in True, False:
            one = learner(nbt.NoBackTrack(), compiled=compiled)
            one.run(50)
            found.append(one._system.theta.copy())
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[1] - found[3]).max() > 1e-3


# --- gradients ---


def test_a_clipped_step_has_another_mean():
    """Over all signs: estimates clipped to the length of the gradient are shorter than it in the mean."""
    walk, estimator = walk_of("leaky", n=3, T=3), nbt.NoBackTrack()
    said = np.array([said[-1] for said in walk.all_answers(estimator, walk.signs(estimator))])
    sizes, exact = np.linalg.norm(said, axis=1, keepdims=True), walk.exact()[-1]
    clipped = (said * np.minimum(1.0, np.linalg.norm(exact) / np.maximum(sizes, 1e-300))).mean(0)
    np.testing.assert_allclose(said.mean(0), exact, rtol=0, atol=1e-12)
    assert np.linalg.norm(clipped) < 0.9 * np.linalg.norm(exact)


def test_windows_answer_for_q_alone():
    """Of three rows asked for these answer one; all others answer three."""
    alone = set()
    for row in catalogue.ESTIMATORS:
        trial = trial_of(SYSTEMS["leaky RNN"], 3, 4)
        _, rows, _ = trial.walk.ask(row.estimator, trial.Q, np.ones((4, row.estimator.noise_vectors(), 3), np.int8))
        assert set(rows) <= {0, 1, 3}
        alone |= {type(row.estimator).__name__} if 1 in rows else set()
    assert alone == {"BPTT", "CheckpointedBPTT", "MemoryNoBackTrack"}


@pytest.mark.parametrize("before, after", [
    (nbt.BPTT(2), nbt.BPTT(3)), (nbt.SlidingBPTT(2), nbt.SlidingBPTT(3)),
    (nbt.ReducedNoBackTrack(2), nbt.ReducedNoBackTrack(1)),
], ids=str)  # fmt: skip
def test_what_begins_anew(before, after):
    walk = walk_of("leaky", n=3, T=4)
    state = before.begin(walk.system)
    walk.ask(before, walk.q[:, None], np.ones((4, before.noise_vectors(), 3), np.int8), state)
    found, fresh = after.resume(before, state, walk.system), after.begin(walk.system)
    for one, other in zip(flat(found), flat(fresh), strict=True):
        np.testing.assert_array_equal(one, other)


def flat(state):
    return [leaf for part in state for leaf in flat(part)] if isinstance(state, tuple) else [state]


# --- Kalman filters ---


def test_noise_counts_as_knowledge():
    """Over all signs: trace of E C^T C, made of NoBackTrack's rows, is above that of the exact rows, and less so at rank 2."""
    inflation = []
    for rank, n in (1, 3), (2, 2):
        walk = walk_of("leaky", n=n, T=3)
        C = np.random.default_rng(0).normal(size=(3, n))
        exact = ((C @ walk.influences()[-1]) ** 2).sum()
        total, estimator = 0.0, nbt.NoBackTrack(rank)
        Q = np.broadcast_to(C, (3, 3, n)).copy()
        noises = all_signs(3, rank, n)
        for noise in noises:
            total += (walk.ask(estimator, Q, noise)[0][-1] ** 2).sum() / len(noises)
        inflation.append(total / exact)
    assert inflation[0] > 2 and inflation[1] > 1.2


def test_filters_are_approximations_elsewhere():
    """Rows that see all parameters: the full filter's theta, and three others."""
    thetas = []
    for kind in Kalman, BlockKalman, QuasiDiagonalKalman, DiagonalKalman:
        theta, rng, one = np.zeros((4, 3)), np.random.default_rng(0), kind(prior=0.5)
        state = one.begin(theta)
        for _ in range(20):
            B = rng.normal(size=(1, 12))
            one.apply(state, theta.reshape(1, -1), np.array([[rng.normal()], [1.0]]), B)
        thetas.append(theta)
    for one in range(4):
        for other in range(one):
            assert np.abs(thetas[one] - thetas[other]).max() > 0.01


def test_two_blocks_are_filtered_apart():
    """The filter of each block holds its own parameters' covariance, and no more."""
    one = learner(nbt.RTRL(), optimizer=Kalman())
    sizes = one._system.theta.size, one._built.theta.size
    assert [state.root.shape for state in (one._state.recurrent, one._state.readout)] == [(size, size) for size in sizes]


# --- measurements and systems ---


def test_compiled_and_interpreted_part_by_rounding():
    """A millionth of a millionth of a weight, put in at the start, is all of it after 2,000 characters of a lively run."""
    settings = {"network": LeakyRNN(8), "optimizer": SGD(0.05), "task": AnBn(5)}
    one, other = (learner(nbt.NoBackTrack(), **settings) for _ in range(2))
    other._system.theta[0, 0] *= 1.0 + 1e-12
    for run in one, other:
        run.run(2000)
    assert np.abs(one._system.theta - other._system.theta).max() > 0.01


def test_a_function_cannot_be_saved(tmp_path):
    described = FunctionRNN(lambda h, x, theta: h, 3, lambda n, m, rng: np.zeros((n + m + 1, n)))
    one = learner(nbt.RTRL(), network=described)
    with pytest.raises(ValueError, match="^network cannot be saved: a function is not plain data"):
        one.save(tmp_path / "saved.npz")


# --- the proofs themselves ---


def test_derivatives_are_proved_to_six_digits():
    assert not net(jvp=lambda self, tape, u: (1 + 1e-4) * Net.jvp(self, tape, u)).passed
    assert net(jvp=lambda self, tape, u: (1 + 1e-8) * Net.jvp(self, tape, u)).passed


class SlidesOver30(Hidden):
    """`SlidingBPTT` of a length that no field tells, longer than the walk."""

    length = 30

    def begin(self, system):
        return nbt.SlidingBPTT(self.length).begin(system)

    def advance(self, state, system, tape, noise):
        nbt.SlidingBPTT(self.length).advance(state, system, tape, noise)

    def gradient(self, state, system, Q):
        return nbt.SlidingBPTT(self.length).gradient(state, system, Q)


def test_what_is_forgotten_after_the_walk_is_not_seen():
    """Nor seen is a length of 30 that no field tells; one of 10 is; and so are both where a field tells them."""
    assert proved(SlidesOver30(), "exact").passed
    assert not proved(type("SlidesOver10", (SlidesOver30,), {"length": 10})(), "exact").passed
    for window in 10, 30:
        assert not proved(mutant(nbt.SlidingBPTT, window), "exact").passed


def test_walks_are_small():
    for row in catalogue.ESTIMATORS:
        for system in SYSTEMS.values():
            if not {*getattr(row.estimator, "needs", ())} - {*getattr(built(system, 1), "offers", ())}:
                assert all(trial.walk.system.start().size <= 6 for trial in trials(system, row.estimator))
