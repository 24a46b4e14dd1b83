"""Cloud: gradient estimates of NoBackTrack, each with signs of its own, around the exact gradient; and their mean."""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from ..estimators import NoBackTrack
from ..estimators.families import Beta, Rank
from ..figures.style import REFERENCE, framed, style
from ..settings import Whole
from .app import App
from .asks import Ask
from .cloud_draws import MOST, Draws
from .dials import Dials, dial

DOTS, POINTS = 400, 200  # shown, of the cloud and of a curve
FAR = 1000  # draws after which predictions are opened
REACH = 3.0  # of the cloud's panel, in lengths of the exact gradient
ENDS = {"close": "at the exact one, within a quarter", "long": "in its direction, but far too long",
        "zero": "near zero: the signs cancel", "aside": "somewhere else"}  # fmt: skip


@dataclass(frozen=True)
class CloudDials(Dials):
    averaged: Whole(1, 1000) = dial(1, "draws / dot", "each dot is the mean of so many draws", soft=(1, 100), log=True)
    rank: Rank = dial(1, "rank k", "pairs (v, w) that are averaged in a draw", soft=(1, 32))
    beta: Beta = dial(1.0, "λ exponent β", "0: no scaling, 1: equal norms of v and w", soft=(0, 1))
    horizon: Whole(1, 1000) = dial(16, "horizon", "characters in the stretch that is read", soft=(1, 64), restarts=True)


class Cloud(App):
    """Draws of NoBackTrack's gradient around the exact one, and their mean. A moved β or k acts on the draws that follow."""

    Dials, unit, chunk = CloudDials, "draws", 10
    title = "Many noisy gradients of one and the same loss: where is their mean?"
    asks = (
        Ask("end", f"The mean of {FAR:,} draws will be", FAR, lambda app: app.end(), ENDS),
        Ask("error", "How far from the exact one? (1: as far as that is long)", FAR, lambda app: app.draws.errors[-1]),
    )
    telling, telling_count = {"averaged": (1, 10, 100), "rank": (1, 4, 16)}, 2000

    def build(self):
        self.draws, self.scale = None, 1

    def recompiled(self):
        if self.draws:
            self.draws.path.compiled = self.compiled

    def program(self):
        return self.name()

    def proceed(self, n):
        if not self.draws:
            self.draws = Draws(self.dials.seed, self.dials.horizon, self.compiled)
        done = self.draws.add(NoBackTrack(self.dials.rank, self.dials.beta), n)
        far = np.quantile(np.abs(self.draws.places[-DOTS:]), 0.9)
        self.scale = 2 ** max(0, math.ceil(math.log2(far / REACH)))  # so that a cloud without λ is seen too
        return done

    @property
    def finished(self):
        return self.count == MOST

    def around(self):
        return super().around(), self.scale, self.count >= FAR

    def end(self):
        """Where the mean is, among `ENDS`."""
        cosine, length = self.draws.mean()
        if self.draws.errors[-1] < 0.25:
            return "close"
        return "zero" if length < 0.25 else "long" if length > 2 and cosine > 0.9 else "aside"

    def figure(self):
        dots = "one draw each" if self.dials.averaged == 1 else f"means of {self.dials.averaged} draws"
        titles = [f"Dots: {dots}. Arrows: exact, and mean of all", "How far the mean is from the exact one"]
        figure = framed(make_subplots(1, 2, subplot_titles=titles, column_widths=[0.58, 0.42]), 840, None)
        mean, exact, reach = style("NoBackTrack"), style("RTRL"), self.scale * REACH
        arrow, dot = (
            {"symbol": "arrow", "angleref": "previous", "opacity": 1, "line": {"width": 0}},
            {"color": "rgba(213, 94, 0, 0.4)", "size": 5},
        )
        figure.add_scatter(name="draws", mode="markers", marker=dot, showlegend=False, row=1, col=1)
        for name, line, size in ("mean of all draws", mean | {"width": 6}, 22), ("exact gradient", exact, 12):
            figure.add_scatter(name=name, mode="lines+markers", line=line, marker=arrow | {"size": [0, size]}, row=1, col=1)
        for name, line in ("error", mean), ("1 / √N", REFERENCE):
            figure.add_scatter(name=name, mode="lines", line=line, showlegend=False, row=1, col=2)
        figure.update_xaxes(title="along the exact gradient (its length: 1)", range=[1 - 1.4 * reach, 1 + 1.4 * reach], col=1)
        figure.update_yaxes(title="across: where draws scatter most", range=[-reach, reach], scaleanchor="x", col=1)
        figure.update_xaxes(type="log", dtick=1, title="number N of draws", col=2)
        figure.update_yaxes(type="log", dtick=1, title="distance / |exact gradient|", range=[-2, 1.5], col=2)
        grey = {"font": {"color": "#767676", "size": 12}, "xanchor": "right", "yanchor": "top", "showarrow": False}
        figure.update_annotations(font_size=14)
        if self.count >= FAR:  # not before the guess
            place = {"x": 1, "y": 1, "xref": "x2 domain", "yref": "y2 domain"}
            figure.add_annotation(text="dotted: distance of one draw / √N", **place, **grey)
        legend = {"orientation": "v", "x": 0.01, "y": 0.01, "xanchor": "left", "yanchor": "bottom"}
        return figure.update_layout(height=370, legend=legend, hovermode="closest", showlegend=True, meta={"count": ["x2"]})

    def arrays(self):
        places, a = self.draws.places if self.draws else np.empty((0, 2)), self.dials.averaged
        dots = places[: len(places) // a * a].reshape(-1, a, 2).mean(1)[-DOTS:]
        tip = np.stack([(0, 0), places.mean(0)], 1) if len(places) else ((), ())
        N, error, expected = self.draws.curve(POINTS) if len(places) else ((), (), ())
        return {
            "draws": {"x": dots[:, 0], "y": dots[:, 1]}, "mean of all draws": {"x": tip[0], "y": tip[1]},
            "exact gradient": {"x": [0, 1], "y": [0, 0]},
            "error": {"x": N, "y": error}, "1 / √N": {"x": N, "y": expected},
        }  # fmt: skip

    def sentence(self):
        if not self.draws:
            return "Nothing drawn yet."
        (cosine, far), (mean, _), off = self.draws.one(), self.draws.mean(), self.draws.errors[-1]
        return (
            f"One draw has cosine {cosine:.2f} with the exact gradient and is {far:.2f} of its lengths away; the mean of "
            f"{self.count:,} has cosine {mean:.3f} and is {off:.3f} away (one draw / √N: {far / self.count**0.5:.3f})."
        )
