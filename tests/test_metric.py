"""Errors of gradients in the Fisher metrics: held against closed forms, all signs, and a change of parameters."""

import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import RTRL, NoBackTrack, SquaredError
from nbt_edu.measuring.metric import columns, fisher, of_filter
from nbt_edu.measuring.study import study
from nbt_edu.systems.linear import RandomLinear

LN2 = np.log(2)


def trained(**changed):
    one = learner(RTRL(), **changed)
    one.run(200)
    return one


def linear(chars=6, variance=0.3):
    """A learner on a linear system, and the Fisher information of its next steps in closed form."""
    values = np.random.default_rng(0).normal(size=(60, 2))
    one = nbt.Learner(nbt.Signal(values), RandomLinear(3), RTRL(), nbt.SGD(0.0), readout=SquaredError(variance), compiled=False)
    one._built.theta[...] = np.random.default_rng(1).normal(size=(4, 2))
    system, readout, _ = one.parts()
    rows = [readout.theta[:-1].T @ system.influence(t) for t in range(1, chars + 1)]
    return one, sum(C.T @ C for C in rows) / (variance * LN2)


def test_fisher_information_of_a_quadratic_loss_is_the_closed_form():
    """sum_t (W G_t)^T (W G_t) / (s ln 2), where G_t = (1 + A + ... + A^(t-1)) C; the ridge is a share of the mean diagonal."""
    one, F = linear()
    np.testing.assert_allclose(fisher(one, 6, ridge=0), F, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fisher(one, 6, ridge=0.5), F + 0.5 * np.trace(F) / 6 * np.eye(6), rtol=1e-9, atol=1e-12)


def test_fisher_information_is_the_divergence_of_moved_predictions():
    """d F d / 2 bits, of characters: theta moved by a small d, predictions compared one by one, the state carried along."""
    one, chars = trained(), 8
    F, d = fisher(one, chars, ridge=0), 1e-4 * np.random.default_rng(1).normal(size=one.parts()[0].theta.shape)
    piece, moved = one.ahead(chars), []
    for shift in 0.0, d:
        net, readout, state = one.parts()
        net.theta[...] += shift
        h, ps = state.h, []
        for x in piece.inputs:
            h, _ = net.step(h, x)
            ps.append(readout.predict(h))
        moved.append(np.array(ps))
    p, r = moved
    assert d.ravel() @ F @ d.ravel() / 2 == pytest.approx((p * np.log2(p / r)).sum(), rel=1e-2)


def test_noise_is_seen_where_it_is():
    """The same noise along a steep and along a flat direction: the same for Euclid; a step of gradient descent suffers from it
    in the steep one, a Kalman step in the flat one."""
    exact, precision = np.array([[1.0, 1.0]]), np.diag([100.0, 1.0])
    noise = np.array([1.0, -1.0])[:, None]
    steep, flat = (columns(exact, exact + (noise * direction)[:, None], precision) for direction in np.eye(2))
    assert steep["sensitive_variance"][0] == pytest.approx(2 * 100 / 101)  # two draws: the sum of squares over 2 - 1
    assert flat["sensitive_variance"][0] == pytest.approx(2 * 1 / 101)
    assert steep["kalman_variance"][0] == pytest.approx(2 * 0.01 / 1.01)
    assert flat["kalman_variance"][0] == pytest.approx(2 * 1 / 1.01)


def test_the_kalman_metric_does_not_care_how_theta_is_written():
    """theta = A phi: gradients become g A, the information A^T F A; the Kalman columns stay, the sensitive ones do not."""
    rng = np.random.default_rng(2)
    exact, guesses, half, A = (rng.normal(size=shape) for shape in ((3, 4), (50, 3, 4), (4, 4), (4, 4)))
    F = half @ half.T
    before, after = columns(exact, guesses, F), columns(exact @ A, guesses @ A, A.T @ F @ A)
    for key in "kalman_variance", "kalman_bias2", "kalman_bias2_error":
        np.testing.assert_allclose(after[key], before[key], rtol=1e-8)
    assert not np.allclose(after["sensitive_variance"], before["sensitive_variance"], rtol=0.1)


