"""One filter on recurrent and readout parameters: a dense filter written here, a closed form, and what late answers do."""

import numpy as np
import pytest
from table import learner, same

from nbt_edu import (
    BPTT,
    KFRTRL,
    RTRL,
    AnBn,
    CheckpointedBPTT,
    JointKalman,
    Kalman,
    LeakyRNN,
    Learner,
    MemoryNoBackTrack,
    NoBackTrack,
    SquaredError,
)  # fmt: skip
from nbt_edu.measuring.metric import of_filter
from nbt_edu.protocols import Outcome

LN2 = np.log(2)


def filtered(one, steps, rate, decay, fading, prior, inflation):
    """Both thetas after `steps` steps of a leaky learner: network, influence and a dense filter written out in plain numpy."""
    net, readout, _ = one.parts()
    theta, output, leak, n = net.theta.copy(), readout.theta.copy(), one.network.leak, one.network.units
    P, S = theta.size, theta.size + output.size
    h, G, precision, psi = np.zeros(n), np.zeros((n, P)), prior * np.eye(S), np.zeros(len(theta))
    piece = one.ahead(steps)
    for t, (x, y) in enumerate(zip(piece.inputs, piece.targets, strict=True)):
        psi[:] = 0.0
        psi[:n], psi[n + x], psi[-1] = h, 1.0, 1.0
        s = np.tanh(psi @ theta)
        J = (1 - leak) * np.eye(n) + leak * (1 - s**2)[:, None] * theta[:n].T
        G = J @ G + np.einsum("i,j,ik->ijk", leak * (1 - s**2), psi, np.eye(n)).reshape(n, -1)
        h = (1 - leak) * h + leak * s
        p = np.exp(h @ output[:n] + output[n])
        p /= p.sum()
        H = np.hstack((output[:n].T @ G, np.kron(np.append(h, 1.0)[None], np.eye(p.size))))  # da / d(theta, theta')
        g = (p - np.eye(p.size)[y]) @ H / LN2
        H[:, :P] /= np.sqrt(inflation)
        precision = (1 - fading) * precision + H.T @ (np.diag(p) - np.outer(p, p)) @ H / LN2
        precision[t % S, t % S] += fading * S * prior
        step = rate / (1 + decay * np.sqrt(t)) * np.linalg.solve(precision, g)
        theta -= step[:P].reshape(theta.shape)
        output -= step[P:].reshape(output.shape)
    return theta, output


@pytest.mark.parametrize("settings", [
    (1.0, 0.0, 0.0, 2.0, 1.0), (0.5, 0.1, 0.01, 3.0, 1.0), (1.0, 0.0, 0.003, 1.0, 4.0),
], ids=str)  # fmt: skip
def test_it_is_the_extended_kalman_filter_of_all_parameters(settings):
    """To ten digits, over 300 steps."""
    one = learner(RTRL(), network=LeakyRNN(3, 0.5), optimizer=JointKalman(*settings))
    expected = filtered(one, 300, *settings)
    one.run(300)
    for found, wanted in zip((one._system.theta, one._built.theta), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)


