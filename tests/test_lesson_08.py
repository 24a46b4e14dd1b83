"""What notebook 08 says: of the records as they are shipped, and, of what was chosen after they had been seen, of fresh seeds.

Roughness and offset were thought of when the curves of seeds 1000-1009 had been seen; so they are counted on 100-119 as well.
"""

import functools

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu.experiments import claims
from nbt_edu.experiments.cells import Cell
from nbt_edu.experiments.claims import afterthoughts, noise, offset, roughness
from nbt_edu.experiments.contests import Contest
from nbt_edu.experiments.results import Results, Runs

EXACT, OURS = "RTRL", "NoBackTrack rank 1"
LARGE, SMALL, STILL, KALMAN = (f"music dense {one}" for one in ("sgd x1", "sgd x0.1", "sgd x0.03", "kalman x1"))
SEEDS = range(100, 120)
ENOUGH = 16


def played(name):
    return nbt.experiments.shipped()[name]


def middle(measure, name, ours=OURS):
    return float(np.median(measure(played(name), ours, EXACT)))


def test_the_floor_follows_from_the_rules():
    music = nbt.Music()
    notes = [len(one.split()) for one in music.rhythms]
    characters = [len(nbt.sample(nbt.Music((one,)), 200).partition("|")[0]) + 2 for one in music.rhythms]
    assert nbt.exercises.EXERCISES["08 floor"].truth(notes, characters, 3) == pytest.approx(music.entropy_rate)


def stated(claim):
    """Whether it is one of the three of the slides, by the measure that was stated beforehand."""
    return claim.measure is noise and claim.contest in (LARGE, SMALL, KALMAN)


def test_the_verdicts():
    found = {one.claim.key: one for one in nbt.experiments.judge(nbt.experiments.shipped()) if stated(one.claim)}
    assert [found[key].holds for key in "abc"] == [True, None, False]
    assert found["b"].found.median < claims.NOISE < found["b"].found.high and found["b"].p < 0.05


def test_how_far_apart_and_in_which_way():
    assert 15.5 < middle(noise, LARGE) / middle(noise, SMALL) < 17
    assert middle(offset, LARGE) == pytest.approx(middle(noise, LARGE), rel=0.01)
    assert middle(noise, STILL) < claims.NOISE / 5
    assert middle(offset, KALMAN) == pytest.approx(middle(noise, KALMAN), rel=0.01)
    assert 1.6 < middle(roughness, LARGE) / middle(roughness, KALMAN) < 2.4
    own = np.median(played(KALMAN).curves(EXACT)[:, -8:].std(1))
    assert middle(roughness, KALMAN) < 1.5 * own


def test_what_was_learned():
    ladder, bits = nbt.Music().ladder((1, 2, 3, 4, 8, 16)), lambda name, method: float(np.median(played(name).bits(method)))
    assert bits(LARGE, OURS) == pytest.approx(ladder[1], abs=0.05)
    assert bits(STILL, EXACT) > ladder[1] + 0.2
    assert ladder[3] < bits(KALMAN, OURS) < ladder[2] and (played(LARGE).bits(OURS) > 2.6).sum() == 2
    assert ladder[16] < bits(KALMAN, EXACT) < ladder[8]
    assert not any(played(LARGE).diverged(method) for method in (EXACT, OURS))


def test_neither_rank_nor_network_nor_time_nor_tuning_rescues_the_third_claim():
    every = nbt.experiments.shipped()
    for name in (one for one in every if one.startswith("music") and one.endswith("kalman x1")):
        assert all(middle(noise, name, ours) > claims.NOISE for ours in (OURS, "NoBackTrack rank 4")), name
    tuned = every["music dense kalman"]
    assert np.median(tuned.bits(OURS)) > np.median(tuned.bits(EXACT)) + claims.NOISE
    assert played(KALMAN).at_edge(EXACT) == ("fading", "prior")


def test_in_equal_time_it_hangs_on_the_optimizer():
    every = nbt.experiments.shipped()
    (claim,) = [one for one in claims.slides() if one.key == "g"]
    of = [*(f"music dense {kind}" for kind in ("sgd", "adam", "kalman")), KALMAN]
    found = nbt.experiments.judge(every, [claim._replace(contest=name) for name in of])
    assert [one.holds for one in found] == [True, False, None, False]
    assert all(5 < every[name].pace(EXACT) / every[name].pace(OURS) < 15 for name in of)


