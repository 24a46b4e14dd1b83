"""What notebook 01 says holds on the seeds 100-119: one gradient wherever the bracket stands, work as counted."""

import numpy as np
import pytest
from test_costs import Counted

from nbt_edu import RTRL, LeakyRNN, SlidingBPTT
from nbt_edu.apps.chain import Chain
from nbt_edu.apps.chain_lanes import SYMBOLS, Lane, chain
from nbt_edu.measuring.walk import Walk

SEEDS = range(100, 120)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bracket_changes_the_work_and_not_the_gradient(seed):
    q, J, B = chain(8, 4, seed)
    wanted = np.linalg.multi_dot([q, *J[::-1], B])
    for turn in range(5):
        np.testing.assert_allclose(Lane(q, J, B, turn).answer, wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("turn", range(4))
def test_the_multiplications_said_are_those_done(turn):
    arrays = [one.view(Counted) for one in chain(5, 3)]
    Counted.total = 0
    lane = Lane(*arrays, turn)
    assert Counted.total == lane.ends[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_sparsity_is_lost_with_the_first_product(seed):
    _, J, B = chain(8, 4, seed)
    read = np.abs(B).max(0) > 0  # the rows of symbols that were not read stay zero
    assert np.mean(B[:, read] != 0) == 1 / 8
    assert np.mean((J[0] @ B)[:, read] != 0) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ways_collect_the_whole_gradient(seed):
    rng = np.random.default_rng(seed)
    walk = Walk(LeakyRNN(8, leak=0.5).build(0, SYMBOLS, rng), rng.integers(SYMBOLS, size=5), rng.normal(size=(5, 8)))
    for estimator in RTRL(), SlidingBPTT(5):
        answer = walk.answers(estimator, np.zeros((5, 0, 8)))[-1]
        np.testing.assert_allclose(answer, walk.exact()[-1], rtol=1e-12, atol=1e-12)


def test_a_speed_that_makes_up_for_the_order():
    app = Chain(speed=24.2)
    app.step(960)
    assert app.finished and app.count == 960
    assert Chain().ratio() == 24.2
    assert Chain(right=0).first_lane() == "neither"


def test_a_long_chain_is_p_times_dearer():
    ratio = Chain(units=8, length=64, right=64).ratio()
    assert 60 < ratio < 88 < Chain(units=16, length=64, right=64).ratio() < 304


@pytest.mark.parametrize(("steps", "low", "high"), [(4, 2, 2.5), (64, 2.9, 3.3)])
def test_twice_the_units(steps, low, high):
    fewer, more = (Chain(units=units, length=steps, right=steps).ratio() for units in (8, 16))
    assert low < more / fewer < high
