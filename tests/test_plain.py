"""The plain file tells the truth: it is unbiased by itself, and the package gives its numbers."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import plain


@pytest.fixture
def network():
    """Two units, two symbols, out drawn too; theta stands still."""
    rng = np.random.default_rng(4)
    network = plain.PlainNoBackTrack(2, 2, leak=0.4, rate=0.0, rng=rng)
    network.out = rng.normal(size=network.out.shape)
    return network


TEXT = [0, 1, 1, 0, 1]  # four steps of two units: 256 sequences of signs


def read(network, text, signs):
    """The network's loss and gradients at the end of a text, read from a fresh state."""
    network.h, network.v, network.w = np.zeros(2), np.zeros(2), np.zeros_like(network.theta)
    for (x, _), coins in zip(itertools.pairwise(text), signs, strict=True):
        network.read(x, coins)
    return network.gradients(text[-1])


def differences(function, array, step=1e-6):
    """Central differences of a function of no arguments by each entry of an array: shaped as the array."""
    slopes = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept, losses = array[place], []
        for moved in kept - step, kept + step:
            array[place] = moved
            losses.append(function())
        array[place] = kept
        slopes[place] = (losses[1] - losses[0]) / (2 * step)
    return slopes


def test_the_mean_over_all_signs_is_the_gradient(network):
    every = itertools.product(itertools.product((-1, 1), repeat=2), repeat=4)
    guesses = [read(network, TEXT, signs)[1] for signs in every]
    exact = differences(lambda: read(network, TEXT, np.ones((4, 2)))[0], network.theta)
    assert len(guesses) == 256 and np.std(guesses, axis=0).max() > 0.1 * np.abs(exact).max()
    np.testing.assert_allclose(np.mean(guesses, axis=0), exact, atol=1e-8)


def test_the_gradient_by_out_is_exact(network):
    exact = differences(lambda: read(network, TEXT, np.ones((4, 2)))[0], network.out)
    np.testing.assert_allclose(read(network, TEXT, np.ones((4, 2)))[2], exact, atol=1e-8)


def test_the_package_gives_the_same_numbers():
    """Losses and parameters of a learner, to 1e-9 over 200 characters, given its first weights, symbols and signs."""
    learner = nbt.Learner(nbt.AnBn(5), nbt.LeakyRNN(5, 0.4), nbt.NoBackTrack(), nbt.SGD(0.05), compiled=False)
    network = plain.PlainNoBackTrack(5, 3, leak=0.4, rate=0.05, rng=np.random.default_rng(0))
    first, _, _ = learner.parts()
    network.theta, signs = first.theta, learner._noise.block(0)[:, 0]
    ahead = learner.ahead(200)
    pairs = zip(ahead.inputs, ahead.targets, strict=True)
    mine = [network.step(x, y, coins) for (x, y), coins in zip(pairs, signs, strict=False)]
    theirs = [next(learner) for _ in range(200)]
    net, readout, _ = learner.parts()
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-9)
    np.testing.assert_allclose(network.theta, net.theta, rtol=0, atol=1e-9)
    np.testing.assert_allclose(network.out, readout.theta, rtol=0, atol=1e-9)


def test_it_learns_and_says_so():
    """As a newcomer runs it, but shorter."""
    code = "from nbt_edu import plain; plain.main(chars=30_000)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert "0.286 bits per character" in said[0]
    first, _, last = (float(line.split()[2]) for line in said[1:])
    assert 0.286 < last < first < np.log2(3)


def test_interrupting_is_no_error(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(plain.PlainNoBackTrack, "step", interrupted)
    plain.main()
    assert "Stopped after 0 characters" in capsys.readouterr().out


def test_it_imports_numpy_only():
    lines = Path(plain.__file__).read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(("import", "from"))] == ["import itertools", "import numpy as np"]
