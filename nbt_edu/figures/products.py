"""Products of matrices, drawn to scale: which end is thin, which is wide, and where a vector may be carried from."""

import itertools

import plotly.graph_objects as go

from ..settings import require, string, whole
from .style import escaped, framed

FILLS = {True: "rgba(213, 94, 0, 0.35)", False: "rgba(118, 118, 118, 0.25)"}  # the widest end, and all else
WANTED = "{label: [(name, rows, columns), …]}, each factor with as many columns as the next has rows"
GAP = 3  # between two factors, in the units of their sizes


def products(chains):
    """One row for each product of {label: [(name, rows, columns), …]}: its factors as boxes, side by side, to scale.

    An end that is wider than all square factors is vermillion. Raises ValueError unless neighbours can be multiplied.
    """
    require(isinstance(chains, dict) and chains, "chains", chains, WANTED)
    chains = {string("each label in chains", label): _factors(factors) for label, factors in chains.items()}
    figure, top = framed(go.Figure(), 840, None), 0
    for label, factors in chains.items():
        high, x = max(rows for _, rows, _ in factors), 0
        square = max((rows for _, rows, columns in factors if rows == columns), default=high)
        figure.add_annotation(text=escaped(label), x=-GAP, y=top - high / 2, xanchor="right", showarrow=False)
        for name, rows, columns in factors:
            y = top - (high - rows) / 2
            box = {"x0": x, "x1": x + columns, "y0": y - rows, "y1": y, "fillcolor": FILLS[columns > square]}
            figure.add_shape(type="rect", line={"color": "#555555", "width": 1}, **box)
            figure.add_annotation(text=escaped(name), x=x + columns / 2, y=top + GAP, showarrow=False, font={"size": 12})
            x += columns + GAP
        top -= high + 3 * GAP
    reach = max(sum(columns + GAP for _, _, columns in factors) for factors in chains.values())
    figure.update_xaxes(range=[-0.32 * reach, reach], visible=False).update_yaxes(range=[top, 3 * GAP], visible=False)
    return figure.update_layout(height=40 + 5 * abs(top), margin={"l": 10, "r": 10, "t": 10, "b": 10})


def _factors(given):
    """[(name, rows, columns), …] that can be multiplied, or ValueError."""
    triples = isinstance(given, list | tuple) and given and all(isinstance(one, tuple) and len(one) == 3 for one in given)
    require(triples, "chains", given, WANTED)
    found = [(string("chains", name), *(whole("chains", size, 1, 1000) for size in sizes)) for name, *sizes in given]
    require(all(left[2] == right[1] for left, right in itertools.pairwise(found)), "chains", given, WANTED)
    return found
