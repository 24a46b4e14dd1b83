"""Still pictures: what plotly was asked for is there, in its place, and nothing overlaps or leaves the page."""

import io
import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure
from plotly.subplots import make_subplots

from nbt_edu.figures import Picture, picture
from nbt_edu.figures.picture_panel import short
from nbt_edu.figures.picture_traces import DASHES, SYMBOLS
from nbt_edu.figures.style import framed


@pytest.fixture
def drawn(monkeypatch):
    """A function: plotly's figure -> matplotlib's, as it was printed."""

    def made(figure):
        pages = []
        monkeypatch.setattr(picture, "add_note", lambda page, *more: (pages.append(page), add_note(page, *more)))
        figure.add_annotation(text="", x=0, y=0, xref="paper", yref="paper", showarrow=False)
        assert Picture(figure, "").png.startswith(b"\x89PNG")
        return pages[-1]

    add_note = picture.add_note
    return made


def figure_of(*traces, **layout):
    return framed(go.Figure(traces), 560, "A title").update_layout(layout)


def test_a_palette_keeps_the_colours_that_are_frequent():
    """And the others nearly: those where lines meet paper."""
    from PIL import Image

    rng = np.random.default_rng(0)
    pixels = np.full((300, 400, 3), 255, np.uint8)
    pixels[100:200] = 213, 94, 0
    pixels[50, :] = rng.integers(200, 256, (400, 3))
    packed = picture._packed(pixels)
    again = np.asarray(Image.open(io.BytesIO(packed)).convert("RGB")).astype(int)
    assert (again[:50] == 255).all() and (again[100:200] == (213, 94, 0)).all()
    assert np.abs(again[50] - pixels[50]).max() < 40 and packed == picture._packed(pixels)
    many = rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(picture._packed(many)))) == many).all()


def inside(page):
    """Assert that all is on the page."""
    renderer = page.canvas.get_renderer()
    for part in page.get_children():
        box = part.get_tightbbox(renderer)
        if box is not None and box.width:
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= page.bbox.x1 + 1 and box.y1 <= page.bbox.y1 + 1, part


def apart(*boxes):
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def test_every_dash_is_another(drawn):
    lines = [go.Scatter(y=[1, 2], mode="lines", line={"dash": dash}) for dash in ("solid", *DASHES)]
    page = drawn(figure_of(*lines))
    assert len(DASHES) == 5 and len({str(line._unscaled_dash_pattern) for line in page.axes[0].lines}) == 6


@pytest.mark.parametrize("mode, line, marker", [("lines", "-", "None"), ("markers", "None", "D"), ("lines+markers", "-", "D")])
def test_modes(drawn, mode, line, marker):
    (made,) = drawn(figure_of(go.Scatter(y=[1, 2], mode=mode, marker={"symbol": "diamond", "size": 10}))).axes[0].lines
    assert (made.get_linestyle(), made.get_marker()) == (line, marker)


def test_every_symbol_is_another():
    assert len(set(SYMBOLS.values())) == len(SYMBOLS) == 6


def test_gaps_stay_gaps(drawn):
    (line,) = drawn(figure_of(go.Scatter(x=[5, 6, 7], y=[1, None, 3]))).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), [1, np.nan, 3])


def test_bars_stand_side_by_side_on_their_category(drawn):
    bars = [go.Bar(x=["W", "b"], y=[1, 0.01 * k], name=f"{k}", marker={"color": "#D55E00", "pattern": {"shape": shape}})
            for k, shape in ((1, ""), (2, "/"))]  # fmt: skip
    (axes,) = drawn(figure_of(*bars, yaxis_type="log")).axes
    first, second = axes.containers
    assert [label.get_text() for label in axes.get_xticklabels()] == ["W", "b"]
    assert first[1].get_x() + first[1].get_width() < 1 < second[1].get_x() < 1.5
    assert axes.get_yscale() == "log" and axes.get_ylim()[0] < 0.01
    assert second[0].get_hatch() and not first[0].get_hatch()


def test_a_heat_map_has_its_colours_rows_and_scale(drawn):
    heat = go.Heatmap(z=[[1, 2, None], [4, 5, 6]], y=["up", "down"], zmid=0, colorscale="RdBu", colorbar={"title": "size"})
    page = drawn(figure_of(heat, yaxis_autorange="reversed"))
    (axes, *bar), (cells,) = [page.axes[0], *page.axes[0].child_axes], page.axes[0].collections
    assert cells.get_clim() == (-6, 6) and cells.get_array().mask.sum() == 1
    assert bar[0].get_ylabel() == "size" and axes.get_ylim() == (1.5, -0.5) and axes.get_xlim() == (-0.5, 2.5)
    inside(page)


