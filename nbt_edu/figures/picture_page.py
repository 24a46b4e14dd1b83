"""The page of a still picture: where panels, legends and the title go, so that all is on the page and nothing overlaps.

Plotly places by shares of the *paper*: the page without what stands around the panels. Its size is found by taking the whole
page as paper, and giving way by as much as anything reaches beyond the page's edges; a few times, since the number of ticks
depends on the size. Likewise a panel gives way to the panel at its left, and to what stands below it.
"""

import itertools
import textwrap
from typing import NamedTuple

from .picture_panel import plain
from .picture_traces import POINT

PAD = 8  # pixels free along the edges
LETTER = 0.54  # the width of a letter, as a part of its size
ROUNDS = 4  # of arranging
ACROSS = {"left": "left", "center": "center", "right": "right"}
UP = {"bottom": "lower", "middle": "center", "top": "upper"}


class Legend(NamedTuple):
    """asked: what plotly was told of it. entries: (handle, name) of each trace. panels: where these traces are."""

    asked: object
    entries: list
    panels: list


def paper_of(page):
    """The paper, in dots: a box that `arrange` changes, and that notes and legends refer to."""
    from matplotlib.transforms import Bbox

    return Bbox.from_bounds(*page.bbox.bounds)


def title_of(page, layout, size):
    """Write the title at the top left, in as many lines as it needs."""
    size, edge = 1.2 * size, (PAD / layout.width, 1 - PAD / layout.height)
    letters = int((layout.width - 2 * PAD) * POINT / (LETTER * size))
    lines = [part for line in plain(layout.title.text or "").split("\n") for part in textwrap.wrap(line, letters)]
    return page.text(*edge, "\n".join(lines), size=size, va="top")


def legends_of(figure, traces, panels, handles):
    """The legends, by plotly's rule: of more than one trace, or where a trace asks for it."""
    legends = {}
    if figure.layout.showlegend is False or not (len(traces) > 1 or any(trace.showlegend for trace in traces)):
        return []
    for i, trace in enumerate(traces):
        if trace.name and trace.showlegend is not False and handles[i] is not None:
            name = trace.legend or "legend"
            legend = legends.setdefault(name, Legend(figure.layout[name], [], []))
            legend.entries.append((handles[i], plain(trace.name)))
            legend.panels.extend(panel for panel in panels if panel.holds(trace))
    return list(legends.values())


def arrange(page, paper, panels, legends, title):
    """Find the paper's size, and put the panels and the legends where they go."""
    from matplotlib.transforms import Bbox

    renderer, dot = page.canvas.get_renderer(), page.dpi / 100
    top = title.get_window_extent(renderer).y0 if title.get_text() else page.bbox.y1
    room = Bbox.from_extents(PAD * dot, PAD * dot, page.bbox.x1 - PAD * dot, top - PAD * dot)
    paper.set(room)
    given = {}  # (side, where the domain begins): dots by which the panels that begin there are smaller
    for _ in range(ROUNDS):
        _put(page, paper, panels, legends, given)
        parts = [part.get_tightbbox(renderer) for part in page.get_children() if part not in (page.patch, title)]
        taken = Bbox.union([part for part in parts if part is not None and part.width > 0])
        _give_way(page, paper, panels, given, PAD * dot)
        paper.set_points(paper.get_points() + room.get_points() - taken.get_points())
    _put(page, paper, panels, legends, given)


def _give_way(page, paper, panels, given, free):
    """Note by how many dots panels must be smaller at their left or foot, for nothing to overlap."""
    renderer, wanted = page.canvas.get_renderer(), {}
    boxes = [panel.axes.get_tightbbox(renderer) for panel in panels]
    notes = [note.get_window_extent(renderer) for note in page.artists if getattr(note, "get_text", str)()]
    for (one, box), (other, beside) in itertools.permutations(zip(panels, boxes, strict=True), 2):
        if other.across.domain()[1] <= one.across.domain()[0] and box.y0 < beside.y1 and beside.y0 < box.y1:
            wanted.setdefault(("left", one.across.domain()[0]), []).append(beside.x1 + free - box.x0)
        if other.up.domain()[1] <= one.up.domain()[0] and box.x0 < beside.x1 and beside.x0 < box.x1:
            wanted.setdefault(("foot", one.up.domain()[0]), []).append(beside.y1 + free - box.y0)
    for panel, box in zip(panels, boxes, strict=True):
        low = panel.up.domain()[0]
        foot = paper.y0 + low * paper.height
        below = [note.y1 + free / 2 - box.y0 for note in notes if note.y0 < foot and note.x0 < box.x1 and box.x0 < note.x1]
        if below and low > 0:
            wanted.setdefault(("foot", low), []).extend(below)
    for place, dots in wanted.items():
        given[place] = max(0.0, given.get(place, 0.0) + max(dots))


def _put(page, paper, panels, legends, given):
    """Panels and legends, on a paper of this size."""
    from matplotlib.transforms import Bbox, TransformedBbox

    renderer = page.canvas.get_renderer()
    for panel in panels:
        (left, right), (low, high) = panel.across.domain(), panel.up.domain()
        x = paper.x0 + left * paper.width + given.get(("left", left), 0.0)
        y = paper.y0 + low * paper.height + given.get(("foot", low), 0.0)
        box = Bbox.from_extents(x, y, paper.x0 + right * paper.width, paper.y0 + high * paper.height)
        panel.axes.set_position(TransformedBbox(box, page.transFigure.inverted()))
        panel.turn_labels(renderer)
    for old in list(page.legends):
        old.remove()
    for legend in legends:
        _put_legend(page, paper, legend, renderer)


def _put_legend(page, paper, legend, renderer):
    """A legend in as many columns as there is room for above its panels, or as it needs beside them."""
    from matplotlib.transforms import BboxTransformTo

    asked, (handles, names) = legend.asked, zip(*legend.entries, strict=True)
    x, y = 1.02 if asked.x is None else asked.x, 1 if asked.y is None else asked.y
    loc = f"{UP.get(asked.yanchor, 'upper')} {ACROSS.get(asked.xanchor, 'left')}".replace("center center", "center")
    spans = [panel.axes.get_window_extent(renderer) for panel in legend.panels]
    width, flat = max(span.x1 for span in spans) - min(span.x0 for span in spans), asked.orientation == "h"
    for columns in range(len(names), 0, -1) if flat else range(1, len(names) + 1):
        made = page.legend(handles, names, loc=loc, bbox_to_anchor=(x, y), bbox_transform=BboxTransformTo(paper), ncols=columns)
        box = made.get_window_extent(renderer)
        if box.width <= width if flat else box.height <= paper.height:
            break
        if columns != (1 if flat else len(names)):
            made.remove()
    notes = [note.get_window_extent(renderer) for note in page.artists if hasattr(note, "xycoords")]
    tops = [note.y1 for note in notes if note.overlaps(box)]
    if flat and tops and loc.startswith("lower"):  # subplot titles are there
        lift = (max(tops) - box.y0 + PAD) / paper.height
        made.set_bbox_to_anchor((x, y + lift), BboxTransformTo(paper))
