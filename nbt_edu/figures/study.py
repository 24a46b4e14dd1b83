"""Studies in, plotly figures out: errors along the stretch, errors by block of parameters, staleness. No widgets.

A method has the colour and line of every other figure; settings of one method are told apart by their markers.
"""

import numpy as np
import plotly.graph_objects as go

from ..measuring.study import Study
from ..settings import require, word
from .style import framed, style

MARKERS = ("circle", "square", "diamond", "x", "triangle-up", "cross")
PATTERNS = ("", "/", "x", "-", "|", ".")
QUANTITIES = {  # what stands along the axis, and what to see
    "variance": ("variance / |exact|²", "The lower the curve, the less noise in the estimated gradient"),
    "bias2": ("bias² / |exact|²", "The lower the curve, the less the mean estimate misses the exact gradient"),
    "bias2_error": ("standard error of bias² / |exact|²", "A bias below its curve is too small to be seen with so many draws"),
    "relative_error": ("relative error", "The lower the curve, the closer one estimate comes to the exact gradient"),
    "cosine": ("cosine with the exact gradient", "The closer to 1, the better the estimate points along the exact gradient"),
    "norm_ratio": ("norm / |exact|", "Noise makes an estimate longer than the exact gradient, whose length is 1 here"),
    "signal_to_noise": ("|exact|² / variance", "The higher the curve, the more the exact gradient stands out of the noise"),
}
LINEAR = ("cosine", "norm_ratio")
RELATIVE = ("variance", "bias2", "bias2_error")
FLOOR = 1e-9  # less is rounding error, or nothing beside the noise: not drawn on a log axis, and neither is 1 / FLOOR or more


def errors_along(study, quantity="variance", block="all"):
    """One quantity of every estimator, character by character along the stretch.

    A log axis ends at FLOOR. The legend says of an estimator without error, such as RTRL, that all it has is below.
    """
    word("block", block, _one(study).blocks), word("quantity", quantity, next(iter(study.values.values()))[block])
    axis, sentence = QUANTITIES.get(quantity, (quantity, f"How {quantity} changes along the stretch"))
    figure, drawn = framed(go.Figure(), 640, sentence), []
    for name, marker in _marked(study):
        values = study.values[name][block]
        y = values[quantity] / study.exact2[name][block] if quantity in RELATIVE else values[quantity]
        label = name
        if quantity not in LINEAR:
            label, y = _above_floor(name, y)
        drawn.append(y)
        figure.add_scatter(x=study.at[name], y=y, name=label, line=style(name), mode="lines+markers", marker=marker)
    figure.update_xaxes(title="characters since the stretch began", rangemode="tozero")
    scale = {} if quantity in LINEAR else _log_axis(drawn)
    return _listed(figure.update_yaxes(title=axis, **scale))


def errors_by_block(study):
    """Where the error sits: E |guess - exact|^2 / |exact|^2 in each block of parameters, at the last answer.

    Bars below FLOOR are not drawn.
    """
    _one(study)
    figure, drawn = framed(go.Figure(), 640, "The tallest bars are the parameters whose gradient is known worst"), []
    for name, marker in _marked(study):
        label, y = _above_floor(name, [study.values[name][block]["relative_error"][-1] ** 2 for block in study.blocks])
        drawn.append(y)
        look = {"color": style(name)["color"], "pattern": {"shape": PATTERNS[MARKERS.index(marker["symbol"])]}}
        figure.add_bar(x=study.blocks, y=y, name=label, marker=look)
    figure.update_yaxes(title="error² / |exact|²", **_log_axis(drawn))
    return _listed(figure.update_xaxes(title="block of parameters: units W, symbols R, bias b", type="category"))


def staleness(study):
    """How far the exact gradient along the thetas that were is from that at the theta that is."""
    _one(study)
    figure = framed(go.Figure(), 560, "The higher the curve, the staler the exact gradient")
    x = list(range(1, len(study.staleness) + 1))
    figure.add_scatter(x=x, y=study.staleness, name="RTRL", line=style("RTRL"))
    figure.update_xaxes(title=f"characters; theta is moved by {study.about['moved_by']}", rangemode="tozero")
    return figure.update_yaxes(title="|moving − frozen| / |frozen|", rangemode="tozero")


def _one(study):
    require(isinstance(study, Study), "study", study, "a study, such as nbt.study.study(...) answers")
    return study


def _above_floor(name, y):
    """The legend's text and the values to draw, NaN for those out of [FLOOR, 1 / FLOOR]."""
    y = np.asarray(y, float)
    drawn = np.where((y >= FLOOR) & (y <= 1 / FLOOR), y, np.nan)
    if np.isfinite(drawn).any():
        return name, drawn
    beyond = f": below {FLOOR:.0e}" if (y < FLOOR).any() else f": above {1 / FLOOR:.0e}" if (y > 1 / FLOOR).any() else ""
    return name + beyond.replace("e-0", "e-").replace("e+0", "e"), drawn


def _log_axis(drawn):
    """A log axis around the values to draw, which ends at FLOOR; a fifth of a decade free at both ends."""
    logs = np.log10(np.concatenate(drawn))
    logs = logs[np.isfinite(logs)]
    low, high = (logs.min() - 0.2, logs.max() + 0.2) if logs.size else (-1.0, 1.0)
    return {"type": "log", "exponentformat": "SI", "range": [max(low, np.log10(FLOOR)), high]}


def _marked(study):
    """Every estimator's name, and a marker that no other of the same colour has."""
    seen = {}
    for name in study.values:
        color = style(name)["color"]
        seen[color] = seen.get(color, -1) + 1
        yield name, {"symbol": MARKERS[seen[color] % len(MARKERS)], "size": 6}


def _listed(figure):
    """The legend as a list at the right, where any number of names has room."""
    legend = {"orientation": "v", "x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top"}
    return figure.update_layout(legend=legend, hovermode="closest", width=860)
