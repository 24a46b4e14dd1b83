"""Every optimizer does what its equations say: Kalman filters are held against closed forms and against statsmodels."""

import numpy as np
import pytest
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter
from table import learner, rarer

from nbt_edu import (
    BPTT,
    KFRTRL,
    RTRL,
    SGD,
    Adam,
    BlockKalman,
    DiagonalKalman,
    InformationKalman,
    JointKalman,
    Kalman,
    LeakyRNN,
    NoBackTrack,
    QuasiDiagonalKalman,
    RMSProp,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
)  # fmt: skip
from nbt_edu.catalogue import OPTIMIZERS
from nbt_edu.kernels import Kronecker
from nbt_edu.optimizers import kalman
from nbt_edu.readouts import SoftmaxReadout

FILTERS = [Kalman, JointKalman, InformationKalman, BlockKalman, DiagonalKalman, QuasiDiagonalKalman]
by_filter = pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)


def regression(inputs, targets, optimizer, shape=None):
    """theta after each of the observations y = u . theta + noise, u and y the rows given; the gradient is (yhat - y) u."""
    theta = np.zeros(shape or (1, inputs.shape[1]))
    memory, path = optimizer.begin(theta), []
    for u, y in zip(inputs, targets, strict=True):
        error = u @ theta.ravel() - y
        optimizer.apply(memory, theta, np.array([[error], [1.0]]), u.reshape(1, -1))
        path.append(theta.ravel().copy())
    return np.array(path)


def data(T=40, P=5, seed=0):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(T, P))
    return inputs, inputs @ rng.normal(size=P) + 0.3 * rng.normal(size=T)


def least_squares(inputs, targets, prior):
    """The regularised solution, each time from scratch: argmin prior |theta|^2 + sum (y - u theta)^2."""
    path = []
    for t in range(1, len(inputs) + 1):
        matrix = inputs[:t].T @ inputs[:t] + prior * np.eye(inputs.shape[1])
        path.append(np.linalg.solve(matrix, inputs[:t].T @ targets[:t]))
    return np.array(path)


@pytest.mark.parametrize("kind", [Kalman, InformationKalman])
@pytest.mark.parametrize("prior", [0.1, 3.0])
def test_full_filter_is_recursive_least_squares(kind, prior):
    inputs, targets = data()
    found = regression(inputs, targets, kind(prior=prior))
    np.testing.assert_allclose(found, least_squares(inputs, targets, prior), rtol=1e-9, atol=1e-11)


def test_full_filter_is_statsmodels():
    """A static hidden theta observed through u with unit noise, by a library for state space models."""
    inputs, targets = data(T=60, P=4)
    model = KalmanFilter(k_endog=1, k_states=4)
    model.bind(targets.reshape(-1, 1))
    model["design"] = inputs.T.reshape(1, 4, -1).copy()
    model["transition"], model["obs_cov"] = np.eye(4), np.eye(1)
    model["selection"], model["state_cov"] = np.eye(4), np.zeros((4, 4))
    model.initialize_known(np.zeros(4), np.eye(4) / 0.7)
    expected = model.filter().filtered_state.T
    np.testing.assert_allclose(regression(inputs, targets, Kalman(prior=0.7)), expected, rtol=1e-9, atol=1e-11)