def test_with_the_unit_matrix_all_metrics_are_euclid_s():
    one = trained()
    P = one.parts()[0].theta.size
    found = study(one, [NoBackTrack()], chars=5, draws=30, precision=np.eye(P))
    (row,) = found.rows("W")
    for key in "variance", "bias2", "bias2_error":
        assert row[f"kalman_{key}"] == pytest.approx(row[key]) and row[f"sensitive_{key}"] == pytest.approx(row[key])


def test_a_study_tells_the_metrics_of_all_signs():
    """Within 6 standard errors of e Lambda^-1 e and e Lambda e over the exact gradient's own, guesses drawn by another road."""
    one, draws = trained(network=nbt.LeakyRNN(2, 0.4)), 4000
    precision = fisher(one, 4)
    found = study(one, [NoBackTrack()], chars=4, draws=draws, precision=precision).values["NoBackTrack rank 1"]["all"]
    exact, guesses, _ = nbt.study.Path(one, 4, None).guesses(NoBackTrack(), draws, seed=7)
    for key, M in ("sensitive", precision), ("kalman", np.linalg.inv(precision)):
        e = guesses[:, -1] - exact[-1]
        lengths = np.einsum("di,ij,dj->d", e, M, e) / (exact[-1] @ M @ exact[-1])
        error = 6 * np.sqrt(2) * lengths.std() / np.sqrt(draws)
        assert found[f"{key}_variance"][-1] == pytest.approx(lengths.mean(), abs=error)
        assert abs(found[f"{key}_bias2"][-1]) < 6 * found[f"{key}_bias2_error"][-1]


FILTERS = [nbt.Kalman(prior=2.0), nbt.JointKalman(prior=2.0), nbt.InformationKalman(prior=2.0), nbt.BlockKalman(prior=2.0),
           nbt.QuasiDiagonalKalman(prior=2.0), nbt.DiagonalKalman(prior=2.0)]  # fmt: skip


@pytest.mark.parametrize("optimizer", FILTERS, ids=lambda one: type(one).__name__)
def test_a_filter_s_own_precision_is_what_its_step_divides_by(optimizer):
    """One more update without evidence moves theta by -Lambda^-1 g: for every filter, g a unit vector in turn."""
    one = learner(RTRL(), optimizer=optimizer, network=nbt.LeakyRNN(2, 0.4))
    one.run(40)
    precision, size = of_filter(one), one.parts()[0].theta.size
    np.testing.assert_allclose(precision, precision.T, rtol=1e-8, atol=1e-9)
    for j in range(0, size, 3):
        net, _, state = one.parts()
        before = net.theta.copy()
        optimizer.apply(state.recurrent, net.theta, np.array([[1.0], [0.0]]), np.eye(size)[j : j + 1])
        np.testing.assert_allclose((before - net.theta).ravel(), np.linalg.inv(precision)[j], rtol=1e-6, atol=1e-9)
    M = np.ones_like(net.theta)
    optimizer.gains(one._state.recurrent, M)
    np.testing.assert_allclose(M.ravel(), np.diag(np.linalg.inv(precision)), rtol=1e-9)


def test_bad_precisions():
    one = trained()
    P = one.parts()[0].theta.size
    shape, positive = r"^precision must be a matrix \(.*, not ", "^precision must be positive definite: give `fisher`"
    for wrong, message in (np.eye(2), shape), ("Fisher", shape), (np.full((P, P), np.nan), shape), (-np.eye(P), positive):
        with pytest.raises(ValueError, match=message):
            study(one, [NoBackTrack()], chars=3, draws=2, precision=wrong)


def test_bad_ridges_and_learners():
    for ridge in -1, np.inf, "much":
        with pytest.raises(ValueError, match="^ridge must be a"):
            fisher(trained(), 3, ridge)
    with pytest.raises(ValueError, match="^learner must be one that learns by a Kalman filter"):
        of_filter(trained())
