"""Pages without a kernel: behind the sliders stands what the app computes, all is text, nothing comes from elsewhere."""

import json
import pathlib
import re
import shutil

import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest
from toy import Toy

from nbt_edu import apps, cli, lab
from nbt_edu.apps.showing import APP
from nbt_edu.pages import axes, cells, grid, narrow, thinning
from nbt_edu.pages.box import embedded, start
from nbt_edu.pages.mathematics import markdown, mathml
from nbt_edu.pages.page import app_page
from nbt_edu.pages.site import Site

NOTEBOOKS = pathlib.Path(__file__).parents[1] / "notebooks"
EVIL = "<img src=x onerror=alert(1)></script>"


def find(name):
    return Toy if name == "toy" else apps.find(name)


def notebook_of(app, folder, count=200):
    """A notebook of one cell in which an app stands, as executed."""
    cell, v4 = "# 01 · Toys\n\n**Goals.** See *how* $\\theta$\nturns.\n\n**5 minutes** · [before](00_x.ipynb)", nbformat.v4
    bundle = app.picture()._repr_mimebundle_()[0] | {"application/vnd.jupyter.widget-view+json": {"model_id": "gone"}}
    bundle |= {APP: {"app": "toy", "state": app.state(), "count": count}, "text/html": "<script>alert(2)</script>"}
    outputs = [v4.new_output("display_data", bundle), v4.new_output("stream", text=f"{EVIL}\n")]
    cells = [v4.new_markdown_cell(cell), v4.new_code_cell("Toy()", outputs=outputs)]
    nbformat.write(v4.new_notebook(cells=cells), folder / "01_toys.ipynb")
    return folder


def state_of(data, place):
    """The traces of a state as page.js puts them together."""
    return [
        {key: value for key, value in (first | other).items() if value is not None}
        for first, other in zip(data["figure"]["data"], data["states"][place]["data"], strict=True)
    ]


# The grid ------------------------------------------------------------------------------------------------------------


def test_every_state_is_what_the_app_computes():
    data, place = grid.computed(Toy(seed=3)), 0
    for rate in Toy.telling["rate"]:
        for size in Toy.telling["size"]:
            app = Toy(seed=3)
            app.set(rate=rate, size=size)
            app.step(Toy.telling_count)
            for trace in state_of(data, place):
                for axis, values in app.frame()[trace["name"]].items():
                    np.testing.assert_allclose(trace[axis], values, rtol=6e-4, atol=1e-12)
            state = data["states"][place]
            assert (state["sentence"], state["line"]) == (app.sentence(), app.state())
            place += 1
    assert place == len(data["states"])
    assert start(data["dials"]) == 3  # rate 0.1, size 8: where the notebook has it


def test_a_value_of_the_notebook_is_among_those_offered():
    assert grid.states(Toy(rate=0.15))["rate"] == [0.05, 0.1, 0.15, 0.2]
    data = grid.computed(Toy(rate=0.15))
    assert data["states"][start(data["dials"])]["line"] == "toy rate=0.15"


def test_too_many_states_are_refused():
    app = Toy()
    app.telling = {"rate": tuple(np.linspace(0.1, 1, 11)), "size": (2, 3, 4, 5, 6)}
    with pytest.raises(AssertionError, match="more than 50 states"):
        grid.states(app)


def test_without_telling_it_stands_where_the_notebook_left_it():
    class Still(Toy):
        telling, telling_count, asks = {}, 0, ()

    data = grid.computed(Still(), count=70)
    assert (data["dials"], len(data["states"]), data["states"][0]["count"]) == ([], 1, 70)
    assert "<input" not in app_page(Still())


def test_answers_are_told_in_words():
    app = Toy()
    app.step(200)
    (_, where), (_, side), (_, curve) = grid.answers(Toy())
    assert float(where) == pytest.approx(app.x[-1], rel=1e-3)
    assert (side, curve) == ("above" if app.x[-1] > 0 else "below", "")


# Small, and still ------------------------------------------------------------------------------------------------------