def test_arrows_go_from_tail_to_head(drawn):
    figure = figure_of(go.Scatter(x=[0, 4], y=[1, 100], mode="markers"), yaxis_type="log")
    figure.add_annotation(x=3, y=2, ax=1, ay=0, axref="x", ayref="y", text="")  # of plotly's log axis: the logarithm
    figure.add_annotation(x=1, y=1, text="an offset in pixels", ax=40, ay=30)
    arrow, offset, _ = drawn(figure).artists
    assert (arrow.xy, arrow.xyann) == ((3, 100), (1, 1)) and arrow.arrow_patch is not None
    assert offset.xyann == pytest.approx((28.8, -21.6))


def test_ranges_and_scales_are_plotly_s(drawn):
    line = go.Scatter(x=[10, 20], y=[1, 2], mode="lines")
    (axes,) = drawn(figure_of(line, yaxis={"type": "log", "range": [-2, 1]})).axes
    assert axes.get_xlim() == (10, 20) and axes.get_ylim() == pytest.approx((0.01, 10))
    (axes,) = drawn(figure_of(line, xaxis_rangemode="tozero")).axes
    assert axes.get_xlim() == (0, 20)


def test_panels_stand_where_their_domains_are_and_nothing_overlaps(drawn):
    figure = make_subplots(2, 2, subplot_titles=list("abcd"), horizontal_spacing=0.15, vertical_spacing=0.3)
    figure = framed(figure, 840, "All of it on the page").update_layout(height=600)
    for row, column in itertools.product((1, 2), (1, 2)):
        figure.add_scatter(y=[1, 2e5], name=f"a long name {row} {column}", row=row, col=column)
    figure.update_xaxes(title="characters").update_yaxes(title="error")
    page = drawn(figure)
    inside(page)
    renderer = page.canvas.get_renderer()
    boxes = {axes.get_label(): axes.get_tightbbox(renderer) for axes in page.axes}
    assert boxes["xy"].y0 > boxes["x3y3"].y1 and boxes["x2y2"].x0 > boxes["xy"].x1
    titles = [note.get_window_extent(renderer) for note in page.artists if note.get_text()]
    apart(*boxes.values(), *titles, page.legends[0].get_window_extent(renderer), page.texts[0].get_window_extent(renderer))


def test_crowded_panels_give_way(drawn):
    figure = make_subplots(3, 3, subplot_titles=list("abcdefghi"), horizontal_spacing=0.02, vertical_spacing=0.05)
    framed(figure, 840, None).update_layout(height=700)
    for row, column in itertools.product((1, 2, 3), (1, 2, 3)):
        figure.add_scatter(y=[1, 2e5], row=row, col=column, showlegend=False)
    figure.update_xaxes(title="characters").update_yaxes(title="error")
    page = drawn(figure)
    inside(page)
    renderer = page.canvas.get_renderer()
    titles = [note.get_window_extent(renderer) for note in page.artists if note.get_text()]
    apart(*(axes.get_tightbbox(renderer) for axes in page.axes), *titles)


def test_a_long_title_is_broken(drawn):
    page = drawn(figure_of(go.Scatter(y=[1, 2]), title="A sentence that says what to see, and goes on. " * 4))
    inside(page)
    assert page.texts[0].get_text().count("\n") > 1
    apart(page.texts[0].get_window_extent(), page.axes[0].get_tightbbox())


def test_nothing_to_draw_is_drawn(drawn):
    assert len(drawn(figure_of()).axes) == len(drawn(figure_of(go.Scatter(), yaxis_type="log")).axes) == 1


def test_reference_lines_span_their_panel(drawn):
    figure = figure_of(go.Scatter(x=[0, 9], y=[1, 2])).add_hline(1.5).add_vline(4)
    (axes,) = drawn(figure).axes
    across, up = ((line.get_path().vertices, line.get_transform()) for line in axes.lines[1:])
    ends = [axes.transAxes.inverted().transform(place.transform(points)) for points, place in (across, up)]
    np.testing.assert_allclose(ends[0][:, 0], [0, 1], atol=1e-9)
    np.testing.assert_allclose(ends[1][:, 1], [0, 1], atol=1e-9)


def test_a_long_legend_at_the_right_fits(drawn):
    lines = [go.Scatter(y=[k, k], name=f"the method number {k}") for k in range(25)]
    page = drawn(figure_of(*lines, legend={"orientation": "v", "x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top"}))
    inside(page)
    apart(page.legends[0].get_window_extent(), page.axes[0].get_window_extent())
    assert [text.get_text() for text in page.legends[0].texts] == [line.name for line in lines]


def test_dollars_are_no_mathematics(drawn):
    page = drawn(figure_of(go.Bar(x=["$a_1$", "$"], y=[1, 2], name="$x$", showlegend=True), title="$5 and $6"))
    assert isinstance(page, Figure) and page.texts[0].get_text() == "$5 and $6"


def test_numbers_are_written_as_on_plotly_s_axes():
    assert [short(one) for one in (0, 0.001, 10, 1e4, 1e-4)] == ["0", "0.001", "10", "10k", "100µ"]


def test_other_traces_are_refused():
    with pytest.raises(ValueError, match="^figure must be made of scatter, bar, heatmap, not 'pie'"):
        Picture(figure_of(go.Pie(values=[1, 2])), "")
