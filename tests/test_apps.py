"""What every app promises, from its row in `apps.py`: dials, runs, state lines, code, errors, pictures."""

import base64
import contextlib
import html
import io
import itertools
import json
import secrets

import numpy as np
import plotly.graph_objects as go
import pytest
import toy
from apps import APPS

import nbt_edu as nbt
from nbt_edu.apps.lines import write_line
from nbt_edu.pages.page import app_page


@pytest.fixture(params=APPS, ids=lambda row: f"{row.make.__name__}-{'-'.join(row.small)}")
def row(request):
    return request.param


@pytest.fixture
def app(row):
    app = row.make(**row.small)
    yield app
    app.pause()
    app.player.wait_stopped()


def numbers(app):
    """All that the app draws, in one vector."""
    parts = [np.asarray(one, float).ravel() for trace in app.arrays().values() for one in trace.values()]
    return np.nan_to_num(np.concatenate(parts), nan=-1.0)


def test_it_opens_at_zero_and_does_not_play_by_itself(app):
    assert app.count == 0 and not app.player.playing
    assert app.sentence() and app.title and app.unit


def test_the_traces_of_its_figure_are_those_of_its_arrays(app, row):
    for _ in range(2):
        figure, arrays = app.figure(), app.arrays()
        assert isinstance(figure, go.Figure)
        assert [trace.name for trace in figure.data] == list(arrays)
        assert set(figure.layout.meta["count"]) <= {axis.replace("axis", "") for axis in figure.layout if "axis" in axis}
        app.step(row.steps)
    assert all(len(one) for trace in arrays.values() for one in trace.values())


def test_rewind_gives_the_same_numbers_and_pieces_the_whole(app, row):
    app.step(row.steps)
    first, words = numbers(app), app.sentence()
    app.rewind()
    assert app.count == 0
    for _ in range(row.steps):
        app.step(1)
    np.testing.assert_allclose(numbers(app), first, rtol=1e-9, atol=1e-12)
    assert app.sentence() == words


def ends():
    for row in APPS:
        for name, one in row.make.Dials.declared().items():
            for end in one.ends():
                yield pytest.param(row, name, end, id=f"{row.make.__name__}-{'-'.join(row.small)}-{name}-{end}")


@pytest.mark.parametrize(("row", "name", "end"), list(ends()))
def test_both_ends_of_every_dial(row, name, end):
    """At rest, within the run, and one after the other."""
    app = row.make(**row.small)
    app.step(3)
    restarted = app.set(**{name: end})
    assert restarted == (app.Dials.declared()[name].restarts and app.first != app.Dials().replaced(**row.small))
    app.step(5)
    assert app.count == (5 if restarted else 8) or app.finished
    value = getattr(app.dials, name)
    assert value == end or value == (end,)
    assert app.sentence() and app.arrays() and app.figure()


def test_dials_move_within_the_running_work(app, row):
    app.play()
    app.wait(row.steps)
    for name, one in itertools.islice(app.Dials.declared().items(), 0, None):
        if one.kind in ("whole", "real") and not one.restarts:
            app.set(**{name: one.ends()[0]})
    then = app.count
    app.player.wait(lambda: app.count > then, timeout=60)
    assert app.player.error is None


def test_every_dial_speaks(row):
    for name, one in row.make.Dials.declared().items():
        assert one.label and one.tip and one.kind, name
        assert one.read(name, one.written(one.default)) == one.default
        if one.kind in ("whole", "real"):
            assert one.soft and one.checked(name, one.soft[0]) < one.checked(name, one.soft[1])
    listed = row.make.Dials.listed()
    json.dumps(listed, allow_nan=False)


def test_the_state_line_keeps_every_dial(row):
    for name, one in row.make.Dials.declared().items():
        for end in one.ends():
            dials = row.make.Dials().replaced(**row.small).replaced(**{name: end})
            assert row.make.from_state(write_line(row.make.name(), dials)).dials == dials
    assert row.make().state() == row.make.name()


def test_what_is_unknown_or_out_of_range_is_refused_and_nothing_is_lost(app, row):
    app.step(row.steps)
    before = app.dials, app.count, numbers(app)
    for name, one in app.Dials.declared().items():
        if one.kind in ("whole", "real"):
            for bad in float("nan"), -1e300, "many", None, one.range.low - 1:
                with pytest.raises(ValueError, match=f"^{name} must be"):
                    app.set(**{name: bad})
        if one.kind in ("choice", "several"):
            with pytest.raises(ValueError, match=f"^{name} must be"):
                app.set(**{name: "nonsense"})
    with pytest.raises(ValueError, match="^dials must be among"):
        app.set(nonsense=1)
    assert (app.dials, app.count) == before[:2]
    np.testing.assert_array_equal(numbers(app), before[2])


