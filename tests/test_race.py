"""The race without widgets: one text, settings that act on the way, the state line."""

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import BPTT, NoBackTrack
from nbt_edu.apps.race import METHODS, RaceModel, Settings, parse_state

EXTREMES = {
    "rate": [1e-5, 1.0], "beta": [0.0, 1.0], "rank": [1, 32], "window": [1, 64], "N": [2, 64], "units": [2, 64],
}  # fmt: skip


def test_the_three_learners_read_the_same_text_from_the_same_weights():
    race = RaceModel()
    starts = [learner._system.theta.copy() for learner in race.learners.values()]
    race.step(100)
    assert all(np.array_equal(starts[0], start) for start in starts)
    nexts = [learner.ahead(50).targets.tolist() for learner in race.learners.values()]
    assert nexts[0] == nexts[1] == nexts[2]


def test_same_seed_same_numbers_after_rewind_and_in_other_pieces():
    race = RaceModel(seed=3)
    race.step(700)
    first = [row["bits_per_char"] for row in race.rows()]
    race.rewind()
    assert race.chars == 0
    for _ in range(7):
        race.step(100)
    np.testing.assert_allclose([row["bits_per_char"] for row in race.rows()], first, rtol=1e-12)


def test_live_settings_act_within_the_run_and_others_restart_it():
    race = RaceModel()
    race.step(200)
    assert race.set(rate=0.01, rank=4, beta=0.5, window=8, clip=1.0) is False
    assert race.chars == 200
    race.step(50)
    assert race.learners["NoBackTrack"].estimator == NoBackTrack(4, 0.5)
    assert race.learners["BPTT"].estimator == BPTT(8)
    assert race.learners["RTRL"].compare["NoBackTrack"] == NoBackTrack(4, 0.5)
    assert race.records["NoBackTrack"].events[-1][0] == 200
    assert race.set(units=5) is True
    assert race.chars == 0


@pytest.mark.parametrize("bad", [{"rank": 0}, {"rate": float("nan")}, {"units": 10**6}, {"task": "text", "text": ""}])
def test_a_bad_setting_leaves_the_race_as_it_was(bad):
    race = RaceModel()
    race.step(100)
    before = race.settings, race.records
    with pytest.raises(ValueError, match=next(reversed(bad))):
        race.set(**bad)
    assert (race.settings, race.chars) == (before[0], 100)
    assert all(race.records[name] is before[1][name] for name in METHODS)
    race.step(100)


def test_the_state_line_keeps_every_setting():
    settings = Settings(rate=0.05, beta=0.25, rank=3, window=9, clip=2.0, task="text", text='a "b"\n=c ünd', units=7, seed=5)
    race = RaceModel(**vars(settings))
    assert RaceModel.from_state(race.state()).settings == settings
    assert RaceModel().state() == "race"
    assert parse_state("race") == {}


@pytest.mark.parametrize("line", ["", "rate=1", "race rank", "race rank=x", "race foo=1", "race 'text=a", "race rank=0", None])
def test_an_unreadable_state_line_says_so(line):
    with pytest.raises(ValueError, match=r"state must be|rank must be"):
        RaceModel.from_state(line)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in EXTREMES.items() for value in values])
def test_every_extreme_of_every_slider_runs(name, value):
    race = RaceModel(**{name: value})
    race.step(60)
    assert race.chars == 60 or race.finished
    assert race.sentence()


def test_divergence_is_said_and_kept_and_the_others_go_on():
    race = RaceModel(task="text", text="abcd efgh", rate=1e12)
    race.step(3000)
    assert race.finished
    for row in race.rows():
        assert "diverged at character" in row["diverged"]
        assert "lower rate" in row["diverged"]
    assert all(record.chars > 0 for record in race.records.values())
    assert "diverged" in race.sentence() and "lower rate" in race.sentence()


def test_rows_report_what_the_command_line_prints():
    race = RaceModel()
    race.step(400)
    rows = race.rows()
    assert [row["name"] for row in rows] == ["RTRL", "BPTT-4", "NoBackTrack rank 1"]
    assert rows[0]["gradient_cosine"] == 1
    assert rows[1]["gradient_variance"] == 0
    assert rows[1]["gradient_bias2"] > 0
    assert rows[2]["gradient_variance"] > 0


def test_a_refused_live_setting_leaves_every_learner_as_it_was(monkeypatch):
    race = RaceModel()
    race.step(50)
    before = {name: (learner.estimator, learner.optimizer, dict(learner.compare)) for name, learner in race.learners.items()}
    settings, refuse = race.settings, race.learners["NoBackTrack"].set

    def too_large(estimator, *others):
        if estimator.rank > 1:
            raise ValueError("estimator needs more memory than this machine has")
        refuse(estimator, *others)

    monkeypatch.setattr(race.learners["NoBackTrack"], "set", too_large)
    with pytest.raises(ValueError, match="memory"):
        race.set(rank=9, rate=0.5)
    assert race.settings == settings
    assert before == {name: (one.estimator, one.optimizer, dict(one.compare)) for name, one in race.learners.items()}


def test_learners_that_an_interrupt_parted_meet_again():
    race = RaceModel()
    race.learners["RTRL"].read(30)
    race.step(20)
    assert [learner.chars for learner in race.learners.values()] == [50, 50, 50]


def test_a_race_of_ones_own_task():
    """Any task runs; it is named in the line, which says what it cannot hold when it is read again."""
    race = RaceModel(compiled=False, task=nbt.Text("abcabcabd", name="my own"), rank=2)
    race.step(30)
    assert race.chars == 30 and race.task.name == "my own" and race.state() == "race rank=2 'task=my own'"
    with pytest.raises(ValueError, match=r"^task must be one of anbn, shakespeare, text, or a task of your own, not 'my own'"):
        RaceModel.from_state(race.state())
    with pytest.raises(ValueError, match=r"^task must be one of"):
        RaceModel(task=3)
