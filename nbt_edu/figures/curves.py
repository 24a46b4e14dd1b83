"""Records in, plotly figures out: learning curves, and errors of compared gradients. No widgets."""

import math

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..learning.record import BITS
from .style import LEGEND, REFERENCE, framed, note, smoothed, style

POINTS = 400  # most points of a curve


def learning_curves(records):
    """How well a task is predicted, against the steps made, for a record or {name: record}, with the task's reference lines.

    In the records' own measure: bits per character, or the root-mean-square error of a signal, in its own unit.
    """
    records = records if isinstance(records, dict) else {records.method: records}
    what = "character" if next(iter(records.values())).measure == BITS else "value"
    figure = framed(go.Figure(), 560, f"The curve falls as the next {what} is predicted better")
    for name, (x, y) in learning_data(records).items():
        figure.add_scatter(x=x, y=y, name=name, line=style(name), showlegend=True)
    _learning_axes(figure, records)
    return figure


def gradient_errors(record):
    """Error of each compared gradient estimate, relative to |exact gradient|^2, along a record's trajectory."""
    figure = framed(go.Figure(), 560, "The lower the curve, the better the estimated gradient")
    for name, (x, y) in error_data(record).items():
        figure.add_scatter(x=x, y=y, name=f"{name}: {error_kind(record, name)}", line=style(name), showlegend=True)
    _error_axes(figure, record)
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
    _error_axes(figure, records["RTRL"], row=1, col=2)
    left, right = (sum(figure.layout[axis].domain) / 2 for axis in ("xaxis", "xaxis2"))
    return figure.update_layout(legend={"x": left}, legend2={**LEGEND, "x": right})


def side_by_side_data(records, points=POINTS):
    """The curves of `side_by_side`, [(x, y)]: how well each method predicts, then the gradient errors."""
    return [*learning_data(records, points).values(), *error_data(records["RTRL"], points).values()]


def learning_data(records, points=POINTS):
    """{name: (steps made, the record's measure)}, smoothed over 1/50 of the curve."""
    curves = {name: record.measured(points) for name, record in records.items()}
    return {name: (x, smoothed(y, points // 100)) for name, (x, y) in curves.items()}


def error_data(record, points=POINTS):
    """{name: (steps made, error)}: the relative variance or squared bias of each compared estimator, smoothed."""
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
    first, (low, top), x, before = next(iter(records.values())), _ends(records.values()), 0.01, -math.inf
    for label, value in sorted(first.references.items(), key=lambda line: line[1]):
        x, before = x + 0.36 if value - before < 0.09 * (top - low) else 0.01, value  # beside the one below, if it is near
        figure.add_hline(value, line=REFERENCE, **cell)
        note(figure, label, x, value, "y", "#555555", "left", "top" if value > low + 0.25 * (top - low) else "bottom")
    figure.update_xaxes(title=_steps(first), rangemode="tozero", **cell)
    figure.update_yaxes(title=first.measure, range=[low, top], **cell)


def _ends(records):
    """The axis: of bits, from 0 to a little above what a predictor pays that knows nothing; else about the curves."""
    first = next(iter(records))
    if first.measure == BITS:
        return 0.0, 1.12 * math.log2(max(record.outputs for record in records))
    found = [*first.references.values()]
    for record in records:
        y = smoothed(record.measured(POINTS)[1], POINTS // 100)
        found += [*y[:1], *y[-1:]]
    found = [value for value in found if math.isfinite(value)] or [1.0]
    return 0.8 * min(found), 1.12 * max(found)


def _steps(record):
    return "characters read" if record.measure == BITS else "steps made"


def _error_axes(figure, record, **cell):
    figure.update_xaxes(title=_steps(record), rangemode="tozero", **cell)
    figure.update_yaxes(title="gradient error² / |exact|²", type="log", exponentformat="SI", dtick=1, **cell)
