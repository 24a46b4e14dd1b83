"""Axes that stay where they are: all states get a range that holds the points, or the ranges, of all."""

import numpy as np

ROOM = 0.05  # beyond the outermost points
KNOWN = ("scatter", "bar", "heatmap")


def pin(figures):
    """Give every axis, in all of these plain figures, one range: of the points of all, or of all ranges that they ask for."""
    names = {key for one in figures for key in one["layout"] if key.startswith(("xaxis", "yaxis"))}
    groups = {}
    for name in sorted(names):
        root = next((about["matches"] for about in _abouts(figures, name) if "matches" in about), _id(name))
        groups.setdefault(root, []).append(name)
    for names in groups.values():
        abouts = [about for name in names for about in _abouts(figures, name)]
        asked = [about["range"] for about in abouts if "range" in about]
        found = _around(asked) if asked else _range(figures, names, abouts[0])
        if found:
            for one in figures:
                for name in names:
                    one["layout"][name] = {**one["layout"].get(name, {}), "range": found, "autorange": False}


def _abouts(figures, name):
    return [one["layout"][name] for one in figures if name in one["layout"]]


def _around(ranges):
    """The range that holds some others, upside down if they are; None for dates and half-open ones."""
    if not all(isinstance(end, int | float) for one in ranges for end in one):
        return None
    low, high = min(map(min, ranges)), max(map(max, ranges))
    return [low, high] if ranges[0][0] <= ranges[0][1] else [high, low]


def _id(name):
    """Plotly calls an axis xaxis2 in a layout and x2 in a trace."""
    return name[0] + name[5:]


def _range(figures, names, about):
    """[low, high] as plotly writes it, or None where it is better left alone: words, dates, stacks, unknown traces."""
    letter, ends, bars, tight = names[0][0], [], False, False
    for one in figures:
        for trace in one["data"]:
            if trace.get(f"{letter}axis", letter) not in map(_id, names) or trace.get("visible", True) is not True:
                continue
            stacked = trace["type"] == "bar" and one["layout"].get("barmode") in ("stack", "relative")
            if trace["type"] not in KNOWN or stacked:
                return None
            found = _ends(trace, letter)
            if found is None:
                return None
            ends += found
            bars |= trace["type"] == "bar" and _is_value(trace, letter)
            tight |= trace["type"] == "heatmap" or (letter == "x" and trace.get("mode", "lines") == "lines")
    values = np.concatenate([np.ravel(np.asarray(one, float)) for one in ends] or [[]])
    log = about.get("type") == "log"
    values = np.log10(values[values > 0]) if log else values[np.isfinite(values)]
    if about.get("type", "linear") not in ("log", "linear", "-") or not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if not log and (bars or about.get("rangemode") == "tozero"):
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.0 if tight and high > low else ROOM * (high - low) or 0.5
    found = [low - room * (low != 0 or not bars), high + room * (high != 0 or not bars)]
    return found[::-1] if about.get("autorange") == "reversed" else found


def _is_value(trace, letter):
    return letter == ("x" if trace.get("orientation") == "h" else "y")


def _ends(trace, letter):
    """Arrays that hold the outermost places of a trace along an axis; None where these are no numbers."""
    values, other = trace.get(letter), trace.get("y" if letter == "x" else "x")
    if trace["type"] == "heatmap" and values is None:
        z = trace.get("z")
        return [] if z is None or not len(z) else [[-0.5, len(z) - 0.5 if letter == "y" else len(z[0]) - 0.5]]
    if values is None:
        values = np.arange(0 if other is None else len(other))
    if not len(values):
        return []
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        return None
    values = values.astype(float)
    if trace["type"] == "heatmap" or (trace["type"] == "bar" and not _is_value(trace, letter)):
        half = float(np.min(np.diff(np.unique(values)), initial=np.inf)) / 2
        half = half if np.isfinite(half) else 0.5
        return [values - half, values + half]
    return [values]
