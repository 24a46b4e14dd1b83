"""Still pictures of plotly figures, for readers without a kernel or a browser (GitHub, printed notes, screen readers).

Made with matplotlib, which needs no browser. Translated is what our figures use: lines, markers, bars, heat maps, arrows, notes
and reference lines, in panels anywhere on the page; another kind of trace is an error. `picture_panel` holds a panel,
`picture_traces` what is drawn in it, `picture_notes` what is written over it; `picture_page` arranges. The same figure gives
the same bytes.
"""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

from ..settings import require
from .picture_notes import add_note, add_shape
from .picture_page import arrange, legends_of, paper_of, title_of
from .picture_panel import panels_of
from .picture_traces import DRAWN, POINT, draw

MANY = 50_000  # colours: more are a picture of their own
DOTS = 2  # dots a pixel: a figure of 840 x 340 pixels becomes a picture of 1680 x 680
LOOK = {
    "text.parse_math": False, "text.color": "#222222", "axes.labelcolor": "#222222", "axes.edgecolor": "#888888",
    "xtick.color": "#444444", "ytick.color": "#444444", "axes.grid": True, "grid.color": "#e5e5e5", "axes.axisbelow": True,
    "axes.spines.top": False, "axes.spines.right": False, "hatch.linewidth": 1.0, "legend.frameon": False,
    "legend.borderpad": 0.0, "legend.borderaxespad": 0.0, "legend.handlelength": 2.6, "legend.columnspacing": 1.1,
}  # fmt: skip


class Picture:
    """A plotly figure as a PNG, with a sentence that says what it shows. A notebook shows it in the figure's own size.

    A figure without a size has plotly's own, 700 x 450. Raises ValueError for what is not a plotly figure.
    """

    def __init__(self, figure, sentence):
        require(isinstance(figure, BaseFigure), "figure", type(figure).__name__, "a plotly figure, such as nbt.figures makes")
        sized = go.Figure(figure).update_layout(width=figure.layout.width or 700, height=figure.layout.height or 450)
        self.png, self.sentence = png(sized), sentence
        self.width, self.height = sized.layout.width, sized.layout.height

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.sentence}
        return data, {"image/png": {"width": self.width, "height": self.height}}


def png(figure):
    """A plotly figure, of a given width and height (pixels), as PNG bytes of twice that size.

    Raises ValueError for a kind of trace that is not translated.
    """
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    traces = [trace for trace in figure.data if trace.visible in (None, True)]
    for trace in traces:
        require(trace.type in DRAWN, "figure", trace.type, f"made of {', '.join(DRAWN)}")
    layout, size = figure.layout, POINT * (figure.layout.font.size or 12)
    with matplotlib.style.context(["default", LOOK | {"font.size": size, "legend.fontsize": size}]):
        page = Figure(figsize=(layout.width / 100, layout.height / 100), dpi=100 * DOTS)
        canvas, paper = FigureCanvasAgg(page), paper_of(page)
        panels, handles = panels_of(figure, traces, page), {}
        for panel in panels:
            handles |= draw(panel, traces)
        for shape in layout.shapes:
            add_shape(page, paper, panels, shape)
        for panel in panels:
            panel.dress()
        for note in layout.annotations:
            add_note(page, paper, panels, note, size)
        arrange(page, paper, panels, legends_of(figure, traces, panels, handles), title_of(page, layout, size))
        canvas.draw()
        pixels = np.array(canvas.buffer_rgba())[..., :3]
    return _packed(pixels)


def _packed(pixels):
    """PNG bytes of pixels (height, width, 3), with the 256 most frequent colours as a palette: a third of the size.

    The others, those where lines meet paper, become the nearest of these; where they are many (a heat map), all are kept.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    names = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    colours, places, counts = np.unique(names, return_inverse=True, return_counts=True)
    if len(colours) <= MANY:
        mixed = np.stack((colours >> 16, colours >> 8 & 255, colours & 255), 1).astype(float)
        often = np.sort(np.argsort(-counts, kind="stable")[:256])
        parts = np.array_split(mixed, 1 + len(mixed) // 4096)
        nearest = np.concatenate([((part[:, None] - mixed[often]) ** 2).sum(2).argmin(1) for part in parts])
        image = Image.fromarray(nearest[places].astype(np.uint8).reshape(names.shape), "P")
        image.putpalette(mixed[often].astype(np.uint8).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "png", optimize=True)
    return buffer.getvalue()
