"""Quicker ways to an answer give that answer, and give way to a method that a subclass writes anew."""

import copy

import numpy as np
import pytest
from table import ESTIMATORS, learner, walk_of

from nbt_edu import SGD, BlockKalman, DiagonalKalman, NoBackTrack, Softmax, SquaredError, implements, jit
from nbt_edu.kernels import aligned, dots, flat, owned, product, rows
from nbt_edu.optimizers.families import KalmanSettings
from nbt_edu.protocols import Estimator, Optimizer, Readout
from nbt_edu.readouts import SoftmaxReadout

N, M = 5, 4  # units, outputs


def outcome_of(description, hidden=0):
    rng = np.random.default_rng(3)
    readout = description.build(N, M)
    readout.theta[...] = rng.normal(size=readout.theta.shape)
    return readout, readout.loss(rng.normal(size=N + hidden), 2 if description.symbols else rng.normal(size=M))[1]


@pytest.mark.parametrize("description", [Softmax(), SquaredError(0.5)], ids=["softmax", "squared error"])
@pytest.mark.parametrize("optimizer", [SGD(0.1), DiagonalKalman(), BlockKalman()], ids=str)
def test_products_are_those_of_the_rows(description, optimizer):
    readout, outcome = outcome_of(description)
    V = np.random.default_rng(4).normal(size=(3, N + 2))
    wanted = optimizer.cotangents(readout, outcome) @ V[:, :N].T
    np.testing.assert_allclose(optimizer.cotangent_products(readout, outcome, V), wanted, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_answer_is_the_gradient_of_what_is_asked(name):
    estimator, walk = ESTIMATORS[name].estimator, walk_of("LSTM" if "psi" in name else "leaky", n=N)
    readout, outcome = outcome_of(Softmax())
    signs = np.random.default_rng(5).choice([-1, 1], (len(walk.tapes), estimator.noise_vectors(), walk.system.start().size))
    state = estimator.begin(walk.system)
    for t, tape in enumerate(walk.tapes):
        estimator.advance(state, walk.system, tape, signs[t])
    for optimizer in SGD(0.1), DiagonalKalman():
        own, other = copy.deepcopy(state), copy.deepcopy(state)
        found = product(*estimator.gradient_for(own, walk.system, optimizer, readout, outcome))
        wanted = product(*estimator.gradient(other, walk.system, optimizer.cotangents(readout, outcome)))
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


def test_who_writes_the_gradient_anew_is_asked_for_it():
    """Else a subclass would go on with the shortcut of its base."""

    @implements(Estimator)
    class Halved(NoBackTrack):
        def gradient(self, state, system, Q):
            return dots(Q, state.v) * state.scale / 2, rows(state.w)

    assert Halved.gradient_for is Estimator.gradient_for and NoBackTrack.gradient_for is not Estimator.gradient_for

    class Thirded(Halved):  # not declared
        pass

    class Own(NoBackTrack):
        def gradient(self, state, system, Q):
            return dots(Q, state.v) / 3, rows(state.w)

    assert Thirded.gradient_for is Own.gradient_for is Estimator.gradient_for

    @implements(Estimator)
    class Named(NoBackTrack):
        def label(self):
            return "NoBackTrack by another name"

    assert Named.gradient_for is NoBackTrack.gradient_for

    @implements(Optimizer)
    class GradientAlone(DiagonalKalman):
        def cotangents(self, readout, outcome):
            return outcome.q[None]

    assert GradientAlone.cotangent_products is Optimizer.cotangent_products

    @implements(Optimizer)
    class Mine(KalmanSettings):
        def cotangents(self, readout, outcome):
            return 2.0 * outcome.q[None]

        def begin(self, theta):
            return (np.zeros(1),)

        def apply(self, state, theta, A, B):
            theta -= 0.1 * product(A, B)

    readout, outcome = outcome_of(Softmax())
    np.testing.assert_array_equal(Mine().cotangent_products(readout, outcome, np.eye(N)), 2.0 * outcome.q[None])

    @implements(Readout)
    class Flat(SoftmaxReadout):
        def curvature(self, outcome):
            return np.eye(outcome.p.size)

    own = Flat(readout.theta)
    np.testing.assert_allclose(own.curvature_rows(outcome)[1:], readout.theta[:N].T)
    np.testing.assert_allclose(own.curvature_products(outcome, np.eye(N))[1:], readout.theta[:N].T)
    np.testing.assert_array_equal(own.variances(outcome), np.ones(M))


def test_a_declared_subclass_runs_its_own_compiled_and_one_that_is_not_declared_is_told():
    """Inherited methods compile too; and never does a class that writes a method anew run its base's."""

    class Unmoved(NoBackTrack):
        def gradient(self, state, system, Q):
            return 0.0 * dots(Q, state.v), rows(state.w)

    before = learner(NoBackTrack(), compiled=False)._system.theta.copy()
    with pytest.raises(TypeError, match="Unmoved .* cannot be compiled as it stands: put @nbt.implements"):
        learner(Unmoved(), compiled=True)
    for compiled in False, True:
        one = learner(implements(Estimator)(Unmoved)(), compiled=compiled)
        one.run(50)
        np.testing.assert_array_equal(one._system.theta, before)


def test_hooks_of_subclasses_are_called():
    told = []

    class Listed:
        def __init_subclass__(cls, kind=0, **more):
            super().__init_subclass__(**more)
            told.append((cls.__name__, kind))

    class Mine(NoBackTrack, Listed, kind=3):
        def gradient(self, state, system, Q):
            return dots(Q, state.v), rows(state.w)

    assert told == [("Mine", 3)] and Mine.gradient_for is Estimator.gradient_for


def test_views_are_views_compiled_too():
    def doubled(x):
        row, table = flat(x), rows(x)
        row[0] += 1.0
        table[-1, -1] += 2.0
        return row.copy(), table.copy()

    for x in np.arange(24.0).reshape(2, 3, 4), np.arange(6.0), np.arange(3.0)[:, None]:
        for run in doubled, jit.compiled(doubled):
            own = x.copy()
            row, table = run(own)
            np.testing.assert_array_equal(own.reshape(-1), row)
            np.testing.assert_array_equal(own.reshape(len(x), -1), table)
            assert own.flat[0] == x.flat[0] + 1.0 and own.flat[-1] == x.flat[-1] + 2.0


def test_a_view_of_what_lies_in_pieces_is_refused_compiled():
    """numpy may copy there; what is written to a copy would be lost."""

    def fill(x):
        flat(x)[:] = 1.0

    for x in np.zeros((3, 4)).T, np.zeros((3, 8))[:, ::2]:
        with pytest.raises(TypeError, match="in one piece"):
            jit.compiled(fill)(x)


def test_arrays_begin_on_a_line():
    half = np.zeros(1000)[1:]
    given = np.arange(7.0), (np.ones((3, 5), np.float32)[:, ::2], half), "text", np.zeros(0), np.array([None])
    for change in aligned, owned:
        made = change(given)
        for new, old in (made[0], given[0]), (made[1][0], given[1][0]), (made[1][1], half), (made[3], given[3]):
            assert new.size == 0 or (new.ctypes.data % 64 == 0 and new.flags.c_contiguous)
            np.testing.assert_array_equal(new, old)
        assert made[2] == "text" and made[4] is given[4] and not np.shares_memory(made[1][1], half)
    large = np.ones(2**21 + 2)[1:]
    assert aligned((large,))[0] is large


def test_arrays_that_are_one_stay_one():
    """A network whose fields share their memory learns as it did; what is read-only stays so."""
    theta = np.ones(9)[1:]
    for change in aligned, owned:
        one, other = change((theta, theta[2:]))
        assert one is theta and np.shares_memory(one, other)
    theta.flags.writeable = False
    assert not owned((theta,))[0].flags.writeable and not aligned((theta,))[0].flags.writeable
