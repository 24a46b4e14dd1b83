"""Studies in, plotly figures out: errors along the stretch, errors by block of parameters, staleness. No widgets.

A method has the colour and line of every other figure; settings of one method are told apart by their markers.
"""

import plotly.graph_objects as go

from ..settings import require
from .style import framed, style

MARKERS = ("circle", "square", "diamond", "x", "triangle-up", "cross")
PATTERNS = ("", "/", "x", "-", "|", ".")
AXES = {
    "variance": "variance / |exact|²",
    "bias2": "bias² / |exact|²",
    "relative_error": "relative error",
    "cosine": "cosine with the exact gradient",
    "norm_ratio": "norm / |exact|",
    "signal_to_noise": "|exact|² / variance",
}
LINEAR = ("cosine", "norm_ratio")
RELATIVE = ("variance", "bias2", "bias2_error")


def errors_along(study, quantity="variance", block="all"):
    """One quantity of every estimator, character by character along the stretch. Zeros cannot be drawn on a log axis."""
    require(block in study.blocks, "block", block, f"one of {', '.join(study.blocks)}")
    figure = framed(go.Figure(), 640, f"{AXES.get(quantity, quantity).capitalize()}, as the gradient reaches further back")
    for name, marker in _marked(study):
        values = study.values[name][block]
        require(quantity in values, "quantity", quantity, f"one of {', '.join(values)}")
        y = values[quantity] / study.exact2[name][block] if quantity in RELATIVE else values[quantity]
        drawn = y if quantity in LINEAR else [value if value > 0 else None for value in y]
        figure.add_scatter(x=study.at[name], y=drawn, name=name, line=style(name), mode="lines+markers", marker=marker)
    figure.update_xaxes(title="characters since the stretch began", rangemode="tozero")
    scale = {} if quantity in LINEAR else {"type": "log", "exponentformat": "SI"}
    return _listed(figure.update_yaxes(title=AXES.get(quantity, quantity), **scale))


def errors_by_block(study):
    """Where the error sits: E |guess - exact|^2 / |exact|^2 in each block of parameters, at the last answer."""
    figure = framed(go.Figure(), 640, "Which parameters have the noisiest gradient")
    for name, marker in _marked(study):
        errors = [study.values[name][block]["relative_error"][-1] ** 2 for block in study.blocks]
        pattern = {"shape": PATTERNS[MARKERS.index(marker["symbol"])]}
        figure.add_bar(x=study.blocks, y=errors, name=name, marker={"color": style(name)["color"], "pattern": pattern})
    figure.update_yaxes(title="error² / |exact|²", type="log", exponentformat="SI")
    return _listed(figure.update_xaxes(title="block of parameters: units W, symbols R, bias b", type="category"))


def staleness(study):
    """How far the exact gradient along the thetas that were is from that at the theta that is."""
    figure = framed(go.Figure(), 560, f"Stale gradients: theta moved by {study.about['moved_by']}")
    x = list(range(1, len(study.staleness) + 1))
    figure.add_scatter(x=x, y=study.staleness, name="RTRL", line=style("RTRL"))
    figure.update_xaxes(title="characters since the stretch began", rangemode="tozero")
    return figure.update_yaxes(title="|moving − frozen| / |frozen|", rangemode="tozero")


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
