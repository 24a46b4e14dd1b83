"""The figure whose curves move, in a browser: where its frames draw, and what becomes of zoom, gaps, reloads and neighbours."""

import re

import numpy as np
import pytest
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, run_all, write_notebook

CELLS = [
    """
import numpy as np
from plotly.subplots import make_subplots
from nbt_edu.apps.app import App
from nbt_edu.figures.style import framed

class Lines(App):
    def build(self):
        self.n = 0

    def proceed(self, n):
        self.n += n

    def figure(self):
        base = framed(make_subplots(1, 2), 800, None)
        base.add_scatter(name="left", mode="lines", row=1, col=1)
        base.add_scatter(name="right", mode="lines", row=1, col=2)
        base.add_bar(name="bars", row=1, col=2)
        base.add_scatter(name="nothing", mode="lines", row=1, col=1)
        return base.update_yaxes(type="log", row=1, col=2).update_layout(meta={"count": ["x", "x2"]})

    def arrays(self):
        x = np.arange(1, self.n + 1.0)
        y = np.sin(x / 9)
        y[self.n // 2 : self.n // 2 + 1] = np.nan
        bars = {"x": [1, 2], "y": [1, 1 + self.n // 1000]}
        return {"left": {"x": x, "y": y}, "right": {"x": x, "y": np.exp(y)}, "bars": bars}

    def sentence(self):
        return f"{self.n} points."

def draw(n, app):
    app.n = n
    app.publish(now=True)

one = Lines()
one""",
    "one",  # a second view of the same app
    "two = Lines()\ndraw(30, two)\ntwo",
]
NOTEBOOK = "live.ipynb"
GRAPHS = "[...document.querySelectorAll('.jp-NotebookPanel .js-plotly-plot')]"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    (home / "work").mkdir()
    write_notebook(home / "work" / NOTEBOOK, CELLS)
    with jupyterlab(home / "work", home) as address, chromium(height=1400) as page:
        open_notebook(page, address, NOTEBOOK)
        run_all(page)
        wait(page, f"{GRAPHS}.length === 3")
        page.address = address
        yield page
        assert page.complaints == []


def wait(page, condition):
    page.wait_for_function(f"() => {condition}", polling=50)


def draw(page, n, name="one"):
    """Draw n points, and wait until the kernel knows that they were drawn."""
    execute(page, f"draw({n}, {name})")
    seen = f"graph.data[0].x.length === {n} && graph.querySelectorAll('.js-line').length >= 2"
    wait(page, f"{GRAPHS}.slice(0, 2).every(graph => {seen})" if name == "one" else "true")


