"""Every derivative that a system or the readout answers with is that of the very step it made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table import SYSTEMS, immediate

from nbt_edu import LeakyRNN
from nbt_edu.readout import Softmax

EPS = 1e-5  # of central differences: their error is of order EPS^2
every_system = pytest.mark.parametrize("name", SYSTEMS)


def scene(name, n=5, m=4, seed=0):
    """A network with biases, a state, and the generator."""
    rng = np.random.default_rng(seed)
    net = SYSTEMS[name](n).build(m, rng)
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
    """S (x) psi is the derivative by theta, and e S its rows' share in a loss of derivative e."""
    net, h, rng = scene(name, seed=x)
    tape = net.step(h, x)[1]
    psi = np.concatenate((tape.source, np.eye(4)[x], [1.0]))
    for _ in range(3):
        direction, e = rng.normal(size=net.theta.shape), rng.normal(size=h.size)
        expected = slope(lambda: net.step(h, x)[0], net.theta, direction)
        np.testing.assert_allclose(immediate(net, tape) @ direction.ravel(), expected, rtol=1e-6, atol=1e-9)
        assert psi @ direction @ net.vjp(tape, e)[0] == pytest.approx(e @ expected, rel=1e-6, abs=1e-9)


@every_system
@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 9), m=st.integers(1, 5), seed=st.integers(0, 1000))
def test_adjoint_at_any_size(name, n, m, seed):
    """<e, J u> = <e J, u>, in arrays of the promised shapes, for every number of units and symbols."""
    net, h, rng = scene(name, n, m, seed)
    x = int(rng.integers(m))
    h1, tape = net.step(h, x)
    u, e = rng.normal(size=(2, h.size))
    d, eJ = net.vjp(tape, e)
    c, g, units = tape.S.shape
    assert (units, c * units, net.theta.shape) == (n, h.size, (n + m + 1, g * n))
    assert h1.shape == net.jvp(tape, u).shape == eJ.shape == h.shape
    assert (d.shape, net.jacobian(tape).shape, tape.D.shape) == ((g * n,), (h.size, h.size), (c, c, n))
    assert e @ net.jvp(tape, u) == pytest.approx(eJ @ u, rel=1e-12, abs=1e-12)


@every_system
def test_tape_keeps_its_numbers(name):
    """A step changes nothing it was given, and its tape does not see the state move on in place."""
    net, h, _ = scene(name)
    before, theta = h.copy(), net.theta.copy()
    h1, tape = net.step(h, 2)
    np.testing.assert_array_equal(h, before)
    np.testing.assert_array_equal(net.theta, theta)
    kept = [np.copy(part) for part in tape]
    h[:], h1[:] = 7.0, 8.0
    net.jvp(tape, h), net.vjp(tape, h), net.jacobian(tape)
    for part, copy in zip(tape, kept, strict=True):
        np.testing.assert_array_equal(part, copy)


@every_system
def test_weights_are_drawn_as_documented(name):
    """Variance 1/n between units and 1 from symbols, to 6 standard errors; zero bias; the leaks as given."""
    n, m = 40, 30
    net = SYSTEMS[name](n).build(m, np.random.default_rng(3))
    for block, variance in ((net.theta[:n], 1 / n), (net.theta[n:-1], 1.0)):
        assert abs(block.var() / variance - 1) < 6 * np.sqrt(2 / block.size)
        assert abs(block.mean()) < 6 * np.sqrt(variance / block.size)
    np.testing.assert_array_equal(net.theta[-1], 0.0)
    np.testing.assert_array_equal(net.cell.leak, np.broadcast_to(SYSTEMS[name](n).leak, n))


def test_leak_is_a_time_constant():
    """With no weights, what a leaky unit remembers shrinks by (1 - leak) a step; leak = 1 forgets at once."""
    net = LeakyRNN(3, (0.1, 0.5, 1.0)).build(2, np.random.default_rng(0))
    net.theta[:] = 0.0
    h1, _ = net.step(np.ones(3), 0)
    np.testing.assert_allclose(h1, [0.9, 0.5, 0.0], rtol=1e-15)


@pytest.mark.parametrize("y", range(3))
def test_readout_is_in_bits(y):
    """The loss is -log2 p[y], and its derivatives by state and parameters are those of that loss."""
    rng = np.random.default_rng(y)
    h, readout = rng.normal(size=4), Softmax(rng.normal(size=(5, 3)))
    loss, psi, error, q = readout.loss(h, y)
    a = np.append(h, 1.0) @ readout.theta
    assert loss == pytest.approx(np.log2(np.exp(a - a[y]).sum()), rel=1e-14)
    assert loss == pytest.approx(-np.log2(readout.probabilities(h)[y]), rel=1e-14)
    for array, gradient in ((h, q), (readout.theta, psi @ error)):
        for _ in range(3):
            direction = rng.normal(size=array.shape)
            expected = slope(lambda: readout.loss(h, y)[0], array, direction)
            assert (gradient * direction).sum() == pytest.approx(expected, rel=1e-6)
