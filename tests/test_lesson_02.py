"""What notebook 02 says: signs of credits exactly, and NoBackTrack's arrival on at least 16 of the 20 seeds 100-119."""

import numpy as np
import pytest

from nbt_edu import BPTT, RTRL, SGD, CheckpointedBPTT, LeakyRNN, NoBackTrack, SlidingBPTT, balancing
from nbt_edu.apps.strip import Strip, shares, turn

SEEDS = range(100, 120)
ENOUGH = 16


def holds(claim):
    return sum(bool(claim(seed)) for seed in SEEDS)


def test_more_memory_is_worse_first_and_then_the_sign_flips():
    sums = balancing.truncated_influence(100)
    np.testing.assert_allclose(sums[[0, 9, 20, 39, 40, 99]], [1, 10, 16.30, 0.566, -0.219, -6], atol=5e-3)
    assert (np.diff(sums[:19]) > 0).all() and sums.argmax() in (18, 19)
    assert turn() == 41 and shares(100).sum() == pytest.approx(-6)


def test_a_bar_is_zero_at_20_and_back_to_a_half_at_46():
    bars = shares(100)
    assert bars[:19].min() > 0 > bars[20:].max() and bars[19] == pytest.approx(0, abs=1e-12)
    assert bars[44] < -0.5 < bars[45] and bars[45] == pytest.approx(-0.5, abs=1e-3)


def test_once_a_window_turns_at_110():
    means = np.cumsum(balancing.truncated_influence(200)) / np.arange(1, 201)
    assert (means[:109] > 0).all() and (means[109:] < 0).all()
    np.testing.assert_allclose((means[109:] + 6) * np.arange(110, 201), 658, rtol=1e-3)  # the bias dies out like 1/T
    assert abs(balancing.descend(BPTT(100), SGD(1e-4), 5000)[-1]) > 0.5 > balancing.descend(BPTT(120), SGD(1e-4), 5000)[-1]


@pytest.mark.parametrize(("T", "truth"), [(1, "farther"), (20, "farther"), (40, "farther"), (41, "nearer"), (60, "nearer")])
def test_where_the_ball_goes(T, truth):
    app = Strip(window=T)
    app.step(2000)
    assert app.where() == truth


def test_nobacktrack_wanders_off_in_the_app_and_arrives():
    app = Strip()
    app.step(2000)
    start, far = 0.5 - balancing.BEST, abs(app.runs["NoBackTrack"].theta - balancing.BEST)
    app.step(8000)
    assert far > start and abs(app.runs["NoBackTrack"].theta - balancing.BEST) < 0.01


def test_nobacktrack_arrives_at_a_small_rate_and_diverges_at_ten_times_of_it():
    def run(seed, rate):
        made = balancing.Descent(NoBackTrack(), SGD(rate), seed)
        made.go(20_000)
        return made

    assert holds(lambda seed: abs(run(seed, 1e-5).theta - balancing.BEST) < 0.01) >= ENOUGH  # measured: 20
    assert holds(lambda seed: abs(balancing.descend(NoBackTrack(), SGD(1e-5), 20_000, seed)[-1] + 1 / 6) < 0.01) >= ENOUGH  # 19
    assert holds(lambda seed: run(seed, 1e-4).diverged) == 20


def test_a_descent_in_pieces_is_the_whole_and_goes_on_with_another_window():
    whole = balancing.Descent(NoBackTrack(), SGD(1e-5), 3).go(3000)
    pieces = balancing.Descent(NoBackTrack(), SGD(1e-5), 3)
    np.testing.assert_array_equal(np.concatenate([pieces.go(n) for n in (1, 999, 1500, 500)]), whole)
    moved = balancing.Descent(SlidingBPTT(20), SGD(1e-5))
    first = moved.go(1000)[-1]
    moved.change(SlidingBPTT(60), SGD(1e-5))
    assert first > 0.5 and moved.go(5000)[-1] < first
    exact = balancing.Descent(RTRL(), SGD(1e-4))
    np.testing.assert_allclose(exact.go(500), balancing.descend(RTRL(), SGD(1e-4), 500)[1:], rtol=1e-12)


def test_what_checkpointing_stores():
    system = LeakyRNN(8, leak=0.5).build(0, 3, np.random.default_rng(0))
    plain, thrifty = BPTT(100).begin(system), CheckpointedBPTT(100).begin(system)
    assert len(plain.tapes.h) == 100
    assert len(thrifty.h) + len(thrifty.tapes.h) == 20