def lines(page, graph=0):
    """The points on the screen, of the two curves: [(x, y)] in pixels, and the number of pieces of each."""
    found = page.evaluate(
        """([graphs, i]) => { const graph = eval(graphs)[i]; return graph._fullData.slice(0, 2).map(trace =>
        [...graph.querySelectorAll('.trace' + trace.uid + ' .js-line')].map(path => path.getAttribute('d')).join('')); }""",
        [GRAPHS, graph],
    )
    points = [np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", d), float) for d in found]
    pieces = [[len(piece) for piece in d.replace("M0,0", "").split("M") if piece] for d in found]
    return [part[(part != 0).any(1)] for part in points], [len(one) for one in pieces]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_frame_draws_where_plotly_would(lab):
    """On a linear and on a logarithmic axis, gap and all, to a pixel; in both views of the app."""
    draw(lab, 90)
    lab.wait_for_timeout(1500)
    draw(lab, 93)
    draw(lab, 95)  # within the axes' 100: only the paths are rewritten
    quick = lines(lab), lines(lab, 1)
    lab.wait_for_timeout(1500)
    real = lines(lab), lines(lab, 1)
    for (fast, gaps), (slow, real_gaps) in zip(quick, real, strict=True):
        assert gaps == real_gaps == [2, 2]
        for (x, y), (x0, y0) in zip((part.T for part in fast), (part.T for part in slow), strict=True):
            assert len(x) == 94
            np.testing.assert_allclose(y, np.interp(x, x0, y0), atol=1.0)
            np.testing.assert_allclose([x[0], x[-1]], [x0[0], x0[-1]], atol=0.2)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_axes_follow_the_curves_but_not_what_was_zoomed(lab):
    ranges = f"() => {GRAPHS}.map(graph => graph._fullLayout.xaxis.range.map(Math.round))"
    draw(lab, 140)
    lab.wait_for_timeout(1500)
    assert lab.evaluate(ranges)[:2] == [[0, 150], [0, 150]]
    box = lab.locator(f"{PANEL} .js-plotly-plot").first.locator(".nsewdrag").first.bounding_box()
    left, top, right = box["x"] + box["width"] / 3, box["y"] + 40, box["x"] + 2 * box["width"] / 3
    lab.mouse.move(left, top)
    lab.mouse.down()
    lab.mouse.move(right, top + 90, steps=5)
    lab.mouse.up()
    lab.wait_for_timeout(300)
    for n in 200, 400:
        draw(lab, n)
        lab.wait_for_timeout(1500)
        assert lab.evaluate(ranges)[:2] == [[50, 100], [0, n]]
    lab.mouse.dblclick((left + right) / 2, top)
    draw(lab, 450)
    lab.wait_for_timeout(1500)
    assert lab.evaluate(ranges)[:2] == [[0, 500], [0, 500]]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_figure_can_be_blanked(lab):
    execute(lab, "draw(0, one)")
    wait(lab, f"{GRAPHS}[0].querySelectorAll('.js-line').length === 0")
    draw(lab, 20)
    assert lines(lab)[1] == [2, 2]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_what_is_no_line_is_drawn_at_each_change(lab):
    draw(lab, 3000)
    wait(lab, f"{GRAPHS}[0].data[2].y[1] === 4")
    heights = f"() => [...{GRAPHS}[0].querySelectorAll('.bars path')].map(bar => bar.getBBox().height)"
    before = lab.evaluate(heights)
    draw(lab, 9000)
    wait(lab, f"Math.abs(({heights})()[0] - {before[0]}) > 2")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_figure_is_as_wide_as_its_column(lab):
    widths = f"{GRAPHS}.map(graph => graph.querySelector('.main-svg').getBoundingClientRect().width)"
    column = f"{GRAPHS}.map(graph => graph.parentElement.getBoundingClientRect().width)"
    for size in 1000, 1280:
        lab.set_viewport_size({"width": size, "height": 1400})
        wait(lab, f"{widths}.every((width, i) => Math.abs(width - {column}[i]) < 2)")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_figure_that_was_hidden_is_up_to_date_when_it_is_shown(lab):
    draw(lab, 50)
    output = f"{GRAPHS}[0].closest('.jp-OutputArea-output').style.display"
    lab.evaluate(f"() => {{ {output} = 'none'; }}")
    execute(lab, "draw(60, one)")
    wait(lab, f"{GRAPHS}[1].data[0].x.length === 60")
    assert lab.evaluate(f"() => {GRAPHS}[0].data[0].x.length") == 50
    lab.evaluate(f"() => {{ {output} = ''; }}")
    wait(lab, f"{GRAPHS}[0].data[0].x.length === 60")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_reloaded_page_shows_it_again(lab):
    draw(lab, 40)
    lab.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    lab.wait_for_timeout(1000)
    lab.goto(f"{lab.address}/lab/tree/{NOTEBOOK}", wait_until="domcontentloaded")
    wait(lab, f"{GRAPHS}.length === 3")
    wait(lab, f"{GRAPHS}.map(graph => graph.data[0].x.length).join() === '40,40,30'")
    assert lines(lab, 2)[1] == [2, 2]
