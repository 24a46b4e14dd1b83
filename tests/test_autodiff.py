"""An independent oracle: the networks as a textbook writes them, differentiated by JAX."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from table import SYSTEMS, walk_of

from nbt_edu import BPTT, RTRL

jax.config.update("jax_enable_x64", True)


def leaky(h, x, theta, net):
    W, R, b = theta[:N], theta[N:-1], theta[-1]
    return (1 - net.cell.leak) * h + net.cell.leak * jnp.tanh(h @ W + x @ R + b)


def slides(h, x, theta, net):
    W, R, b = theta[:N], theta[N:-1], theta[-1]
    leak = net.cell.leak[0, 0]
    return (1 - leak) * h + leak * (jnp.tanh(h) @ W + x @ R + b)


def sparse(h, x, theta, net):
    k, units = len(net.index), jnp.arange(N)
    W = jnp.zeros((N, N)).at[net.index, units].set(theta[:k])
    return leaky(h, x, jnp.concatenate((W, theta[k:])), net)


def gru(h, x, theta, net):
    z, r, a, b = jnp.split(jnp.concatenate((h, x, jnp.ones(1))) @ theta, 4)
    z, r = jax.nn.sigmoid(z + net.cell.remember), jax.nn.sigmoid(r)
    return (1 - z) * jnp.tanh(a + r * b) + z * h


def lstm(hs, x, theta, net):
    h, s = jnp.split(hs, 2)
    i, f, o, u = jnp.split(jnp.concatenate((h, x, jnp.ones(1))) @ theta, 4)
    s = jax.nn.sigmoid(f + net.cell.forget) * s + jax.nn.sigmoid(i) * jnp.tanh(u)
    return jnp.concatenate((jax.nn.sigmoid(o) * jnp.tanh(s), s))


TEXTBOOK = {
    "leaky": leaky, "one leak per unit": leaky, "vanilla": leaky, "slides": slides, "leaky slides": slides, "sparse": sparse,
    "GRU": gru, "LSTM": lstm, "IndRNN": sparse,
}  # fmt: skip
T, N, M = 9, 4, 5


def losses(theta, readout, name, net, text, window):
    """The bits of each character of a text, in plain JAX; gradients stop at the borders of windows."""
    h, bits = jnp.zeros(net.start().size), []
    for t, (x, y) in enumerate(itertools.pairwise(text)):
        h = jax.lax.stop_gradient(h) if t % window == 0 else h
        h = TEXTBOOK[name](h, jnp.eye(M)[x], theta, net)
        bits.append(-jax.nn.log_softmax(h[:N] @ readout[:-1] + readout[-1])[y] / jnp.log(2.0))
    return jnp.stack(bits)


@pytest.mark.parametrize("system", SYSTEMS)
def test_gradients_are_those_of_autodiff(system):
    """Loss by loss RTRL, in sum BPTT, window by window truncated BPTT, and the readout's own gradient."""
    walk, silence = walk_of(system, N, T, M), np.zeros((T, 0, N))

    def oracle(window):
        whole = jax.jacrev(losses, (0, 1))
        derivatives = whole(walk.system.theta, walk.readout.theta, system, walk.system, walk.whole, window)
        return [np.asarray(one).reshape(T, -1) for one in derivatives]

    def same(found, wanted):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10 * np.abs(wanted).max())

    full, readout = oracle(T)
    same(walk.answers(RTRL(), silence), full)
    same(walk.answers(BPTT(T), silence)[-1], full.sum(0))
    same([one for one in walk.answers(BPTT(3), silence) if one is not None], oracle(3)[0].reshape(3, 3, -1).sum(1))

    h, bits = walk.system.start(), losses(walk.system.theta, walk.readout.theta, system, walk.system, walk.whole, T)
    for t, (x, y) in enumerate(itertools.pairwise(walk.whole)):
        h, _ = walk.system.step(h, x)
        loss, outcome = walk.readout.loss(h, y)
        assert loss == pytest.approx(float(bits[t]), rel=1e-12)
        same(np.outer(outcome.psi, outcome.error).ravel(), readout[t])
