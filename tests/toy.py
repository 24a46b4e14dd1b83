"""A toy app that has every kind of dial, of trace and of question: kit and shell are tested with it, and with those shipped."""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from nbt_edu.apps.app import App
from nbt_edu.apps.asks import Ask
from nbt_edu.apps.dials import Dials, dial
from nbt_edu.figures.style import framed
from nbt_edu.settings import Number, Whole


@dataclass(frozen=True)
class ToyDials(Dials):
    rate: Number(0, math.inf, open_high=True) = dial(0.1, "rate", "how fast it turns", soft=(1e-3, 1), log=True)
    size: Whole(2, 256) = dial(8, "size", "rows of the heat map", soft=(2, 64), restarts=True)
    shape: str = dial("sine", "shape", "what is drawn", options={"sine": "a sine", "saw": "a saw"})
    parts: tuple = dial(("line", "bars"), "parts", "what is computed", options={"line": "line", "bars": "bars"}, restarts=True)
    tooth: Number(0, 1) = dial(0.5, "tooth", "of the saw", soft=(0, 1), when=lambda dials: dials.shape == "saw")
    title: str = dial("toy", "title", "a text", restarts=True)


class Toy(App):
    """A walk, its histogram, its outer product, and an arrow."""

    Dials, unit, chunk = ToyDials, "turns", 100
    title = "A toy turns"
    asks = (
        Ask("end", "Where is it after 200 turns?", 200, lambda app: app.x[-1]),
        Ask("side", "Above or below?", 200, lambda app: "up" if app.x[-1] > 0 else "down", {"up": "above", "down": "below"}),
        Ask("curve", "Draw the walk", 200, lambda app: (np.arange(1, app.count + 1), np.array(app.x)), trace="walk"),
    )
    telling, telling_count = {"rate": (0.05, 0.1, 0.2), "size": (4, 8)}, 200

    def build(self):
        self.rng, self.phase, self.x = np.random.default_rng(self.dials.seed), 0.0, []

    def proceed(self, n):
        for _ in range(n):
            self.phase += self.dials.rate
            wave = math.sin(self.phase) if self.dials.shape == "sine" else self.dials.tooth * (self.phase % 2 - 1)
            self.x.append(wave + 0.1 * self.rng.normal())

    def figure(self):
        figure = framed(make_subplots(2, 2, subplot_titles=["walk", "histogram", "heat", "arrow"]), 840, None)
        figure.add_scatter(name="walk", mode="lines", row=1, col=1)
        figure.add_bar(name="histogram", row=1, col=2)
        figure.add_heatmap(name="heat", row=2, col=1, zmin=-1, zmax=1, showscale=False)
        arrow = {"symbol": "arrow", "size": [0, 14], "angleref": "previous"}
        figure.add_scatter(name="arrow", mode="lines+markers", marker=arrow, row=2, col=2)
        figure.update_xaxes(range=[-2, 2], row=2, col=2)
        figure.update_yaxes(range=[-2, 2], row=2, col=2)
        return figure.update_layout(height=340, meta={"count": ["x"]})

    def arrays(self):
        x = np.array(self.x[-400:])
        counts, edges = np.histogram(x, 10, (-1.5, 1.5))
        side = np.resize(x, self.dials.size) if len(x) else np.zeros(self.dials.size)
        return {
            "walk": {"x": np.arange(len(self.x) - len(x), len(self.x)) + 1.0, "y": x},
            "histogram": {"x": (edges[1:] + edges[:-1]) / 2, "y": counts},
            "heat": {"z": np.outer(side, side)},
            "arrow": {"x": [0, math.cos(self.phase)], "y": [0, math.sin(self.phase)]},
        }

    def sentence(self):
        done = f"after {self.count} turns: {self.x[-1]:.3f}" if self.x else "has not yet turned"
        return f"{self.dials.title} {done}."
