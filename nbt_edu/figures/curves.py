"""Records in, plotly figures out: learning curves, and errors of compared gradients. No widgets."""

import math

import numpy as np
import plotly.graph_objects as go

from ..learning.record import BITS, Record
from ..settings import require, whole
from .style import LEGEND, REFERENCE, escaped, framed, note, smoothed, style

POINTS = 400  # most points of a curve
PAIR = {  # between them stand the names of the left one's lines and the right one's numbers
    "xaxis": {"anchor": "y", "domain": [0.0, 0.41]}, "yaxis": {"anchor": "x"},
    "xaxis2": {"anchor": "y2", "domain": [0.59, 1.0]}, "yaxis2": {"anchor": "x2"},
}  # fmt: skip
ALONE = {"xaxis": {"anchor": "y", "domain": [0.0, 1.0]}, "yaxis": {"anchor": "x"}}  # the left one, without the right
ERROR = "mean error² / mean |exact|² (log)"  # of gradients


def learning_curves(records):
    """How well a task is predicted, against the steps made, for a record or {name: record}, with the task's reference lines.

    In the records' own measure: bits per character, or the root-mean-square error of a signal, in its own unit.
    """
    records = _all("records", {records.method: records} if isinstance(records, Record) else records)
    what = "character" if next(iter(records.values())).measure == BITS else "value"
    figure = framed(go.Figure(), 560, f"The curve falls as the next {what} is predicted better")
    for name, (x, y) in learning_data(records).items():
        figure.add_scatter(x=x, y=y, name=escaped(name), line=style(name), showlegend=True)
    shapes, notes = _learning_axes(figure, records, {})
    return figure.update_layout(shapes=shapes, annotations=notes, margin={"r": 95})


def gradient_errors(record):
    """Error of each compared gradient estimate, over the mean |exact gradient|^2, along a record's trajectory."""
    _all("record", {"": record})
    figure = framed(go.Figure(), 560, "How wrong is each gradient? Lower is closer to the exact one")
    for name, (x, y) in error_data(record).items():
        figure.add_scatter(x=x, y=y, name=escaped(f"{name}: {error_kind(record, name)}"), line=style(name), showlegend=True)
    _error_axes(figure, record)
    return figure


def side_by_side(records, ladder=(), width=840, shown=None):
    """Both panels side by side for {method: record}, the record of RTRL holding the comparison of gradients; no points yet.

    Where nothing is compared the left panel has the whole width. ladder: {k: bits per character that the best predictor with k
    characters of context pays}, drawn as lines "memory k". shown: the ends of the left panel's upward axis; None: by what is
    learned. Traces have the names of `side_by_side_arrays`.
    """
    given = isinstance(ladder, dict) or (isinstance(ladder, tuple) and not ladder)
    require(given, "ladder", ladder, "{k: bits per character}")
    width = whole("width", width, 200, 10_000)
    first, compared = next(iter(_all("records", records).values())), records.get("RTRL")
    names, others = map(escaped, records), compared.compared if compared else []
    traces = [go.Scatter(name=name, mode="lines", line=style(name)) for name in names]
    for name in others:
        trace = {"name": _error_name(compared, name), "line": style(name), "legend": "legend2", "xaxis": "x2", "yaxis": "y2"}
        traces.append(go.Scatter(mode="lines", **trace))
    figure = framed(go.Figure(traces, PAIR if others else ALONE), width, None)
    shapes, notes = _learning_axes(figure, records, dict(ladder), "", shown)
    beside = 7 * max((len(one["text"]) for one in notes if one["xanchor"] == "left"), default=0)  # pixels, of the lines' names
    notes.append(_over("", f"Lower is better: {first.measure}"))
    count = ["x", "x2"] if others else ["x"]
    margin = {"t": 60, "r": 15 + beside * (not others)}
    about = {"yaxis": {"title": None}, "legend": {"x": 0, "xanchor": "left"}, "meta": {"count": count}, "margin": margin}
    if others:
        _error_axes(figure, first, "2")
        notes.append(_over("2", "Gradient error² / exact² (log)"))
        about |= {"yaxis2": {"title": None}, "legend2": {**LEGEND, "x": PAIR["xaxis2"]["domain"][0], "xanchor": "left"}}
    else:
        why = "no estimator to compare with it" if compared else "RTRL does not run: no exact gradient to compare with"
        notes.append(_over("", why) | {"x": 1, "xanchor": "right", "font": {"color": "#555555"}})
    return figure.update_layout(shapes=shapes, annotations=notes, height=370, **about)


