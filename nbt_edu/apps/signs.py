"""Signs: a sum of d products is estimated by one, with signs; their mean is drawn beside the sum (`rank_one`, (1) to (3))."""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from .. import rank_one
from ..figures.style import REFERENCE, framed, style
from ..settings import Number, Whole
from .app import App
from .asks import Ask
from .dials import Dials, dial

FAR = 64  # draws after which predictions are opened: all choices of six signs
ROUNDING, LEAST = 1e-12, 1e-17  # below the first an error is one of rounding; the second is drawn in the place of 0
ORDERS = {"turn": "all choices in turn", "random": "at random"}
ROOM = (1, 10, np.nan), (1, np.nan, np.nan), (FAR, 0.1, np.nan)  # no line yet, but axes that have room for it
TICKS = {1.0: "1", 1e-4: "10⁻⁴", 1e-8: "10⁻⁸", 1e-12: "10⁻¹²", 1e-16: "10⁻¹⁶"}
EVER = {"no": "no: it comes nearer and nearer", "last": "yes, but not before draw 64", "before": "yes, before draw 64"}


@dataclass(frozen=True)
class SignsDials(Dials):
    order: str = dial("turn", "signs", "each of the 2^d choices once, then again; or tossed", options=ORDERS, restarts=True)
    d: Whole(1, 10) = dial(6, "terms d", "products v wᵀ that are added up", soft=(1, 10), restarts=True)
    n: Whole(2, 32) = dial(12, "size n", "rows and columns of A", soft=(2, 32), restarts=True)
    beta: Number(0, 1) = dial(0.0, "λ exponent β", "0: λ is 1; 1: λ makes v and w equally long", soft=(0, 1))