def test_where_both_blocks_are_linear_it_is_recursive_least_squares():
    """y = u theta + psi theta' + noise of variance 1: the regularised solution of both, each time from scratch."""
    rng, prior, T = np.random.default_rng(0), 0.7, 40
    readout, optimizer, theta = SquaredError(1.0).build(2, 1), JointKalman(prior=0.7), np.zeros((1, 4))
    readout.theta[...] = 0.0
    states = optimizer.begin_both(theta, readout.theta)
    rows, y = rng.normal(size=(T, 7)), rng.normal(size=T)
    rows[:, 6] = 1.0
    for t in range(T):
        u, psi = rows[t, :4], rows[t, 4:]
        a = u @ theta[0] + psi @ readout.theta[:, 0]
        error = np.array([a - y[t]]) / LN2
        outcome = Outcome(np.array([a]), psi, error, np.zeros(2))
        A = np.array([[error[0]], [readout.curvature(outcome)[0, 0]]])
        optimizer.apply_both(*states, theta, readout, A, u[None].copy(), outcome)
        seen = rows[: t + 1]
        wanted = np.linalg.solve(seen.T @ seen / LN2 + prior * np.eye(7), seen.T @ y[: t + 1] / LN2)
        np.testing.assert_allclose(np.append(theta[0], readout.theta[:, 0]), wanted, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("estimator", [BPTT(4), BPTT(1), CheckpointedBPTT(3), MemoryNoBackTrack(3)], ids=str)
def test_late_answers_are_filtered_apart(estimator):
    """Where no row stands beside one of the readout's no covariance arises: to the last bits two filters, fading too."""
    joint, apart = (learner(estimator, optimizer=kind(1.0, 0.0, 0.01, 2.0)) for kind in (JointKalman, Kalman))
    for one in joint, apart:
        one.run(150)
    np.testing.assert_allclose(joint._system.theta, apart._system.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(joint._built.theta, apart._built.theta, rtol=1e-9, atol=1e-12)
    covariance = joint._state.recurrent.root @ joint._state.readout.root.T
    np.testing.assert_array_equal(covariance, np.zeros_like(covariance))


def test_in_time_there_is_a_covariance_and_theta_is_another():
    joint, apart = (learner(RTRL(), optimizer=kind(prior=2.0)) for kind in (JointKalman, Kalman))
    for one in joint, apart:
        one.run(100)
    assert np.abs(joint._state.recurrent.root @ joint._state.readout.root.T).max() > 1e-3
    assert np.abs(joint._system.theta - apart._system.theta).max() > 0.01


def test_both_are_sure_of_less_than_two_filters_are():
    """Where the other block is not taken for known: after one step from one prior every variance is at least as large."""
    joint, apart = (learner(RTRL(), optimizer=kind(prior=2.0)) for kind in (JointKalman, Kalman))
    for one in joint, apart:
        one._built.theta[...] = np.random.default_rng(0).normal(size=one._built.theta.shape)
        one.run(1)
    for block in "recurrent", "readout":
        both, alone = (getattr(one._state, block).root for one in (joint, apart))
        more = np.linalg.eigvalsh(both @ both.T - alone @ alone.T)
        assert more.min() > -1e-12 and more.max() > 1e-3


def test_inflation_divides_the_block_and_its_root_the_cross_block():
    """From one outcome, the precision less its prior: c^T c / 4, c^T d / 2, d^T d."""
    found = []
    for inflation in 1.0, 4.0:
        one = learner(RTRL(), optimizer=JointKalman(prior=2.0, inflation=inflation))
        one._built.theta[...] = np.random.default_rng(0).normal(size=one._built.theta.shape)
        one.run(1)
        root = np.concatenate((one._state.recurrent.root, one._state.readout.root))
        found.append(np.linalg.inv(root @ root.T) - 2.0 * np.eye(len(root)))
    (plain, less), P = found, one._system.theta.size
    np.testing.assert_allclose(less[:P, :P], plain[:P, :P] / 4, atol=1e-12)
    np.testing.assert_allclose(less[:P, P:], plain[:P, P:] / 2, atol=1e-12)
    np.testing.assert_allclose(less[P:, P:], plain[P:, P:], atol=1e-12)
    assert np.abs(plain[:P, P:]).max() > 1e-3


@pytest.mark.parametrize("estimator", [NoBackTrack(2), BPTT(4), KFRTRL()], ids=str)
def test_interpreted_is_compiled(estimator):
    optimizer = JointKalman(0.5, 0.1, 0.01, 2.0, 1.5)
    read, run = (learner(estimator, compiled=code, optimizer=optimizer) for code in (False, True))
    for one in read, run:
        one.run(150)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(run._built.theta, read._built.theta, rtol=1e-7, atol=1e-9)


def test_restored_as_if_never_stopped(tmp_path):
    stopped, alone = (learner(NoBackTrack(), optimizer=JointKalman(fading=0.01, prior=2.0)) for _ in range(2))
    for one in stopped, alone:
        one.run(53)
    stopped.save(tmp_path / "learner.npz")
    restored = Learner.restore(tmp_path / "learner.npz")
    restored.compiled = False
    for one in restored, alone:
        one.run(60)
    same(restored, alone)


def test_a_missing_target_moves_nothing():
    """Nothing is owed; and a learner that is changed from or to it goes on."""
    one = learner(RTRL(), optimizer=JointKalman(prior=2.0))
    one.run(30)
    before = one._system.theta.copy(), one._state.recurrent.root.copy()
    one.learn_one("a")
    np.testing.assert_array_equal(one._system.theta, before[0])
    np.testing.assert_array_equal(one._state.recurrent.root, before[1])
    for optimizer in Kalman(), JointKalman(), JointKalman(fading=0.01):
        one.set(optimizer=optimizer)
        assert np.isfinite(one.run(20).bits_per_char())


def test_what_it_knows_of_the_recurrent_theta_is_its_own_block():
    """`metric.of_filter`: the precision of theta, the readout's being as uncertain as they are."""
    one = learner(RTRL(), optimizer=JointKalman(prior=2.0))
    one.run(40)
    root = np.concatenate((one._state.recurrent.root, one._state.readout.root))
    P = one._system.theta.size
    np.testing.assert_allclose(np.linalg.inv(of_filter(one)), (root @ root.T)[:P, :P], atol=1e-10)


def test_a_covariance_of_both_too_large_is_refused():
    """178 units and 3 symbols: the covariance of theta alone would be made, that of both is not."""
    with pytest.raises(ValueError, match=r"^units = 178 needs more memory"):
        learner(NoBackTrack(), task=AnBn(8), optimizer=JointKalman(), network=LeakyRNN(178))
