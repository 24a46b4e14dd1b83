"""What was found, drawn: plotly figures of records and studies, and still pictures of these. No widgets.

May be imported here: what is measured and what learns, settings, plotly; never an app.
"""

from .costs import costs
from .curves import gradient_errors, learning_curves, side_by_side, side_by_side_arrays
from .instruments import driven, lasting, metrics, scaling
from .notes import notes
from .picture import Picture
from .products import products
from .spans import span_map
from .study import errors_along, errors_by_block, staleness
from .style import escaped, style
from .verdicts import contest, ranks, verdict_map, verdicts

__all__ = [
    "Picture", "contest", "costs", "driven", "errors_along", "errors_by_block", "escaped", "gradient_errors", "lasting",
    "learning_curves", "metrics", "notes", "products", "ranks", "scaling", "side_by_side", "side_by_side_arrays", "span_map",
    "staleness", "style", "verdict_map", "verdicts",
]  # fmt: skip