def test_numbers_keep_four_digits_and_their_differences():
    values = np.array([1.23456, np.nan, np.inf, -98765.4, 0])
    assert thinning.rounded(values) == [1.235, None, None, -98770, 0]
    assert thinning.rounded(100_000 + np.arange(3)) == [100_000, 100_001, 100_002]
    assert thinning.plain({"a": np.float64("nan"), "b": (1, "x")}) == {"a": None, "b": [1, "x"]}


def test_long_curves_keep_their_peaks_and_gaps_stay():
    y = np.zeros(5000)
    y[1234] = 9
    sizes = list(range(5000))
    figure = go.Figure(go.Scatter(x=np.arange(5000), y=y, marker={"size": sizes}))
    figure.add_scatter(x=[0, 1, None] * 100, y=[0, 1, None] * 100).add_heatmap(z=np.ones((200, 70)), y=np.arange(200))
    curve, pieces, heat = thinning.small(figure)["data"]
    assert len(curve["x"]) <= thinning.POINTS and max(curve["y"]) == 9 and curve["x"][-1] == 4999
    assert len(curve["marker"]["size"]) == len(curve["x"])
    assert len(pieces["x"]) == 300
    assert heat["z"].shape == (64, 64) and len(heat["y"]) == 64


def test_axes_hold_the_points_of_all_states_and_do_not_move():
    data = grid.computed(Toy())
    layouts = [data["figure"]["layout"] | state["layout"] for state in data["states"]]
    for name in "xaxis", "yaxis", "xaxis2", "yaxis2", "xaxis3", "yaxis3", "xaxis4", "yaxis4":
        assert len({json.dumps(layout[name]) for layout in layouts}) == 1
        assert len(layouts[0][name]["range"]) == 2
    low, high = layouts[0]["yaxis"]["range"]
    walks = [value for place in range(len(layouts)) for value in state_of(data, place)[0]["y"]]
    assert low < min(walks) and max(walks) < high
    assert layouts[0]["xaxis4"]["range"] == [-2, 2]


def test_axes_of_logarithms_of_words_and_of_stacks():
    figure = go.Figure(go.Scatter(y=[1, 100])).add_bar(x=["a", "b"], y=[1, 2], xaxis="x2", yaxis="y2")
    figure.update_layout(yaxis={"type": "log"}, xaxis2={}, yaxis2={}, barmode="stack", xaxis={"autorange": "reversed"})
    plain = thinning.small(figure)
    axes.pin([plain])
    assert plain["layout"]["yaxis"]["range"] == pytest.approx([-0.1, 2.1])
    assert plain["layout"]["xaxis"]["range"] == [1, 0]
    assert "range" not in plain["layout"]["xaxis2"] and "range" not in plain["layout"]["yaxis2"]


def test_ranges_that_figures_ask_for_become_one():
    figures = [{"data": [], "layout": {"yaxis": {"range": one}}} for one in ([0, 2], [-1, 1])]
    axes.pin(figures)
    assert [one["layout"]["yaxis"]["range"] for one in figures] == [[-1, 2]] * 2


def test_on_a_phone_panels_stand_below_each_other_with_their_titles():
    layout = thinning.small(Toy().drawn())["layout"]
    changed = narrow.stacked(layout)
    tops = [changed[f"yaxis{i}"]["domain"][1] for i in ("", 2, 3, 4)]
    assert tops == sorted(tops, reverse=True) and tops[0] == 1
    assert all(changed[f"xaxis{i}"]["domain"] == [0, 1] for i in ("", 2, 3, 4))
    assert [note["y"] for note in changed["annotations"]] == pytest.approx(tops)
    legends = {"legend": {"x": 0.2, "y": 1.02}, "legend2": {"x": 0.7, "y": 1.02}}
    changed = narrow.stacked(layout | legends)
    assert changed["legend"]["y"] > 1 > changed["legend2"]["y"] > changed["yaxis2"]["domain"][1]
    assert set(narrow.stacked(go.Figure(go.Scatter(y=[1])).to_plotly_json()["layout"])) == {"margin"}


