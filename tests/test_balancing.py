"""Linear systems have closed forms; and influence balancing: truncation turns the wrong way up to T = 40."""

import numpy as np
import pytest

from nbt_edu import BPTT, RTRL, SGD, UORO, NoBackTrack, ReducedNoBackTrack, SlidingBPTT, balancing
from nbt_edu.measuring.walk import Walk
from nbt_edu.systems import Linear


def linear(n=4, P=3, m=2, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n)) / (2 * np.sqrt(n))
    return Linear(rng.normal(size=(1, P)), 0, A, rng.normal(size=(m, n)), rng.normal(size=(n, P)), rng.normal(size=n))


def test_influence_and_stationary_state_in_closed_form():
    made = linear()
    walk = Walk(made, [0, 1, 1, 0, 1], np.ones((5, 4)))
    for t, G in enumerate(walk.influences(), 1):
        np.testing.assert_allclose(made.influence(t), G, rtol=1e-12)
    h = made.start()
    for _ in range(300):
        h, _ = made.step(h, 1)
    np.testing.assert_allclose(h, made.settled(1), rtol=1e-9)
    np.testing.assert_allclose(walk.answers(RTRL(), np.zeros((5, 0, 4)))[-1], np.ones(4) @ made.influence(5), rtol=1e-12)


def test_where_the_sign_turns():
    """The truncated influence is positive up to T = 40 and negative from 41 on, towards -6; the optimum is -1/6."""
    influence = balancing.truncated_influence(400)
    assert (influence[:40] > 0).all() and (influence[40:] < 0).all()
    assert influence[-1] == pytest.approx(-6, rel=1e-12)
    assert balancing.system(balancing.BEST).settled(0)[0] == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("estimator, right", [
    (RTRL(), True), (SlidingBPTT(10), False), (SlidingBPTT(40), False), (SlidingBPTT(41), True), (SlidingBPTT(80), True),
], ids=str)  # fmt: skip
def test_truncated_bptt_goes_the_wrong_way(estimator, right):
    """From 0.5, gradient descent heads for -1/6 with T >= 41, and away from it with T <= 40."""
    path = balancing.descend(estimator, SGD(1e-4), 20_000)
    assert (abs(path[-1] - balancing.BEST) < 0.1) == right
    assert right or path[-1] > 1.0


def test_window_by_window_the_early_losses_turn_it_round():
    """BPTT's update per window credits most losses over less than T steps: it needs a longer window than 41."""
    assert balancing.descend(BPTT(41), SGD(1e-4), 20_000)[-1] > 1.0


@pytest.mark.parametrize("estimator", [NoBackTrack(), NoBackTrack(4), UORO(), ReducedNoBackTrack(4)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_nobacktrack_finds_the_optimum(estimator, seed):
    """theta converges to -1/6, whatever the signs. (Where the loss is 0 so is the noise: it arrives exactly.)"""
    path = balancing.descend(estimator, SGD(1e-5), 100_000, seed)
    assert path[-1] == pytest.approx(balancing.BEST, abs=1e-3)


def test_interpreted_is_compiled():
    run = balancing.descend(NoBackTrack(2), SGD(1e-5), 300)
    drive, balancing._descend = balancing._descend, balancing._descend.interpreted
    try:
        np.testing.assert_allclose(balancing.descend(NoBackTrack(2), SGD(1e-5), 300), run, rtol=1e-9)
    finally:
        balancing._descend = drive
