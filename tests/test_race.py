"""Race: one text for all, settings that act on the way, the optimizers, the ladder, what is one's own, what it says."""

import ast
import gc
import math
import os
import signal

import numpy as np
import psutil
import pytest

import nbt_edu as nbt
from nbt_edu import BPTT, NoBackTrack
from nbt_edu.apps.race import Race


def test_the_three_learners_read_the_same_text_from_the_same_weights():
    race = Race()
    starts = [learner._system.theta.copy() for learner in race.learners.values()]
    race.step(100)
    assert all(np.array_equal(starts[0], start) for start in starts)
    nexts = [learner.ahead(50).targets.tolist() for learner in race.learners.values()]
    assert nexts[0] == nexts[1] == nexts[2]


def test_live_settings_act_within_the_run_and_others_restart_it():
    race = Race(optimizer="sgd")
    race.step(200)
    assert race.set(rate=0.01, rank=4, beta=0.5, window=8, clip=1.0, decay=0.1) is False
    race.step(50)
    assert race.count == 250
    assert race.learners["NoBackTrack"].estimator == NoBackTrack(4, 0.5)
    assert race.learners["BPTT"].estimator == BPTT(8)
    assert race.learners["BPTT"].optimizer == nbt.SGD(0.01, 0.1, 1.0)
    assert race.learners["RTRL"].compare["NoBackTrack"] == NoBackTrack(4, 0.5)
    assert race.records["NoBackTrack"].events[-1][0] == 200
    assert race.set(units=5) is True
    assert race.count == 0


def test_each_optimizer_has_a_rate_and_a_default_of_its_own():
    race = Race()
    made = {kind: race.dials.replaced(optimizer=kind).optimizer_of("RTRL") for kind in ("sgd", "adam", "kalman")}
    assert made == {"sgd": nbt.SGD(0.002), "adam": nbt.Adam(0.002), "kalman": nbt.DiagonalKalman(1.0, 0.0, 0.003, 30.0)}
    shown = {kind: {*race.dials.replaced(optimizer=kind).shown()} for kind in made}
    assert shown["kalman"] - shown["sgd"] == {"kalman_rate", "fading", "prior"}
    assert shown["sgd"] - shown["kalman"] == {"rate", "clip"}
    assert shown["adam"] - shown["sgd"] == {"adam_rate"}
    race.step(40)
    race.set(optimizer="adam")
    race.step(40)
    assert race.learners["NoBackTrack"].optimizer == nbt.Adam(0.002)


def test_nobacktrack_may_run_twice_with_and_without_kalman():
    race = Race(methods=("NoBackTrack", "second NoBackTrack"), second_rank=3)
    race.step(50)
    assert race.learners["second NoBackTrack"].optimizer == nbt.SGD(0.002)
    assert race.learners["second NoBackTrack"].estimator.rank == 3
    looks = {(trace.line.color, trace.line.dash) for trace in race.figure().data}
    assert len(looks) == 2
    assert "second NoBackTrack (NoBackTrack rank 3)" in race.sentence()


def test_without_rtrl_one_panel_is_all_and_it_says_that_there_is_nothing_to_compare_with():
    race = Race(methods=("BPTT", "NoBackTrack"), units=64)
    race.step(20)
    assert [*race.arrays()] == ["BPTT", "NoBackTrack"]
    layout = race.figure().layout
    assert any("no exact gradient to compare with" in note.text for note in layout.annotations)
    assert "2" not in "".join(f"{one.xref}{one.yref}" for one in (*layout.annotations, *layout.shapes)), "plotly.js drops x2"
    assert layout.xaxis.domain[1] > 0.8 and layout.meta["count"] == ["x"]
    assert race.rows()[0]["gradient_cosine"] is None


def test_the_ladder_and_the_floor_are_drawn():
    lines = [shape.y0 for shape in Race().figure().layout.shapes]
    ladder = nbt.AnBn(8).ladder()
    assert lines == pytest.approx(sorted([nbt.AnBn(8).entropy_rate, ladder[2], ladder[4], ladder[8]]))
    labels = [note.text for note in Race().figure().layout.annotations]
    assert {"memory 2", "memory 4", "memory 8", "floor 0.273"} <= {*labels}


