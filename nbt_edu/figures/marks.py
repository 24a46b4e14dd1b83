"""Many estimators in one figure: markers and patterns that tell settings apart, where a log axis ends, the legend as a list."""

import numpy as np

from .style import style

MARKERS = ("circle", "square", "diamond", "x", "triangle-up", "cross")
PATTERNS = ("", "/", "x", "-", "|", ".")
FLOOR = 1e-9  # less is rounding error, or nothing beside the noise: not drawn on a log axis, and neither is 1 / FLOOR or more


def above_floor(name, y):
    """The legend's text and the values to draw, NaN for those out of [FLOOR, 1 / FLOOR]."""
    y = np.asarray(y, float)
    drawn = np.where((y >= FLOOR) & (y <= 1 / FLOOR), y, np.nan)
    if np.isfinite(drawn).any():
        return name, drawn
    beyond = f": below {FLOOR:.0e}" if (y < FLOOR).any() else f": above {1 / FLOOR:.0e}" if (y > 1 / FLOOR).any() else ""
    return name + beyond.replace("e-0", "e-").replace("e+0", "e"), drawn


def log_axis(drawn):
    """A log axis around the values to draw, which ends at FLOOR; a fifth of a decade free at both ends."""
    logs = np.log10(np.concatenate(drawn))
    logs = logs[np.isfinite(logs)]
    low, high = (logs.min() - 0.2, logs.max() + 0.2) if logs.size else (-1.0, 1.0)
    return {"type": "log", "exponentformat": "SI", "range": [max(low, np.log10(FLOOR)), high]}


def marked(names):
    """Each name, and a marker that no other of the same colour has."""
    seen = {}
    for name in names:
        color = style(name)["color"]
        seen[color] = seen.get(color, -1) + 1
        yield name, {"symbol": MARKERS[seen[color] % len(MARKERS)], "size": 6}


def listed(figure):
    """The legend as a list at the right, where any number of names has room."""
    legend = {"orientation": "v", "x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top"}
    return figure.update_layout(legend=legend, hovermode="closest", width=860)
