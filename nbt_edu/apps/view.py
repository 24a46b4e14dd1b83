"""The picture of a race: two panels of a plotly FigureWidget, updated in place."""

import numpy as np
import plotly.graph_objects as go

from .. import figures

POINTS = 200  # points of a live curve


class RaceView:
    """`widget` shows a race; `draw(records)` sends its present curves, zoom kept."""

    def __init__(self, records):
        self.widget = go.FigureWidget(figures.race(records, POINTS))
        self.widget._config = {"displayModeBar": False}
        self._lines = None

    def draw(self, records):
        """Send the curves; axes and reference lines only when these have changed."""
        lines = [(record.task, record.diverged, *record.references) for record in records.values()]
        with self.widget.batch_update():
            if lines != self._lines:
                model, self._lines = figures.race(records, POINTS).layout, lines
                self.widget.layout.shapes, self.widget.layout.annotations = model.shapes, model.annotations
                self.widget.layout.yaxis.range = model.yaxis.range
            for trace, (x, y) in zip(self.widget.data, figures.race_data(records, POINTS), strict=True):
                trace.x, trace.y = x.astype(np.float32), y.astype(np.float32)  # half the bytes to send
