"""What notebook 05 says holds on at least 16 of the 20 seeds 100-119, on which nothing was tuned."""

import functools
import math

import pytest

from nbt_edu.apps.cloud import Cloud

SEEDS = range(100, 120)
ENOUGH = 16

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def holds(claim):
    """On how many seeds a claim holds."""
    return sum(bool(claim(seed)) for seed in SEEDS)


@functools.cache
def cloud(seed, **dials):
    """An app after 1,000 draws."""
    app = Cloud(seed=seed, **dials)
    app.step(1000)
    return app


def far(seed, **dials):
    """Distance of one draw from the exact gradient."""
    return cloud(seed, **dials).draws.one()[1]


def test_one_draw_is_nearly_at_right_angles_and_the_mean_lands():
    assert holds(lambda seed: 0.1 < cloud(seed).draws.one()[0] < 0.3 and far(seed) > 3) >= ENOUGH
    assert holds(lambda seed: cloud(seed).end() == "close" and cloud(seed).draws.mean()[0] > 0.97) >= ENOUGH  # 20, as is said


def test_the_mean_is_off_by_one_draw_over_the_root_of_their_number():
    assert holds(lambda seed: 0.6 < cloud(seed).draws.errors[-1] / far(seed) * math.sqrt(1000) < 1.6) >= ENOUGH


def test_noise_grows_with_the_horizon_and_levels_off():
    assert holds(lambda seed: 1.3 * far(seed, horizon=1) < far(seed)) >= ENOUGH
    assert holds(lambda seed: 1 / 1.5 < far(seed, horizon=64) / far(seed) < 1.5) >= ENOUGH  # measured, and said: 19


def test_without_lambda_more_draws_are_needed_and_the_more_the_longer_the_stretch():
    def factor(seed, **dials):
        return (far(seed, beta=0.0, **dials) / far(seed, **dials)) ** 2

    assert holds(lambda seed: factor(seed) > 1.5) >= ENOUGH
    assert holds(lambda seed: factor(seed, horizon=64) > factor(seed)) >= ENOUGH


def test_four_pairs_halve_the_distance():
    assert holds(lambda seed: 1.8 < far(seed) / far(seed, rank=4) < 2.2) >= ENOUGH


def test_the_cosine_of_one_draw_follows_from_its_variance():
    assert holds(lambda seed: abs(cloud(seed).draws.one()[0] * math.hypot(1, far(seed)) - 1) < 0.3) >= ENOUGH