class Signs(App):
    """A = Σ v wᵀ is estimated by (Σ ε λ v)(Σ ε w / λ)ᵀ with signs ε: each draw is of rank one, and their mean is A."""

    Dials, unit, chunk = SignsDials, "draws", 1
    title = "One product in the place of many: is the mean ever right?"
    asks = (
        Ask("one", "How far from A is one draw, root mean square? (1: |A|)", FAR, lambda app: app.one(), unit="|A|"),
        Ask("ever", f"Within {FAR} draws, is their mean ever A itself, to rounding?", FAR, lambda app: app.ever(), EVER),
    )
    telling, telling_count = {"order": ("turn", "random"), "d": (2, 3, 4, 5, 6)}, FAR

    def build(self):
        d, n, self.rng = self.dials.d, self.dials.n, np.random.default_rng(self.dials.seed)
        norms = 10 ** self.rng.uniform(-0.5, 0.5, (d, 1))  # of v; those of w are the inverse
        self.V, self.W = self.rng.normal(size=(2, d, n)) * np.stack([norms, 1 / norms])
        self.A, self.all, self.signs = self.V.T @ self.W, rank_one.all_roots(d, 2).real, np.zeros(d)
        self.draws, self.draw, self.total, self.noise = 0, np.zeros_like(self.A), np.zeros_like(self.A), 0.0
        self.points, self.kept, self.exact = [], [0, 0], 0  # kept: last point that was off, and exact; exact: the first one

    def proceed(self, n):
        lam, noise = rank_one.scales(self.V, self.W, self.dials.beta), self.one() ** 2
        turn, half = self.dials.order == "turn", max(len(self.all) // 2, 1)
        for _ in range(n):
            self.signs = self.all[self.draws % len(self.all)] if turn else self.rng.choice([-1.0, 1.0], self.dials.d)
            self.draw = np.outer(*rank_one.draw(self.V, self.W, self.signs, lam))
            self.total += self.draw
            self.draws, self.noise = self.draws + 1, self.noise + noise
            kind = turn and self.draws % half == 0  # where the mean may be exact
            if self.draws >= (1.01, 1.2)[kind] * self.kept[kind]:  # as dense as a logarithmic axis shows
                self.kept[kind] = self.draws
                self.points.append((self.draws, self.error(), self.expected()))
                self.exact = self.exact or self.draws * (self.error() < ROUNDING)

    def one(self):
        """Expected error of one draw, root mean square, relative to |A|, for λ as it is now: formula (2)."""
        lam = rank_one.scales(self.V, self.W, self.dials.beta)
        return math.sqrt(max(rank_one.variance(self.V, self.W, lam), 0.0)) / np.linalg.norm(self.A)

    def error(self):
        return np.linalg.norm(self.total / max(self.draws, 1) - self.A) / np.linalg.norm(self.A)

    def expected(self):
        """One draw's error / √draws, of random signs; where λ was moved, each draw counts with the λ that it had."""
        return math.sqrt(self.noise) / max(self.draws, 1)

    def ever(self):
        """Whether the mean was A, among `EVER`."""
        return "no" if not self.exact else "last" if self.exact == FAR else "before"

    def around(self):
        return super().around(), bool(self.exact)

    def figure(self):
        titles = ["one draw, v wᵀ", "mean of all draws", "A", "how far the mean is from A (1: |A|)", "signs ε of this draw"]
        spaces = {"specs": [[{}, {}, {}, {"rowspan": 2}], [{"colspan": 3}, None, None, None]], "horizontal_spacing": 0.055}
        widths = {"row_heights": [0.72, 0.28], "column_widths": [0.19, 0.19, 0.19, 0.43], "vertical_spacing": 0.14}
        figure = framed(make_subplots(2, 4, subplot_titles=titles, **spaces, **widths), 840, None)
        figure.update_annotations(font_size=14)
        end, bare = np.abs(self.A).max(), {"showticklabels": False}
        for col, name in enumerate(["draw", "mean", "A"], 1):
            figure.add_heatmap(name=name, row=1, col=col, zmin=-end, zmax=end, colorscale="RdBu", showscale=False)
            figure.update_yaxes(autorange="reversed", row=1, col=col, **bare).update_xaxes(row=1, col=col, **bare)
        figure.add_bar(name="signs", marker={"color": "#767676"}, row=2, col=1)
        figure.update_xaxes(dtick=1, row=2, col=1).update_yaxes(range=[-1.2, 1.2], tickvals=[-1, 1], row=2, col=1)
        for name, line in ("error / |A|", style("NoBackTrack")), ("one draw / √draws", REFERENCE):
            figure.add_scatter(name=name, mode="lines", line=line, row=1, col=4)
        figure.update_xaxes(type="log", dtick=1, title="draws (dotted: one draw / √draws)", col=4)
        ticks = {"tickvals": list(TICKS), "ticktext": [*TICKS.values()]} if self.exact else {"dtick": "D2"}
        figure.update_yaxes(type="log", autorangeoptions={"include": [0.1, 10]}, col=4, **ticks)
        return figure.update_layout(height=370, showlegend=False, meta={"count": ["x4"]})

    def arrays(self):
        draws, error, expected = np.array(self.points or ROOM).T
        return {
            "draw": {"z": self.draw}, "mean": {"z": self.total / max(self.draws, 1)}, "A": {"z": self.A},
            "signs": {"x": np.arange(1, self.dials.d + 1), "y": self.signs},
            "error / |A|": {"x": draws, "y": np.maximum(error, LEAST)},
            "one draw / √draws": {"x": draws, "y": np.where(expected > ROUNDING, expected, np.nan)},  # d = 1: always exact
        }  # fmt: skip

    def sentence(self):
        if not self.draws:
            return f"{self.dials.d} products are added up: there are {len(self.all):,} choices of signs. Nothing drawn yet."
        if self.error() < ROUNDING:
            return f"After {self.draws:,} draws the mean is A, to rounding; one draw is {self.one():.1f} |A| away."
        off = f"After {self.draws:,} draws the mean is off by {self.error():.1%} of |A|"
        return f"{off}; random signs: about {self.expected():.1%}."
