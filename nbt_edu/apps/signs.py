"""Signs: a sum of d products is estimated by one, with random signs; the mean of many comes near (`rank_one`, (1) to (3))."""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from .. import rank_one
from ..figures.style import framed
from ..settings import Number, Whole
from .app import App
from .asks import Ask
from .dials import Dials, dial

FAR = 200  # draws after which predictions are opened


@dataclass(frozen=True)
class SignsDials(Dials):
    d: Whole(1, 10) = dial(4, "terms d", "products v wᵀ that are added up", soft=(1, 10), restarts=True)
    n: Whole(2, 32) = dial(12, "size n", "rows and columns of A", soft=(2, 32), restarts=True)
    beta: Number(0, 1) = dial(0.0, "exponent of λ", "0: λ is 1; 1: λ makes v and w equally long", soft=(0, 1))


class Signs(App):
    """A = Σ v wᵀ is estimated by (Σ ε λ v)(Σ ε w / λ)ᵀ with random signs ε: each draw is of rank one, and their mean is A."""

    Dials, unit, chunk = SignsDials, "draws", 10
    title = "Random signs: the mean of many rank-one matrices"
    asks = (
        Ask("error", f"By how many % of |A| is the mean off after {FAR} draws?", FAR, lambda app: 100 * app.error(), unit="%"),
        Ask("curve", "Draw the relative error of the mean", FAR, lambda app: app.curve()[:2], trace="error"),
    )
    telling, telling_count = {"d": (1, 2, 4, 7, 10), "beta": (0.0, 0.5, 1.0)}, FAR

    def build(self):
        self.rng = np.random.default_rng(self.dials.seed)
        norms = 10 ** self.rng.uniform(-0.5, 0.5, (self.dials.d, 1))  # of v; those of w are the inverse
        self.V, self.W = self.rng.normal(size=(2, self.dials.d, self.dials.n)) * np.stack([norms, 1 / norms])
        self.A, self.signs = self.V.T @ self.W, np.zeros(self.dials.d)
        self.draws, self.total, self.noise, self.points = 0, np.zeros_like(self.A), 0.0, []

    def proceed(self, n):
        lam, noise = rank_one.scales(self.V, self.W, self.dials.beta), self.one() ** 2
        for _ in range(n):
            self.signs = self.rng.choice([-1.0, 1.0], self.dials.d)
            self.total += np.outer(*rank_one.draw(self.V, self.W, self.signs, lam))
            self.draws, self.noise = self.draws + 1, self.noise + noise
            if not self.points or self.draws >= 1.01 * self.points[-1][0]:  # as dense as a logarithmic axis shows
                self.points.append((self.draws, self.error(), self.expected()))

    def one(self):
        """Expected error of one draw, root mean square, relative to |A|, for λ as it is now: formula (2)."""
        lam = rank_one.scales(self.V, self.W, self.dials.beta)
        return math.sqrt(max(rank_one.variance(self.V, self.W, lam), 0.0)) / np.linalg.norm(self.A)

    def error(self):
        return np.linalg.norm(self.total / max(self.draws, 1) - self.A) / np.linalg.norm(self.A)

    def expected(self):
        """c / √draws while λ stays; where it was moved, each draw counts with the λ that it had."""
        return math.sqrt(self.noise) / max(self.draws, 1)

    def curve(self):
        draws, error, expected = np.array(self.points or [(1, 0, self.one())]).T
        return draws, np.where(error > 1e-12, error, np.nan), np.where(expected > 1e-12, expected, np.nan)  # d = 1: exact

    def figure(self):
        titles = ["A", "mean", "relative error of the mean", "signs ε of the last draw"]
        spaces = {"specs": [[{}, {}, {"rowspan": 2}], [{"colspan": 2}, None, None]], "column_widths": [0.28, 0.28, 0.44]}
        figure = framed(make_subplots(2, 3, subplot_titles=titles, row_heights=[0.7, 0.3], **spaces), 840, None)
        end, bare = np.abs(self.A).max(), {"showticklabels": False}
        for col, name in enumerate(["A", "mean"], 1):
            figure.add_heatmap(name=name, row=1, col=col, zmin=-end, zmax=end, colorscale="RdBu", showscale=False)
            figure.update_yaxes(autorange="reversed", row=1, col=col, **bare).update_xaxes(row=1, col=col, **bare)
        figure.add_bar(name="signs", marker={"color": "#777"}, showlegend=False, row=2, col=1)
        figure.update_xaxes(dtick=1, row=2, col=1).update_yaxes(range=[-1.2, 1.2], tickvals=[-1, 1], row=2, col=1)
        figure.add_scatter(name="error", mode="lines", line={"color": "#0072B2"}, row=1, col=3)
        figure.add_scatter(name="c / √draws", mode="lines", line={"dash": "dash", "color": "#777"}, row=1, col=3)
        figure.update_xaxes(type="log", dtick=1, title="draws", col=3)
        figure.update_yaxes(type="log", dtick="D2", autorangeoptions={"include": [0.1, 10]}, col=3)  # at rest too: to sketch on
        legend = {"orientation": "v", "x": 0.7, "y": 0, "yanchor": "bottom"}  # where a falling curve leaves room
        return figure.update_layout(height=380, legend=legend, meta={"count": ["x3"]})

    def arrays(self):
        draws, error, expected = self.curve()
        return {
            "A": {"z": self.A}, "mean": {"z": self.total / max(self.draws, 1)},
            "signs": {"x": np.arange(1, self.dials.d + 1), "y": self.signs},
            "error": {"x": draws, "y": error}, "c / √draws": {"x": draws, "y": expected},
        }  # fmt: skip

    def sentence(self):
        if not self.draws:
            return f"d = {self.dials.d}, nothing drawn yet: one draw is off by {self.one():.0%} of |A|, root mean square."
        return f"After {self.draws:,} draws the mean is off by {self.error():.1%} of |A|; expected is {self.expected():.1%}."
