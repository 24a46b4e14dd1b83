"""What notebook 07 says holds on at least 16 of the 20 seeds 100-119.

Rates and length of the network's runs were chosen with seeds 100-103 in sight, and the ranges were read off 100-119. So all was
counted once more on seeds 200-219, untouched until then: every claim holds there on 19 or 20.
"""

import functools

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu.apps.metric import Metric

SEEDS = range(100, 120)
ENOUGH = 16
WAYS = {"small": nbt.SGD(0.001), "large": nbt.SGD(0.02), "kalman": nbt.DiagonalKalman(fading=0.003, prior=30.0)}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def holds(claim):
    """On how many seeds a claim holds."""
    return sum(bool(claim(seed)) for seed in SEEDS)


@functools.cache
def walked(seed, **dials):
    app = Metric(seed=seed, **dials)
    app.step(2000)
    return app


def halfway(seed, walker, **dials):
    """Steps until the distance from the bottom has halved, 2,000 at most."""
    distance = walked(seed, **dials).curve.buckets()[1][:, 1 + 2 * walker] ** 0.5
    return np.argmax(distance < 0.5) + 1 if (distance < 0.5).any() else 2000


def test_theta_wanders_and_the_loss_stops_shaking():
    def ratios(seed):
        descent, far, filtered, near = walked(seed).late()
        return descent / filtered, far / near

    assert holds(lambda seed: 9 < ratios(seed)[0] < 20) >= ENOUGH  # said: 20
    assert holds(lambda seed: 0.95 < ratios(seed)[1] < 2.15) >= ENOUGH  # said: 20


def test_both_come_halfway_in_about_the_same_time_and_a_small_rate_takes_ten_times_as_long():
    assert holds(lambda seed: 0.4 < halfway(seed, 1) / halfway(seed, 0) < 2.5) >= ENOUGH
    assert holds(lambda seed: 5 < halfway(seed, 0, rate=0.001) / halfway(seed, 0) < 40) >= ENOUGH
    assert holds(lambda seed: walked(seed, rate=0.001).late()[0] < walked(seed).late()[0] / 5) >= ENOUGH


def test_at_45_degrees_a_diagonal_is_calm_and_slow():
    turned = {"form": "diagonal", "angle": 45.0}
    assert holds(lambda seed: halfway(seed, 1, **turned) > 3 * halfway(seed, 1)) >= ENOUGH
    assert holds(lambda seed: walked(seed, **turned).late()[2] < 0.1) >= ENOUGH
    straight = {"form": "diagonal", "angle": 0.0}
    assert holds(lambda seed: 0.7 < walked(seed, **straight).late()[2] / walked(seed).late()[2] < 1.4) >= ENOUGH


def test_noise_counts_as_knowledge_the_metric_is_nine_times_as_large_along_the_floor_as_across():
    def told(seed, of=lambda metric: metric, **dials):
        """The filter's metric, or what `of` makes of it: across the walls, along the floor."""
        app = walked(seed, **dials)
        directions = app.valley.directions
        return np.diag(directions @ of(app.walkers["Kalman filter"].metric()) @ directions.T)

    def fisher(seed):
        return told(seed, np.linalg.inv, fading=0.01) * 0.01

    assert holds(lambda seed: 8.5 < told(seed)[1] / told(seed)[0] < 9.5) >= ENOUGH
    assert holds(lambda seed: 105 < fisher(seed)[0] < 115 and 10 < fisher(seed)[1] < 12) >= ENOUGH


def turning(seed, fading):
    """Steps until the long axis of the filter's ellipse has turned half of the way, when the valley turns by 60 degrees."""
    app = Metric(seed=seed, fading=fading)
    app.step(500)
    app.set(angle=90.0)
    for steps in range(1, 500):
        app.step(1)
        axis = np.linalg.eigh(app.walkers["Kalman filter"].metric())[1][:, -1]
        if abs(axis[1]) > np.sin(np.radians(60)):
            return steps
    return 500


def test_the_ellipse_follows_a_valley_that_turns_in_about_seven_tenths_of_its_memory():
    for fading in 0.1, 0.01:
        assert holds(lambda seed, fading=fading: 0.5 < turning(seed, fading) * fading < 1.0) >= ENOUGH


@functools.cache
def worse(seed, way):
    """Bits per character of NoBackTrack, and by how much that is worse than the exact gradient."""
    bits = []
    for estimator in nbt.NoBackTrack(), nbt.RTRL():
        learner = nbt.Learner(nbt.AnBn(8), nbt.LeakyRNN(10, 0.3), estimator, WAYS[way], seed=seed)
        bits.append(learner.run(50_000).bits_per_char(25_000))
    return bits[0], bits[0] - bits[1]


def test_the_three_ways_of_the_slides():
    assert holds(lambda seed: worse(seed, "small")[1] < 0.1) >= ENOUGH  # said: 20
    assert holds(lambda seed: worse(seed, "large")[1] > 2 * worse(seed, "small")[1]) >= ENOUGH  # said: 19
    assert holds(lambda seed: worse(seed, "kalman")[1] < worse(seed, "large")[1]) >= ENOUGH  # said: 19
    assert (
        holds(lambda seed: worse(seed, "kalman")[0] < min(worse(seed, way)[0] for way in ("small", "large"))) >= ENOUGH
    )  # said: 20
    assert holds(lambda seed: 0.025 < worse(seed, "kalman")[1] < 0.3) >= ENOUGH  # said: 20
