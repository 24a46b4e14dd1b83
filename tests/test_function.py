"""Any differentiable F: what JAX differentiates passes the same proofs, and learns."""

import jax.numpy as jnp
import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import (
    BPTT,
    RTRL,
    SGD,
    UORO,
    FunctionRNN,
    LeakyRNN,
    MemoryNoBackTrack,
    NoBackTrack,
    ReducedNoBackTrack,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
)
from nbt_edu.measuring.walk import Walk
from nbt_edu.systems import Function


def leaky(h, x, theta):
    return 0.7 * h + 0.3 * jnp.tanh(jnp.concatenate((h, x, jnp.ones(1))) @ theta)


def odd(h, x, theta):
    """No network: every parameter acts on every component; theta has three axes."""
    return jnp.sin(jnp.einsum("ijk,j,k->i", theta, jnp.cos(h), x + 0.5)) + 0.1 * h**2


def system(n=2):
    return Function(odd, np.random.default_rng(0).normal(size=(n, n, 3)), n, 0, 3)


def test_derivatives():
    report = nbt.check.system(system(3))
    assert report.passed, str(report)


@pytest.mark.parametrize("estimator", [
    RTRL(), BPTT(3), SlidingBPTT(3), NoBackTrack(), NoBackTrack(beta=0.5), UORO(), ReducedNoBackTrack(),
    MemoryNoBackTrack(1), SlidingMemoryNoBackTrack(1), SlidingMemoryNoBackTrack(2),
], ids=str)  # fmt: skip
def test_estimators_are_exact_or_unbiased(estimator):
    """Rows of dF/dtheta that overlap, which no network has: the mean over all signs is still the gradient."""
    walk = Walk(system(), [0, 2, 1], np.random.default_rng(1).normal(size=(3, 2)))
    found, exact = walk.mean(estimator), walk.exact()
    if isinstance(estimator, BPTT):
        found, exact = found[-1:], [sum(exact)]
    for one, other in zip(found, exact, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 * np.abs(other).max())


def test_it_is_the_leaky_network():
    """The same F written with JAX learns the same numbers as the shipped network."""
    def weights(units, symbols, rng):
        return LeakyRNN(units, 0.3).build(0, symbols, rng).theta

    ours, theirs = (learner(NoBackTrack(2), network=one) for one in (LeakyRNN(3, 0.3), FunctionRNN(leaky, 3, weights)))
    for one in ours, theirs:
        one.run(40)
    np.testing.assert_allclose(theirs._system.theta, ours._system.theta, rtol=1e-9)


def test_learners_run_it_interpreted_by_themselves():
    described = FunctionRNN(leaky, 3, lambda n, m, rng: np.zeros((n + m + 1, n)))
    assert learner(RTRL(), compiled=None, network=described).compiled is False


def test_a_study_has_one_block():
    one = learner(RTRL(), network=FunctionRNN(leaky, 2, lambda n, m, rng: rng.normal(size=(n + m + 1, n))))
    one.run(10)
    found = nbt.study.study(one, [UORO()], chars=4, draws=6, optimizer=SGD(0.1))
    assert found.blocks == ["all"]


def test_bad_input():
    with pytest.raises(ValueError, match=r"^F must be a function whose answer has the shape of the state, \(3,\)"):
        Function(lambda h, x, theta: h[:2], np.zeros((5, 2)), 3, 0, 2)
    with pytest.raises(ValueError, match=r"^F must accept arrays of the shapes \(3,\), \(2,\) and \(5, 2\); it says: .*\(6,\)"):
        Function(leaky, np.zeros((5, 2)), 3, 0, 2)
    with pytest.raises(ValueError, match=r"^units must be a whole number"):
        FunctionRNN(leaky, 0, np.zeros)