def test_fading_forgets_and_gives_the_prior_back():
    """Equations (1) to (3), from the precisions, written out."""
    inputs, targets = data()
    fading, prior = 0.05, 0.4
    precision, theta, expected = prior * np.eye(5), np.zeros(5), []
    for t, (u, y) in enumerate(zip(inputs, targets, strict=True)):
        precision = (1 - fading) * precision + np.outer(u, u)
        precision[t % 5, t % 5] += fading * 5 * prior
        theta = theta - np.linalg.solve(precision, (u @ theta - y) * u)
        expected.append(theta)
    for kind in Kalman, InformationKalman:
        found = regression(inputs, targets, kind(fading=fading, prior=prior))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_information_form_is_moment_form():
    """On a network, with many rows at once, fading and a changing rate; RTRL and NoBackTrack."""
    for estimator in RTRL(), NoBackTrack(2):
        thetas = []
        for kind in Kalman, InformationKalman:
            one = learner(estimator, optimizer=kind(rate=0.5, decay=0.1, fading=0.01, prior=2.0))
            one.run(150)
            thetas.append(one._system.theta)
        np.testing.assert_allclose(*thetas, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("K", [1, 2, 4, 7])
@pytest.mark.parametrize("size", [0.1, 30.0, 1e4])
def test_two_passes_are_one_observation_after_another(K, size):
    """Fading, three rows of evidence or fewer, what is given back, and the step: by Potter's equation (4), row by row."""
    rng, L, fading, prior, inflation = np.random.default_rng(K), np.eye(6) + 0.1, 0.02, 0.3, 1.7
    A, B = rng.normal(size=(4, K)), size * rng.normal(size=(K, 6))
    wanted = L / np.sqrt(1 - fading)
    for c in [*kalman.evidence(A, B, inflation), np.sqrt(fading * 6 * prior) * np.eye(6)[2]]:
        f = wanted.T @ c
        b = 1 + f @ f
        wanted = wanted - np.outer(wanted @ f, f) / (b + np.sqrt(b))
    rows, X = kalman.directed(A, B, inflation)
    assert len(X) == (1 if K == 1 else 1 + min(K, 3))
    step = kalman.update(L, rows, X, 2, fading * 6 * prior, 1 / np.sqrt(1 - fading))
    np.testing.assert_allclose(L, wanted, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(step, wanted @ (wanted.T @ (A[0] @ B)), rtol=1e-8, atol=1e-10)


def test_a_gradient_without_evidence_moves():
    """The only row zero, and one direction: the step is that of the covariance as it is."""
    L, x = np.eye(4) + 0.2, np.arange(4.0).reshape(1, 4)
    step = kalman.update(L, np.array([[2.0], [0.0]]), x, 0, 0.0, 1.0)
    np.testing.assert_allclose(L, np.eye(4) + 0.2, rtol=1e-14)
    np.testing.assert_allclose(step, L @ L.T @ (2 * x[0]), rtol=1e-13)


def test_blocks_are_the_full_filter_where_they_are_independent():
    """Observations that each see one column only: no covariance between columns ever arises."""
    rng = np.random.default_rng(1)
    inputs = np.zeros((60, 4, 3))
    for t in range(60):
        inputs[t, :, t % 3] = rng.normal(size=4)
    inputs, targets = inputs.reshape(60, 12), rng.normal(size=60)
    full, blocks = (regression(inputs, targets, kind(prior=0.5), (4, 3)) for kind in (Kalman, BlockKalman))
    np.testing.assert_allclose(blocks, full, rtol=1e-9, atol=1e-11)
    mixed = rng.normal(size=(60, 12))
    full, blocks = (regression(mixed, targets, kind(prior=0.5), (4, 3)) for kind in (Kalman, BlockKalman))
    assert np.abs(full - blocks).max() > 0.01


def test_diagonal_is_the_full_filter_on_single_parameters():
    rng = np.random.default_rng(2)
    inputs, targets = np.eye(6)[rng.integers(6, size=50)] * rng.normal(size=(50, 1)), rng.normal(size=50)
    full, diagonal = (regression(inputs, targets, kind(prior=0.5), (3, 2)) for kind in (Kalman, DiagonalKalman))
    np.testing.assert_allclose(diagonal, full, rtol=1e-9, atol=1e-11)


def test_quasi_diagonal_is_the_block_filter_on_one_weight_and_the_bias():
    """With one weight beside the bias nothing is left out of a column; with more, only what is between weights."""
    rng = np.random.default_rng(3)
    inputs, targets = rng.normal(size=(80, 2, 2)), rng.normal(size=80)
    inputs[np.arange(80), :, np.arange(80) % 2] = 0.0  # an observation sees one column
    block, quasi = (regression(inputs.reshape(80, 4), targets, kind(prior=0.5), (2, 2))
                    for kind in (BlockKalman, QuasiDiagonalKalman))  # fmt: skip
    np.testing.assert_allclose(quasi, block, rtol=1e-9, atol=1e-11)
    diagonal = regression(inputs.reshape(80, 4), targets, DiagonalKalman(prior=0.5), (2, 2))
    assert np.abs(diagonal - block).max() > 0.01


@by_filter
def test_a_fading_filter_forgets_the_prior_nowhere(kind):
    """Directions never observed keep a precision near the prior, however long the run; the covariance stays bounded."""
    optimizer, theta = kind(fading=0.02, prior=0.5), np.zeros((3, 2))
    memory = optimizer.begin(theta)
    u = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    for _ in range(20_000 if kind is DiagonalKalman else 3000):
        optimizer.apply(memory, theta, np.array([[0.0], [1.0]]), u)
    if kind in (Kalman, JointKalman, BlockKalman):
        root = memory.roots if kind is BlockKalman else memory.root
        covariances = root @ np.swapaxes(root, -1, -2)
        variances = np.diagonal(covariances, axis1=-2, axis2=-1)
        assert (np.linalg.eigvalsh(covariances) > 0).all()
    else:
        variances = 1 / (np.diagonal(memory.precision) if kind is InformationKalman else memory.precision)
    assert np.isfinite(variances).all() and variances.max() < 1.2 / 0.5


@by_filter
@pytest.mark.parametrize("estimator", [
    RTRL(), NoBackTrack(2), BPTT(5), SlidingBPTT(4), SlidingMemoryNoBackTrack(4), KFRTRL(),
], ids=str)  # fmt: skip
def test_every_filter_learns_with_every_estimator(kind, estimator):
    """Exact, noisy, late or truncated: below the unigram entropy soon, and better than where it began."""
    one = learner(estimator, optimizer=kind(fading=1e-3, prior=2.0))
    record = one.run(700)
    assert record.bits_per_char(last=200) < 1.3 < 1.58


EVERY = [kind(0.5, 0.1, 0.01, 2.0) for kind in FILTERS] + [Adam(0.01), RMSProp(0.01)]


@pytest.mark.parametrize("optimizer", [rarer(one, (Kalman, DiagonalKalman, Adam)) for one in EVERY], ids=str)
def test_interpreted_is_compiled(optimizer):
    read, run = (learner(NoBackTrack(2), compiled=code, optimizer=optimizer) for code in (False, True))
    for one in read, run:
        one.run(150)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(run._built.theta, read._built.theta, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("y", range(3))
def test_rows_are_the_hessian_of_the_loss(y):
    """N^T N is the second derivative of the loss by the outputs; rows and columns spread it over h and theta."""
    rng = np.random.default_rng(y)
    h, readout = rng.normal(size=4), SoftmaxReadout(rng.normal(size=(5, 3)))
    _, outcome = readout.loss(h, y)
    p, psi, error, q = outcome
    R = (np.diag(p) - np.outer(p, p)) / np.log(2)
    N = readout.curvature(outcome)
    np.testing.assert_allclose(N.T @ N, R, atol=1e-15)
    step, direction = 1e-4, rng.normal(size=3)
    shift = step * np.outer(np.eye(5)[4], direction)
    moved = [SoftmaxReadout(readout.theta + sign * shift).loss(h, y)[0] for sign in (1, 0, -1)]
    assert direction @ R @ direction == pytest.approx((moved[0] - 2 * moved[1] + moved[2]) / step**2, rel=1e-5)
    np.testing.assert_allclose(readout.curvature_rows(outcome), np.vstack((q, N @ readout.theta[:4].T)), atol=1e-14)
    np.testing.assert_allclose(readout.output_rows(outcome)[1:], [np.outer(psi, row).ravel() for row in N], atol=1e-14)
    gradient, columns = readout.column_rows(outcome)
    np.testing.assert_allclose(gradient.reshape(5, 3), np.outer(psi, error), atol=1e-15)
    np.testing.assert_allclose(gradient, readout.output_rows(outcome)[0], atol=1e-15)
    np.testing.assert_allclose(columns.reshape(5, 3) ** 2, np.outer(psi**2, R.diagonal()), atol=1e-14)


@pytest.mark.parametrize("optimizer", [row.optimizer for row in OPTIMIZERS] + [SGD(0.1, clip=0.1)], ids=str)
def test_factors_of_factors_tell_the_same(optimizer):
    """B as u (x) V, and written out: the same steps."""
    rng, thetas = np.random.default_rng(0), np.zeros((2, 4, 3))
    memories = [optimizer.begin(theta) for theta in thetas]
    filters = isinstance(optimizer, tuple(FILTERS))  # which alone ask for more rows than the gradient
    for rows in (4, 4, 1, 4) if filters else (1, 1, 1, 1):
        A, u, V = rng.normal(size=(rows, 2)), rng.normal(size=4), rng.normal(size=(2, 3))
        for B, memory, theta in zip((Kronecker(u, V), np.array([np.kron(u, v) for v in V])), memories, thetas, strict=True):
            optimizer.apply(memory, theta.reshape(1, -1), A, B)
    np.testing.assert_allclose(thetas[0], thetas[1], rtol=1e-9, atol=1e-12)
    assert np.abs(thetas[0]).max() > 1e-4


@pytest.mark.slow
def test_factored_answers_compiled():
    """KF-RTRL with the filter that takes its factors as they are, and with one that needs rows."""
    for kind in DiagonalKalman, BlockKalman:
        read, run = (learner(KFRTRL(), compiled=code, optimizer=kind(0.5, 0.1, 0.01, 2.0)) for code in (False, True))
        for one in read, run:
            one.run(150)
        np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=1e-7, atol=1e-9)


def test_fewer_rows_tell_the_same():
    """However many outputs, K factors carry at most K independent rows."""
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(8, 2)), rng.normal(size=(2, 6))
    C = kalman.evidence(A, B, 1.0)
    assert C.shape == (2, 6)
    np.testing.assert_allclose(C.T @ C, (A[1:] @ B).T @ (A[1:] @ B), atol=1e-12)
    np.testing.assert_array_equal(kalman.evidence(A[:1], B, 4.0), A[:1] @ B / 2)


def test_adam_and_rmsprop_by_their_equations():
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(30, 2, 3))
    adam, rms, theta = Adam(0.1, 0.8, 0.95), RMSProp(0.1, 0.9), np.zeros((2, 2, 3))
    memories, m, s, r = [adam.begin(theta[0]), rms.begin(theta[1])], 0.0, 0.0, 0.0
    expected = np.zeros((2, 2, 3))
    for t, g in enumerate(gradients, 1):
        adam.apply(memories[0], theta[0], g, np.eye(3))
        rms.apply(memories[1], theta[1], g, np.eye(3))
        m, s, r = 0.8 * m + 0.2 * g, 0.95 * s + 0.05 * g**2, 0.9 * r + 0.1 * g**2
        expected[0] -= 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(s / (1 - 0.95**t)) + 1e-8)
        expected[1] -= 0.1 * g / (np.sqrt(r) + 1e-8)
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


