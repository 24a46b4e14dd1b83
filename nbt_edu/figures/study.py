"""Studies in, plotly figures out: errors along the stretch, errors by block of parameters, staleness. No widgets.

A method has the colour and line of every other figure; settings of one method are told apart by their markers.
"""

import plotly.graph_objects as go

from ..measuring.study import Study
from ..settings import require, word
from .marks import MARKERS, PATTERNS, above_floor, listed, log_axis, marked
from .style import escaped, framed, style

QUANTITIES = {  # what stands along the axis, and what to see
    "variance": ("variance / |exact|²", "The lower the curve, the less noise in the estimated gradient"),
    "bias2": ("bias² / |exact|²", "The lower the curve, the less the mean estimate misses the exact gradient"),
    "bias2_error": ("standard error of bias² / |exact|²", "A bias below its curve is too small to be seen with so many draws"),
    "relative_error": ("relative error", "The lower the curve, the closer one estimate comes to the exact gradient"),
    "cosine": ("cosine with the exact gradient", "The closer to 1, the better the estimate points along the exact gradient"),
    "norm_ratio": ("norm / |exact|", "Noise makes an estimate longer than the exact gradient, whose length is 1 here"),
    "sensitive_variance": ("variance / |exact|², Fisher", "The lower the curve, the less noise gradient descent feels"),
    "sensitive_bias2": ("bias² / |exact|², Fisher", "The lower the curve, the less bias gradient descent feels"),
    "kalman_variance": ("variance / |exact|², Fisher⁻¹", "The lower the curve, the less noise a Kalman step feels"),
    "kalman_bias2": ("bias² / |exact|², Fisher⁻¹", "The lower the curve, the less bias a Kalman step feels"),
    "signal_to_noise": ("|exact|² / variance", "The higher the curve, the more the exact gradient stands out of the noise"),
}
LINEAR = ("cosine", "norm_ratio")
RELATIVE = ("variance", "bias2", "bias2_error")


def errors_along(study, quantity="variance", block="all"):
    """One quantity of every estimator, character by character along the stretch.

    A log axis ends at FLOOR. The legend says of an estimator without error, such as RTRL, that all it has is below.
    """
    word("block", block, one_study(study).blocks), word("quantity", quantity, next(iter(study.values.values()))[block])
    axis, sentence = QUANTITIES.get(quantity, (quantity, f"How {quantity} changes along the stretch"))
    figure, drawn = framed(go.Figure(), 640, sentence), []
    for name, marker in marked(study.values):
        values = study.values[name][block]
        y = values[quantity] / study.exact2[name][block] if quantity in RELATIVE else values[quantity]
        label = escaped(name)
        if quantity not in LINEAR:
            label, y = above_floor(escaped(name), y)
        drawn.append(y)
        figure.add_scatter(x=study.at[name], y=y, name=label, line=style(name), mode="lines+markers", marker=marker)
    figure.update_xaxes(title="characters since the stretch began", rangemode="tozero")
    scale = {} if quantity in LINEAR else log_axis(drawn)
    return listed(figure.update_yaxes(title=axis, **scale))


def errors_by_block(study):
    """Where the error sits: E |guess - exact|^2 / |exact|^2 in each block of parameters, at the last answer.

    Bars below FLOOR are not drawn.
    """
    one_study(study)
    figure, drawn = framed(go.Figure(), 640, "The tallest bars are the parameters whose gradient is known worst"), []
    for name, marker in marked(study.values):
        label, y = above_floor(escaped(name), [study.values[name][block]["relative_error"][-1] ** 2 for block in study.blocks])
        drawn.append(y)
        look = {"color": style(name)["color"], "pattern": {"shape": PATTERNS[MARKERS.index(marker["symbol"])]}}
        figure.add_bar(x=study.blocks, y=y, name=label, marker=look)
    figure.update_yaxes(title="error² / |exact|²", **log_axis(drawn))
    return listed(figure.update_xaxes(title="block of parameters: units W, symbols R, bias b", type="category"))


def staleness(study):
    """How far the exact gradient along the thetas that were is from that at the theta that is."""
    one_study(study)
    figure = framed(go.Figure(), 560, "The higher the curve, the staler the exact gradient")
    x = list(range(1, len(study.staleness) + 1))
    figure.add_scatter(x=x, y=study.staleness, name="RTRL", line=style("RTRL"))
    figure.update_xaxes(title=f"characters; theta is moved by {study.about['moved_by']}", rangemode="tozero")
    return figure.update_yaxes(title="|moving − frozen| / |frozen|", rangemode="tozero")


def one_study(study):
    """A study, or ValueError."""
    require(isinstance(study, Study), "study", study, "a study, such as nbt.study.study(...) answers")
    return study