def test_own_estimators_and_tasks_run_and_are_said_to_be_in_no_line():
    race = Race(compiled=False, estimators={"mine <b>": nbt.UORO()}, task=nbt.Text("abcabcabd", name="my own"), rank=2)
    race.step(30)
    assert race.count == 30 and race.task.name == "my own"
    assert race.state() == 'race task="my own" rank=2  # lacks task "my own", estimator "mine <b>": no line can hold it'
    assert "mine &lt;b&gt;" in race.arrays() and "mine &lt;b&gt;: variance" in race.arrays()
    assert "a task of your own" in race.code() and "nbt.UORO()" in race.code()
    with pytest.raises(ValueError, match=r"complete, and this line lacks task"):
        Race.from_state(race.state())
    with pytest.raises(ValueError, match=r"^task must be one of anbn, brackets, music, .*text, or a task of your own, not 3"):
        Race(task=3)
    with pytest.raises(ValueError, match=r"^estimators must be named otherwise"):
        Race(estimators={"BPTT": nbt.BPTT(3)})


def test_a_race_of_a_signal():
    race = Race(task=nbt.Oscillator(), compiled=False)
    race.step(60)
    assert "root-mean-square error over the last quarter" in race.sentence() and race.words() == ""


def test_learners_that_an_interrupt_parted_meet_again():
    race = Race(compiled=False)
    race.learners["RTRL"].read(30)
    race.step(50)
    assert [learner.chars for learner in race.learners.values()] == [50, 50, 50]


def test_it_writes_and_what_it_writes_follows_from_the_seed():
    race = Race(writer="BPTT")
    assert race.words() == ""
    race.step(200)
    assert race.words() == "BPTT writes: " + race.learners["BPTT"].write(72).replace("\n", "↵")


def test_rows_report_what_the_command_line_prints():
    race = Race()
    race.step(400)
    rows = race.rows()
    assert [row["name"] for row in rows] == ["RTRL", "BPTT-4", "NoBackTrack rank 1"]
    assert rows[0]["gradient_cosine"] == 1
    assert rows[1]["gradient_variance"] == 0
    assert rows[1]["gradient_bias2"] > 0
    assert rows[2]["gradient_variance"] > 0


def test_long_texts_and_strange_names_in_code():
    race = Race(compiled=False, task="text", text="ab" * 400, title='a "title"', methods="BPTT")
    assert 'nbt.Text.file(...)  # "a \\"title\\"", your text of 800 characters' in race.code()
    assert "task = nbt.Shakespeare()" in Race(compiled=False, task="shakespeare", methods="BPTT").code()
    assert "clip" not in race.code() and "inf" not in race.code()
    assert math.isinf(race.dials.clip)


@pytest.mark.parametrize("given, lines", [
    ({"task": "music", "rhythms": 2, "cycle": "I V7", "cell": "gru"},
     ["task = nbt.Music(rhythms=('2.', '2 4'), cycle='I V7')", "network = nbt.GRU(units=10)"]),
    ({"task": "music", "units": 20, "leak": 0.1, "cell": "sparse", "connections": 10, "optimizer": "adam"},
     ["task = nbt.Music()", "network = nbt.LeakyRNN(units=20, leak=0.1, connections=10)"]),
    ({"task": "brackets", "inside": 2, "between": 0, "letters": 4}, ["task = nbt.Brackets(inside=2, between=0, letters=4)"]),
])  # fmt: skip
def test_other_tasks_and_networks_go_into_line_and_code_and_back(given, lines):
    race, names = Race(compiled=False, methods=("BPTT", "NoBackTrack"), seed=3, **given), {}
    race.step(80)
    assert all(line in race.code().splitlines() for line in lines)
    exec(race.code().replace("seed=3", "seed=3, compiled=False"), names)
    assert same(race.learners, names["learners"])
    again = Race.from_state(race.state())
    assert again.dials == race.dials and again.state() == race.state()


def test_dials_of_a_task_and_of_a_cell_are_shown_with_it():
    race = Race(compiled=False, methods="BPTT")
    shown = {task: {*race.dials.replaced(task=task).shown()} for task in ("anbn", "brackets", "music")}
    assert shown["brackets"] - shown["anbn"] == {"inside", "between", "letters"}
    assert shown["music"] - shown["anbn"] == {"rhythms", "cycle"}
    shown = {cell: {*race.dials.replaced(cell=cell).shown()} for cell in ("leaky", "sparse", "gru")}
    assert shown["sparse"] - shown["leaky"] == {"connections"} and shown["leaky"] - shown["gru"] == {"leak"}
    for wrong, said in ({"cycle": "I X"}, "each of cycle"), ({"cell": "sparse", "connections": 11}, "connections"):
        with pytest.raises(ValueError, match=f"^{said} must be "):
            race.set(**wrong)