@by_filter
@pytest.mark.parametrize("setting, message", [
    ({"rate": -1}, "^rate must be a number 0 or more, and finite"), ({"rate": np.nan}, "^rate must be a number"),
    ({"decay": -1}, "^decay must be"), ({"fading": 1}, "^fading must be a number from 0"),
    ({"prior": 0}, "^prior must be a number above 0, and finite"), ({"prior": np.inf}, "^prior must be"),
])  # fmt: skip
def test_settings_out_of_range(kind, setting, message):
    with pytest.raises(ValueError, match=message):
        kind(**setting)


@pytest.mark.parametrize("make, message", [
    (lambda: Adam(beta1=1), "^beta1 must be"), (lambda: Adam(beta2=-0.1), "^beta2 must be"), (lambda: Adam(eps=0), "^eps must"),
    (lambda: Adam(rate=np.inf), "^rate must be"), (lambda: RMSProp(memory=1), "^memory must"),
    (lambda: RMSProp(-1), "^rate must"),
])  # fmt: skip
def test_settings_of_adam_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("compiled", [False, True])
def test_lost_definiteness_is_told(compiled):
    """A precision that cannot be factored stops the run with its reason; what came before is kept."""
    one = learner(RTRL(), compiled=compiled, optimizer=InformationKalman())
    one.run(50)
    one._state.recurrent.precision[:] = -1.0
    with pytest.warns(UserWarning, match=r"diverged at character 50: a matrix could not be factored .*larger prior"):
        record = one.run(50)
    assert record.chars == 50 and np.isfinite(record.bits_per_char())


def test_a_covariance_too_large_is_refused():
    with pytest.raises(ValueError, match=r"^units = 300 needs more memory"):
        learner(NoBackTrack(), optimizer=Kalman(), network=LeakyRNN(300))


def test_optimizers_can_be_changed_within_a_run():
    one = learner(NoBackTrack(), optimizer=SGD(0.1))
    one.run(50)
    one.set(optimizer=DiagonalKalman())
    one.run(50)
    one.set(optimizer=Adam())
    assert one.run(50).chars == 150
