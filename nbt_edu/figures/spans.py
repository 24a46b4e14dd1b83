"""The map of aⁿbⁿ: for each N and T a cell of colour, with what NoBackTrack pays less what BPTT-T pays. No widgets."""

import plotly.graph_objects as go

from ..experiments.claims import Claim
from ..experiments.verdicts import holds, told
from ..settings import require
from .style import escaped, framed
from .verdicts import VERDICTS

GAP, WIDE = 0.11, 2  # between panels, as a share of the width; panels side by side
PAPER = {"size": 12, "color": "#ffffff"}


def span_map(maps):
    """A table of cells for each of {title: [(claim, estimate)]}, whose claims say "N = 8, T = 4"; ours less theirs in each.

    Left of the black line spans exceed the truncation, 2 N + 1 > T.
    """
    fits = isinstance(maps, dict) and maps and all(isinstance(rows, list) and _table(rows) for rows in maps.values())
    require(fits, "maps", maps, '{title: [(claim, estimate)]} of aⁿbⁿ, whose claims say "N = 8, T = 4"')
    title = "Green: clearly ahead of BPTT-T; orange: not; grey: unclear. The slides: green, left of the line"
    figure, high = framed(go.Figure(), 860, title), (len(maps) + WIDE - 1) // WIDE
    each, tall = (1 - GAP * (WIDE - 1)) / WIDE, (1 - 0.22 * (high - 1)) / high
    for i, (name, rows) in enumerate(maps.items()):
        left, top = (i % WIDE) * (each + GAP), 1 - (i // WIDE) * (tall + 0.22)
        panel = str(i + 1) * (i > 0)
        cells = {pair: (claim, found) for (claim, found), pair in zip(rows, _pairs(rows), strict=True)}
        Ns, Ts = (sorted({pair[j] for pair in cells}) for j in (0, 1))
        z = [[{True: 2, None: 1, False: 0}[holds(*cells[N, T])] if (N, T) in cells else None for T in Ts] for N in Ns]
        scale = [[at, VERDICTS[kind]] for kind, low in ((False, 0), (None, 1 / 3), (True, 2 / 3)) for at in (low, low + 1 / 3)]
        place = {"xaxis": f"x{panel}", "yaxis": f"y{panel}"}
        said = [[told(*cells[N, T]) if (N, T) in cells else "" for T in Ts] for N in Ns]
        figure.add_heatmap(z=z, zmin=-0.5, zmax=2.5, colorscale=scale, showscale=False, xgap=2, ygap=2, name=escaped(name),
                           customdata=said, hovertemplate="%{customdata}", **place)  # fmt: skip
        for (N, T), (_, found) in cells.items():
            figure.add_annotation(text=f"{found.median:+.2f}", x=Ts.index(T), y=Ns.index(N), xref=f"x{panel}", yref=f"y{panel}",
                                  showarrow=False, font=PAPER)  # fmt: skip
        _stairs(figure, panel, [sum(2 * N + 1 > T for T in Ts) for N in Ns])
        figure.add_annotation(text=escaped(name), x=0, xref=f"x{panel} domain", xanchor="left", y=1.02, yref=f"y{panel} domain",
                              yanchor="bottom", showarrow=False)  # fmt: skip
        figure.update_layout({
            f"xaxis{panel}": {"domain": [left, left + each], "anchor": f"y{panel}", "tickvals": [*range(len(Ts))],
                              "ticktext": [f"T = {T}" for T in Ts], "showgrid": False, "zeroline": False,
                              "range": [-0.5, len(Ts) - 0.5]},
            f"yaxis{panel}": {"domain": [top - tall, top], "anchor": f"x{panel}", "tickvals": [*range(len(Ns))],
                              "ticktext": [f"N = {N}" for N in Ns], "showgrid": False, "zeroline": False,
                              "range": [len(Ns) - 0.5, -0.5]},
        })  # fmt: skip
    return figure.update_layout(height=90 + 190 * high, showlegend=False, hovermode="closest")


def _stairs(figure, panel, ends):
    """A line right of the first `ends` cells of each row."""
    look = {"type": "line", "line": {"color": "#111111", "width": 3}, "xref": f"x{panel}", "yref": f"y{panel}"}
    for row, end in enumerate(ends):
        figure.add_shape(**look, x0=end - 0.5, x1=end - 0.5, y0=row - 0.5, y1=row + 0.5)
        if row and ends[row - 1] != end:
            figure.add_shape(**look, x0=ends[row - 1] - 0.5, x1=end - 0.5, y0=row - 0.5, y1=row - 0.5)


def _pairs(rows):
    """(N, T) of each claim."""
    return [tuple(int(part.rpartition(" ")[2]) for part in claim.says.split(", ")[:2]) for claim, _ in rows]


def _table(rows):
    try:
        known = bool(rows) and all(isinstance(claim, Claim) for claim, _ in rows)
        return known and all(len(pair) == 2 for pair in _pairs(rows))
    except (TypeError, ValueError):
        return False
