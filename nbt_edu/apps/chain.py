"""Chain: one product of Jacobians, multiplied from its left end and from its right end, at the same pace.

    dl/dtheta (as used in the first step) = dl/dh J_T ... J_1 B,   B = dF/dtheta                             (1)

A row times a matrix costs n^2 multiplications, a matrix times the n x p slab B costs n^2 p: counted as full matrices.
"""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from ..figures.style import framed, style
from ..settings import Number, Whole
from .app import App
from .asks import Ask
from .chain_lanes import Lane, chain
from .dials import Dials, dial

COLORS = [[0, "#0072B2"], [0.5, "#e8e8e8"], [1, "#D55E00"]]
NAME = {"showarrow": False, "font": {"size": 12}}
LANES = {"left": "BPTT", "right": "RTRL"}  # which method multiplies so: its colour and line


@dataclass(frozen=True)
class ChainDials(Dials):
    units: Whole(1, 64) = dial(8, "units n", "of the network: each J is n x n", soft=(2, 16), restarts=True)
    length: Whole(1, 64) = dial(4, "steps T", "how many J stand in the chain", soft=(1, 10), restarts=True)
    right: Whole(0, 64) = dial(10, "from the right", "J that the lower lane takes before it turns to the left end (at most T)",
                               soft=(0, 10), restarts=True)  # fmt: skip
    speed: Number(0, math.inf, open_low=True, open_high=True) = dial(
        1.0, "speed", "how many times faster the lower lane multiplies", soft=(0.5, 128), log=True)  # fmt: skip


class Chain(App):
    """The same gradient from both ends of (1), with a counter of multiplications; `lanes` {"left", "right"} hold the work."""

    Dials, unit, chunk = ChainDials, "multiplications", 1000
    title = "Does it matter at which end you begin to multiply?"
    asks = (
        Ask("first", "Which lane has the gradient first?", 20_000, lambda app: app.first_lane(),
            {"left": "the upper, from the left", "right": "the lower, from the right", "neither": "neither: they do the same"}),
        Ask("ratio", "How many times as many multiplications does the dearer lane need?", 20_000, lambda app: app.ratio()),
    )  # fmt: skip
    telling, telling_count = {"right": (0, 1, 2, 3, 4), "units": (4, 8)}, 12_000

    def build(self):
        dials = self.dials
        self.q, self.J, self.B = chain(dials.units, dials.length, dials.seed)
        self.turn = min(dials.right, dials.length)
        self.lanes = {"left": Lane(self.q, self.J, self.B, 0), "right": Lane(self.q, self.J, self.B, self.turn)}

    def proceed(self, n):
        speeds = {"left": 1.0, "right": self.dials.speed}
        n = min(n, max(math.ceil(lane.left() / speeds[name]) for name, lane in self.lanes.items()))
        for name, lane in self.lanes.items():
            lane.work(self.count, n, speeds[name])
        return n

    @property
    def finished(self):
        return all(lane.left() <= 0 for lane in self.lanes.values())

    def totals(self):
        """Multiplications that each lane needs in all."""
        return {name: int(lane.ends[-1]) for name, lane in self.lanes.items()}

    def ratio(self):
        return max(self.totals().values()) / min(self.totals().values())

    def first_lane(self):
        """Whose gradient is there first, at equal speeds."""
        left, right = self.totals().values()
        return "neither" if left == right else "left" if left < right else "right"

    def figure(self):
        lane, n = self.lanes["left"], self.dials.units
        rows, room = 2 * n + n // 2 + 1, 0.45 * n + 0.4  # room: for the names of the factors
        done = f"Products done, of {self.dials.length + 1}: upper lane dashed, lower lane solid"
        titles = ["One chain in two lanes; every cell is a number", done]
        figure = framed(make_subplots(2, 1, subplot_titles=titles, row_heights=[0.56, 0.44], vertical_spacing=0.2), 840, None)
        figure.add_heatmap(name="factors", row=1, col=1, zmin=-1, zmax=1, showscale=False, colorscale=COLORS, hoverinfo="skip")
        for name, method in LANES.items():
            box = {"color": style(method)["color"], "width": 2}
            figure.add_scatter(name=f"carried {name}", mode="lines", line=box, showlegend=False, row=1, col=1)
        for name, method in LANES.items():
            figure.add_scatter(name=f"from the {name}", mode="lines", line=style(method), row=2, col=1)
        for text, x in lane.names():
            figure.add_annotation(text=text, x=x, y=-0.5, xref="x", yref="y", yanchor="bottom", **NAME)
        turned = "from the right" if self.turn == self.dials.length else f"{self.turn} from the right"
        ticks = {"tickvals": [(n - 1) / 2, rows - (n + 1) / 2], "ticktext": ["from the left", turned], "showgrid": False}
        figure.update_xaxes(range=[-1, lane.width], tickvals=[], showgrid=False, zeroline=False, row=1, col=1)
        figure.update_yaxes(range=[rows + 0.1, -0.8 - room], zeroline=False, row=1, col=1, **ticks)
        figure.update_xaxes(title="multiplications (time)", range=None if self.count else [0, self.chunk], row=2, col=1)
        figure.update_yaxes(range=[0, self.dials.length + 1.5], title="products", row=2, col=1)
        return figure.update_layout(height=360, showlegend=False, meta={"count": ["x2"]}, margin={"t": 28, "b": 42, "l": 105})

    def arrays(self):
        n, pictures = self.dials.units, {name: lane.picture() for name, lane in self.lanes.items()}
        gap = np.full((n // 2 + 1, self.lanes["left"].width), np.nan)
        made = {"factors": {"z": np.concatenate([pictures["left"], gap, pictures["right"]])}}
        for name, top in ("left", 0), ("right", n + n // 2 + 1):
            made[f"carried {name}"] = self.lanes[name].outline(top)
        return made | {f"from the {name}": lane.curve(self.count) for name, lane in self.lanes.items()}

    def sentence(self):
        parts = [f"{name} {lane.count():,} multiplications, {lane.whole()} of {len(lane.ends)} products"
                 for name, lane in zip(("From the left", "from the right"), self.lanes.values(), strict=True)]  # fmt: skip
        return f"{'; '.join(parts)}{self._same() if self.finished else ''}."

    def _same(self):
        left, right = (lane.answer for lane in self.lanes.values())
        same = np.allclose(left, right, rtol=1e-12, atol=1e-12 * np.abs(left).max())
        return f": {'the same gradient to 12 digits' if same else 'gradients that differ'}"
