"""One colour and one line style per method, in every figure; and the common frame.

A method is told by its line style as well as by its colour (Okabe-Ito palette); reference lines carry their label.
"""

import html

import numpy as np

from ..catalogue import STYLES
from ..settings import string

REFERENCE = {"color": "#767676", "width": 1.2, "dash": "dot"}
LEGEND = {"orientation": "h", "x": 0.5, "y": 1.02, "xanchor": "center", "yanchor": "bottom"}


PANELS = {  # two, side by side
    "xaxis": {"anchor": "y", "domain": [0.0, 0.43]}, "yaxis": {"anchor": "x"},
    "xaxis2": {"anchor": "y2", "domain": [0.57, 1.0]}, "yaxis2": {"anchor": "x2"},
}  # fmt: skip


def style(name):
    """The line of a method, found by the start of its name; plain grey for an unknown one."""
    string("name", name)
    return next((line for method, line in STYLES.items() if name.startswith(method)), {"color": "#555555", "width": 2})


def smoothed(y, width):
    """Mean over 2 width + 1 neighbours (fewer at the ends), of those that are numbers."""
    if not len(y):
        return y
    sums, counts = (np.concatenate(([0.0], np.cumsum(part))) for part in (np.nan_to_num(y), ~np.isnan(y)))
    low = np.maximum(np.arange(len(y)) - width, 0)
    high = np.minimum(np.arange(len(y)) + width + 1, len(y))
    with np.errstate(invalid="ignore"):
        return (sums[high] - sums[low]) / (counts[high] - counts[low])


def framed(figure, width, title):
    """A figure in the common frame: size, font, margins."""
    return figure.update_layout(
        width=width, height=340, template="plotly_white", title=title, uirevision="kept", hovermode="x",
        margin={"l": 60, "r": 15, "t": 70 if title else 35, "b": 50}, font={"size": 13, "color": "#222"},
        legend=LEGEND,
    )  # fmt: skip


def note(text, x, y, yref, color, xanchor, yanchor):
    """A text in the left panel, or beside it; x is a share of its width."""
    place = {"x": x, "xref": "x domain", "xanchor": xanchor, "y": y, "yref": yref, "yanchor": yanchor}
    font = {"size": 12, "color": color}
    return {"text": text, "font": font, "showarrow": False, "bgcolor": "rgba(255, 255, 255, 0.75)", "borderpad": 0, **place}


def escaped(text):
    """A text of a user as plotly shows it: as text, never as markup. Still pictures undo it."""
    return html.escape(string("text", text).encode("utf-8", "replace").decode(), quote=False)
