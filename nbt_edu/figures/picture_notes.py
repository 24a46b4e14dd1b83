"""What is drawn and written over a still picture: plotly's shapes and annotations, placed by data, panel or paper."""

from .picture_panel import plain
from .picture_traces import POINT, colour, stroke

GAP = {"left": 2 * POINT, "right": -2 * POINT, "bottom": 2 * POINT, "top": -2 * POINT}  # between a text and its place


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
    if note.bgcolor:
        look["bbox"] = {"facecolor": colour(note.bgcolor), "edgecolor": "none", "pad": 0.5}
    if note.showarrow is False:
        across, up = (_anchor(asked) for asked in (note.xanchor, note.yanchor))
        moved = POINT * (note.xshift or 0) + GAP.get(across, 0), POINT * (note.yshift or 0) + GAP.get(up, 0)
        look |= {"ha": across, "va": up, "xytext": moved, "textcoords": "offset points"}
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
