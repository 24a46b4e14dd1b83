"""Records in, plotly figures out: learning curves, and errors of compared gradients. No widgets."""

import math

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .style import LEGEND, REFERENCE, framed, note, smoothed, style

POINTS = 400  # most points of a curve


def learning_curves(records):
    """Bits per character against characters read, for a record or {name: record}, with the task's reference lines."""
    records = records if isinstance(records, dict) else {records.method: records}
    figure = framed(go.Figure(), 560, "The curve falls as the next character is predicted better")
    for name, (x, y) in learning_data(records).items():
        figure.add_scatter(x=x, y=y, name=name, line=style(name), showlegend=True)
    _learning_axes(figure, records)
    return figure


def gradient_errors(record):
    """Error of each compared gradient estimate, relative to |exact gradient|^2, along a record's trajectory."""
    figure = framed(go.Figure(), 560, "The lower the curve, the better the estimated gradient")
    for name, (x, y) in error_data(record).items():
        figure.add_scatter(x=x, y=y, name=f"{name}: {error_kind(record, name)}", line=style(name), showlegend=True)
    _error_axes(figure)
    return figure


def side_by_side(records, points=POINTS, width=840):
    """Both panels side by side for {method: record}, the record of RTRL holding the comparison of gradients.

    Traces are in the order of `side_by_side_data`.
    """
    figure = framed(make_subplots(1, 2, horizontal_spacing=0.1), width, None)
    for name in records:
        figure.add_scatter(name=name, line=style(name), row=1, col=1)
    for name in records["RTRL"].compared:
        label = f"{name}: {error_kind(records['RTRL'], name)}"
        figure.add_scatter(name=label, line=style(name), legend="legend2", row=1, col=2)
    for trace, (x, y) in zip(figure.data, side_by_side_data(records, points), strict=True):
        trace.update(x=x, y=y)
    _learning_axes(figure, records, row=1, col=1)
    _error_axes(figure, row=1, col=2)
    left, right = (sum(figure.layout[axis].domain) / 2 for axis in ("xaxis", "xaxis2"))
    return figure.update_layout(legend={"x": left}, legend2={**LEGEND, "x": right})


def side_by_side_data(records, points=POINTS):
    """The curves of `side_by_side`, [(x, y)]: bits per character of each method, then the gradient errors."""
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


def _learning_axes(figure, records, **cell):
    ends = {name: record.diverged.partition(":")[0] for name, record in records.items() if record.diverged}
    for i, (name, end) in enumerate(ends.items()):
        note(figure, f"{name} {end}", 0.99, 0.98 - 0.09 * i, "y domain", style(name)["color"], "right", "top")
    top = 1.12 * math.log2(max(record.symbols for record in records.values()))
    for label, bits in next(iter(records.values())).references.items():
        figure.add_hline(bits, line=REFERENCE, **cell)
        note(figure, label, 0.01, bits, "y", "#555555", "left", "top" if bits > 0.25 * top else "bottom")
    figure.update_xaxes(title="characters read", rangemode="tozero", **cell)
    figure.update_yaxes(title="bits per character", range=[0, top], **cell)


def _error_axes(figure, **cell):
    figure.update_xaxes(title="characters read", rangemode="tozero", **cell)
    figure.update_yaxes(title="gradient error² / |exact|²", type="log", exponentformat="SI", dtick=1, **cell)
