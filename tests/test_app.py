"""The app's logic, without a browser: the same object that sliders, keyboard and slides drive."""

import base64

import pytest

from nbt_edu import warm
from nbt_edu.apps import Race

SLIDERS = {"rate": (1e-5, 1.0), "beta": (0.0, 1.0), "rank": (1, 32), "window": (1, 64), "N": (2, 64), "units": (2, 64)}


@pytest.fixture
def app():
    app = Race()
    yield app
    app.pause()
    app.player.wait_stopped()


def drawn(app):
    return [len(y) for _, y in app.view.widget.curves]


def test_it_opens_empty_and_does_not_play_by_itself(app):
    assert not app.player.playing
    assert drawn(app) == [0] * 5
    assert repr(app) == "<nbt_edu.apps.Race>"


def test_step_draws_every_curve_and_the_sentence(app):
    app.step(500)
    assert min(drawn(app)) > 0
    assert "After 500 characters" in app.controls.status.value


def test_sliders_act_within_the_running_training(app):
    app.play()
    app.player.wait(lambda: app.race.chars > 2000)
    app.controls.inputs["rank"].value = 5
    app.controls.inputs["rate"].value = 10**-2.3
    app.player.wait(lambda: app.race.chars > 4000)
    assert app.race.learners["NoBackTrack"].estimator.rank == 5
    assert app.race.learners["RTRL"].optimizer.rate == 0.005
    assert app.race.records["NoBackTrack"].events[-1][0] > 2000
    assert app.state() == "race rate=0.005 rank=5"


def test_it_runs_interpreted_while_another_process_compiles(app, monkeypatch):
    """A first run starts at once, says why it is slow, and changes over when machine code is there."""

    class Compiler:
        ended = None

        def poll(self):
            return self.ended

    monkeypatch.setattr(warm, "needed", lambda: Compiler.ended is None)
    monkeypatch.setattr(warm, "elsewhere", Compiler)
    app.step(100)
    assert (app.race.chars, app.race.compiled) == (100, False)
    app.play()
    app.player.wait(lambda: app.race.chars > 200)
    assert "compiling (once)" in app.controls.status.value
    app.set(units=6)
    assert not app.race.compiled
    Compiler.ended = 0
    app.player.wait(lambda: app.race.compiled and app.race.chars > 3000)
    app.player.wait(lambda: "compiling" not in app.controls.status.value)


def test_rewind_blanks_the_plot_and_repeats_the_numbers(app):
    app.step(3000)
    first = app.view.widget.curves[0][1]
    app.rewind()
    assert drawn(app) == [0] * 5
    app.step(3000)
    assert tuple(app.view.widget.curves[0][1]) == pytest.approx(tuple(first))


def test_new_seed_and_reset(app):
    app.new_seed()
    assert app.controls.inputs["seed"].value == app.race.settings.seed
    app.set(beta=0.5, units=4)
    app.reset()
    assert app.state() == "race"
    assert app.controls.inputs["beta"].value == 1


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, pair in SLIDERS.items() for value in pair])
def test_the_ends_of_every_slider(app, name, value):
    slider = app.controls.inputs[name]
    low, high = (10**slider.min, 10**slider.max) if name == "rate" else (slider.min, slider.max)
    assert value in (pytest.approx(low), pytest.approx(high))
    slider.value = value
    app.step(40)
    assert getattr(app.race.settings, name) == value
    assert "must be" not in app.controls.status.value


def test_own_text(app):
    app.controls.inputs["task"].value = "text"
    assert app.controls.inputs["text"].layout.display is None
    app.controls.inputs["text"].value = "abracadabra " * 3
    app.step(100)
    assert "own text" in app.race.task.name


def test_bad_input_is_said_and_nothing_is_lost(app):
    app.controls.inputs["task"].value = "text"
    app.step(100)
    for bad in "", "aaaa":
        app.controls.inputs["text"].value = bad
        assert "text must be" in app.controls.status.value
        assert app.race.chars == 100
        assert len(app.controls.inputs["text"].value) > 10
    app.controls.line.value = "nonsense"
    assert "state must be" in app.controls.status.value
    assert app.controls.line.value == app.state()
    app.controls.inputs["seed"].value = -1
    assert "seed must be" in app.controls.status.value
    app.step(10)


def test_the_state_line_can_be_pasted(app):
    app.controls.line.value = "race beta=0.5 units=6"
    assert (app.controls.inputs["beta"].value, app.controls.inputs["units"].value) == (0.5, 6)
    assert Race.from_state(app.state()).race.settings == app.race.settings


def test_what_diverges_says_so_on_the_figure_and_keeps_its_curve(app):
    app.set(task="text", text="abcd efgh", rate=1.0)
    app.race.set(rate=1e12)
    app.play()
    app.player.wait(lambda: app.race.finished)
    app.player.wait_stopped()
    assert any("diverged at character" in note.text for note in app.view.model.layout.annotations)
    assert min(drawn(app)[:3]) > 0
    assert "diverged" in app.controls.status.value


def test_an_error_in_the_thread_reaches_the_status_line(app, monkeypatch):
    def fails(n):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(app.player, "_advance", fails)
    app.play()
    with pytest.raises(RuntimeError, match="on purpose"):
        app.player.wait(lambda: False)
    app.player.wait_stopped()
    assert "broken on purpose" in app.controls.status.value
    assert app.controls.buttons["Run"].description == "Run"


def test_readers_without_a_kernel_get_a_picture_and_a_sentence(app):
    app.step(200)
    bundle, about = app._repr_mimebundle_()
    assert about["image/png"]["width"] == 840
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == repr(app)


def test_every_control_has_a_name_and_a_tooltip(app):
    for widget in [*app.controls.inputs.values(), app.controls.line, *app.controls.buttons.values()]:
        assert widget.description
        assert widget.tooltip