def test_code_makes_the_very_run(app, row):
    """With a dial moved on the way."""
    app.step(row.steps)
    live = next(name for name, one in app.Dials.declared().items() if one.kind == "real" and not one.restarts)
    app.set(**{live: app.Dials.declared()[live].ends()[0]})
    app.step(7)
    printed, names = io.StringIO(), {}
    code = app.code() if app.name() != "toy" else app.code().replace("nbt.apps.Toy", "Toy")
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "code", "exec"), names | {"Toy": toy.Toy}, names)
    if "learners" in names:
        for name, learner in names["learners"].items():
            assert learner.chars == app.count
            np.testing.assert_array_equal(learner.record.curve()[1], app.records[name].curve()[1])
    else:
        assert printed.getvalue().strip() == app.sentence()


def test_a_moved_dial_leaves_a_mark(app, row):
    app.step(row.steps)
    live = next(name for name, one in app.Dials.declared().items() if one.kind == "real" and not one.restarts)
    before = len(app.framed().layout.shapes)
    app.set(**{live: next(end for end in app.Dials.declared()[live].ends() if end != getattr(app.dials, live))})
    assert app.moves == [(row.steps, {live: getattr(app.dials, live)})]
    assert len(app.framed().layout.shapes) > before
    assert any(app.Dials.declared()[live].label in note.text for note in app.framed().layout.annotations)


def test_an_error_in_the_thread_is_told_and_raised(app, monkeypatch):
    def fails(n):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(app, "proceed", fails)
    app.play()
    with pytest.raises(RuntimeError, match="on purpose"):
        app.wait(10)
    app.player.wait_stopped()
    assert "broken on purpose" in app.status()["message"]
    assert not app.status()["playing"]


@pytest.mark.parametrize("row", [row for row in APPS if row.diverges], ids=lambda row: row.make.__name__)
def test_divergence_is_said_and_what_was_found_is_kept(row):
    app = row.make(**row.diverges)
    app.play()
    app.wait()
    app.player.wait_stopped()
    assert app.finished and app.count > 0
    assert "diverged" in app.sentence()
    assert any("diverged" in note.text for note in app.framed().layout.annotations)
    assert all(len(one["y"]) for one in list(app.arrays().values())[:1])
    with pytest.raises(ValueError, match="rewind"):
        app.guess(**{app.asks[0].name: next(iter(app.asks[0].options))})
    app.rewind()
    assert app.count == 0 and not app.finished


def test_readers_without_a_kernel_get_a_picture_and_a_sentence(app, row):
    app.step(row.steps)
    bundle, about = app._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["application/vnd.nbt-edu.app+json"] == {"app": app.name(), "state": app.state(), "count": app.count}
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert about["image/png"]["width"] >= 400
    assert repr(app.picture()) == app.sentence()


def test_it_is_a_page_of_its_own(app, row):
    app.step(row.steps)
    page = app_page(app, grid=False)
    assert html.escape(app.sentence()) in page and '<script src="http' not in page


def test_the_static_page_offers_at_most_two_dials_and_fifty_states(row):
    telling, declared = row.make.telling, row.make.Dials.declared()
    assert len(telling) <= 2 and np.prod([len(values) for values in telling.values()]) <= 50
    assert all(declared[name].checked(name, value) == value for name, values in telling.items() for value in values)
    assert not telling or row.make.telling_count > 0


def test_new_seed_and_reset(app, row, monkeypatch):
    app.step(row.steps)
    first = numbers(app)
    monkeypatch.setattr(secrets, "randbelow", lambda end: 0)
    app.new_seed()
    app.step(row.steps)
    assert app.dials.seed != 0 and not np.array_equal(numbers(app), first)
    app.pace, app.pause_at = 1000, 5
    app.reset()
    assert (app.state(), app.count, app.pace, app.pause_at) == (app.name(), 0, None, None)


def test_it_pauses_where_it_is_told_and_keeps_its_pace(app):
    app.pause_at = 45
    app.play()
    app.wait()
    app.player.wait_stopped()
    assert app.count == 45 and "paused at 45" in app.status()["message"]


def test_every_app_of_the_list_is_in_the_table():
    assert {row.make.__name__ for row in APPS} >= set(nbt.apps.ALL)
    with pytest.raises(ValueError, match="^app must be one of race"):
        nbt.apps.find("nonsense")
