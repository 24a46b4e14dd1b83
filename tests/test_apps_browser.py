"""Every app of the table in JupyterLab: it opens, fits on the screen, is named and labelled, moves, in both themes.

Screenshots are kept in `build/screenshots`, for people to look at.
"""

import pathlib

import pytest
from apps import APPS
from axe_playwright_python.sync_playwright import Axe
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, run_all, write_notebook

SHOTS = pathlib.Path(__file__).parents[1] / "build" / "screenshots"
APP = f"{PANEL} .nbt-app"
HEAD = f"import sys\nsys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})\nfrom apps import APPS\nopen_ = {{}}"
CELL = "row = APPS[{i}]\nopen_[{i}] = row.make(**row.small)\nopen_[{i}]"
BIG = "open_['big'] = APPS[0].make(projector=True)\nopen_['big']"
STILL = """one => new Promise(stands => { let before, looks = 0; const look = () => {
    one.scrollIntoView({block: 'end'});
    const now = JSON.stringify(one.getBoundingClientRect());
    looks = now === before ? looks + 1 : 0;
    before = now;
    if (looks < 10) setTimeout(look, 20); else stands();
  }; look(); })"""  # into sight, and until nothing has moved for 0.2 s
# Its ink is that of the theme:
TURNED = """([one, dark]) => { const ticks = [...one.querySelectorAll("g[class*='tick'] text")];
    return ticks.length && ticks.every(tick => getComputedStyle(tick).fill.match(/\\d+/)[0] > 127 === dark); }"""
POINTS = "([one, n]) => one.querySelector('.js-plotly-plot').data.some(trace => (trace.x?.length ?? 0) >= n)"
NAMES = [f"{i}-{row.make.__name__}" for i, row in enumerate(APPS)]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    (home / "work").mkdir()
    SHOTS.mkdir(parents=True, exist_ok=True)
    cells = [HEAD, *(CELL.format(i=i) for i in range(len(APPS))), BIG]
    write_notebook(home / "work" / "apps.ipynb", cells)
    with jupyterlab(home / "work", home) as address, chromium(1280, 720) as page:
        open_notebook(page, address, "apps.ipynb")
        run_all(page)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        yield page


@pytest.fixture(params=range(len(APPS)), ids=NAMES)
def number(request):
    return request.param


@pytest.fixture
def page(lab):
    """The page; after each test nothing may have been complained of, and nothing asked of another machine."""
    yield lab
    assert lab.complaints == []


@pytest.fixture
def app(page, number):
    """The app of a row: a long notebook keeps only the cells near the screen on its page."""
    page.evaluate("i => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'end')", number + 1)
    one = page.locator(f"{PANEL} [data-windowed-list-index='{number + 1}'] .nbt-app")
    one.locator(".main-svg").first.wait_for()
    one.evaluate(STILL)  # cells that come into sight may still grow
    return one


def kernel(page, code):
    return execute(page, f"print({code})").strip()


def test_it_opens_whole_on_the_screen(page, app, number):
    box, room = app.bounding_box(), page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
    page.screenshot(path=SHOTS / f"{NAMES[number]}-opened.png")
    assert box["y"] >= room["y"] - 1 and box["y"] + box["height"] <= 720
    assert app.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    assert kernel(page, f"open_[{number}].count") == "0"


def test_every_shown_dial_is_labelled_and_obeys(page, app, number):
    """By its label, with the keyboard; both ends of every slider while it runs."""
    row = APPS[number]
    execute(page, f"one = open_[{number}]; one.pace = 500; one.play()")
    declared = row.make.Dials.declared()
    for name in row.make(**row.small).dials.shown():
        one = declared[name]
        if name == "seed" or one.kind not in ("whole", "real"):
            assert app.get_by_label(one.label, exact=True).count() or app.get_by_role("group", name=one.label).count(), name
            continue
        slider = app.get_by_role("slider", name=one.label, exact=True)
        for key, end in ("Home", one.soft[0]), ("End", one.soft[1]):
            slider.press(key)
            for _ in range(600):  # a busy machine compiles meanwhile
                if float(kernel(page, f"one.dials.{name}")) == pytest.approx(end, rel=0.02, abs=1e-9):
                    break
                page.wait_for_timeout(50)
                slider.press(key)  # told late, it may have stood there already
            assert float(kernel(page, f"one.dials.{name}")) == pytest.approx(end, rel=0.02, abs=1e-9), (name, end)
    assert kernel(page, "one.player.error") == "None"
    execute(page, "one.reset()")


def test_it_runs_and_its_sentence_is_its_name(page, app, number):
    execute(page, f"one = open_[{number}]; one.compile(); one.pace = None; one.pause_at = {20 * APPS[number].steps}")
    app.get_by_role("button", name="Run").click()
    page.wait_for_function("one => one.textContent.includes('paused at')", arg=app.element_handle())
    drawn = int(kernel(page, "max(len(trace.get('x', ())) for trace in one.arrays().values())"))
    page.wait_for_function(POINTS, arg=[app.element_handle(), drawn])
    label = app.get_by_role("img").first.get_attribute("aria-label")
    assert kernel(page, "one.sentence()") in label and APPS[number].make.title in label
    page.screenshot(path=SHOTS / f"{NAMES[number]}-ran.png")
    ticks = app.locator("g[class*='tick'] text").all_text_contents()
    assert ticks and not [tick for tick in ticks if "NaN" in tick or "Infinity" in tick]


@pytest.fixture(scope="module", params=["Dark", "Light"])
def theme(lab, request):
    """JupyterLab's theme: all apps in one, then all in the other."""
    lab.evaluate(f"() => window.jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {request.param}'}})")
    return request.param


def test_axe_finds_nothing_serious(page, app, number, theme):
    page.wait_for_function(f"one => one.dataset.theme === '{theme.lower()}'", arg=app.element_handle())
    page.wait_for_function(TURNED, arg=[app.element_handle(), theme == "Dark"])
    app.evaluate(STILL)
    page.screenshot(path=SHOTS / f"{NAMES[number]}-{theme.lower()}.png")
    page.evaluate("([one, i]) => one.setAttribute('data-number', i)", [app.element_handle(), number])
    found = Axe().run(page, context=f"{APP}[data-number='{number}']").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:150]) for one in found if one["impact"] in ("serious", "critical")] == []


def test_the_projector_fits_its_screen(page):
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.evaluate("i => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'end')", len(APPS) + 1)
    big = page.locator(f"{PANEL} [data-windowed-list-index='{len(APPS) + 1}'] .nbt-app")
    execute(page, "open_['big'].step(2000)")
    page.wait_for_timeout(1500)
    big.evaluate("app => app.scrollIntoView({block: 'end'})")
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / "projector.png")
    box, room = big.bounding_box(), page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
    page.set_viewport_size({"width": 1280, "height": 720})
    assert box["y"] >= room["y"] - 1 and box["y"] + box["height"] <= 1080
