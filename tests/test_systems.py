"""Every derivative that a system or the readout answers with is that of the very step it made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table import SYSTEMS, immediate

from nbt_edu import LeakyRNN
from nbt_edu.kernels import buffer, load, store
from nbt_edu.readouts import SoftmaxReadout

EPS = 1e-5  # of central differences: their error is of order EPS^2
every_system = pytest.mark.parametrize("name", SYSTEMS)


def scene(name, n=5, m=4, seed=0):
    """A network with biases, a state, and the generator."""
    rng = np.random.default_rng(seed)
    net = SYSTEMS[name](n).build(0, m, rng)
    net.theta[-1] = rng.normal(size=net.theta.shape[1])
    return net, rng.normal(size=net.start().size), rng


def slope(function, array, direction):
    """The derivative of function() when `array` moves in `direction`, by central differences."""
    array += EPS * direction
    up = function()
    array -= 2 * EPS * direction
    down = function()
    array += EPS * direction
    return (up - down) / (2 * EPS)


@every_system
def test_starts_from_zero(name):
    net, h, _ = scene(name)
    np.testing.assert_array_equal(net.start(), np.zeros_like(h))


@every_system
@pytest.mark.parametrize("x", range(4))
def test_state_derivatives(name, x):
    """J, dense or applied, is the derivative by the state, in random directions."""
    net, h, rng = scene(name, seed=x)
    tape = net.step(h, x)[1]
    for _ in range(3):
        u = rng.normal(size=h.size)
        expected = slope(lambda: net.step(h, x)[0], h, u)
        np.testing.assert_allclose(net.jvp(tape, u), expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(net.jacobian(tape) @ u, net.jvp(tape, u), rtol=1e-12, atol=1e-14)


@every_system
@pytest.mark.parametrize("x", range(4))
def test_parameter_derivatives(name, x):
    """(dF/dtheta) w is the derivative by theta, and that of the dense oracle."""
    net, h, rng = scene(name, seed=x)
    tape = net.step(h, x)[1]
    for _ in range(3):
        w = rng.normal(size=net.theta.shape)
        expected = slope(lambda: net.step(h, x)[0], net.theta, w)
        np.testing.assert_allclose(net.jvp_theta(tape, w), expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(immediate(net, tape) @ w.ravel(), net.jvp_theta(tape, w), rtol=1e-11, atol=1e-13)


@every_system
def test_products_with_the_immediate_derivative(name):
    """Rows, their norms and inner products, and sums of them over many steps, are those of the dense matrix."""
    net, h, rng = scene(name)
    tapes, e, total = buffer(net, 5), rng.normal(size=(5, h.size)), rng.normal(size=net.theta.shape)
    expected = total.ravel().copy()
    for t in range(5):
        h1, tape = net.step(h, t % 4)
        b = immediate(net, tape)
        w, G = rng.normal(size=net.theta.shape), rng.normal(size=b.shape)
        row, rows = w.copy(), G.copy()
        grown = net.add_vjp_theta(row, tape, e[t])
        net.add_immediate(rows, tape)
        np.testing.assert_allclose((row - w).ravel(), e[t] @ b, atol=1e-13)
        assert grown == pytest.approx((row**2).sum() - (w**2).sum(), rel=1e-11)
        np.testing.assert_allclose(rows, G + b, atol=1e-13)
        np.testing.assert_allclose(net.immediate_gram(tape), b @ b.T, atol=1e-12)
        np.testing.assert_allclose(net.immediate_norms2(tape), (b**2).sum(1), rtol=1e-12)
        store(tapes, t, tape)
        for kept, part in zip(load(tapes, t), tape, strict=True):
            np.testing.assert_array_equal(kept, part)
        expected += e[t] @ b
        h = h1
    net.add_vjps_theta(total, tapes, e)
    np.testing.assert_allclose(total.ravel(), expected, atol=1e-12)


@every_system
@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 9), m=st.integers(1, 5), seed=st.integers(0, 1000))
def test_adjoint_at_any_size(name, n, m, seed):
    """<e, J u> = <e J, u>, in arrays of the promised shapes, for every number of units and symbols."""
    net, h, rng = scene(name, n, m, seed)
    x = int(rng.integers(m))
    h1, tape = net.step(h, x)
    u, e = rng.normal(size=(2, h.size))
    eJ = net.vjp(tape, e)
    c, g, units = tape.S.shape
    sources = len(net.index) if name in ("sparse", "IndRNN") else n
    assert (units, c * units, net.theta.shape) == (n, h.size, (sources + m + 1, g * n))
    assert h1.shape == net.jvp(tape, u).shape == eJ.shape == h.shape
    assert (net.jacobian(tape).shape, tape.D.shape) == ((h.size, h.size), (c, c, n))
    assert e @ net.jvp(tape, u) == pytest.approx(eJ @ u, rel=1e-12, abs=1e-12)


@every_system
def test_tape_keeps_its_numbers(name):
    """A step and its products change nothing they were given; a tape in a buffer does not see the state move on in place."""
    net, h, _ = scene(name)
    before, theta, tapes = h.copy(), net.theta.copy(), buffer(net, 2)
    h1, tape = net.step(h, 2)
    net.jvp(tape, h1), net.vjp(tape, h1), net.jacobian(tape), net.local_jacobian(tape)
    net.immediate_norms2(tape), net.immediate_gram(tape), net.jvp_theta(tape, theta)
    store(tapes, 1, tape)
    np.testing.assert_array_equal(h, before)
    np.testing.assert_array_equal(net.theta, theta)
    kept = [np.copy(part) for part in tape]
    h[:], h1[:] = 7.0, 8.0
    for part, copy in zip(load(tapes, 1), kept, strict=True):
        np.testing.assert_array_equal(part, copy)


@every_system
def test_weights_are_drawn_as_documented(name):
    """Variance 1/n between units and 1 from symbols, to 6 standard errors; zero bias; settings as given."""
    n, m = 40, 30
    described = SYSTEMS[name](n)
    net = described.build(0, m, np.random.default_rng(3))
    sources = len(net.theta) - m - 1
    for block, variance in ((net.theta[:sources], 1 / sources), (net.theta[sources:-1], 1.0)):
        drawn = block[block != 0]
        assert abs(drawn.var() / variance - 1) < 6 * np.sqrt(2 / drawn.size)
        assert abs(drawn.mean()) < 6 * np.sqrt(variance / drawn.size)
        assert drawn.size == block.size * (3 / 4 if name == "GRU" else 1)
    np.testing.assert_array_equal(net.theta[-1], 0.0)
    given = described.remember if name in ("GRU", "LSTM") else np.broadcast_to(described.leak, n)
    np.testing.assert_array_equal(np.ravel(net.cell[0]), given)


def test_connections_are_drawn_without_repetition():
    """Each unit reads as many units as were asked for, all different, and not all units the same ones."""
    net = LeakyRNN(20, 0.5, connections=6).build(0, 3, np.random.default_rng(0))
    assert net.index.shape == (6, 20)
    assert all(len(set(column)) == 6 for column in net.index.T)
    assert len({tuple(sorted(column)) for column in net.index.T}) > 15


def test_all_connections_are_the_dense_network():
    """With every unit connected to every other, the sparse network makes the steps of the dense one."""
    sparse = LeakyRNN(5, 0.3, connections=5).build(0, 3, np.random.default_rng(0))
    dense = LeakyRNN(5, 0.3).build(0, 3, np.random.default_rng(1))
    dense.theta[5:] = sparse.theta[5:]
    for i in range(5):
        dense.theta[sparse.index[:, i], i] = sparse.theta[:5, i]
    h = np.random.default_rng(2).normal(size=5)
    np.testing.assert_allclose(sparse.step(h, 1)[0], dense.step(h, 1)[0], rtol=1e-14)


def test_leak_is_a_time_constant():
    """With no weights, what a leaky unit remembers shrinks by (1 - leak) a step; leak = 1 forgets at once."""
    net = LeakyRNN(3, (0.1, 0.5, 1.0)).build(0, 2, np.random.default_rng(0))
    net.theta[:] = 0.0
    h1, _ = net.step(np.ones(3), 0)
    np.testing.assert_allclose(h1, [0.9, 0.5, 0.0], rtol=1e-15)


@pytest.mark.parametrize("y", range(3))
def test_readout_is_in_bits(y):
    """The loss is -log2 p[y], and its derivatives by state and parameters are those of that loss."""
    rng = np.random.default_rng(y)
    h, readout = rng.normal(size=4), SoftmaxReadout(rng.normal(size=(5, 3)))
    loss, (p, psi, error, q) = readout.loss(h, y)
    np.testing.assert_array_equal(p, readout.predict(h))
    a = np.append(h, 1.0) @ readout.theta
    assert loss == pytest.approx(np.log2(np.exp(a - a[y]).sum()), rel=1e-14)
    assert loss == pytest.approx(-np.log2(p[y]), rel=1e-14)
    for array, gradient in ((h, q), (readout.theta, np.outer(psi, error))):
        for _ in range(3):
            direction = rng.normal(size=array.shape)
            expected = slope(lambda: readout.loss(h, y)[0], array, direction)
            assert (gradient * direction).sum() == pytest.approx(expected, rel=1e-6)
