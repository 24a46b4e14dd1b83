"""What notebook 09 says holds of the records that are shipped (fresh seeds, which no tuning saw), and of its control."""

import re

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu.experiments.claims import CONTROL, Claim, loss
from nbt_edu.experiments.statistics import estimate
from nbt_edu.tasks.hindsight import lines

REDUCED = "NoBackTrack reduced rank 4"
BPTT, NBT, RANK4, MEMORY = "BPTT-16", "NoBackTrack rank 1", "NoBackTrack rank 4", "NoBackTrack memory-16 rank 1"
FOUND = nbt.experiments.shipped()
FIRST = FOUND["shakespeare 10 connections kalman"]


def bigram(chars):
    """As in the notebook."""
    text = nbt.Shakespeare()
    start, stop = (lines(text.symbols[:n], len(text.alphabet))[2] * (n - 1) for n in (chars * 7 // 8, chars))
    return (stop - start) / (chars - chars * 7 // 8)


def gap(name, part=1.0):
    """The interval of a method's difference from BPTT-16."""
    return estimate(FIRST.bits(name, part) - FIRST.bits(BPTT, part))


def test_rank_1_stays_above_bptt_in_every_part_of_every_run():
    assert (FIRST.curves(NBT) > FIRST.curves(BPTT)).all()


def test_it_learns_more_than_pairs_before_100_000_characters():
    assert np.sum(FIRST.bits(NBT, 0.1) < bigram(100_000)) >= 0.8 * FIRST.settings["seeds"]


def test_the_gap_at_the_end_is_less_than_two_thirds_of_that_at_200_000():
    assert gap(NBT).median < 2 / 3 * gap(NBT, 0.2).median


def test_of_the_first_contest_the_sentence_fails_at_rank_1_and_holds_for_the_child_at_the_end_only():
    assert gap(NBT).low > 0.1
    assert gap(RANK4).median < gap(NBT).median / 2 and gap(RANK4).low < 0.05 < gap(RANK4).high
    assert FIRST.at_edge(MEMORY) == ("fading", "prior") and gap(REDUCED).low > -0.05 and gap(REDUCED).high < 0.05
    assert 9 < FIRST.seconds(REDUCED) / FIRST.seconds(NBT) < 12
    assert gap(MEMORY).low > -0.05 and gap(MEMORY).high < 0.05
    assert gap(MEMORY, 1 / 4).low > 0.05 and gap(MEMORY, 1 / 8).low > 0.05


def test_the_verdicts_say_so():
    told = {(v.claim.contest, v.claim.ours): v.holds for v in nbt.experiments.judge(FOUND) if v.claim.key == "d"}
    assert told["shakespeare 10 connections kalman", NBT] is False and told["shakespeare 10 connections kalman", REDUCED]


def test_what_a_doubling_of_the_rank_buys():
    """At equal compute beside the bigram: ranks stand at different passages then."""
    ranks = FOUND["shakespeare ranks"]
    chars = ranks.settings["chars"]

    def above(k, part):
        return ranks.bits(f"NoBackTrack rank {k}", part) - bigram(int(part * chars))

    more = [np.median(above(2 * k, 1) - above(k, 1)) for k in (1, 2, 4, 8)]
    same = [np.median(above(2 * k, 1 / (2 * k)) - above(k, 1 / k)) for k in (1, 2, 4, 8)]
    times = [ranks.seconds(f"NoBackTrack rank {2 * k}") / ranks.seconds(f"NoBackTrack rank {k}") for k in (1, 2, 4, 8)]
    assert all(-0.095 < one < -0.025 for one in more) and all(1.05 < one < 1.45 for one in times)
    assert all(0.015 < one < 0.085 for one in same[:3]) and -0.05 < same[3] < -0.03


def test_the_bigram_as_it_goes_is_what_its_rule_pays():
    """Character by character, by the rule of exercise 3."""
    text, chars = nbt.Shakespeare(), 8_000
    price = nbt.exercises.EXERCISES["09 price"].truth
    seen, of, paid = {}, {}, []
    for x, y in zip(text.text[: chars - 1], text.text[1:chars], strict=True):
        paid.append(price(seen.get((x, y), 0), of.get(x, 0), len(text.alphabet)))
        seen[x, y], of[x] = seen.get((x, y), 0) + 1, of.get(x, 0) + 1
    assert np.mean(paid[chars * 7 // 8 - 1 :]) == pytest.approx(bigram(chars), abs=1e-9)


def test_the_interval_in_a_word():
    assert re.fullmatch(r"\+0\.\d{3} \[\+0\.\d{3}, \+0\.\d{3}\]", gap(NBT).signed())


def test_the_long_control_is_no_worse_and_ahead_of_rank_1():
    assert gap(CONTROL).high < 0.05
    assert estimate(FIRST.bits(NBT) - FIRST.bits(CONTROL)).low > 0.05


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_control_ties_on_twice_the_seeds_too(tmp_path):
    grid, methods = (
        nbt.experiments.GRIDS["kalman"][2:5],
        ((CONTROL, nbt.BPTT(1)), (BPTT, nbt.BPTT(16)), (NBT, nbt.NoBackTrack())),
    )
    control = nbt.experiments.Contest(
        "control",
        nbt.Shakespeare,
        nbt.LeakyRNN(20, 1.0, connections=10),
        grid,
        methods,
        40_000,
        20_000,
        seeds=16,
        tuning_seeds=3,
    )
    played = control.play(tmp_path)
    claim = Claim("own", "control", "control", CONTROL, BPTT, loss, "within", 0.05)
    assert nbt.experiments.judge({"control": played}, [claim])[0].holds
    assert np.sum(played.bits(NBT) > played.bits(BPTT) + 0.1) >= 13  # rank 1 pays dear
