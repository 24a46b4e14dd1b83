"""What Variance lab draws: bits per character by work; beside it the same by text, or the variance against k or β."""

import numpy as np
from plotly.subplots import make_subplots

from ..figures.style import LEGEND, REFERENCE, framed, note, smoothed, style

POINTS, TOP = 200, 2.1  # of a curve; bits at the top of the axis: one who knows nothing of three symbols pays 1.58
LINES = {"many": style("NoBackTrack"), "one": style("NoBackTrack") | {"dash": "dot"}, "slow": style("second NoBackTrack")}
PANELS = {  # of `look`: title, title of the axis
    "characters": ("The same bits, by text", "text: characters read"),
    "rank": ("Variance of the gradient, by rank", "rank k (log)"),
    "beta": ("Variance of the gradient, by λ", "λ exponent β"),
}
REFERENCES = {"rank": "1/k", "beta": "as with β = 1"}


def figure(lab):
    """Both panels, without points."""
    look, floor = lab.dials.look, lab.learners["many"].task.entropy_rate
    title, across = PANELS[look]
    made = framed(make_subplots(1, 2, subplot_titles=["Bits per character, by work", title]), 840, None)
    made.update_xaxes(rangemode="tozero", title="work: pairs × characters", row=1, col=1)
    made.update_xaxes(title=across, row=1, col=2)
    made.update_yaxes(range=[0, TOP], row=1, col=1)
    for panel in ("", "2") if look == "characters" else ("",):
        ends = {"x0": 0, "x1": 1, "xref": f"x{panel} domain", "y0": floor, "y1": floor, "yref": f"y{panel}"}
        made.add_shape(type="line", line=REFERENCE, **ends)
    made.add_annotation(note(f"floor {floor:.2f}", 0.99, floor, "y", "#555555", "right", "top"))
    for who, line in LINES.items():
        made.add_scatter(name=lab.named(who), mode="lines", line=line, row=1, col=1)
    if look == "characters":
        made.update_xaxes(rangemode="tozero", row=1, col=2).update_yaxes(range=[0, TOP], row=1, col=2)
        for who, line in LINES.items():
            made.add_scatter(name=_by_text(lab, who), mode="lines", line=line, showlegend=False, row=1, col=2)
    else:
        _variance(made, look)
    gone = [lab.named(who) for who, learner in lab.learners.items() if learner.record.diverged]
    for i, name in enumerate(gone):
        made.add_annotation(note(f"{name} diverged", 0.99, 0.98 - 0.09 * i, "y domain", "#555555", "right", "top"))
    return made.update_layout(height=320, margin={"t": 62}, legend=LEGEND | {"y": 1.1}, showlegend=True, meta={"count": ["x"]})


def _variance(made, look):
    """The right-hand panel where it shows variances."""
    log = {"type": "log", "exponentformat": "SI", "dtick": "D2"}
    made.add_scatter(name=REFERENCES[look], mode="lines", line=REFERENCE, showlegend=False, row=1, col=2)
    made.add_scatter(name="variance", mode="lines+markers", line=LINES["many"], showlegend=False, row=1, col=2)
    made.update_yaxes(title=f"over that of {'rank 1' if look == 'rank' else 'β = 1'} (log)", **log, row=1, col=2)
    if look == "rank":
        made.update_xaxes(type="log", tickvals=[1, 2, 4, 8, 16], row=1, col=2)
    free = (0.03, 0.03, "left", "bottom") if look == "rank" else (0.98, 0.98, "right", "top")  # the corner without a curve
    place = dict(zip(("x", "y", "xanchor", "yanchor"), free, strict=True)) | {"xref": "x2 domain", "yref": "y2 domain"}
    font = {"size": 12, "color": "#555555"}
    made.add_annotation(text=f"grey: {REFERENCES[look]}", showarrow=False, font=font, **place)


def arrays(lab):
    """The points of `figure`."""
    curves = {}
    for who, learner in lab.learners.items():
        x, bits = learner.record.curve(POINTS)
        curves[who] = x, smoothed(bits, POINTS // 50)
    found = {lab.named(who): {"x": x * lab.pairs(who), "y": bits} for who, (x, bits) in curves.items()}
    if lab.dials.look == "characters":
        return found | {_by_text(lab, who): {"x": x, "y": bits} for who, (x, bits) in curves.items()}
    x = np.array([*lab.dials.varied()], float)
    y = lab.ratios if len(lab.ratios) else np.full(len(x), np.nan)
    reference = 1 / x if lab.dials.look == "rank" else np.ones(len(x))
    return found | {REFERENCES[lab.dials.look]: {"x": x, "y": reference}, "variance": {"x": x, "y": y}}


def _by_text(lab, who):
    return f"{lab.named(who)}, by text"
