"""Figures: the right data, one style per method, a text for every line."""

import re
import xml.etree.ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest

import nbt_edu as nbt
from nbt_edu import figures
from nbt_edu.apps.race import Race
from nbt_edu.figures import Picture
from nbt_edu.figures.style import smoothed


@pytest.fixture(scope="module")
def race():
    race = Race()
    race.step(600)
    return race


def test_learning_curves_hold_the_record_and_the_floor(race):
    record = race.records["NoBackTrack"]
    figure = nbt.figures.learning_curves(record)
    x, y = record.curve()
    assert np.array_equal(figure.data[0].x, x)
    assert np.nanmean(figure.data[0].y) == pytest.approx(y.mean(), rel=0.05)
    assert figure.layout.shapes[0].y0 == record.floor
    assert figure.layout.annotations[0].text == "floor 0.273"


def test_the_race_draws_each_method_in_its_own_colour_and_style(race):
    figure = figures.side_by_side(race.records)
    looks = [(trace.line.color, trace.line.dash) for trace in figure.data]
    assert looks[1] == looks[3]
    assert looks[2] == looks[4]
    assert len(set(looks)) == 3
    assert all(trace.x is None for trace in figure.data)
    arrays = figures.side_by_side_arrays(race.records, 50)
    assert [*arrays] == [trace.name for trace in figure.data] and all(len(one["x"]) == len(one["y"]) for one in arrays.values())
    assert [trace.name for trace in figure.data[3:]] == ["BPTT: bias²", "NoBackTrack: variance"]
    assert [trace.xaxis or "x" for trace in figure.data] == ["x", "x", "x", "x2", "x2"]


def test_gradient_errors_are_those_of_the_record(race):
    record = race.records["RTRL"]
    figure = figures.gradient_errors(record)
    variance = record.gradients("NoBackTrack")["variance"]
    assert np.nanmean(figure.data[1].y) == pytest.approx(np.nanmean(variance), rel=0.1)


def test_smoothing_keeps_constants_and_skips_gaps():
    y = np.array([2.0, np.nan, 2.0, 2.0, np.nan])
    assert smoothed(y, 1) == pytest.approx(np.full(5, 2.0))
    assert len(smoothed(np.zeros(0), 3)) == 0


def test_every_figure_of_one_panel_says_what_to_see(race):
    for figure in figures.learning_curves(race.records), figures.gradient_errors(race.records["RTRL"]):
        assert len(figure.layout.title.text.split()) > 5


def test_an_unknown_method_still_gets_a_line():
    assert figures.style("SomethingNew")["color"]


def test_a_still_picture_is_a_png_of_twice_that_size_shown_at_that_size(race):
    picture = Picture(figures.side_by_side(race.records), race.sentence())
    assert picture.png.startswith(b"\x89PNG")
    assert (int.from_bytes(picture.png[16:20]), int.from_bytes(picture.png[20:24])) == (1680, 740)
    assert repr(picture) == race.sentence()
    data, about = picture._repr_mimebundle_()
    assert data["text/plain"] == race.sentence() and about == {"image/png": {"width": 840, "height": 370}}


def test_the_same_figure_gives_the_same_picture_whatever_the_user_s_style(race):
    import matplotlib.style

    first = Picture(figures.side_by_side(race.records), "").png
    with matplotlib.style.context("dark_background"):
        assert Picture(figures.side_by_side(race.records), "").png == first


def test_noise_is_told_by_what_an_estimator_does_not_by_its_name():
    compare = {"mine": nbt.NoBackTrack(), "late": nbt.BPTT(2)}
    learner = nbt.Learner(nbt.AnBn(3), nbt.LeakyRNN(3), nbt.RTRL(), nbt.SGD(0.01), compare=compare, compiled=False)
    figure = figures.gradient_errors(learner.run(20))
    assert [trace.name for trace in figure.data] == ["mine: variance", "late: bias²"]


def test_a_picture_takes_any_plotly_figure_and_nothing_else(race):
    """One without a size has plotly's own; what is no figure is refused in a sentence."""
    plain = go.Figure(go.Scatter(x=[1, 2], y=[1, 2]))
    assert int.from_bytes(Picture(plain, "a line").png[16:20]) == 1400 and plain.layout.width is None
    with pytest.raises(ValueError, match="^figure must be a plotly figure.*not 'Record'"):
        Picture(race.records["RTRL"], "a record")


