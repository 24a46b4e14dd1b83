"""Notebook 00 as a student meets it: JupyterLab, a real browser, run from top to bottom."""

import pathlib
import shutil
import time

import pytest
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, plotted, run_all

NOTEBOOK = "00_learn_as_you_go.ipynb"
APP = f"{PANEL} .nbt-app"
FIRST = f"document.querySelector('{APP} .js-plotly-plot').data[0].x"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    shutil.copy(pathlib.Path(__file__).parents[1] / "notebooks" / NOTEBOOK, work)
    with jupyterlab(work, home) as address, chromium() as page:
        open_notebook(page, address, NOTEBOOK)
        cells = "window.jupyterapp.shell.currentWidget.content.widgets"
        page.folded = page.evaluate(f"() => {cells}.filter(cell => cell.outputHidden).length")
        run_all(page)
        page.locator(f"{APP} .main-svg").first.wait_for()
        yield page


@pytest.fixture
def page(lab):
    """The page; after each test nothing may have been complained of, and nothing asked of another machine."""
    yield lab
    assert lab.complaints == []


@pytest.fixture
def app(page):
    return page.locator(APP).first


def press(app, name):
    app.get_by_role("button", name=name, exact=True).click()


def points(page, more_than=5):
    page.wait_for_function(f"() => {FIRST}?.length > {more_than}", polling=50)


def blank(page):
    page.wait_for_function(f"() => !{FIRST}?.length", polling=50)


def test_notebook_runs_and_shows_the_app_without_playing(page, app):
    errors = page.locator(f"{PANEL} .jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
    assert "Traceback" not in "".join(errors.all_inner_texts())
    assert all(len(trace["y"]) == 0 for trace in plotted(page))
    assert app.get_by_role("button", name="Run").count() == 1


def test_outputs_that_answer_a_question_are_folded(page):
    """Until their cell is run, or they are unfolded."""
    source = pathlib.Path(__file__).parents[1] / "notebooks" / "src" / "00_learn_as_you_go.py"
    assert page.folded == source.read_text("utf-8").count('tags=["folded"]') == 4


def test_a_sealed_guess_is_opened_by_the_run(page, app):
    app.get_by_label("Which will be ahead").select_option("BPTT")
    app.get_by_role("button", name="Seal").first.click()
    app.get_by_text("hidden until 300,000 characters").wait_for()
    app.get_by_label("pause at").fill("300,000")
    app.get_by_label("pause at").press("Enter")
    press(app, "Run")
    app.get_by_text("You said BPTT, which forgets; it is NoBackTrack, which is noisy.").first.wait_for(timeout=150_000)
    app.get_by_text("paused at 300,000 characters").first.wait_for()
    app.get_by_label("pause at").fill("")
    app.get_by_label("pause at").press("Enter")
    page.locator(APP).first.screenshot(path=str(pathlib.Path(__file__).parents[1] / "build" / "race-300000.png"))


def test_a_dragged_slider_acts_within_the_training(page, app):
    press(app, "Run")
    slider = app.get_by_role("slider", name="rank k")
    slider.scroll_into_view_if_needed()
    box, before = slider.bounding_box(), int(execute(page, "print(app.count)"))
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 5, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1500)
    rank, chars = execute(page, "print(app.learners['NoBackTrack'].estimator.rank, app.count)").split()
    assert rank == "31"
    assert int(chars) > before >= 300_000
    variance = next(trace for trace in plotted(page) if trace["name"] == "NoBackTrack: variance")["y"]
    assert variance[-1] < 0.5 * max(variance)  # thirty-odd pairs: far less noise than one


def test_the_kernel_answers_while_it_trains(page):
    start = time.perf_counter()
    assert execute(page, "print(1 + 1)").strip() == "2"
    assert time.perf_counter() - start < 2


def test_rewind_blanks_and_the_same_seed_gives_the_same_curve(page, app):
    press(app, "Pause")
    page.wait_for_timeout(700)
    still = plotted(page)
    page.wait_for_timeout(700)
    assert plotted(page) == still
    first = []
    for _ in range(2):
        press(app, "Rewind")
        blank(page)
        press(app, "Step")
        points(page)
        page.wait_for_timeout(300)
        first.append(plotted(page)[0]["y"])
    assert first[0] == pytest.approx(first[1])


def test_new_seed_changes_the_curve_and_reset_brings_the_defaults(page, app):
    before = plotted(page)[0]["y"][0]
    press(app, "New seed")
    blank(page)
    press(app, "Step")
    points(page)
    assert plotted(page)[0]["y"][0] != before
    press(app, "Reset")
    blank(page)
    assert execute(page, "print(app.state())").strip() == "race"


def test_own_text_and_a_bad_one(page, app):
    app.get_by_label("text", exact=True).select_option("text")
    area = app.get_by_label("your text")
    area.fill("aaaa")
    area.blur()
    app.get_by_text("different characters").first.wait_for()
    assert execute(page, "print(app.dials.text)").startswith("She sells")
    press(app, "Reset")


def test_nothing_is_wider_than_its_cell(page):
    clipped = page.evaluate(
        """panel => [...document.querySelectorAll(panel + ' .jp-OutputArea-output')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => [e.scrollWidth, e.clientWidth])""",
        PANEL,
    )
    assert clipped == []


def test_without_rtrl_nothing_is_written_over_the_curves(page, app):
    """plotly.js drops a pair of axes that no trace uses, and puts what refers to them on the others."""
    execute(page, "app.set(methods=('BPTT', 'NoBackTrack')); app.step(1000)")
    page.wait_for_function(f"() => document.querySelector('{APP} .js-plotly-plot').data.length === 2", polling=50)
    page.wait_for_timeout(1500)
    boxes = page.evaluate(
        """graph => { const box = one => { const {left, right, top, bottom} = one.getBoundingClientRect();
        return [one.textContent, left, right, top, bottom]; };
        const notes = [...graph.querySelectorAll('.annotation')];
        return [box(graph), box(graph.querySelector('.nsewdrag')), ...notes.map(box)]; }""",
        page.locator(f"{APP} .js-plotly-plot").first.element_handle(),
    )
    execute(page, "app.set(methods=('RTRL', 'BPTT', 'NoBackTrack'))")
    (_, *paper), (_, left, right, top, bottom), *notes = boxes
    assert any("no exact gradient" in text for text, *_ in notes)
    for text, x0, x1, y0, y1 in notes:
        assert x1 <= left or x0 >= right or y1 <= top or y0 >= bottom, text
        assert paper[0] - 1 <= x0 and x1 <= paper[1] + 1 and paper[2] - 1 <= y0 and y1 <= paper[3] + 1, text
    assert right - left > 0.7 * (paper[1] - paper[0])
