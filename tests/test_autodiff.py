"""An independent oracle: the networks as a textbook writes them, differentiated by JAX."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from table import SYSTEMS, Walk

from nbt_edu import BPTT, RTRL, LeakyRNN, SlidesRNN

jax.config.update("jax_enable_x64", True)

TEXTBOOK = {
    LeakyRNN: lambda h, x, W, R, b, leak: (1 - leak) * h + leak * jnp.tanh(h @ W + x @ R + b),
    SlidesRNN: lambda h, x, W, R, b, leak: (1 - leak) * h + leak * (jnp.tanh(h) @ W + x @ R + b),
}
T, N, M = 9, 4, 5


def losses(theta, readout, kind, leak, text, window):
    """The bits of each character of a text, in plain JAX; gradients stop at the borders of windows."""
    h, bits = jnp.zeros(N), []
    for t, (x, y) in enumerate(itertools.pairwise(text)):
        h = jax.lax.stop_gradient(h) if t % window == 0 else h
        h = TEXTBOOK[kind](h, jnp.eye(M)[x], theta[:N], theta[N:-1], theta[-1], leak)
        bits.append(-jax.nn.log_softmax(h @ readout[:-1] + readout[-1])[y] / jnp.log(2.0))
    return jnp.stack(bits)


@pytest.mark.parametrize("system", SYSTEMS)
def test_gradients_are_those_of_autodiff(system):
    """Loss by loss RTRL, in sum BPTT, window by window truncated BPTT, and the readout's own gradient."""
    walk, kind = Walk(system, N, T, M), type(SYSTEMS[system](N))
    leak, silence = jnp.array(walk.net.cell.leak), np.zeros((T, 0, N))

    def oracle(window):
        derivatives = jax.jacrev(losses, (0, 1))(walk.net.theta, walk.readout.theta, kind, leak, walk.text, window)
        return [np.asarray(one).reshape(T, -1) for one in derivatives]

    def same(found, wanted):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10 * np.abs(wanted).max())

    full, readout = oracle(T)
    same(walk.answers(RTRL(), silence), full)
    same(walk.answers(BPTT(T), silence)[-1], full.sum(0))
    same([one for one in walk.answers(BPTT(3), silence) if one is not None], oracle(3)[0].reshape(3, 3, -1).sum(1))

    h, bits = walk.net.start(), losses(walk.net.theta, walk.readout.theta, kind, leak, walk.text, T)
    for t, (x, y) in enumerate(itertools.pairwise(walk.text)):
        h, _ = walk.net.step(h, x)
        loss, psi, error, _ = walk.readout.loss(h, y)
        assert loss == pytest.approx(float(bits[t]), rel=1e-12)
        same((psi @ error).ravel(), readout[t])
