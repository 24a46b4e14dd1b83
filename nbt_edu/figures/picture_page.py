"""The page of a still picture: where panels, legends, notes and the title go, so that all is on the page and nothing overlaps.

Plotly places by shares of the *paper*: the page without what stands around the panels. Its size is found by drawing once with
the whole page as paper, and giving way by as much as anything reaches beyond the page's edges; a few times, since the number
of ticks depends on the size.
"""

from typing import NamedTuple

from .picture_panel import plain
from .picture_traces import POINT, colour, stroke

PAD = 8  # pixels free along the edges
ROUNDS = 4
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
    edge = PAD / layout.width, 1 - PAD / layout.height
    return page.text(*edge, plain(layout.title.text or ""), size=1.2 * size, va="top", wrap=True)


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


def add_shape(page, paper, panels, shape):
    """A line or a rectangle, in the coordinates of a panel or of the paper."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    panel, place = _place(paper, panels, shape.xref, shape.yref)
    look = stroke(shape.line) | {"transform": place, "alpha": shape.opacity, "zorder": 1 if shape.layer == "below" else 2.5}
    if shape.type == "rect":
        look |= {"facecolor": colour(shape.fillcolor) or "none", "edgecolor": look.pop("color") or "none"}
        made = Rectangle((shape.x0, shape.y0), shape.x1 - shape.x0, shape.y1 - shape.y0, **look)
    else:
        made = Line2D([shape.x0, shape.x1], [shape.y0, shape.y1], **look)
    if panel is None:
        page.add_artist(made)
    elif shape.type == "rect":
        panel.axes.add_patch(made)
    else:
        panel.axes.add_line(made)


def add_note(page, paper, panels, note, size):
    """A text, with plotly's arrow from (ax, ay) to (x, y) unless showarrow is False."""
    from matplotlib.text import Annotation

    panel, place = _place(paper, panels, note.xref, note.yref)
    x, y = (note.x, note.y) if panel is None else _at(panel, note.xref, note.x, note.yref, note.y)
    look = {"size": POINT * note.font.size if note.font.size else size, "color": colour(note.font.color) or "#222222"}
    look |= {"rotation": -(note.textangle or 0), "annotation_clip": False, "xycoords": place}
    if note.showarrow is False:
        look |= {"ha": _anchor(note.xanchor), "va": _anchor(note.yanchor)}
    else:
        head, color = "-" if note.arrowhead == 0 else "-|>", colour(note.arrowcolor) or look["color"]
        look |= {"ha": "center", "va": "center", "arrowprops": {
            "arrowstyle": head, "color": color, "linewidth": POINT * (note.arrowwidth or 1.5), "mutation_scale": 9,
            "shrinkA": 0, "shrinkB": POINT * (note.standoff or 0),
        }}  # fmt: skip
        if note.axref in (None, "pixel"):
            tail = POINT * (-10 if note.ax is None else note.ax), -POINT * (-30 if note.ay is None else note.ay)
            look |= {"xytext": tail, "textcoords": "offset points"}
        else:
            look |= {"xytext": _at(panel, note.axref, note.ax, note.ayref, note.ay), "textcoords": place}
    page.add_artist(Annotation(plain(note.text or ""), (x, y), **look))


def arrange(page, paper, panels, legends, title):
    """Find the paper's size, and put the panels and the legends where they go."""
    from matplotlib.transforms import Bbox

    renderer, dot = page.canvas.get_renderer(), page.dpi / 100
    top = title.get_window_extent(renderer).y0 if title.get_text() else page.bbox.y1
    room = Bbox.from_extents(PAD * dot, PAD * dot, page.bbox.x1 - PAD * dot, top - PAD * dot)
    paper.set(room)
    for _ in range(ROUNDS):
        _put(page, paper, panels, legends, renderer)
        parts = [part.get_tightbbox(renderer) for part in page.get_children() if part not in (page.patch, title)]
        taken = Bbox.union([part for part in parts if part is not None and part.width > 0])
        paper.set_points(paper.get_points() + room.get_points() - taken.get_points())
    _put(page, paper, panels, legends, renderer)


def _put(page, paper, panels, legends, renderer):
    """Panels and legends, on a paper of this size."""
    for panel in panels:
        (left, right), (low, high) = panel.across.axis.domain or (0, 1), panel.up.axis.domain or (0, 1)
        x, y = paper.x0 + left * paper.width, paper.y0 + low * paper.height
        box = x / page.bbox.width, y / page.bbox.height
        panel.axes.set_position(
            (*box, (right - left) * paper.width / page.bbox.width, (high - low) * paper.height / page.bbox.height)
        )
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


def _place(paper, panels, xref, yref):
    """The panel that two references name, if any, and the transform from their coordinates to dots."""
    from matplotlib.transforms import BboxTransformTo, blended_transform_factory

    refs = xref or "x", yref or "y"
    names = [ref.split()[0] for ref in refs if ref != "paper"]
    panel = next((panel for panel in panels if {*names} <= {panel.across.name, panel.up.name}), None) if names else None
    sheet = BboxTransformTo(paper)
    sides = [sheet if ref == "paper" else panel.axes.transAxes if "domain" in ref else panel.axes.transData for ref in refs]
    return panel, blended_transform_factory(*sides)


def _at(panel, xref, x, yref, y):
    """A note's place in the coordinates that its references name."""
    shares = ["paper" in ref or "domain" in ref for ref in (xref or "x", yref or "y")]
    return x if shares[0] else panel.across.at(x), y if shares[1] else panel.up.at(y)


def _anchor(asked):
    """Which side of a text is at its place: what was asked, else the middle."""
    return "center" if asked in (None, "auto", "middle") else asked
