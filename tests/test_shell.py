"""The shell without a browser: what the page's messages do, what is sent to it and when, and when work ends."""

import json
import re
import time
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import pytest
from toy import Toy

from nbt_edu.apps.app import App
from nbt_edu.apps.dials import Dials, dial
from nbt_edu.apps.shell import packing, view, view_of

IMAGE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def app():
    return Toy()


def ask(app, do, **about):
    """A message of the page."""
    view_of(app)._handle_custom_msg({"do": do, **about}, [])


def status(app):
    return view_of(app).status


def points(app, name, part):
    one = view_of(app).frame["traces"][name][part]
    return np.frombuffer(one["data"], np.float32).reshape(one["shape"])


def drawn(app):
    ask(app, "drawn", number=view_of(app)._number)


def test_an_app_has_one_widget(app):
    assert view_of(app) is view_of(app)
    assert app.viewers == (view_of(app),)
    bundle, about = app._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= bundle.keys()
    assert about["image/png"]["width"] == 840


def test_the_page_is_told_what_the_app_is(app):
    about = view_of(app).about
    assert (about["name"], about["title"], about["unit"], about["chunk"]) == ("toy", Toy.title, "turns", 100)
    assert about["paces"] == [None, 100_000, 10_000, 1_000, 100]
    assert [one["name"] for one in about["dials"]] == list(app.dials.declared())
    json.dumps([about, status(app)], allow_nan=False)


def test_buttons_do_what_they_say(app):
    ask(app, "step")
    assert (app.count, status(app)["count"]) == (100, 100)
    ask(app, "rewind")
    assert (app.count, status(app)["message"]) == (0, "rewound: the same seed, the same numbers")
    assert not status(app)["alert"]
    ask(app, "set", name="seed", value="7")
    ask(app, "reset")
    assert app.dials == Toy.Dials()
    app.pace = 100
    ask(app, "run")
    assert status(app)["playing"]
    ask(app, "pause")
    app.player.wait_stopped()
    assert not status(app)["playing"]
    ask(app, "new_seed")
    assert view_of(app).values["seed"] == str(app.dials.seed)


@pytest.mark.parametrize("name, text, value", [
    ("rate", "3", 3.0), ("rate", "1e-9", 1e-9), ("size", "200", 200), ("shape", "saw", "saw"), ("parts", "bars", ("bars",)),
    ("title", IMAGE, IMAGE), ("title", "", ""), ("seed", "5", 5),
])  # fmt: skip
def test_dials_are_set_by_text_beyond_their_soft_ends_too(app, name, text, value):
    ask(app, "set", name=name, value=text)
    assert getattr(app.dials, name) == value
    assert view_of(app).values[name] == app.Dials.declared()[name].written(value)


