"""The app as a student meets it: JupyterLab, a real browser, notebook 00."""

import pathlib
import shutil
import time

import pytest
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, plotted, run_all

NOTEBOOK = "00_learn_as_you_go.ipynb"
APP = f"{PANEL} .jp-OutputArea-output:has(.js-plotly-plot)"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    shutil.copy(pathlib.Path(__file__).parents[1] / "notebooks" / NOTEBOOK, work)
    with jupyterlab(work, home) as address, chromium() as page:
        open_notebook(page, address, NOTEBOOK)
        run_all(page)
        page.locator(f"{PANEL} .js-plotly-plot .main-svg").first.wait_for()
        yield page


@pytest.fixture
def page(lab):
    """The page; after each test nothing may have been complained of, and nothing asked of another machine."""
    yield lab
    assert lab.complaints == []


def press(page, name):
    page.locator(f"{APP} .jupyter-button").filter(has_text=name).first.click()


def slider(page, name):
    return page.locator(f"{APP} .widget-slider").filter(has_text=name)


def wait_for_points(page, more_than=5):
    page.wait_for_function(
        "([panel, n]) => document.querySelector(panel + ' .js-plotly-plot').data[0].x?.length > n",
        arg=[PANEL, more_than], polling=50,
    )  # fmt: skip


def wait_for_machine_code(page, seconds=150):
    """A first run is interpreted until another process has compiled."""
    end = time.monotonic() + seconds
    while execute(page, "print(app.race.compiled)").strip() != "True":
        assert time.monotonic() < end
        page.wait_for_timeout(500)


def test_notebook_runs_and_shows_the_app_without_playing(page):
    errors = page.locator(f"{PANEL} .jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
    assert "".join(errors.all_inner_texts()).strip() == ""  # a progress bar that has ended leaves a blank line
    assert all(len(trace["y"]) == 0 for trace in plotted(page))
    assert page.locator(f"{APP} .jupyter-button").filter(has_text="Run").count() == 1


def test_curves_move_and_a_dragged_slider_acts_within_the_training(page):
    press(page, "Run")
    wait_for_points(page)  # at once, be it interpreted
    wait_for_machine_code(page)
    rank = slider(page, "rank k")
    handle, track = rank.locator(".noUi-handle").bounding_box(), rank.locator(".noUi-target").bounding_box()
    before = int(execute(page, "print(app.race.chars)"))
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] + 5, handle["y"] + 5, steps=8)
    page.mouse.up()
    assert rank.locator(".widget-readout").inner_text() == "32"
    rank.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1500)
    rank, chars = execute(page, "print(app.race.learners['NoBackTrack'].estimator.rank, app.race.chars)").split()
    assert rank == "31"
    assert int(chars) > before
    data = plotted(page)
    assert data[2]["x"][-1] > before
    variance = data[4]["y"]
    assert variance[-1] < 0.3 * max(variance)  # thirty-odd pairs: far less noise than one


def test_the_kernel_answers_while_it_trains(page):
    start = time.perf_counter()
    assert execute(page, "print(1 + 1)").strip() == "2"
    assert time.perf_counter() - start < 2


def test_pause_stops_rewind_blanks_and_the_same_seed_gives_the_same_curve(page):
    press(page, "Pause")
    page.wait_for_timeout(700)
    still = plotted(page)
    page.wait_for_timeout(700)
    assert plotted(page) == still
    press(page, "Rewind")
    page.wait_for_function("panel => document.querySelector(panel + ' .js-plotly-plot').data[0].x.length === 0", arg=PANEL)
    press(page, "Step")
    wait_for_points(page)
    first = plotted(page)
    press(page, "Rewind")
    page.wait_for_function("panel => document.querySelector(panel + ' .js-plotly-plot').data[0].x.length === 0", arg=PANEL)
    press(page, "Step")
    wait_for_points(page)
    assert plotted(page)[0]["y"] == pytest.approx(first[0]["y"])


def test_new_seed_changes_the_curve_and_reset_brings_the_defaults(page):
    before = plotted(page)
    press(page, "New seed")
    press(page, "Step")
    page.wait_for_function(
        """([panel, first]) => { const { y } = document.querySelector(panel + ' .js-plotly-plot').data[0];
        return y.length > 5 && y[0] !== first; }""",
        arg=[PANEL, before[0]["y"][0]], polling=50,
    )  # fmt: skip
    assert plotted(page)[0]["y"] != pytest.approx(before[0]["y"])
    press(page, "Reset")
    page.wait_for_function("panel => document.querySelector(panel + ' .js-plotly-plot').data[0].x.length === 0", arg=PANEL)
    assert execute(page, "print(app.state())").strip() == "race"
    assert slider(page, "rank k").locator(".widget-readout").inner_text() == "1"


def test_a_number_typed_beside_a_slider_is_taken(page):
    readout = slider(page, "learning rate").locator(".widget-readout")
    readout.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("0.05")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert execute(page, "print(app.race.settings.rate)").strip() == "0.05"


def test_bad_input_is_said_beside_the_figure(page):
    page.locator(f"{APP} select").select_option("your own text")
    area = page.locator(f"{APP} textarea")
    area.fill("aaaa")
    area.blur()
    page.locator(f"{APP} .widget-html-content", has_text="different characters").wait_for()
    press(page, "Reset")


def test_nothing_is_wider_than_its_cell(page):
    clipped = page.evaluate(
        """panel => [...document.querySelectorAll(panel + ' .jp-OutputArea-output')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => [e.scrollWidth, e.clientWidth])""",
        PANEL,
    )
    assert clipped == []
