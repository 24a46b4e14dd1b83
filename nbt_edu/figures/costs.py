"""What learning costs, drawn: time against the size of the network, and what is kept against the truncation T."""

import numpy as np
import plotly.graph_objects as go

from ..catalogue import counts
from ..implements import named
from ..settings import require, whole
from .style import PANELS, escaped, framed, style

UNITS, WINDOWS = 2.0 ** np.arange(2, 10), (1, 4, 16, 64, 256, 1024)


def costs(estimators, measured=None, n=32, m=32):
    """Left, learning over running a leaky network, against its units; right, numbers kept with n units, against T.

    Lines are counted: the catalogue's leading terms, for networks that read m symbols. Without a window the same is kept
    whatever T is. measured: {label: (units, ratios)}, drawn as dots; `bench.timing.by_units` measures them.
    """
    require(measured is None or isinstance(measured, dict), "measured", measured, "{label: (units, ratios)}, or None")
    n, m = whole("n", n, 1, 10**6), whole("m", m, 1, 10**6)
    figure = framed(go.Figure(layout=PANELS), 840, None)
    for name, one in named(estimators, "estimators").items():
        ratios = [1 + counts(one, units, m)[0] / ((units + m + 1) * units) for units in UNITS]
        figure.add_scatter(x=UNITS, y=ratios, name=escaped(name), line=style(name), mode="lines")
        if name in (measured or {}):
            x, y = measured[name]
            dots = {"mode": "markers", "marker": {"color": style(name)["color"], "size": 8}}
            figure.add_scatter(x=x, y=y, name=escaped(f"{name}, measured"), showlegend=False, **dots)
        kept = [counts(one._replace(window=T) if hasattr(one, "window") else one, n, m)[1] for T in WINDOWS]
        more = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
        figure.add_scatter(x=WINDOWS, y=kept, name=escaped(f"{name}, kept"), line=style(name), mode="lines", **more)
    dotted = "counted (lines), measured (dots)" if measured else "counted"
    figure.update_layout(
        xaxis={"type": "log", "title": "units n", "tickvals": UNITS[::2]},
        yaxis={"type": "log", "title": "learning / running", "exponentformat": "power"},
        xaxis2={"type": "log", "title": "T (BPTT)", "tickvals": WINDOWS},
        yaxis2={"type": "log", "title": f"numbers kept, n = {n}", "exponentformat": "SI"},
        legend={"orientation": "h", "x": 0, "y": 1.18}, margin={"t": 70},
    )  # fmt: skip
    for panel, text in ("", f"Time: {dotted}"), ("2", "Memory"):
        place = {"x": 0.5, "xref": f"x{panel} domain", "y": 1.02, "yref": f"y{panel} domain", "yanchor": "bottom"}
        figure.add_annotation(text=text, showarrow=False, font={"size": 15}, **place)
    return figure
