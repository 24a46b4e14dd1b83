"""A panel of a still picture: matplotlib's axes where plotly has them, with plotly's scale, range, categories and ticks."""

import html
import math
from typing import NamedTuple

import numpy as np


class Side(NamedTuple):
    """One axis. name: "x", "y2", as traces say. axis: plotly's. categories: what stands along it, None where numbers do."""

    name: str
    axis: object
    categories: list | None

    def numbers(self, values):
        """Values as places along the axis; NaN where there is a gap."""
        if self.categories is not None:
            return np.array([self.categories.index(value) for value in values], float)
        return np.array(() if values is None else values, float)

    def domain(self):
        """From where to where on the paper it goes, as shares."""
        return self.axis.domain or (0, 1)

    def at(self, value):
        """The place of a note, of which plotly gives the logarithm on a logarithmic axis."""
        return 10**value if self.axis.type == "log" else value if self.categories is None else self.numbers([value])[0]


class Panel(NamedTuple):
    """axes: matplotlib's. across, up: the two sides. template: plotly's."""

    axes: object
    across: Side
    up: Side
    template: object

    def holds(self, trace):
        return (trace.xaxis or "x", trace.yaxis or "y") == (self.across.name, self.up.name)

    def dress(self):
        """Titles, scales, ranges and ticks, once the traces are drawn."""
        axes, bars = self.axes, bool(self.axes.containers)
        if axes.collections or not (bars or any(line.get_marker() != "None" for line in axes.lines)):
            axes.margins(x=0)  # as plotly, which leaves room for markers and bars only
        if axes.collections:
            axes.margins(y=0)
        for axis, side, scale, limits, reach in (
            (axes.xaxis, self.across, axes.set_xscale, axes.set_xlim, axes.get_xlim),
            (axes.yaxis, self.up, axes.set_yscale, axes.set_ylim, axes.get_ylim),
        ):
            asked = side.axis
            if asked.type == "log":
                scale("log", nonpositive="clip" if bars else "mask")
                least = getattr(axes.dataLim, f"minpos{axis.axis_name}")
                if not math.isfinite(least):
                    limits(0.1, 10)  # nothing to draw
                elif bars and axis is axes.yaxis:
                    limits(bottom=_below(least))
            elif side.categories is None and not math.isfinite(getattr(axes.dataLim, f"{axis.axis_name}0")):
                limits(0, 1)  # nothing to draw
            if asked.range:
                limits([10**end if asked.type == "log" else end for end in asked.range])
            elif asked.rangemode == "tozero" and asked.type != "log":
                low, high = reach()
                limits(min(low, 0), max(high, 0))
            if asked.autorange == "reversed":
                limits(*reversed(reach()))
            axis.set_label_text(plain(asked.title.text or ""))
            _ticks(axis, side, *sorted(reach()))
        if self.across.axis.visible is False:
            axes.spines["bottom"].set_visible(False)
        if self.up.axis.visible is False:
            axes.spines["left"].set_visible(False)

    def turn_labels(self, renderer):
        """Write the categories upwards where they have no room side by side."""
        if self.across.categories is not None:
            self.axes.tick_params("x", rotation=0)
            labels = [label.get_window_extent(renderer).width for label in self.axes.get_xticklabels()]
            if 1.1 * sum(labels) > self.axes.bbox.width:
                self.axes.tick_params("x", rotation=90)


def panels_of(figure, traces, page):
    """The panels of a figure: one for each pair of axes that traces name, and for each x axis of the layout."""
    pairs = [(trace.xaxis or "x", trace.yaxis or "y") for trace in traces]
    for key in figure.layout.to_plotly_json():
        if key.startswith("xaxis") and key.replace("axis", "") not in dict(pairs):
            pairs.append((key.replace("axis", ""), figure.layout[key].anchor or key.replace("xaxis", "y")))
    panels, axes = [], {}
    for x, y in sorted(dict.fromkeys(pairs)) or [("x", "y")]:
        mine = [trace for trace in traces if (trace.xaxis or "x", trace.yaxis or "y") == (x, y)]
        across, up = (_side(figure, name, [getattr(trace, name[0]) for trace in mine]) for name in (x, y))
        axes[x] = axes[y] = page.add_axes((0, 0, 1, 1), label=x + y)
        panels.append(Panel(axes[x], across, up, figure.layout.template))
    for panel in panels:
        for side, share in (panel.across, panel.axes.sharex), (panel.up, panel.axes.sharey):
            if side.axis.matches in axes:
                share(axes[side.axis.matches])
    return panels


def plain(text):
    """A text of plotly in several lines where it says so, and without its escapes."""
    return html.unescape(text.replace("<br>", "\n"))


def short(number):
    """A number as on plotly's axes: 0.001, 100, 10k, 100µ."""
    from matplotlib.ticker import EngFormatter

    return f"{number:g}" if number == 0 or 1e-3 <= abs(number) < 1e4 else EngFormatter(sep="")(number)


def _side(figure, name, values):
    axis = figure.layout[f"{name[0]}axis{name[1:]}"]
    given = [value for some in values if some is not None for value in some]
    if axis.type == "category" or (axis.type is None and any(isinstance(value, str) for value in given)):
        return Side(name, axis, list(dict.fromkeys([*(axis.categoryarray or ()), *given])))
    return Side(name, axis, None)


def _below(value):
    """A power of ten well below a value, for the foot of its bar."""
    return 10.0 ** math.floor(math.log10(value) - 0.3)


def _ticks(axis, side, low, high):
    from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, NullLocator

    asked = side.axis
    if asked.tickvals is not None:
        texts = asked.ticktext if asked.ticktext is not None else map(short, asked.tickvals)
        axis.set_ticks(asked.tickvals, [plain(str(one)) for one in texts])
    elif side.categories is not None:
        axis.set_ticks(range(len(side.categories)), [plain(str(one)) for one in side.categories])
        axis.grid(False)
    elif asked.type == "log":
        axis.set_major_locator(LogLocator(subs=(1.0,) if high > 200 * low else (1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda number, _: short(number)))
    elif not 1e-3 <= max(abs(low), abs(high)) < 1e4:
        axis.set_major_formatter(EngFormatter(sep=""))
    axis.set_minor_locator(NullLocator())
    labels = "labelbottom" if axis.axis_name == "x" else "labelleft"
    axis.set_tick_params(length=3, **{labels: asked.showticklabels is not False})
    axis.set_visible(asked.visible is not False)