def _over(panel, text):
    """A heading over a panel."""
    place = {"x": 0, "xref": f"x{panel} domain", "xanchor": "left", "y": 1.1, "yref": f"y{panel} domain", "yanchor": "bottom"}
    return {"text": text, "showarrow": False, **place}


def side_by_side_arrays(records, points=POINTS):
    """The points of `side_by_side`, {trace: {"x", "y"}}: how well each method predicts, then the gradient errors."""
    compared, curves = _all("records", records).get("RTRL"), learning_data(records, whole("points", points, 1, 10**6))
    found = {escaped(name): curve for name, curve in curves.items()}
    if compared:
        found |= {_error_name(compared, name): curve for name, curve in error_data(compared, points).items()}
    return {name: {"x": x, "y": y} for name, (x, y) in found.items()}


def _error_name(record, name):
    return f"{escaped(name)}: {error_kind(record, name)}"


def learning_data(records, points=POINTS):
    """{name: (steps made, the record's measure)}, smoothed over 1/50 of the curve."""
    curves = {name: record.measured(points) for name, record in records.items()}
    return {name: (x, smoothed(y, points // 100)) for name, (x, y) in curves.items()}


def error_data(record, points=POINTS):
    """{name: (steps made, error)}: variance or squared bias of each compared estimator over |exact|^2, both smoothed first."""
    curves = {}
    for name in record.compared:
        gradients = record.gradients(name, points)
        exact2 = gradients["exact2"]
        error2 = exact2 * gradients["variance" if name in record.noisy else "bias2"]
        for _ in range(3):  # one large gradient then enters and leaves gently
            error2, exact2 = smoothed(error2, points // 50), smoothed(exact2, points // 50)
        with np.errstate(invalid="ignore", divide="ignore"):
            curves[name] = gradients["chars"], error2 / exact2
    return curves


def error_kind(record, name):
    """What is wrong with a compared gradient: "variance" where signs are drawn, "bias²" elsewhere."""
    return "variance" if name in record.noisy else "bias²"


def _all(name, records):
    """Records {name: record}, or ValueError."""
    fits = isinstance(records, dict) and records and all(isinstance(one, Record) for one in records.values())
    fits = fits and all(isinstance(label, str) for label in records)
    require(fits, name, records, "a record, as a learner's run answers, or {name: record}")
    return records


def _learning_axes(figure, records, ladder, panel="", shown=None):
    """The axes of the learning curves; answers the lines (shapes) and notes that belong there."""
    first, (low, top) = next(iter(records.values())), shown or _ends(records.values(), ladder)
    across, up = {"title": _steps(first), "rangemode": "tozero"}, {"title": first.measure, "range": [low, top]}
    figure.update_layout({f"xaxis{panel}": across, f"yaxis{panel}": up})
    lines = {escaped(label): value for label, value in first.references.items()}
    apart = 0.03 * (top - low)  # a rung on a reference line needs no label of its own
    lines |= {f"memory {k}": bits for k, bits in ladder.items() if all(abs(bits - one) > apart for one in lines.values())}
    shapes, notes, lowest = [], [], -math.inf
    for label, value in sorted(lines.items(), key=lambda line: line[1]):
        if not low <= value <= top:
            continue
        lowest = max(value, lowest + 0.055 * (top - low))  # beside its line, or above the label before
        shapes.append({"type": "line", "line": REFERENCE, "xref": "x domain", "x0": 0, "x1": 1, "y0": value, "y1": value})
        notes.append(note(label, 1.005, lowest, "y", "#555555", "left", "middle"))
    ends = {name: record.diverged.partition(":")[0] for name, record in records.items() if record.diverged}
    for i, (name, end) in enumerate(ends.items()):
        color = style(name)["color"]
        notes.append(note(f"{escaped(name)} {end}", 0.99, 0.98 - 0.09 * i, "y domain", color, "right", "top"))
    return shapes, notes


def _ends(records, ladder):
    """The axis: of bits, from 0 to what a predictor pays that knows nothing, or nearly; else about the curves."""
    first = next(iter(records))
    if ladder:
        return 0.0, 1.6 * max(ladder.values())
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


def _error_axes(figure, record, panel=""):
    across, up = {"title": _steps(record), "rangemode": "tozero"}, {"type": "log", "tickformat": "~g", "nticks": 4}
    figure.update_layout({f"xaxis{panel}": across, f"yaxis{panel}": {"title": ERROR, **up}})
