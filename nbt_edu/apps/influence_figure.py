"""Influence's figure: all weights at once, the marked one character by character, and the price by size."""

import math

import numpy as np
from plotly.subplots import make_subplots

from ..figures import escaped, style
from ..figures.style import REFERENCE, framed

SHOWN, TURN = 40, 20  # characters on the page of the text; how many of them are new when it is turned
SIZES = 2 ** np.arange(2, 11)  # units for which the price is drawn
SIGNED = [
    [0, "rgba(0, 114, 178, 1)"],
    [0.5, "rgba(0, 114, 178, 0.03)"],
    [0.5, "rgba(213, 94, 0, 0.03)"],
    [1, "rgba(213, 94, 0, 1)"],
]
LIT = [[0, "rgba(213, 94, 0, 0.03)"], [1, "rgba(213, 94, 0, 1)"]]
PRICES = {"clock": ("multiplications", "solid"), "slab": ("numbers in G", "dash"), "weights": ("weights", "dot")}
ROOM = 12.0  # of the units in the upper panel, in widths of a character
BARE = {"showgrid": False, "zeroline": False}


def letter(one):
    """A character as it is shown: blanks get a sign."""
    return {" ": "␣", "\n": "↵"}.get(one, one)


def titled(text):
    """The title of an axis, close to it."""
    return {"text": text, "standoff": 3, "font": {"size": 13}}


def figure_of(app):
    """The figure of an `Influence` as its dials are, without points."""
    n = app.dials.units
    titles = ["All weights: how far each one moves the state", "RTRL's price, counted",
              f"The marked one, {escaped(app.mark())} → unit 1: how it moves each unit"]  # fmt: skip
    figure = make_subplots(2, 2, specs=[[{}, {"rowspan": 2}], [{}, None]], subplot_titles=titles, column_widths=[0.68, 0.32],
                           horizontal_spacing=0.09, vertical_spacing=0.3)  # fmt: skip
    framed(figure, 860, None).update_layout(
        height=365, showlegend=False, hovermode="closest", meta={"count": [], "window": ["x3"]}
    )
    figure.update_layout(margin={"t": 26, "b": 48, "l": 48}).update_annotations(font_size=13)
    figure.add_heatmap(name="all weights", zmin=0, zmax=0.5, colorscale=LIT, showscale=False, row=1, col=1)
    figure.add_scatter(name="marked weight", mode="lines", line={"color": "#222", "width": 2}, row=1, col=1)
    figure.add_heatmap(name="marked column", zmin=-1, zmax=1, colorscale=SIGNED, showscale=False, row=2, col=1)
    for name, (_, dash) in PRICES.items():
        figure.add_scatter(
            name=name, mode="lines", line=REFERENCE if dash == "dot" else style("RTRL") | {"dash": dash}, row=1, col=2
        )
    figure.add_scatter(name="n and 2n", mode="markers", marker={"size": 9, "color": "#D55E00"}, row=1, col=2)
    _sides(figure, app, n)
    for note in _notes(app, n):
        figure.add_annotation(note)
    return figure


def edges(n, symbols):
    """Where cells of the upper panel begin and end, across: n units share ROOM, characters and bias have 1 each."""
    wide = min(1.0, ROOM / n)
    return np.concatenate((wide * np.arange(n), wide * n + np.arange(symbols + 2)))


def _sides(figure, app, n):
    """Axes: what the weights read, the text itself, and powers of ten."""
    text, m, ends = app.task.text, app.task.inputs, edges(n, app.task.inputs)
    letters, middles = [escaped(letter(one)) for one in app.task.alphabet], (ends[n:-1] + ends[n + 1 :]) / 2
    if m > SHOWN / 2:  # no room for each
        letters, middles = [f"{m} characters"], [middles[:m].mean(), middles[-1]]
    read = {"tickvals": [ends[n] / 2, *middles], "ticktext": [f"units 1 to {n}", *letters, "bias"], "range": ends[[0, -1]]}
    page = range(app.start, app.start + SHOWN)
    shown = {"tickvals": [t + 1 for t in page], "ticktext": [escaped(letter(text[t % len(text)])) for t in page],
             "range": [app.start + 0.5, app.start + SHOWN + 0.5]}  # fmt: skip
    units = {"range": [n - 0.5, -0.5], "tickvals": [0, n - 1], "ticktext": ["1", str(n)], **BARE}
    for row, across, side, up in (1, read, "what a weight reads", "feeds unit"), (2, shown, "the text", "moves unit"):
        figure.update_xaxes(row=row, col=1, title=titled(side), tickangle=0, **across, **BARE)
        figure.update_yaxes(row=row, col=1, title=titled(up), **units)
    tens = {"tickvals": [1e3, 1e6, 1e9, 1e12], "ticktext": ["10³", "10⁶", "10⁹", "10¹²"], "range": [1, 13.5]}
    figure.update_xaxes(row=1, col=2, type="log", title=titled("units n"), tickvals=[4, 16, 64, 256, 1024], range=[0.5, 4.6])
    figure.update_yaxes(row=1, col=2, type="log", **tens)


def _notes(app, n):
    """What each point counts; once it may be seen, by how much it grows with 2n units."""
    one, two = app.prices()
    place = {"xref": "x2", "yref": "y2", "showarrow": False, "font": {"size": 12, "color": "#222"}}
    for key, (name, _) in PRICES.items():
        at, beside = (n, one) if not app.opened else (SIZES[-1], app.price(SIZES[-1]))
        said = name if app.opened else f"{short(one[key])} {name}"
        yield place | {"text": said, "x": math.log10(at), "y": math.log10(beside[key]), "xanchor": "left", "xshift": 7}
        if app.opened:
            grown = {
                "text": f"×{two[key] / one[key]:.3g}",
                "xanchor": "left",
                "xshift": 7,
                "bgcolor": "rgba(255, 255, 255, 0.75)",
            }
            yield place | grown | {"x": math.log10(2 * n), "y": math.log10(two[key])}


def short(number):
    """A count in few letters: 94k, 1.2M."""
    power = max(0, min(4, int(math.log10(number)) // 3))
    return f"{number / 1000**power:.3g}{['', 'k', 'M', 'G', 'T'][power]}"
