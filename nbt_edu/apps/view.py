"""The picture of a race: two panels whose curves move."""

from .. import figures
from .live_figure import LiveFigure

POINTS = 200  # points of a live curve


class RaceView:
    """`widget` shows a race; `draw(records)` sends its present curves; `model` is the figure around them."""

    def __init__(self, records):
        self._lines = None
        self.model = figures.race(records, POINTS)
        self.widget = LiveFigure(self.model)

    def draw(self, records):
        """Send the curves; axes and reference lines only when these have changed."""
        lines = [(record.task, record.diverged, *record.references) for record in records.values()]
        if lines != self._lines:
            self._lines, self.model = lines, figures.race(records, POINTS).update_traces(x=None, y=None)
            self.widget.show(self.model)
        self.widget.draw(figures.race_data(records, POINTS))
