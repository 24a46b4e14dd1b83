"""What the finer instruments found, drawn: metrics, how long errors last, the bias of driving, growth. No widgets.

A method has the colour and line of every other figure. Variance and bias^2 never share a line unsaid.
"""

import numpy as np
import plotly.graph_objects as go

from ..measuring.driven import Driven
from ..measuring.errors import Lasting
from ..measuring.metric import METRICS
from ..measuring.scaling import Scaling
from ..settings import require, string
from .marks import MARKERS, PATTERNS, above_floor, listed, log_axis, marked
from .study import one_study
from .style import PANELS, REFERENCE, escaped, framed, style

ALONG = [
    "as it stands<br>(Euclid)",
    "a step of gradient descent,<br>by sensitive directions (Λ)",
    "a Kalman step,<br>by its own metric (Λ⁻¹)",
]


def metrics(study):
    """E |guess - exact|^2 over |exact|^2 at the last answer, in the Euclidean metric and both of Fisher's.

    For a study that was given a precision. Bars below 1e-9 are not drawn.
    """
    first = one_study(study).rows()[0]
    require(f"{METRICS[0]}_variance" in first, "study", repr(study), "one that was given a precision: study(..., precision=…)")
    figure, drawn = framed(go.Figure(), 860, "The taller a bar, the more of what such a step does is error"), []
    for row, (name, marker) in zip(study.rows(), marked(study.values), strict=True):
        keys = ["variance", "bias2"], *([f"{metric}_variance", f"{metric}_bias2"] for metric in METRICS)
        label, y = above_floor(escaped(name), [sum(row[key] for key in pair) for pair in keys])
        drawn.append(y)
        look = {"color": style(name)["color"], "pattern": {"shape": PATTERNS[MARKERS.index(marker["symbol"])]}}
        figure.add_bar(x=ALONG, y=y, name=label, marker=look)
    figure.update_yaxes(title="error² / |exact|²", **log_axis(drawn))
    return listed(figure.update_xaxes(type="category"))


def lasting(found):
    """How long errors last, {name: Lasting} of `measuring.errors.along`, against the lag in steps.

    Left, the autocorrelation of the error; right, what all lags so far make of it, 1 + 2 sum_k (1 - k/T) C(k) / C(0). The
    legend tells where that ends, over all lags: the integrated autocorrelation time tau, in answers; 1 where independent.
    """
    fits = isinstance(found, dict) and found and all(isinstance(one, Lasting) for one in found.values())
    require(fits, "found", found, "what nbt.errors.along(...) answers")
    figure = framed(go.Figure(layout=PANELS), 860, None)
    for name, marker in marked(found):
        one = found[name]
        correlation, lags = one.correlation(), np.arange(len(one.C["error"]))
        so_far = 2 * np.cumsum((1 - lags / one.answers) * correlation) - 1
        look = {"name": f"{escaped(name)}: τ = {one.time():.2g}", "line": style(name), "mode": "lines+markers"}
        look["marker"] = {**marker, "size": 4}
        figure.add_scatter(x=one.every * lags, y=correlation, **look)
        figure.add_scatter(x=one.every * lags, y=so_far, xaxis="x2", yaxis="y2", showlegend=False, **look)
    for panel, text in ("", "Autocorrelation of the error"), ("2", "Added up: τ up to this lag"):
        place = {"x": 0, "xref": f"x{panel} domain", "y": 1.02, "yref": f"y{panel} domain", "yanchor": "bottom"}
        figure.add_annotation(text=text, showarrow=False, xanchor="left", font={"size": 14}, **place)
    for y, panel in (0, ""), (1, "2"):
        figure.add_shape(type="line", line=REFERENCE, xref=f"x{panel} domain", x0=0, x1=1, yref=f"y{panel}", y0=y, y1=y)
    title = {"title": "lag: steps between two answers", "rangemode": "tozero"}
    figure.update_layout(xaxis=title, xaxis2=title, yaxis2={"rangemode": "tozero"})
    return listed(figure)


def driven(found, name="NoBackTrack"):
    """What driving adds to the bias, [Driven] of `measuring.driven.against_rate`, at the last answer, against the rate.

    The exact shadow's |bias|, and the most that replicas leave possible (two standard errors). name: whose line.
    """
    string("name", name)
    figure = framed(go.Figure(), 640, "Where the solid curve is above the dashed one, replicas miss a bias")
    fits = isinstance(found, list | tuple) and found and all(isinstance(one, Driven) for one in found)
    require(fits, "found", found, "what nbt.driven.against_rate(...) answers")
    rates = np.array([one.rate for one in found])
    shadow = np.sqrt([max(one.bias2[-1], 0.0) / one.exact2[-1] for one in found])
    most = np.sqrt([max(one.replicas2[-1] + 2 * one.replicas2_error[-1], 0.0) / one.exact2[-1] for one in found])
    spread = [one.bias2_error[-1] / one.exact2[-1] for one in found]
    seen = np.array([size**2 > 2 * error for size, error in zip(shadow, spread, strict=True)])
    line = style(name)
    figure.add_scatter(x=rates, y=np.where(seen, shadow, np.nan), name="seen by the exact shadow", line=line,
                       mode="lines+markers", marker={"size": 7})  # fmt: skip
    grey = {**line, "color": "#767676", "dash": "dash"}
    figure.add_scatter(x=rates, y=most, name="replicas: at most", line=grey, mode="lines+markers",
                       marker={"symbol": "square", "size": 7})  # fmt: skip
    if seen.any():
        first = np.flatnonzero(seen)[0]
        figure.add_scatter(x=rates, y=shadow[first] * rates / rates[first], name="in proportion to the rate", line=REFERENCE,
                           mode="lines")  # fmt: skip
    figure.update_xaxes(title=f"learning rate; after {found[0].at[-1]} steps, {found[0].draws:,} draws", type="log",
                        tickvals=rates, ticktext=[f"{rate:g}" for rate in rates])  # fmt: skip
    return listed(figure.update_yaxes(title="|bias| / |exact|", **log_axis([shadow[seen], most[most > 0]])))


def scaling(found):
    """Variance against horizon or units, a `Scaling` of `measuring.scaling`; bias^2 of what has no noise."""
    require(isinstance(found, Scaling), "found", found, "what nbt.scaling.horizon(...) or units(...) answers")
    grows = {"steps": "the past that it carries", "units": "the size of the network"}[found.what]
    figure, drawn = framed(go.Figure(), 860, f"A curve climbs where an estimate's error grows with {grows}"), []
    for name, marker in marked(found.variance):
        quiet = not (found.variance[name] > 0).any()
        kind, values = ("bias²", found.bias2[name]) if quiet else ("variance", found.variance[name])
        label, y = above_floor(f"{escaped(name)}: {kind}", values)
        drawn.append(y)
        look = {"symbol": marker["symbol"], "size": 6}
        figure.add_scatter(x=found.x, y=y, name=label, line=style(name), mode="lines+markers", marker=look)
    what = {"steps": "horizon: steps since the estimate began", "units": "units"}[found.what]
    figure.update_xaxes(title=what, tickvals=found.x, type="log")
    return listed(figure.update_yaxes(title="variance, or bias², over |exact|²", **log_axis(drawn)))