def test_costs_are_the_catalogue_s_and_what_was_measured():
    """RTRL's line is 1 + n^2, whatever is read; its memory is the same for every T, where BPTT's grows."""
    bptt = nbt.BPTT(16)
    figure = figures.costs([nbt.RTRL(), bptt], {"RTRL": ((8, 16), (5.0, 20.0))}, n=32, m=6)
    lines = {trace.name: trace for trace in figure.data}
    assert [*lines] == ["RTRL", "RTRL, measured", "RTRL, kept", "BPTT-16", "BPTT-16, kept"]
    assert lines["RTRL"].y == pytest.approx(1 + np.array(lines["RTRL"].x) ** 2)
    assert list(lines["RTRL, measured"].y) == [5.0, 20.0]
    assert set(lines["RTRL, kept"].y) == {2 * 32 * 32 * (32 + 6 + 1) + 1}
    assert lines["BPTT-16, kept"].y[2] == nbt.catalogue.counts(bptt, 32, 6)[1]
    assert np.diff(lines["BPTT-16, kept"].y).min() > 0


def test_products_are_drawn_to_scale_and_only_what_is_wide_stands_out():
    figure = figures.products({"a": [("row", 1, 8), ("J", 8, 8), ("slab", 8, 24)], "<b>": [("J", 8, 8), ("1", 8, 1)]})
    sizes = [(box.y1 - box.y0, box.x1 - box.x0) for box in figure.layout.shapes]
    assert sizes == [(1, 8), (8, 8), (8, 24), (8, 8), (8, 1)]
    assert [box.fillcolor for box in figure.layout.shapes].count(figure.layout.shapes[2].fillcolor) == 1
    assert "&lt;b&gt;" in [note.text for note in figure.layout.annotations]
    with pytest.raises(ValueError, match="each factor with as many columns"):
        figures.products({"a": [("J", 8, 8), ("1", 7, 1)]})


def test_notes_are_drawn_each_at_its_height_and_what_is_none_is_written_in_red():
    text = "g4 | c4. e8 f4 | a2. | b4 <x | 2 d2 d8 |"
    picture = figures.notes(text)
    drawn = xml.etree.ElementTree.fromstring(picture.svg)
    heads = [one for one in drawn.iter() if one.tag.endswith("ellipse")]
    heights = [float(one.get("cy")) for one in heads]
    assert [34 + 36 - 4.5 * ("cdefgab".index(pitch) - 2) for pitch in "gcefabdd"] == heights
    assert [one.get("fill") == "white" for one in heads] == [False] * 4 + [True, False, True, False]
    assert len([one for one in drawn.iter() if one.tag.endswith("circle")]) == 2
    said = [(one.text, one.get("fill")) for one in drawn.iter() if one.tag.endswith("text")]
    assert [word for word, fill in said if fill == "#B00020"] == ["<x", "2"]
    assert picture.svg.count('stroke="#B00020"') == 2
    assert drawn.get("aria-label") == f"Notes: {text}" and drawn.get("role") == "img"
    assert repr(picture) == text and picture._repr_html_() == picture.svg


def test_the_map_of_spans_has_a_cell_for_each_pair_and_the_slides_line_between_them():
    maps = nbt.experiments.mapped(nbt.experiments.shipped())
    figure = nbt.figures.span_map({title: rows for title, rows in maps.items() if "BPTT-T, kalman" in title})
    rank_1 = figure.data[0]
    assert np.array(rank_1.z).shape == (4, 5) and rank_1.customdata[1][:3] == ["ahead", "ahead", "not ahead"]
    assert [*np.array(rank_1.z)[1][:3]] == [2, 2, 0]
    upright = sorted((line.y0, line.x0 + 0.5) for line in figure.layout.shapes if line.xref == "x" and line.x0 == line.x1)
    assert [cells for _, cells in upright] == [3, 4, 5, 5]  # of N = 4, 8, 16, 32: spans of 9, 17, 33, 65 against T = 2 ... 32


def test_a_contest_is_drawn_less_one_of_its_methods():
    one = nbt.experiments.shipped()["anbn 8 kalman"]
    figure = nbt.figures.contest(one, ["RTRL", "BPTT-4"], less="RTRL")
    middle = {trace.name: trace.y for trace in figure.data if trace.name}
    assert not np.any(middle["RTRL"]) and "+0.13" in figure.layout.title.text
    assert middle["BPTT-4"][-1] == pytest.approx(np.median(one.curves("BPTT-4")[:, -1] - one.curves("RTRL")[:, -1]))


def test_many_notes_go_on_in_the_next_row_and_strange_text_is_still_a_picture():
    text = nbt.sample(nbt.Music(), 2000)
    drawn = xml.etree.ElementTree.fromstring(figures.notes(text).svg)
    places = re.findall(r"translate\((\d+) (\d+)\)\"><path d=\"M(?:-10|5)", figures.notes(text).svg)
    assert all(int(x) < 840 and int(y) < int(drawn.get("height")) for x, y in places) and len({y for _, y in places}) > 5
    for strange in "", "|||", "a\0b\ud800 | \n", "x" * 5000:
        xml.etree.ElementTree.fromstring(figures.notes(strange).svg.encode("utf-8"))
