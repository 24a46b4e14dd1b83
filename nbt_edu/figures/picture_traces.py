"""What is drawn in a panel of a still picture: plotly's traces, by matplotlib. Lengths are plotly's pixels, 100 an inch."""

import numpy as np

POINT = 0.72  # points a pixel
DASHES = {"dot": (1, 1), "dash": (3, 3), "longdash": (5, 3), "dashdot": (4, 1.5, 1, 1.5), "longdashdot": (6, 1.5, 1, 1.5)}
SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "x": "X", "triangle-up": "^", "cross": "P"}
MANY = 20  # points of a line of which plotly draws no markers, unless told to
GROUP = 0.8  # of the room between two places is filled by bars


def stroke(line):
    """A plotly line in matplotlib's words: its colour, width and dashes."""
    width = 2 if line.width is None else line.width
    dashes = [max(width, 3) / width * part for part in DASHES[line.dash]] if DASHES.get(line.dash) and width else None
    return {"color": colour(line.color), "linewidth": POINT * width, "linestyle": (0, dashes) if dashes else "-"}


def colour(name):
    """A plotly colour in matplotlib's words."""
    if isinstance(name, str) and name.startswith("rgb"):
        *rgb, alpha = [*map(float, name[name.index("(") + 1 : -1].split(",")), 1.0][:4]
        return *(part / 255 for part in rgb), alpha
    return name


def draw(panel, traces):
    """Draw a panel's traces; answers {which of the traces: what stands for it in a legend}."""
    bars = [i for i, trace in enumerate(traces) if trace.type == "bar" and panel.holds(trace)]
    colors, handles = panel.template.layout.colorway, {}
    for i, trace in enumerate(traces):
        if panel.holds(trace):
            beside = (bars.index(i), len(bars)) if i in bars else ()
            handles[i] = DRAWN[trace.type](panel, trace, colors[i % len(colors)], *beside)
    return handles


def _scatter(panel, trace, color):
    y = panel.up.numbers(trace.y)
    x = np.arange(len(y)) if trace.x is None else panel.across.numbers(trace.x)
    mode = trace.mode or ("lines" if len(y) >= MANY else "lines+markers")
    line, marker = trace.line, trace.marker
    color = colour(line.color or (marker.color if mode == "markers" else None) or color)
    look = stroke(line) | {"color": color, "alpha": trace.opacity, "label": trace.name}
    if "lines" not in mode:
        look["linestyle"] = "none"
    if "markers" in mode and marker.symbol == "arrow":
        _arrow(panel.axes, x, y, look)
    elif "markers" in mode:
        look |= {"marker": SYMBOLS[marker.symbol or "circle"], "markerfacecolor": colour(marker.color) or color}
        look |= {"markersize": POINT * (marker.size or 6), "markeredgewidth": 0}
    return panel.axes.plot(x, y, **look)[0]


def _arrow(axes, x, y, look):
    """The head of an arrow at the end of a line, with its last stretch."""
    if len(x) > 1 and np.isfinite([*x[-2:], *y[-2:]]).all():
        head = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 12}
        head |= {"color": look["color"], "linewidth": look["linewidth"]}
        axes.annotate("", (x[-1], y[-1]), (x[-2], y[-2]), arrowprops=head, annotation_clip=True)


def _bar(panel, trace, color, place, places):
    """The bars of one trace, beside those of the others. A pattern is drawn in the bar's colour on white."""
    x = panel.across.numbers(trace.x)
    width = GROUP / places * (np.diff(np.unique(x)).min() if len(np.unique(x)) > 1 else 1.0)
    color, pattern = colour(trace.marker.color or color), trace.marker.pattern.shape
    look = (
        {"color": color} if not pattern else {"facecolor": "white", "edgecolor": color, "hatch": 3 * pattern, "linewidth": 0.8}
    )
    return panel.axes.bar(x + (place - (places - 1) / 2) * width, panel.up.numbers(trace.y), 0.94 * width, **look)


def _heatmap(panel, trace, _):
    """Cells of colour, rows of z upwards; a bar beside the panel says what the colours mean."""
    from matplotlib.colors import LinearSegmentedColormap

    z = np.array(trace.z, float)
    edges = [
        _edges(np.arange(count) if given is None else side.numbers(given), count)
        for side, given, count in ((panel.across, trace.x, z.shape[1]), (panel.up, trace.y, z.shape[0]))
    ]
    low, high = np.nanmin(z) if trace.zmin is None else trace.zmin, np.nanmax(z) if trace.zmax is None else trace.zmax
    if trace.zmid is not None:
        reach = max(trace.zmid - low, high - trace.zmid)
        low, high = trace.zmid - reach, trace.zmid + reach
    scale = trace.colorscale or panel.template.data.heatmap[0].colorscale
    colors = LinearSegmentedColormap.from_list("", [(place, colour(name)) for place, name in scale])
    panel.axes.grid(False)
    cells = panel.axes.pcolormesh(*edges, np.ma.masked_invalid(z), cmap=colors, vmin=low, vmax=high)
    if trace.showscale is not False:
        beside = panel.axes.inset_axes([1.03, 0, 0.035, 1])
        panel.axes.figure.colorbar(cells, cax=beside, label=trace.colorbar.title.text).outline.set_visible(False)
        beside.grid(False)


def _edges(centres, count):
    """The edges of cells, given their centres; given edges are kept."""
    if len(centres) == count + 1:
        return centres
    steps = np.diff(centres) / 2 if count > 1 else np.array([0.5])
    return np.concatenate(([centres[0] - steps[0]], centres[: count - 1] + steps[: count - 1], [centres[-1] + steps[-1]]))


DRAWN = {"scatter": _scatter, "bar": _bar, "heatmap": _heatmap}
