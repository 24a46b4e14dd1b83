"""Still pictures of plotly figures, for readers without a kernel or a browser (GitHub, printed notes, screen readers).

Made with matplotlib, which needs no browser. Only what our figures use is translated: lines, line styles, axes,
reference lines, annotations on the data.
"""

import base64
import io

DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}


class Picture:
    """A figure as a PNG, with a sentence that says what it shows."""

    def __init__(self, figure, sentence):
        self.png, self.sentence = png(figure), sentence

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.sentence}


def png(figure):
    """A plotly figure of line plots as PNG bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = sorted({trace.xaxis or "x" for trace in figure.data})
    canvas = FigureCanvasAgg(Figure(figsize=(figure.layout.width / 100, figure.layout.height / 100), dpi=100))
    panels = dict(zip(columns, canvas.figure.subplots(1, len(columns), squeeze=False)[0], strict=True))
    for trace in figure.data:
        axes, line = panels[trace.xaxis or "x"], trace.line
        axes.plot(trace.x, trace.y, color=line.color, lw=0.8 * line.width, ls=DASHES[line.dash or "solid"], label=trace.name)
    for name, axes in panels.items():
        _dress(axes, figure, name.removeprefix("x"))
    canvas.figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _dress(axes, figure, number):
    """Titles, scales, reference lines and labels of one panel."""
    across, up = figure.layout[f"xaxis{number}"], figure.layout[f"yaxis{number}"]
    axes.set_xlabel(across.title.text)
    axes.set_ylabel(up.title.text)
    axes.grid(color="#e5e5e5")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_yscale("log" if up.type == "log" else "linear")
    axes.set_xlim(left=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, columnspacing=1.2)
    if up.range:
        axes.set_ylim(up.range)
    for shape in figure.layout.shapes:
        if shape.yref == f"y{number}":
            axes.axhline(shape.y0, color=shape.line.color, lw=shape.line.width, ls=DASHES[shape.line.dash])
    for note in figure.layout.annotations:
        if note.yref and note.yref.split()[0] == f"y{number}":
            across_, up_ = ("domain" in str(ref) for ref in (note.xref, note.yref))
            where = {(True, True): axes.transAxes, (True, False): axes.get_yaxis_transform()}.get(
                (across_, up_), axes.transData
            )
            axes.text(
                note.x, note.y, note.text, color=note.font.color or "#222", fontsize=9, transform=where,
                ha=note.xanchor or "right", va=note.yanchor or "bottom",
            )  # fmt: skip
