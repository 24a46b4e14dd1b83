"""Records in, plotly figures out. No widgets. One colour and one line style per method, in every figure.

A method is told by its line style as well as by its colour (Okabe-Ito palette); reference lines carry their label.
"""

import math

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

STYLES = {  # the first that a name begins with is its line
    "RTRL": {"color": "#000000", "width": 2.5, "dash": "solid"},
    "BPTT sliding": {"color": "#0072B2", "width": 2, "dash": "solid"},
    "BPTT checkpointed": {"color": "#0072B2", "width": 2, "dash": "dot"},
    "BPTT": {"color": "#0072B2", "width": 2, "dash": "dash"},
    "NoBackTrack reduced": {"color": "#D55E00", "width": 2, "dash": "longdash"},
    "NoBackTrack projected": {"color": "#D55E00", "width": 2, "dash": "dot"},
    "NoBackTrack": {"color": "#D55E00", "width": 2, "dash": "solid"},
    "UORO": {"color": "#CC79A7", "width": 2, "dash": "dashdot"},
    "RFLO": {"color": "#E69F00", "width": 3, "dash": "dash"},
}
REFERENCE = {"color": "#767676", "width": 1.2, "dash": "dot"}
LEGEND = {"orientation": "h", "x": 0.5, "y": 1.02, "xanchor": "center", "yanchor": "bottom"}
POINTS = 400  # most points of a curve


def style(name):
    """The line of a method, found by the start of its name; plain grey for an unknown one."""
    return next((line for method, line in STYLES.items() if name.startswith(method)), {"color": "#555555", "width": 2})


def learning_curves(records):
    """Bits per character against characters read, for a record or {name: record}, with the task's reference lines."""
    records = records if isinstance(records, dict) else {records.method: records}
    figure = framed(go.Figure(), 560, "How well the next character is predicted")
    for name, (x, y) in learning_data(records).items():
        figure.add_scatter(x=x, y=y, name=name, line=style(name))
    _learning_axes(figure, records)
    return figure


def gradient_errors(record):
    """Error of each compared gradient estimate, relative to |exact gradient|^2, along a record's trajectory."""
    figure = framed(go.Figure(), 560, "How far the gradient estimates are from the exact gradient")
    for name, (x, y) in error_data(record).items():
        figure.add_scatter(x=x, y=y, name=f"{name}: {error_kind(record, name)}", line=style(name), showlegend=True)
    _error_axes(figure)
    return figure


def race(records, points=POINTS, width=840):
    """Both panels side by side for {method: record}, the record of RTRL holding the comparison of gradients.

    Traces are in the order of `race_data`.
    """
    figure = framed(make_subplots(1, 2, horizontal_spacing=0.1), width, None)
    for name in records:
        figure.add_scatter(name=name, line=style(name), row=1, col=1)
    for name in records["RTRL"].compared:
        label = f"{name}: {error_kind(records['RTRL'], name)}"
        figure.add_scatter(name=label, line=style(name), legend="legend2", row=1, col=2)
    for trace, (x, y) in zip(figure.data, race_data(records, points), strict=True):
        trace.update(x=x, y=y)
    _learning_axes(figure, records, row=1, col=1)
    _error_axes(figure, row=1, col=2)
    left, right = (sum(figure.layout[axis].domain) / 2 for axis in ("xaxis", "xaxis2"))
    return figure.update_layout(legend={"x": left}, legend2={**LEGEND, "x": right})


def race_data(records, points=POINTS):
    """The curves of `race`, [(x, y)]: bits per character of each method, then the gradient errors."""
    return [*learning_data(records, points).values(), *error_data(records["RTRL"], points).values()]


def learning_data(records, points=POINTS):
    """{name: (characters read, bits per character)}, smoothed over 1/50 of the curve."""
    curves = {name: record.curve(points) for name, record in records.items()}
    return {name: (x, smoothed(y, points // 100)) for name, (x, y) in curves.items()}


def error_data(record, points=POINTS):
    """{name: (characters read, error)}: the relative variance or squared bias of each compared estimator, smoothed."""
    curves = {}
    for name in record.compared:
        gradients = record.gradients(name, points)
        error = gradients["variance" if name in record.noisy else "bias2"]
        curves[name] = gradients["chars"], smoothed(error, points // 40)
    return curves


def error_kind(record, name):
    """What is wrong with a compared gradient: "variance" where signs are drawn, "bias²" elsewhere."""
    return "variance" if name in record.noisy else "bias²"


def smoothed(y, width):
    """Mean over 2 width + 1 neighbours (fewer at the ends), of those that are numbers."""
    if not len(y):
        return y
    sums, counts = (np.concatenate(([0.0], np.cumsum(part))) for part in (np.nan_to_num(y), ~np.isnan(y)))
    low = np.maximum(np.arange(len(y)) - width, 0)
    high = np.minimum(np.arange(len(y)) + width + 1, len(y))
    with np.errstate(invalid="ignore"):
        return (sums[high] - sums[low]) / (counts[high] - counts[low])


def _learning_axes(figure, records, **cell):
    ends = {name: record.diverged.partition(":")[0] for name, record in records.items() if record.diverged}
    for i, (name, end) in enumerate(ends.items()):
        _note(figure, f"{name} {end}", 0.99, 0.98 - 0.09 * i, "y domain", style(name)["color"], "right", "top")
    top = 1.12 * math.log2(max(record.symbols for record in records.values()))
    for label, bits in next(iter(records.values())).references.items():
        figure.add_hline(bits, line=REFERENCE, **cell)
        _note(figure, label, 0.01, bits, "y", "#555555", "left", "top" if bits > 0.25 * top else "bottom")
    figure.update_xaxes(title="characters read", rangemode="tozero", **cell)
    figure.update_yaxes(title="bits per character", range=[0, top], **cell)


def _error_axes(figure, **cell):
    figure.update_xaxes(title="characters read", rangemode="tozero", **cell)
    figure.update_yaxes(title="gradient error² / |exact|²", type="log", exponentformat="SI", dtick=1, **cell)


def _note(figure, text, x, y, yref, color, xanchor, yanchor):
    """A text within the left panel; x is a share of its width."""
    place = {"x": x, "xref": "x domain", "xanchor": xanchor, "y": y, "yref": yref, "yanchor": yanchor}
    figure.add_annotation(text=text, font={"size": 12, "color": color}, showarrow=False, **place)


def framed(figure, width, title):
    """A figure in the common frame: size, font, margins."""
    return figure.update_layout(
        width=width, height=340, template="plotly_white", title=title, uirevision="kept", hovermode="x",
        margin={"l": 60, "r": 15, "t": 70 if title else 35, "b": 50}, font={"size": 13, "color": "#222"},
        legend=LEGEND,
    )  # fmt: skip
