"""A plotly figure whose curves move: plotly's looks, at about twice the frames of a FigureWidget. `figure.js` draws it."""

import functools
import gzip
import importlib.resources
import pathlib
import time

import anywidget
import numpy as np
import traitlets

IN_FLIGHT = 2  # frames sent and not yet drawn, at most: they never pile up on a slow machine
SILENCE = 1.0  # seconds without an answer (a hidden tab, no browser) after which a frame is sent all the same


class LiveFigure(anywidget.AnyWidget):
    """`show(figure)` sets the figure, `draw(curves)` moves its curves; `ready()` says whether the browser keeps up."""

    _esm = pathlib.Path(__file__).with_name("figure.js")
    figure = traitlets.Unicode().tag(sync=True)  # JSON; the points of its curves are those of the frame
    frame = traitlets.Dict().tag(sync=True)  # its number, and float32 points x, y of each curve
    drawn = traitlets.Int(0).tag(sync=True, echo_update=False)  # number of the last frame that was drawn

    def __init__(self, figure):
        super().__init__()
        self._sent = 0.0
        self.show(figure)
        self.draw([((), ()) for _ in figure.data])
        self.on_msg(self._asked)

    def show(self, figure):
        """Another figure, of as many curves. Zoom is kept where its uirevision is the same."""
        self.figure = figure.to_json()

    def draw(self, curves):
        """Send the curves [(x, y)], in the order of the figure's traces."""
        self.curves = curves
        x, y = ([np.asarray(part, np.float32).tobytes() for part in side] for side in zip(*curves, strict=True))
        self.frame = {"number": self.frame.get("number", 0) + 1, "x": x, "y": y}
        self._sent = time.monotonic()

    def ready(self):
        """Whether another frame may be sent."""
        return self.frame["number"] - self.drawn < IN_FLIGHT or time.monotonic() - self._sent > SILENCE

    def _asked(self, _, message, __):
        if message == "plotly":
            self.send("plotly", buffers=[_plotly_js()])


@functools.cache
def _plotly_js():
    """plotly.js as plotly's Python package carries it, compressed: 1.5 MB instead of 4.8."""
    return gzip.compress(importlib.resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes(), 6)