# Nothing but text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["app", "site"])
def test_what_a_user_wrote_is_text(tmp_path, page):
    app = Toy(title=EVIL)
    site = Site(notebook_of(app, tmp_path), find=find)
    text = app_page(app).replace(site_file("plotly.min.js"), "") if page == "app" else site.page("01_toys")
    assert "<img src=x" not in text and "alert(2)" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;&lt;/script&gt;" in text
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    assert json.loads(data)["states"][0]["sentence"].startswith(EVIL)


def site_file(name):
    from nbt_edu.pages.page import beside

    return beside(name)


def test_data_cannot_end_its_script():
    text = embedded({"a": "</script><!-- \u2028\ud800"})
    assert "<" not in text and text.isascii()
    assert json.loads(text) == {"a": "</script><!-- \u2028\ud800"}
    assert app_page(Toy(title="\ud800"), grid=False).encode()


# Mathematics ---------------------------------------------------------------------------------------------------------


def formulas(path):
    text = "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")
    return [one.strip("$") for one in re.findall(r"\$\$.+?\$\$|\$[^$]+?\$", text, re.S)]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_formula_of_the_notebooks_is_converted(path):
    assert [one for one in formulas(path) if "<math" not in mathml(one)] == []


def test_mathematics_in_text():
    text = markdown("a $x_t < \\theta$ b\n\n$$\\frac{1}{2}$$\n\n`$HOME` | $\\nonsense{x}$ \\begin{pmatrix}a\\\\b\\end{pmatrix}")
    assert text.count("<math") == 3 and 'display="block"' in text and "&#x0003C;" in text
    assert "<code>$HOME</code>" in text and "<code>\\nonsense{x}</code>" in text
    assert 'href="01_x.html#a"' in markdown("[next](01_x.ipynb#a)") and "x.ipynb" in markdown("[far](https://a.b/x.ipynb)")


# The site ------------------------------------------------------------------------------------------------------------


def test_the_index_says_what_awaits(tmp_path):
    site = Site(notebook_of(Toy(), tmp_path), find=find)
    about = {"title": "01 · Toys", "goals": "See *how* $\\theta$ turns.", "minutes": "5 minutes"}
    assert cells.about(site.notebooks["01_toys"]) == about
    index = site.index()
    assert '<a href="01_toys.html">01 · Toys</a>' in index and "5 minutes" in index
    assert "<em>how</em> <math" in index


def test_an_app_that_cannot_be_made_anew_keeps_its_picture(tmp_path):
    site = Site(notebook_of(Toy(), tmp_path))  # whose name no shipped app has
    text = site.page("01_toys")
    assert '<section class="app"' not in text and 'src="data:image/png;base64,' in text and "plotly.min.js" not in text


def test_sealed_questions_fold_their_answers():
    text = app_page(Toy(), grid=True)
    assert text.count("<details><summary>Show the answer</summary>") == 2 and "Draw the walk" in text
    assert 'role="img"' in text and 'aria-live="polite"' in text and text.count('<label for="app0-') == 2


def test_command(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "notebooks" / "instructors"
    folder.mkdir(parents=True)
    shutil.copy(NOTEBOOKS / "instructors" / "00_learn_as_you_go.ipynb", folder)
    monkeypatch.setattr(lab, "our_notebooks", lambda: folder.parent)
    monkeypatch.setattr(apps.Race, "telling_count", 2000)
    assert cli.main(["html", str(tmp_path / "a" / "b"), "--instructors"]) == 0
    page = (tmp_path / "a" / "b" / "00_learn_as_you_go.html").read_text("utf-8")
    assert "An answer" not in page
    assert f"open {(tmp_path / 'a' / 'b' / 'index.html').resolve()}" in capsys.readouterr().out
    (tmp_path / "file").write_text("")
    assert cli.main(["html", str(tmp_path / "file")]) == 2
    assert "directory must be a folder that can be written" in capsys.readouterr().err
