"""Classes from outside: what Python would complain of is heard before machine code runs, and what they read is read anew."""

import numba
import numpy as np
import pytest
from table import learner

from nbt_edu import RTRL, SGD, DiagonalKalman, NoBackTrack, implements
from nbt_edu.kernels import dots, rows
from nbt_edu.protocols import Estimator, Optimizer

FACTOR = 1.0


class Scaled(NoBackTrack):
    def gradient(self, state, system, Q):
        return FACTOR * dots(Q, state.v), rows(state.w)


@numba.njit
def half(x):
    return 0.5 * x


def mutant(base, **methods):
    return implements(Estimator)(type("Mine", (base,), {"__module__": __name__} | methods))()


WRONG = {
    "A turned": (RTRL, lambda self, state, system, Q: (Q.T, state.G[state.now[0]])),
    "too many rows": (RTRL, lambda self, state, system, Q: (np.ones((5, Q.shape[1])), state.G[state.now[0]])),
    "B too short": (RTRL, lambda self, state, system, Q: (Q, state.G[state.now[0]][:, :-3])),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("optimizer", [SGD(0.1), DiagonalKalman()], ids=str)
def test_an_answer_that_does_not_fit_is_told_before_it_is_written(name, optimizer):
    base, gradient = WRONG[name]
    one = learner(mutant(base, gradient=gradient), compiled=True, optimizer=optimizer)
    before = one._system.theta.copy()
    told = r"^Mine.gradient \(.*test_rehearsal.py, line \d+\) answers A .* wanted are A \(\d, K\)"
    with pytest.raises(TypeError, match=told):
        one.run(10)
    assert one.chars == 0 and (one._system.theta == before).all()


def test_so_is_one_of_a_compared_estimator_and_an_index_beyond_an_array():
    base, gradient = WRONG["B too short"]
    with pytest.raises(TypeError, match="answers A"):
        learner(RTRL(), compiled=True, compare={"mine": mutant(base, gradient=gradient)}).run(10)

    def beyond(self, state, system, tape, noise):
        state.G[0, 1000, 0] = 1.0

    with pytest.raises(IndexError, match="1000 is out of bounds"):
        learner(mutant(RTRL, advance=beyond), compiled=True).run(10)

    @implements(Optimizer)
    class Beyond(SGD):
        def apply(self, state, theta, A, B):
            theta[0, theta.size] = 1.0

    with pytest.raises(IndexError, match="out of bounds"):
        learner(compiled=True, optimizer=Beyond(0.1)).run(10)


def test_a_global_that_was_changed_is_read_anew(monkeypatch):
    """In the next learner; and set back, the old numbers come again."""
    scaled, found = implements(Estimator)(Scaled)(), {}
    for factor in 1.0, 0.5, 1.0:
        monkeypatch.setattr(f"{__name__}.FACTOR", factor)
        run, read = (learner(scaled, compiled=code) for code in (True, False))
        for one in run, read:
            one.run(40)
        np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-9)
        same = found.setdefault(factor, run._system.theta.copy())
        np.testing.assert_array_equal(run._system.theta, same)
    assert np.abs(found[1.0] - found[0.5]).max() > 1e-3


@pytest.mark.slow
def test_a_compiled_function_of_ones_own_may_be_called_from_python_too():
    """numba's own: what a driver made of it has no entry for Python."""

    @implements(Estimator)
    class Halved(NoBackTrack):
        def gradient(self, state, system, Q):
            return half(dots(Q, state.v)), rows(state.w)

    run, read = (learner(Halved(), compiled=code) for code in (True, False))
    for one in run, read:
        one.run(40)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-9)


def test_a_field_more_is_refused_where_the_class_is_declared():
    with pytest.raises(TypeError, match=r"More \(.*\) adds the field extra to a class that is a NamedTuple already: write"):

        @implements(Estimator)
        class More(NoBackTrack):
            extra: float = 2.0