def test_the_smallest_race_of_its_classes_has_its_kind_of_network():
    for given in {"cell": "gru"}, {"cell": "sparse", "connections": 7}, {}:
        race = Race(compiled=False, methods="BPTT", **given)
        alike = Race.from_state(race.program())
        assert type(alike.learners["BPTT"]._system) is type(race.learners["BPTT"]._system)
        assert alike.dials.network().build(0, 3, np.random.default_rng(0))._fields == race.learners["BPTT"]._system._fields


def test_twenty_changes_of_text_leave_memory_as_it_was():
    """Learners hold blocks of a long text, not copies of it."""
    race, process, sizes = Race(methods=("BPTT", "NoBackTrack")), psutil.Process(), []
    for i in range(20):
        race.set(task=("shakespeare", "anbn")[i % 2])
        race.step(2000)
        gc.collect()
        sizes.append(process.memory_info().rss / 1e6)
    assert max(sizes[4:]) - min(sizes[4:]) < 20


def same(race, other):
    """Whether two sets of learners have the same numbers, to the last bit."""
    pairs = zip(race.values(), other.values(), strict=True)
    return all(np.array_equal(one._system.theta, two._system.theta) for one, two in pairs)


@pytest.mark.parametrize("moves", [
    [{"rank": 1}, {"rank": 4}], [{"rank": 1}, {"rank": 6}], [{"optimizer": "sgd"}, {"optimizer": "kalman"}],
    [{"window": 8}, {"window": 4}, {"beta": 0.5}],
])  # fmt: skip
def test_code_repeats_a_slider_that_was_dragged_there_and_back_while_paused(moves):
    race, names = Race(compiled=False, units=4, rank=4), {}
    race.step(200)
    for move in moves:
        race.set(**move)
    race.step(200)
    exec(race.code().replace("seed=0", "seed=0, compiled=False"), names)
    assert same(race.learners, names["learners"])
    assert sum(shape.x0 == 200 for shape in race.framed().layout.shapes) == 2  # one mark in each panel


def test_a_refused_setting_changes_no_number(monkeypatch):
    """Not of those that were asked before the one that refused, either."""
    race, other = (Race(compiled=False, units=4) for _ in range(2))
    for one in race, other:
        one.step(200)
    monkeypatch.setattr(race.learners["NoBackTrack"], "set", lambda **about: [].pop())
    with pytest.raises(IndexError):
        race.set(rank=9, optimizer="sgd")
    monkeypatch.undo()
    assert race.dials == other.dials and race.moves == []
    for one in race, other:
        one.step(200)
    assert same(race.learners, other.learners)
    assert [one.record.events for one in race.learners.values()] == [one.record.events for one in other.learners.values()]


def test_ctrl_c_waits_for_the_end_of_a_piece_in_which_all_read_alike():
    race, read = Race(compiled=False, units=4), []
    learner = race.learners["BPTT"]
    alone, learner.read = (
        learner.read,
        lambda n: (os.kill(os.getpid(), signal.SIGINT) if not read else None, alone(n), read.append(n)),
    )
    with pytest.raises(KeyboardInterrupt):
        race.step(5000)
    assert 0 < race.count < 5000
    assert {one.chars for one in race.learners.values()} == {race.count}


def test_a_guess_over_a_curve_that_does_not_run_harms_nothing():
    race = Race(compiled=False, units=3, methods=("BPTT",))
    race.guesses.asks["curve"] = race.guesses.asks["curve"]._replace(at=30)
    race.guess(curve=[(0, 1), (30, 0.5)])
    race.step(40)
    assert race.drawn() and "no place in common" in race.guesses.verdicts()["curve"]


class Mine(nbt.UORO):
    pass


def test_code_with_ones_own_is_python_and_a_name_cannot_break_out_of_it():
    task = nbt.Text("abcabcabd", name="x\nimport os; print('out')\n#")
    race = Race(compiled=False, task=task, estimators={"mine": Mine()}, methods=("RTRL",))
    race.step(10)
    tree = ast.parse(race.code())
    assert sum(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree)) == 1
    assert "# Mine is a class of your own" in race.code() and len(race.state().splitlines()) == 1