@pytest.mark.parametrize("message, said", [
    ({"do": "set", "name": "rate", "value": "inf"}, "rate must be a number 0 or more, and finite, not inf"),
    ({"do": "set", "name": "size", "value": "1.5"}, "size must be a whole number from 2 to 256, not '1.5'"),
    ({"do": "set", "name": "parts", "value": ""}, "parts must be some of line, bars"),
    ({"do": "set", "name": "colour", "value": ""}, "dial must be one of seed, rate"),
    ({"do": "state", "line": "race seed=1"}, "state must be a line as copied from the app"),
    ({"do": "pace", "value": -1}, "pace must be turns a second"),
    ({"do": "pause_at", "value": "soon"}, "pause_at must be a whole number"),
    ({"do": "guess", "name": "end", "value": "much"}, "end must be a number"),
    ({"do": "guess", "name": "side", "value": ""}, "Choose first, then seal."),
    ({"do": "guess", "name": "curve", "value": "1 2 3"}, "curve must be two points"),
    ({"do": "guess", "name": "start", "value": "1"}, "guess must be among end, side, curve"),
    ({"do": "dance"}, "message must be one of run, pause"),
    ("dance", "message must be one of run, pause"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_and_the_page_shows_what_is_true(app, message, said):
    before, values = status(app)["number"], app.dials
    view_of(app)._handle_custom_msg(message, [])
    assert status(app)["message"].startswith(said) and status(app)["alert"]
    assert status(app)["number"] > before
    assert (app.dials, app.pace, app.pause_at, app.guesses.sealed) == (values, None, None, {})


def test_what_is_broken_is_said_and_raised(app, monkeypatch):
    view_of(app)
    monkeypatch.setattr(app, "proceed", lambda n: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        view_of(app)._heard(None, {"do": "step"}, [])
    assert status(app)["message"] == "stopped: ZeroDivisionError: division by zero"


def test_pace_and_pause(app):
    ask(app, "pace", value=1000)
    ask(app, "pause_at", value=" 1,200 ")
    assert (app.pace, app.pause_at, status(app)["pace"], status(app)["pause_at"]) == (1000, 1200, 1000, 1200)
    ask(app, "pace", value=None)
    ask(app, "run")
    app.wait()
    app.player.wait_stopped()
    assert (app.count, status(app)["count"], status(app)["message"]) == (1200, 1200, "paused at 1,200 turns")
    ask(app, "run")
    assert status(app)["message"] == ""
    ask(app, "pause")
    app.player.wait_stopped()
    ask(app, "pause_at", value="100")
    assert "are done already" in status(app)["message"]
    ask(app, "pause_at", value="")
    assert app.pause_at is None


def test_a_state_line_brings_its_run_back_and_finds_a_long_text_in_the_app(app):
    ask(app, "state", line='toy rate=0.2 title="a b"')
    assert (app.dials.rate, app.dials.title) == (0.2, "a b")
    app.set(title="long " * 100)
    line = status(app)["state"]
    assert "sha256:" in line
    app.set(rate=0.5)
    ask(app, "state", line=line)
    assert (app.dials.rate, len(app.dials.title)) == (0.2, 500)
    ask(app, "reset")
    ask(app, "state", line=line)
    assert "too long to stand in it" in status(app)["message"]


def test_guesses_are_sealed_and_opened(app):
    ask(app, "guess", name="end", value="0.5")
    ask(app, "guess", name="side", value="up")
    ask(app, "guess", name="curve", value="0 0, 100 1, 200 0")
    assert app.guesses.sealed["curve"].tolist() == [[0, 0], [100, 1], [200, 0]]
    assert all(one["sealed"] and not one["verdict"] for one in status(app)["asks"])
    assert status(app)["asks"][1]["options"] == [["up", "above"], ["down", "below"]]
    drawn(app)
    ask(app, "step")
    ask(app, "step")
    drawn(app)
    assert all(one["verdict"] for one in status(app)["asks"])
    assert "your walk" in view_of(app).figure
    assert points(app, "your walk", "y").tolist() == [0, 1, 0]
    ask(app, "guess", name="end", value="0.5")
    assert "rewind first" in status(app)["message"]


def test_points_travel_as_float32_with_their_shape():
    arrays = {"x": np.arange(3), "y": [0.5, np.nan, 1e300], "z": np.ones((2, 3)), "text": ["p", IMAGE]}
    parts = packing.packed({"a": arrays})["a"]
    assert np.frombuffer(parts["x"]["data"], np.float32).tolist() == [0, 1, 2]
    np.testing.assert_array_equal(np.frombuffer(parts["y"]["data"], np.float32), [0.5, np.nan, np.inf])
    assert (parts["z"]["shape"], len(parts["z"]["data"])) == ([2, 3], 24)
    assert parts["text"] == ["p", IMAGE]
    assert packing.packed({"a": {"x": []}})["a"]["x"] == {"data": b"", "shape": [0]}


def test_the_figure_is_sent_again_when_it_has_changed(app):
    first = view_of(app).figure
    assert '"name":"walk"' in first
    ask(app, "step")
    assert view_of(app).figure is first
    drawn(app)
    ask(app, "set", name="rate", value="0.3")
    assert "rate 0.3" in view_of(app).figure  # a mark where the dial was moved


def test_frames_wait_for_the_page_but_not_for_ever(app, monkeypatch):
    """Two frames may be on their way; what is owed follows the page's answer; a hidden tab gets one a second."""
    one = view_of(app)
    ask(app, "step")
    assert (one.frame["number"], one.ready()) == (2, False)
    ask(app, "step")
    assert (one.frame["number"], status(app)["count"]) == (2, 200)
    ask(app, "drawn", number=1)
    assert one.frame["number"] == 3
    assert len(points(app, "walk", "x")) == 200
    ask(app, "drawn", number=99)  # of an older kernel
    assert one.drawn == 3
    ask(app, "step")
    ask(app, "step")
    ask(app, "step")
    assert one.frame["number"] == 5
    monkeypatch.setattr(view, "SILENCE", 0.0)
    ask(app, "step")
    assert one.frame["number"] == 6


def test_work_is_followed_a_few_times_a_second_and_to_its_end(app, monkeypatch):
    monkeypatch.setattr(view, "SILENCE", 0.0)  # as if the page kept up
    one, numbers = view_of(app), [view_of(app).frame["number"]]
    one.observe(lambda change: numbers.append(change["new"]["number"]), "frame")
    statuses = []
    one.observe(lambda change: statuses.append(change["new"]["count"]), "status")
    app.play()
    time.sleep(1.0)
    app.pause_at = app.count + 50_000
    app.wait()
    app.player.wait_stopped()
    assert 5 <= len(numbers) <= 40
    assert len(statuses) <= 14
    assert (statuses[-1], status(app)["playing"]) == (app.count, False)
    assert points(app, "walk", "x")[-1] == app.count


def test_work_that_no_page_shows_any_longer_pauses(app, monkeypatch):
    app.pace = 1000
    app.play()
    time.sleep(0.1)
    view_of(app).follow()
    assert app.player.playing  # nobody was ever there: a script
    ask(app, "here")
    monkeypatch.setattr(view, "GONE", 0.05)
    with pytest.raises(TimeoutError):
        app.wait(timeout=0.3)  # the kernel waits in a cell, and could hear no page
    app.player.wait(lambda: not app.player.playing, timeout=5)
    app.player.wait_stopped()
    assert status(app)["message"].startswith("paused: no page has shown this app")
    monkeypatch.undo()
    ask(app, "here")
    ask(app, "run")
    time.sleep(0.3)
    assert app.player.playing
    ask(app, "pause")


@pytest.mark.parametrize("part", ["figure", "arrays", "sentence"])
def test_what_cannot_be_shown_is_said_and_the_work_goes_on(app, monkeypatch, part):
    view_of(app)
    monkeypatch.setattr(app, part, lambda: [].pop())
    ask(app, "step")
    assert app.count == 100
    drawn(app)
    ask(app, "set", name="size", value="9")  # a new figure
    assert status(app)["message"] == "cannot be shown: IndexError: pop from empty list" and status(app)["alert"]
    ask(app, "run")
    app.wait(300)
    assert app.player.playing and app.player.error is None
    ask(app, "pause")
    app.player.wait_stopped()
    assert not status(app)["playing"] and status(app)["count"] == app.count
    monkeypatch.undo()
    drawn(app)
    ask(app, "step")
    assert "cannot be shown" not in status(app)["message"]


def test_a_long_text_is_sent_when_it_changes_and_not_with_every_status(app):
    sent = []
    view_of(app).observe(lambda change: sent.append(change["new"]), "values")
    ask(app, "set", name="title", value="x" * 100_000)
    ask(app, "step")
    ask(app, "step")
    assert len(sent) == 1 and len(str(status(app))) < 5000 + 100_000


def test_an_error_of_the_thread_is_shown(app, monkeypatch):
    view_of(app)
    monkeypatch.setattr(app, "proceed", lambda n: [].pop())
    ask(app, "run")
    with pytest.raises(IndexError):
        app.wait()
    app.player.wait_stopped()
    assert status(app)["message"].startswith("stopped: IndexError")
    assert not status(app)["playing"]


def test_code_and_plotly_are_sent_when_asked_for(app, monkeypatch):
    sent = []
    monkeypatch.setattr(view_of(app), "send", lambda content, buffers=None: sent.append((content, buffers)))
    ask(app, "step")
    ask(app, "code")
    assert "app.step(100)" in sent[0][0]["code"]
    ask(app, "plotly")
    assert packing.gzip.decompress(sent[1][1][0]).lstrip().startswith(b"/**\n* plotly.js v")


@dataclass(frozen=True)
class OwnDials(Dials):
    order: str = dial("10", "order", "of numbers", options={"10": "ten", "2": "two"}, own=lambda value: isinstance(value, Own))


class Own:
    name = IMAGE


class Empty(App):
    Dials = OwnDials

    def build(self):
        pass

    def proceed(self, n):
        pass

    def figure(self):
        return go.Figure()

    def arrays(self):
        return {}

    def sentence(self):
        return IMAGE


def test_options_keep_their_order_and_own_values_their_text():
    app = Empty(order=Own())
    assert view_of(app).about["dials"][1]["options"] == [["10", "ten"], ["2", "two"]]
    assert view_of(app).values["order"] == IMAGE
    ask(app, "set", name="order", value=IMAGE)
    assert status(app)["message"].startswith("order must be one of 10, 2")
    ask(app, "set", name="order", value="2")
    assert app.dials.order == "2"


def test_the_page_writes_texts_as_texts_and_asks_nobody_else():
    script = packing.script()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", script)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", script + packing.styles())


def test_a_page_is_told_which_of_its_messages_was_obeyed():
    """Until then it does not show what a status says of the dials: that may be older than what the user has done."""
    app = Toy()
    view = view_of(app)
    for number, value in (1, "0.2"), (2, "nonsense"), (3, "0.3"):
        view._handle_custom_msg({"do": "set", "name": "rate", "value": value, "from": ["page", number]}, [])
        assert view.status["answered"]["page"] == number
    assert float(view.values["rate"]) == app.dials.rate == 0.3
