"""The toy app as one meets it in JupyterLab: names, keys, both themes, guesses, messages, and that it fits on the screen."""

import math

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, plotted, run_all, write_notebook

IMAGE = '<img src=x onerror="alert(1)">'
CELLS = [
    "import sys\nsys.path.insert(0, TESTS)\nfrom toy import Toy\napp = Toy()\napp",
    f"own = Toy(title={IMAGE!r}, shape='saw')\nown",
    "big = Toy(projector=True)\nbig",
]
APP = f"{PANEL} .nbt-app"
BUSY = """() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
    {code: "import time; time.sleep(1.5)"}); }"""
HELD = BUSY.replace("time.sleep(1.5)", "exec('with app.player.between(): time.sleep(5)')")
FIGURE = f"document.querySelector('{APP} .js-plotly-plot')"
INK = f"getComputedStyle({FIGURE}.querySelector('.xtick text')).fill"
HIDE = f"""() => {{ const own = window.itsOwn = window.requestAnimationFrame, figure = {FIGURE}.style;
    window.hidden = 0;
    window.requestAnimationFrame = draw => own(time => {{
        figure.display = 'none'; draw(time); figure.display = ''; window.hidden++; }}); }}"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, request):
    home = tmp_path_factory.mktemp("lab")
    (home / "work").mkdir()
    cells = [cell.replace("TESTS", repr(str(request.path.parent))) for cell in CELLS]
    write_notebook(home / "work" / "toy.ipynb", cells)
    with jupyterlab(home / "work", home) as address, chromium(1280, 720) as page:
        open_notebook(page, address, "toy.ipynb")
        run_all(page)
        page.locator(f"{APP} .main-svg").nth(4).wait_for()
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        yield page


@pytest.fixture
def page(lab):
    """The page, the first app as if new; after each test nothing may have been complained of."""
    execute(lab, "app.reset(); app.guesses.forget(truths_only=False); app.publish(now=True)")
    lab.locator(APP).first.evaluate("app => app.scrollIntoView({block: 'end'})")
    yield lab
    assert lab.complaints == []


@pytest.fixture
def app(page):
    return page.locator(APP).first


def says(page, code, wanted, seconds=5):
    """Wait until the kernel prints what is wanted."""
    for _ in range(10 * seconds):
        found = execute(page, f"print(({code}))").strip()
        if found == wanted:
            return
        page.wait_for_timeout(100)
    assert found == wanted


def test_every_dial_is_found_by_its_label(page, app):
    for label in "rate", "size", "seed", "pace", "pause at", "state", "title":
        assert app.get_by_label(label, exact=True).count() == 1, label
    assert app.get_by_role("slider").count() == 2
    assert app.get_by_role("group", name="parts").get_by_role("checkbox").count() == 2
    assert app.get_by_label("shape").evaluate("one => [...one.options].map(option => option.text)") == ["a sine", "a saw"]
    assert "how fast it turns. Acts at once" in app.get_by_title("how fast it turns").get_attribute("title")
    assert app.get_by_title("Starts anew").count() == 4


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(page, app, theme):
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    light = theme == "JupyterLab Light"
    page.wait_for_function(f"light => (document.querySelector('{APP}').dataset.theme === 'light') === light", arg=light)
    page.wait_for_function(f"light => {INK}.startsWith('rgb(34') === light", arg=light)
    app.get_by_role("button", name="Step").click()
    app.get_by_role("button", name="Code").click()
    app.get_by_role("button", name="Table").click()
    app.locator("table").first.wait_for()
    page.wait_for_timeout(500)
    found = Axe().run(page, context=APP).response["violations"]
    for button in "Code", "Table":
        app.get_by_role("button", name=button).click()
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_a_figure_that_is_hidden_as_it_is_to_be_drawn_is_drawn_when_it_is_seen_again(page, app):
    """Within one frame: so the browser does not tell that its size has changed."""
    page.evaluate(HIDE)
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    page.wait_for_function(f"() => document.querySelector('{APP}').dataset.theme === 'light' && window.hidden > 0")
    page.wait_for_timeout(2000)
    assert not page.evaluate(INK).startswith("rgb(34")
    page.evaluate("() => { window.requestAnimationFrame = window.itsOwn; }")
    page.wait_for_function(f"() => {INK}.startsWith('rgb(34')")


def test_keys_run_step_and_rewind_and_the_notebook_does_not_hear_them(page, app):
    execute(page, "app.pace = 1000")
    app.focus()
    page.keyboard.press("Space")
    says(page, "app.player.playing", "True")
    page.keyboard.press("Space")
    says(page, "app.player.playing", "False")
    page.keyboard.press("r")
    says(page, "app.count", "0")
    page.keyboard.press("ArrowRight")
    says(page, "app.count", "100")
    app.get_by_label("rate", exact=True).focus()
    page.keyboard.press("ArrowRight")
    says(page, "app.dials.rate, app.count", "(0.11, 100)")
    app.get_by_label("title").fill("")
    page.keyboard.type("r b")
    app.get_by_label("seed").focus()
    says(page, "app.dials.title, app.count", "('r b', 0)")
    kinds = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.type)")
    assert kinds == ["code"] * len(CELLS)


def test_a_slider_acts_while_it_is_dragged_and_a_restart_waits_for_its_release(page, app):
    execute(page, "app.pace = 1000; app.play()")
    for label, code, during in (("rate", "app.dials.rate > 0.3", "True"), ("size", "app.dials.size > 30", "False")):
        box = app.get_by_label(label, exact=True).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + box["height"] / 2, steps=8)
        page.wait_for_timeout(300)
        assert execute(page, f"print({code})").strip() == during
        page.mouse.up()
        says(page, code, "True")
    app.locator(".nbt-message", has_text="begun anew").wait_for()


def test_a_value_beyond_the_slider_is_taken_and_a_wrong_one_is_told(page, app):
    number = app.get_by_label("rate, number")
    number.fill("20")
    number.press("Enter")
    says(page, "app.dials.rate", "20.0")
    number.fill("inf")
    number.press("Enter")
    app.get_by_text("rate must be a number 0 or more, and finite").first.wait_for()
    page.wait_for_function("one => one.value === '20.0'", arg=number.element_handle())
    app.get_by_role("group", name="parts").get_by_label("line", exact=True).click()
    says(page, "app.dials.parts", "('bars',)")
    app.get_by_role("group", name="parts").get_by_label("bars", exact=True).click()
    app.get_by_text("parts must be some of line, bars").first.wait_for()
    page.wait_for_function("one => one.checked", arg=app.get_by_label("bars", exact=True).element_handle())


def test_a_field_keeps_what_was_written_while_the_kernel_is_busy(page, app):
    """What the running app says meanwhile is older than that."""
    execute(page, "app.play()")
    page.evaluate(BUSY)
    wanted = {"seed": "7", "pause at": "900,000", "pace": "1000"}
    for label in "seed", "pause at":
        app.get_by_label(label, exact=True).fill(wanted[label])
        app.get_by_label(label, exact=True).press("Enter")
    app.get_by_label("pace", exact=True).select_option(wanted["pace"])
    for _ in range(15):
        assert {label: app.get_by_label(label, exact=True).input_value() for label in wanted} == wanted
        page.wait_for_timeout(100)
    says(page, "app.dials.seed, app.pause_at, app.pace", "(7, 900000, 1000.0)")


def test_a_dial_ends_where_it_was_left_though_the_kernel_hears_it_in_two_threads(page, app):
    """It hears a message in the shell for which the app last spoke: a cell that makes it speak leads the next one elsewhere."""
    execute(page, "import time\napp.moved = lambda before: time.sleep(0.5)")
    rate = app.get_by_label("rate", exact=True)
    for _ in range(3):
        rate.press("Home")
        page.wait_for_timeout(100)
        execute(page, "app.viewers[0].send({})")
        rate.press("End")
        says(page, "app.dials.rate", "1.0")
        page.wait_for_timeout(1200)
        assert (execute(page, "print(app.dials.rate)").strip(), rate.input_value()) == ("1.0", "0")
    execute(page, "del app.moved")


def test_a_button_that_waits_for_the_kernel_says_so(page, app):
    page.evaluate(HELD)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    page.wait_for_timeout(300)
    app.get_by_role("button", name="Step").click()
    app.get_by_text("the kernel is busy").first.wait_for(timeout=4000)
    page.wait_for_function(f"() => !document.querySelector('{APP}').textContent.includes('the kernel is busy')")
    says(page, "app.count", "100")


def test_a_state_line_is_copied_and_pasted(page, app):
    line = app.get_by_label("state", exact=True)
    line.fill("toy seed=3 shape=saw")
    line.press("Enter")
    says(page, "app.dials.seed, app.dials.shape", "(3, 'saw')")
    app.get_by_label("tooth", exact=True).wait_for()
    page.wait_for_timeout(700)
    assert line.input_value() == "toy seed=3 shape=saw"


def test_predictions_are_sealed_and_opened(page, app):
    app.get_by_label("Where is it").fill("0.5")
    app.get_by_label("Where is it").press("Enter")
    app.get_by_role("button", name="Sketch").click()
    sheet = app.locator(".nbt-sheet")
    box = sheet.bounding_box()
    for i in range(31):
        page.mouse.move(box["x"] + i * box["width"] / 30, box["y"] + box["height"] * (0.5 + 0.4 * math.sin(i / 4)))
        if not i:
            page.mouse.down()
    page.mouse.up()
    assert app.get_by_label("Draw the walk").input_value().count(",") == 30
    app.locator(".nbt-ask").nth(2).get_by_role("button", name="Seal").click()
    app.get_by_text("hidden until 200 turns").nth(1).wait_for()
    assert sheet.count() == 0
    ends = execute(page, "curve = app.guesses.sealed['curve']; print(*curve[0].round(), *curve[-1].round(), len(curve))")
    x0, _, x1, _, length = map(float, ends.split())
    assert (x0, x1, length) == (0, 200, 31)
    assert [trace["name"] for trace in plotted(page)] == ["walk", "histogram", "heat", "arrow"]
    for _ in range(2):
        app.get_by_role("button", name="Step").click()
    app.get_by_text("You said 0.5; it is").wait_for()
    app.get_by_text("Your curve is off by").wait_for()
    page.wait_for_function(f"() => {FIGURE}.data.at(-1).name === 'your walk'")
    assert app.get_by_label("Above or below?").is_hidden()


def test_the_figure_has_a_name_and_is_spoken_of_when_it_rests(page, app):
    figure, live = app.get_by_role("img", name="A toy turns"), app.locator("[aria-live]")
    assert figure.get_attribute("aria-label") == "A toy turns toy has not yet turned."
    app.get_by_role("button", name="Step").click()
    page.wait_for_function("one => one.textContent.startsWith('toy after 100 turns')", arg=live.element_handle())
    execute(page, "app.pace = 1000; app.play()")
    page.wait_for_timeout(800)
    assert "after 100 turns" in live.text_content()
    assert "after 100 turns" not in figure.get_attribute("aria-label")
    execute(page, "app.pause()")
    page.wait_for_function("one => !one.textContent.includes('after 100 turns')", arg=live.element_handle())


def test_a_panel_is_zoomed_while_it_moves(page, app):
    execute(page, "app.pace = 1000; app.play()")
    page.wait_for_timeout(700)
    box = app.locator(".nsewdrag").nth(2).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    for share in 0.4, 0.5, 0.6, 0.75:
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        page.wait_for_timeout(150)
    page.mouse.up()
    page.wait_for_timeout(500)
    low, high = page.evaluate(f"() => {FIGURE}._fullLayout.xaxis3.range")
    assert (low, high) == (pytest.approx(1.5, abs=0.1), pytest.approx(5.5, abs=0.1))
    assert execute(page, "print(app.player.playing)").strip() == "True"
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(f"() => {FIGURE}._fullLayout.xaxis3.range[0] === -0.5")


def test_code_and_table_open_on_request(page, app):
    for _ in range(2):
        app.get_by_role("button", name="Step").click()
    app.get_by_role("button", name="Code").click()
    app.get_by_text("app.step(200)").wait_for()
    app.get_by_role("button", name="Table").click()
    walk = app.locator("table").filter(has=page.locator("caption", has_text="walk"))
    assert walk.locator("tbody tr").count() == 20
    assert walk.locator("tbody th[scope=row]").first.inner_text() == "1"
    assert app.locator("table caption").all_inner_texts() == ["walk", "histogram", "heat", "arrow"]
    for button in "Code", "Table":
        app.get_by_role("button", name=button).click()


def test_texts_of_users_are_no_markup(page):
    own = page.locator(APP).nth(1)
    assert own.get_by_label("title").input_value() == IMAGE
    assert IMAGE in own.locator(".nbt-sentence").inner_text()
    own.get_by_role("button", name="Code").click()
    own.get_by_text("onerror").nth(1).wait_for()
    assert own.locator("img").count() == 0


@pytest.mark.parametrize("number, width, height", [(0, 1280, 720), (2, 1920, 1080)])
def test_the_whole_app_is_on_the_screen(page, number, width, height):
    """With the file browser folded; at a projector's size with its larger type."""
    page.set_viewport_size({"width": width, "height": height})
    app = page.locator(APP).nth(number)
    page.wait_for_timeout(1000)
    app.evaluate("app => app.scrollIntoView({block: 'end'})")
    box, room = app.bounding_box(), page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
    side, paper = app.locator(".nbt-side").bounding_box(), app.locator(".nbt-paper").bounding_box()
    size = app.evaluate("app => getComputedStyle(app).fontSize")
    page.set_viewport_size({"width": 1280, "height": 720})
    assert box["height"] <= (560 if number == 0 else 900)
    assert box["y"] >= room["y"] and box["y"] + box["height"] <= height
    assert side["x"] + side["width"] < paper["x"] and paper["width"] > 0.7 * box["width"]
    assert size == ("13px" if number == 0 else "20.8px")


@pytest.mark.parametrize("folded, width", [(True, 1280), (False, 1280), (True, 700), (True, 420)])
def test_nothing_is_wider_than_its_cell(page, app, folded, width):
    page.evaluate("folded => window.jupyterapp.shell[folded ? 'collapseLeft' : 'expandLeft']()", folded)
    page.set_viewport_size({"width": width, "height": 720})
    page.wait_for_timeout(1000)
    wide = app.evaluate(
        """app => { const end = app.closest('.jp-OutputArea-output').getBoundingClientRect().right + 1;
        return [...app.querySelectorAll('*')].filter(one => !one.closest('svg') && !one.closest('.nbt-unseen')
            && one.getBoundingClientRect().right > end).map(one => one.outerHTML.slice(0, 80)); }"""
    )
    stacked = app.locator(".nbt-dials").bounding_box()["y"] + 10 < app.locator(".nbt-main").bounding_box()["y"]
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 1280, "height": 720})
    assert wide == []
    assert stacked == (not folded or width < 1280)