def test_rank_4_makes_the_second_claim_true():
    assert nbt.experiments.statistics.estimate(noise(played(SMALL), "NoBackTrack rank 4", EXACT)).high < claims.NOISE


def test_by_roughness_the_first_claim_is_open():
    found = nbt.experiments.judge(nbt.experiments.shipped(), afterthoughts())
    assert [one.holds for one in found] == [None, True, True, True]


def test_seeds_are_enough_when_the_test_says_so():
    for many in 1, 4, 11:
        n = nbt.exercises.EXERCISES["08 seeds"].truth(many)
        p = [nbt.experiments.statistics.signed_rank(np.arange(1.0, size + 1), 0.0, "greater") for size in (n - 1, n)]
        least = [min(nbt.experiments.statistics.holm([one] * many)) for one in p]
        assert least[1] < 0.05 <= least[0] and p[1] == pytest.approx(2.0**-n)


def test_a_race_asks_about_the_end_of_the_contest():
    race = nbt.apps.again(played(LARGE), EXACT, OURS, compiled=False)
    assert [(one.name, one.at) for one in race.asks] == [("curve", 100_000)] and "100,000" in race.asks[0].question
    race.guess(curve=[[0, 2], [100_000, 1]])
    assert race.guesses.room(0) == 100_000 and race.twin().guesses.room(0) == 100_000
    race.reset()
    assert [*race.guesses.asks] == ["curve"]


def test_seeds_of_a_new_protocol_are_new():
    one = Contest(
        "mine", nbt.Music(), nbt.LeakyRNN(4), (nbt.SGD(0.01),), ((OURS, nbt.NoBackTrack()),), 64, 64, 3, 1, first=2000
    )
    assert [cell.seed for cell in one.report({OURS: nbt.SGD(0.01)})[OURS]] == [2000, 2001, 2002]


def test_a_measure_of_ones_own_has_a_name_in_the_sentence():
    claim = claims.Claim("mine", "calm", KALMAN, OURS, EXACT, roughness, "less", 0.05)
    assert "roughness of their difference < 0.05" in nbt.experiments.judge(nbt.experiments.shipped(), [claim])[0].sentence()


@functools.cache
def fresh(seed, kind):
    """A contest of one seed that nobody had looked at: 100,000 characters."""
    of, optimizer = played({"sgd": LARGE, "kalman": KALMAN}[kind]), None
    optimizer, made = of.optimizer(EXACT), {}
    for name in EXACT, OURS:
        cell = Cell(nbt.Music(), nbt.LeakyRNN(20, 0.5), of.estimator(name), optimizer, seed, 100_000)
        made[name] = Runs(cell.estimator, optimizer, None, 0.0, [cell.run()])
    methods = tuple((name, one.estimator) for name, one in made.items())
    contest = Contest("fresh", cell.task, cell.network, (optimizer,), methods, 100_000, 64, 1, 1)
    return Results.of(contest, made)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_kalman_is_calm_and_above_on_fresh_seeds():
    def told(measure, seed, kind):
        return float(measure(fresh(seed, kind), OURS, EXACT)[0])

    def holds(claim):
        return sum(bool(claim(seed)) for seed in SEEDS)

    assert holds(lambda seed: told(roughness, seed, "kalman") < told(roughness, seed, "sgd")) >= ENOUGH  # said: 19
    assert holds(lambda seed: told(roughness, seed, "kalman") < claims.NOISE) >= ENOUGH
    assert holds(lambda seed: told(offset, seed, "kalman") > 4 * claims.NOISE) >= ENOUGH
    assert holds(lambda seed: told(noise, seed, "sgd") > claims.NOISE) >= ENOUGH
    calm, wild = (np.median([told(roughness, seed, kind) for seed in SEEDS]) for kind in ("kalman", "sgd"))
    assert 0.35 < calm / wild < 0.65  # on the seeds that had been looked at: a third


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_small_rate_with_ten_times_the_text_does_not_track_either():
    """What the teacher is told: at a tenth of the rate, seeds 1000 to 1002."""
    for seed in range(1000, 1003):
        cells = (
            Cell(nbt.Music(), nbt.LeakyRNN(20, 0.5), one, nbt.SGD(0.001), seed, 1_000_000)
            for one in (nbt.RTRL(), nbt.NoBackTrack())
        )
        exact, ours = (cell.run()["bits"] for cell in cells)
        assert exact < 0.9 and ours > exact + 3 * claims.NOISE
