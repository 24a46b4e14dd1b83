"""What estimators that look back answer while theta moves: which derivative it is, exactly, and how far it is from others."""

import numpy as np
import pytest
from table import learner, walk_of

from nbt_edu import (
    BPTT,
    RTRL,
    SGD,
    Adam,
    AnBn,
    CheckpointedBPTT,
    DiagonalKalman,
    LeakyRNN,
    Learner,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
)  # fmt: skip
from nbt_edu.measuring.path import Path

NETWORKS = ["one leak per unit", "slides", "sparse", "IndRNN", "GRU", "LSTM"]
T = 12


class Ride:
    """A network of 3 units that reads T symbols while theta moves by normal steps of this size after every `every` of them."""

    def __init__(self, network, every=1, size=0.03):
        walk, rng = walk_of(network, 3, T), np.random.default_rng(1)
        self.system, self.inputs, self.q = walk.system, walk.inputs, walk.q
        theta, self.thetas, self.tapes, h = self.system.theta.copy(), [], [], self.system.start()
        for t, x in enumerate(self.inputs):
            self.at(theta)
            self.thetas.append(theta)
            h, tape = self.system.step(h, x)
            self.tapes.append(tape)
            theta = theta + size * rng.normal(size=theta.shape) * ((t + 1) % every == 0)

    def at(self, theta):
        """The system, theta being this."""
        self.system.theta[:] = theta
        return self.system

    def answers(self, estimator):
        """What it answers at each step, (P,) or None."""
        state, found = estimator.begin(self.at(self.thetas[0])), []
        for theta, tape, q in zip(self.thetas, self.tapes, self.q, strict=True):
            noise = np.ones((estimator.noise_vectors(), self.system.start().size))
            estimator.advance(state, self.at(theta), tape, noise)
            A, B = estimator.gradient(state, self.system, q[None])
            found.append((A @ B)[0] if A.size else None)
        return found

    def immediate(self, tape):
        G = np.zeros((self.system.start().size, self.system.theta.size))
        self.system.add_immediate(G, tape)
        return G

    def last(self, tapes, now):
        """The gradient of the last loss by J and dF/dtheta of these tapes, theta as in step t, or `now` as in the last one."""
        G = 0.0
        for theta, tape in zip(self.thetas, tapes, strict=True):
            self.at(self.thetas[-1] if now else theta)
            G = self.system.jacobian(tape) @ G + self.immediate(tape) if np.ndim(G) else self.immediate(tape)
        return self.q[-1] @ G[: self.q[-1].size]

    def fresh_tapes(self):
        """The tapes that the present theta would have left."""
        h, tapes = self.system.start(), []
        for x in self.inputs:
            h, tape = self.at(self.thetas[-1]).step(h, x)
            tapes.append(tape)
        return tapes


def apart(one, other):
    return np.linalg.norm(one - other) / np.linalg.norm(other)


@pytest.mark.parametrize("estimator", [SlidingBPTT(T), SlidingMemoryNoBackTrack(T)], ids=str)
@pytest.mark.parametrize("network", NETWORKS)
def test_looking_back_takes_the_weights_of_now(network, estimator):
    """Tapes of their own time, weights of now: neither RTRL's derivative along the thetas nor the one at the present theta."""
    ride = Ride(network)
    answer = ride.answers(estimator)[-1]
    rtrl, present = ride.last(ride.tapes, now=False), ride.last(ride.fresh_tapes(), now=True)
    np.testing.assert_allclose(answer, ride.last(ride.tapes, now=True), rtol=0, atol=1e-12 * np.abs(answer).max())
    np.testing.assert_allclose(ride.answers(RTRL())[-1], rtrl, rtol=0, atol=1e-12 * np.abs(rtrl).max())
    assert apart(answer, rtrl) > 1e-3 and apart(answer, present) > 1e-2


@pytest.mark.parametrize("every, same", [(T, True), (6, True), (3, False), (1, False)])
@pytest.mark.parametrize("network", NETWORKS)
def test_checkpoints_are_bptt_while_theta_rests(network, every, same):
    """The numbers of BPTT(6) where theta moves at the ends of its windows only; else other numbers, by percents."""
    ride = Ride(network, every)
    plain, checkpointed = ride.answers(BPTT(6)), ride.answers(CheckpointedBPTT(6))
    gaps = [apart(one, other) for one, other in zip(checkpointed, plain, strict=True) if one is not None]
    assert len(gaps) == 2
    assert max(gaps) < 1e-12 if same else min(gaps) > 1e-3


@pytest.mark.parametrize("optimizer", [SGD(0.1), Adam(0.01), DiagonalKalman()], ids=str)
def test_checkpoints_that_drive_are_bptt(optimizer):
    """A learner moves its theta at the windows' ends: one that is driven by either goes the same way, readout and all."""
    one, other = (learner(kind(6), optimizer=optimizer) for kind in (BPTT, CheckpointedBPTT))
    for run in one, other:
        run.run(120)
    np.testing.assert_allclose(other._system.theta, one._system.theta, rtol=1e-9)


def test_how_far_apart():
    """The numbers of the docstrings: 32 steps of SGD(0.01), after 3,000 of SGD(0.02), leaky RNN of 8 units, AnBn(8), seed 0."""
    one = Learner(AnBn(8), LeakyRNN(8, 0.3), RTRL(), SGD(0.02), seed=0, compiled=False)
    one.read(3000)
    path = Path(one, 32, SGD(0.01))
    exact, sliding, _ = path.guesses(SlidingBPTT(32), 1, 0)
    assert apart(sliding[0, -1], exact[-1]) == pytest.approx(0.002, abs=5e-4)
    assert path.staleness()[-1] == pytest.approx(0.077, abs=5e-3)
    (summed,), (plain,), _ = path.guesses(BPTT(32), 1, 0)
    _, (checkpointed,), _ = path.guesses(CheckpointedBPTT(32), 1, 0)
    assert apart(plain[0], summed) == pytest.approx(0.019, abs=2e-3)
    assert apart(checkpointed[0], plain[0]) == pytest.approx(0.041, abs=4e-3)
