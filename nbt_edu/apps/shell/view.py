"""The picture of a race: two panels whose curves move."""

from ... import figures
from .live_figure import LiveFigure

POINTS = 200  # points of a live curve


class RaceView:
    """`widget` shows a race; `draw(records)` sends its present curves; `model` is the figure around them."""

    def __init__(self, records):
        self._around, self.model = _around(records), figures.side_by_side(records, POINTS)
        self.widget = LiveFigure(self.model)

    def draw(self, records):
        """Send the curves; axes, notes and reference lines only when these have changed."""
        if self._around != _around(records):
            self._around, self.model = _around(records), figures.side_by_side(records, POINTS)
            self.widget.show(self.model)
        self.widget.draw(figures.side_by_side_data(records, POINTS))


def _around(records):
    """What the figure around the curves depends on."""
    return [(record.task, record.outputs, record.diverged, *record.references.items()) for record in records.values()]
