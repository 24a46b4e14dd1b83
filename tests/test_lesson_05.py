"""What notebook 05 says holds on at least 16 of the 20 seeds 100-119, on which nothing was tuned."""

import functools
import itertools
import math

import numpy as np
import pytest

from nbt_edu import RTRL, LeakyRNN, NoBackTrack, SlidingBPTT, SlidingMemoryNoBackTrack
from nbt_edu.apps.cloud import Cloud
from nbt_edu.apps.cloud_draws import learned
from nbt_edu.jit import available
from nbt_edu.measuring.study import study
from nbt_edu.measuring.walk import Walk, all_signs

SEEDS = range(100, 120)
ENOUGH = 16
FEW = 200  # draws, enough for their mean distance
SETTINGS = {"horizon 1": {"horizon": 1}, "horizon 64": {"horizon": 64}, "beta 0": {"beta": 0.0}, "rank 4": {"rank": 4},
            "both": {"beta": 0.0, "horizon": 64}}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def holds(claim):
    """On how many seeds a claim holds."""
    return sum(bool(claim(seed)) for seed in SEEDS)


@functools.cache
def measured(seed):
    """The app after 1,000 draws, and the distance of one draw from the exact gradient by setting."""
    app, far = Cloud(seed=seed), {}
    app.step(1000)
    for name, dials in SETTINGS.items():
        other = Cloud(seed=seed, **dials)
        other.step(FEW)
        far[name] = other.draws.one()[1]
    return app, far | {"": app.draws.one()[1]}


def test_one_draw_is_far_off_and_the_mean_lands():
    def lands(app):
        return app.end() == "close" and app.draws.mean()[0] > 0.97

    assert holds(lambda seed: 0.1 < measured(seed)[0].draws.one()[0] < 0.3 and measured(seed)[1][""] > 3) >= ENOUGH
    assert holds(lambda seed: lands(measured(seed)[0])) >= ENOUGH  # measured, and said in the notebook: 20


def test_the_mean_is_off_by_one_draw_over_the_root_of_their_number():
    def factor(app):
        return app.draws.errors[-1] / app.draws.one()[1] * math.sqrt(1000)

    assert holds(lambda seed: 0.6 < factor(measured(seed)[0]) < 1.6) >= ENOUGH


def test_the_cosine_of_one_draw_follows_from_its_variance():
    assert holds(lambda seed: abs(measured(seed)[0].draws.one()[0] * math.hypot(1, measured(seed)[1][""]) - 1) < 0.3) >= ENOUGH


@pytest.mark.parametrize("other, one, low, high", [
    ("horizon 1", "", 0.0, 0.8),  # noise grows with the horizon
    ("horizon 64", "", 1 / 1.5, 1.5),  # and levels off: 18, as is said
    ("beta 0", "", 1.2, math.inf), ("both", "horizon 64", 1.2, math.inf),  # without λ more draws are needed
    ("rank 4", "", 0.45, 0.55),  # half the distance
])  # fmt: skip
def test_what_a_dial_does_to_the_distance_of_one_draw(other, one, low, high):
    assert holds(lambda seed: low < measured(seed)[1][other] / measured(seed)[1][one] < high) >= ENOUGH


def test_without_lambda_it_is_the_worse_the_longer_the_stretch():
    def worse(far):
        return far["both"] / far["horizon 64"] > far["beta 0"] / far[""]

    assert holds(lambda seed: worse(measured(seed)[1])) >= ENOUGH


def network(seed):
    """Two units, and row vectors dl/dh of four steps."""
    rng = np.random.default_rng(seed)
    return LeakyRNN(2, 0.5).build(0, 3, rng), rng.normal(size=(4, 2))


def test_the_same_signs_at_every_step_are_right_for_one_step_only():
    def off(seed, T):
        system, q = network(seed)
        walk = Walk(system, [0, 1, 2, 0][:T], q[:T])
        said = [walk.answers(NoBackTrack(), np.repeat(signs, T, axis=0))[-1] for signs in all_signs(2, 1, 1, 2)]
        return np.linalg.norm(np.mean(said, 0) - walk.exact()[-1]) / np.linalg.norm(walk.exact()[-1])

    assert holds(lambda seed: off(seed, 1) < 1e-12 and off(seed, 2) > 0.1 and off(seed, 4) > 0.1) >= ENOUGH


def test_where_theta_moves_there_is_a_bias_in_proportion_to_the_rate():
    def bias(seed, rate):
        (system, q), methods = network(seed), (NoBackTrack(), RTRL())
        theta, off = system.theta.copy(), 0
        for signs in all_signs(3, 1, 2):
            system.theta[:], h, states = theta, system.start(), [method.begin(system) for method in methods]
            for x, coins in enumerate(signs):
                h, tape = system.step(h, x)
                for method, state in zip(methods, states, strict=True):
                    method.advance(state, system, tape, coins)
                g, true = (np.matmul(*m.gradient(s, system, q[:1])) for m, s in zip(methods, states, strict=True))
                system.theta[:] -= rate * g.reshape(theta.shape)
            off = off + g - true
        system.theta[:] = theta
        return np.linalg.norm(off)

    assert holds(lambda seed: bias(seed, 0.0) < 1e-11 and 8 < bias(seed, 0.01) / bias(seed, 0.001) < 12) >= ENOUGH


WINDOWS = 1, 2, 4, 8


@functools.cache
def remembered(seed):
    """NoBackTrack's row of a study at the last of 16 characters; then, window by window, those of BPTT and of memory."""
    methods = {"NoBackTrack": NoBackTrack()}
    for T in WINDOWS:
        methods |= {f"BPTT-{T}": SlidingBPTT(T), f"memory {T}": SlidingMemoryNoBackTrack(T)}
    rows = study(learned(seed, available()), methods, chars=16, draws=FEW).rows()
    return rows[0], rows[1::2], rows[2::2]


def falls(values):
    return all(later < earlier for earlier, later in itertools.pairwise(values))


def test_with_memory_there_is_noise_without_bias_and_with_bptt_bias_without_noise():
    def claim(seed):
        none, bptt, memory = remembered(seed)
        unbiased = all(abs(row["bias2"]) < 4 * row["bias2_error"] for row in (none, *memory))
        return unbiased and all(row["variance"] == 0 and row["bias2"] > 1e-3 for row in bptt)

    assert holds(claim) >= ENOUGH


def test_noise_and_bias_fall_as_the_window_grows():
    def claim(seed):
        none, bptt, memory = remembered(seed)
        return falls([row["variance"] for row in (none, *memory)]) and falls([row["bias2"] for row in bptt])

    assert holds(claim) >= ENOUGH


def test_one_draw_is_farther_off_than_bptt_and_the_mean_of_forty_with_memory_is_nearer():
    def claim(seed):
        needed = [noisy["variance"] / short["bias2"] for short, noisy in zip(*remembered(seed)[1:], strict=True)]
        return all(1 < draws < 40 for draws in needed)

    assert holds(claim) == len(SEEDS)  # as is said


def test_without_memory_the_number_of_draws_grows_with_the_window():
    def claim(seed):
        none, bptt, memory = remembered(seed)
        needed = none["variance"] / bptt[-1]["bias2"]
        return needed > 40 and needed > 3 * memory[-1]["variance"] / bptt[-1]["bias2"]

    assert holds(claim) >= ENOUGH
