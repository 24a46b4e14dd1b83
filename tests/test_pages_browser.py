"""All notebooks as pages, and in a real browser, opened from a file: sliders by keyboard, Play, a phone, the dark."""

import re

import pytest
from browsing import browser, page_of
from test_pages import EVIL, NOTEBOOKS, find, notebook_of
from toy import Toy

from nbt_edu import apps
from nbt_edu.pages.page import app_page
from nbt_edu.pages.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]
WIDTHS = {"desk": 1280, "phone": 390}
ELSEWHERE = re.compile(
    r"""(?:src|srcset|data|action)\s*=\s*["']?(?:https?:)?//|<link[^>]*//|url\(|@import|require\.config|require\(\[|MathJax"""
)


def written(folder):
    """The pages of all notebooks, and of one with a toy, and how often the writing told of itself."""
    notebook_of(Toy(title=EVIL), folder)
    for path in NOTEBOOKS.glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    site, told = Site(folder, find=find), []
    return site, site.write(folder / "out", lambda: told.append(1)).parent, len(told)


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """The same after little work: as large, and sooner there."""
    with pytest.MonkeyPatch.context() as patch:
        for app in map(apps.find, apps.ALL):
            patch.setattr(app, "telling_count", min(app.telling_count, 2000))
        yield written(tmp_path_factory.mktemp("notebooks"))


@pytest.fixture
def site(brief):
    return brief[1]


def whole(site, folder, told):
    """Every notebook has become a page, no larger than a page may be, that needs nothing from elsewhere."""
    assert told == site.planned()
    assert {path.name for path in folder.iterdir()} == {
        "index.html", "page.js", "page.css", "plotly.min.js", *(f"{name}.html" for name in site.notebooks)
    }  # fmt: skip
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        if path.name != "plotly.min.js":
            assert not ELSEWHERE.search(text), (path.name, ELSEWHERE.search(text))
            assert len(text.encode()) < 3_000_000
        if path.suffix == ".html":
            shown = re.sub(r"<script.*?</script>|<pre.*?</pre>|<code.*?</code>|<img[^>]*>", "", text, flags=re.S)
            assert not re.search(r"\$[^$]+\$", shown), path.name
            assert set(re.findall(r'<script src="([^"]*)"', text)) <= {"plotly.min.js", "page.js"}
    first = (folder / "00_learn_as_you_go.html").read_text("utf-8")
    assert first.count("<summary>An answer</summary>") == 2 and "raise" in first
    assert all(alt.strip() for alt in re.findall(r'<img [^>]*alt="([^"]*)"', first)) and "<img " in first


def test_all_notebooks_become_pages_that_need_nothing_from_elsewhere(brief):
    whole(*brief)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pages_of_full_length(tmp_path):
    whole(*written(tmp_path))


@pytest.fixture(scope="module")
def chromium():
    with browser() as one:
        yield one


@pytest.fixture(params=WIDTHS)
def page(chromium, request):
    with page_of(chromium, WIDTHS[request.param], 844) as page:
        yield page
        assert page.complaints == []
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


def data(page):
    return page.evaluate("document.querySelector('.figure').data.map(t => [t.x ?? [], t.y ?? t.z].map(a => Array.from(a)))")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_sliders_move_curves_and_sentence_by_keyboard(site, page):
    page.goto(f"{site.as_uri()}/01_toys.html")
    page.locator(".main-svg").first.wait_for()
    assert fits(page)
    assert page.locator(".modebar").count() == 0
    for i, (name, key, value) in enumerate([("rate", "ArrowRight", "0.2"), ("size", "ArrowLeft", "4")]):
        before, said = data(page), page.locator(".sentence").inner_text()
        axes = page.evaluate("['xaxis', 'yaxis', 'yaxis2'].map(a => document.querySelector('.figure').layout[a].range)")
        slider = page.get_by_label(name)
        slider.focus()
        page.keyboard.press(key)
        page.wait_for_timeout(100)
        after = data(page)
        assert before[2] != after[2] and (i or (before[0] != after[0] and before[1] != after[1] and before[3] != after[3]))
        assert slider.get_attribute("aria-valuetext") == page.locator(".dial output").nth(i).inner_text() == value
        assert i or page.locator(".sentence").inner_text() != said
        assert page.locator(".sentence").inner_text().startswith(EVIL)
        assert page.locator(".figure").get_attribute("aria-label") == page.locator(".sentence").inner_text()
        assert axes == page.evaluate("['xaxis', 'yaxis', 'yaxis2'].map(a => document.querySelector('.figure').layout[a].range)")
    app = Toy(title=EVIL, rate=0.2, size=4)
    app.step(200)
    assert page.locator(".sentence").inner_text() == app.sentence()
    assert page.locator(".line code").inner_text() == app.state()
    assert data(page)[0][1] == pytest.approx(list(app.arrays()["walk"]["y"]), rel=1e-3)


def test_play_reveals_the_curve(site, page):
    page.goto(f"{site.as_uri()}/01_toys.html")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(600)
    early = len(data(page)[0][0])
    page.wait_for_timeout(1000)
    later = len(data(page)[0][0])
    assert 0 < early < later < 200
    page.get_by_role("button", name="Stop").click()
    assert len(data(page)[0][0]) == 200 and page.locator(".count").inner_text() == "200 turns"


def test_every_page_fits_and_leads_to_the_others(site, page):
    page.goto(f"{site.as_uri()}/index.html")
    assert fits(page)
    for name in page.locator("li > a").all_inner_texts():
        page.get_by_role("link", name=name).click()
        page.wait_for_load_state()
        assert fits(page), name
        page.get_by_role("link", name="All notebooks").click()
    page.goto(f"{site.as_uri()}/00_learn_as_you_go.html")
    answer = page.locator("details", has_text="An answer").first
    answer.locator("summary").click()
    assert answer.locator("pre").is_visible()
    assert page.locator("math").count() > 10


def test_one_app_alone_carries_all_it_needs(tmp_path, page):
    app = Toy()
    app.step(50)
    (tmp_path / "still.html").write_text(app_page(app, grid=False), "utf-8")
    page.emulate_media(color_scheme="dark")
    page.goto((tmp_path / "still.html").as_uri())
    page.locator(".main-svg").first.wait_for()
    assert page.locator("input").count() == 0 and len(data(page)[0][0]) == 50 and fits(page)
    assert page.locator(".sentence").inner_text() == app.sentence()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
