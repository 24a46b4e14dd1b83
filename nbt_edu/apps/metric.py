"""Metric: gradient descent and a Kalman filter walk in one valley, with the same noise; drawn is how far their steps go."""

import dataclasses
from collections import deque

import numpy as np
import plotly.graph_objects as go

from ..figures.style import framed, note, style
from ..learning.curve import Curve
from ..learning.randomness import Noise
from ..optimizers import SGD, DiagonalKalman, Kalman
from ..optimizers.families import Memory, Prior, Rate
from ..settings import Number
from .app import App
from .asks import Ask
from .dials import Dials, dial
from .valley import Valley, Walker

FORMS = {"full": Kalman, "diagonal": DiagonalKalman}
LINES = {"gradient descent": style("NoBackTrack"), "Kalman filter": style("second NoBackTrack")}
TRAIL, POINTS, RADII, REACH = 300, 200, (0.5, 1, 2, 4, 8), 1.1
PANELS = {
    "xaxis": {"domain": [0.0, 0.43], "range": [-REACH, REACH], "title": "θ₁"},
    "yaxis": {"range": [-REACH, REACH], "title": "θ₂", "scaleanchor": "x"},
    "xaxis2": {"anchor": "y2", "domain": [0.57, 1.0], "matches": "x3", "showticklabels": False},
    "yaxis2": {"anchor": "x2", "domain": [0.56, 1.0], "type": "log", "dtick": 1, "exponentformat": "power"},
    "xaxis3": {"anchor": "y3", "domain": [0.57, 1.0], "title": "steps", "rangemode": "tozero"},
    "yaxis3": {"anchor": "x3", "domain": [0.0, 0.44], "rangemode": "tozero"},
}
TITLES = {  # of the panels, by their axes
    "": "Round each θ: how far its steps go", "2": "Expected loss, above the least: lower is better",
    "3": "How far θ is from the bottom",
}  # fmt: skip
ABOVE = {"showarrow": False, "xanchor": "left", "yanchor": "bottom"}


@dataclasses.dataclass(frozen=True)
class MetricDials(Dials):
    form: str = dial("full", "covariance", "what the filter keeps of it", options={"full": "full", "diagonal": "diagonal"})
    rate: Rate = dial(0.01, "rate of descent", "gradient descent: how far a gradient moves θ", soft=(1e-4, 0.1), log=True)
    fading: Memory = dial(0.1, "fading", "share of the past that the filter forgets at each step", soft=(0, 0.5))
    prior: Prior = dial(10.0, "prior", "the larger, the more cautious the filter is at first", soft=(0.1, 1000), log=True)
    noise: Number(0, 1e200) = dial(1.0, "noise", "of what is observed; the signs' noise is never off", soft=(0, 3))
    steepness: Number(1, 1e6) = dial(100.0, "steepness", "walls : floor", soft=(1, 1000), log=True)
    angle: Number(-360, 360) = dial(30.0, "angle", "of the valley, in degrees", soft=(0, 90))


class Metric(App):
    """Two walkers, the same valley, the same noise."""

    Dials, unit, chunk = MetricDials, "steps", 100
    title = "One valley, one noise, two walkers: what differs?"
    asks = (
        Ask("ratio", "Last 1,000 of 2,000 steps: whose loss is higher?", 2000, lambda app: app.ratio(),
            {"alike": "neither's by 2 times", "some": "descent's, 2 to 6 times", "much": "descent's, over 6 times",
             "filter": "the filter's, over 2 times"}),
    )  # fmt: skip
    telling, telling_count = {"form": ("full", "diagonal"), "angle": (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0)}, 2000

    def optimizers(self):
        dials = self.dials
        return SGD(dials.rate), FORMS[dials.form](fading=dials.fading, prior=dials.prior)

    def build(self):
        self.valley = Valley(self.dials.steepness, self.dials.angle)
        made = zip(LINES, self.optimizers(), strict=True)
        self.walkers = {name: Walker(one, self.valley.start()) for name, one in made}
        self.noise, self.curve = Noise(self.dials.seed, [("signs", 2), ("normal", 2)], 2), Curve(4)
        self.trails = {name: deque([one.theta[0].copy()], TRAIL) for name, one in self.walkers.items()}

    def moved(self, before):
        self.valley = Valley(self.dials.steepness, self.dials.angle)
        for walker, optimizer in zip(self.walkers.values(), self.optimizers(), strict=True):
            walker.set(optimizer)

    def proceed(self, n):
        """Up to n steps: to the end of a block of noise, at most."""
        noise, rows = self.noise.block(self.count)[:n], []
        for (v, w), y in zip(zip(*self.valley.estimates(noise[:, 0]), strict=True), noise[:, 1], strict=True):
            rows.append([one for name in LINES for one in self.walked(name, self.dials.noise * y, v, w)])
        self.curve.append(np.array(rows))
        return len(noise)

    @np.errstate(all="ignore")
    def walked(self, name, y, v, w):
        """One walker's step: its loss and its squared distance from the bottom; NaN from where it diverges."""
        walker = self.walkers[name]
        if walker.diverged is None:
            walker.step(self.valley, y, v, w)
            self.trails[name].append(walker.theta[0].copy())
            loss, distance2 = self.valley.loss(walker.theta[0]), float(np.sum(walker.theta**2))
            if loss < 1e9:
                return loss, distance2
            walker.diverged = self.count
        return np.nan, np.nan

    @property
    def finished(self):
        return all(walker.diverged is not None for walker in self.walkers.values())

    def late(self):
        """Over the last half: mean loss and root of the mean squared distance, of descent, then of the filter."""
        return self.curve.mean(max(1, self.count // 2)) ** [1, 0.5, 1, 0.5]

    def ratio(self):
        descent, _, filtered, _ = np.nan_to_num(self.late(), nan=np.inf)  # diverged
        times = descent / filtered
        return "much" if times > 6 else "some" if times > 2 else "filter" if times < 0.5 else "alike"

    def around(self):
        return super().around(), *(walker.diverged for walker in self.walkers.values())

    def figure(self):
        figure = framed(go.Figure(layout=PANELS), 840, None)
        figure.add_scatter(name="equal loss", mode="lines", line={"color": "#767676", "width": 1, "dash": "dot"})
        for name, line in LINES.items():
            dot = {"size": 3, "color": line["color"], "opacity": 0.45}
            figure.add_scatter(name=f"{name}: places", mode="markers", marker=dot, showlegend=False)
        for name, line in LINES.items():
            solid = {"color": line["color"], "width": 3}
            figure.add_scatter(name=f"{name}: a step", mode="lines", line=solid, showlegend=False)
        for what, panel in ("loss", 2), ("distance", 3):
            for name, line in LINES.items():
                axes = {"xaxis": f"x{panel}", "yaxis": f"y{panel}", "showlegend": panel == 2}
                figure.add_scatter(name=name if panel == 2 else f"{name}: {what}", mode="lines", line=line, **axes)
        notes = [{"text": text, "x": 0, "xref": f"x{axis} domain", "y": 1.02, "yref": f"y{axis} domain"} | ABOVE
                 for axis, text in TITLES.items()]  # fmt: skip
        notes += [note(f"{name} diverged", 0.99, 0.98 - 0.12 * i, "y domain", LINES[name]["color"], "right", "top")
                  for i, name in enumerate(LINES) if self.walkers[name].diverged is not None]  # fmt: skip
        return figure.update_layout(
            height=370, margin={"t": 52}, annotations=notes, meta={"count": ["x2", "x3"]}, legend={"y": 1.1}
        )

    def arrays(self):
        found, walkers = {"equal loss": self.valley.contours(RADII)}, self.walkers.items()
        found |= {f"{name}: places": dict(zip("xy", np.array(self.trails[name]).T, strict=True)) for name in LINES}
        found |= {f"{name}: a step": walker.ellipse() for name, walker in walkers}
        x, y = self.curve.buckets(POINTS)
        found |= {name: {"x": x, "y": y[:, 2 * i]} for i, name in enumerate(LINES)}
        return found | {f"{name}: distance": {"x": x, "y": y[:, 2 * i + 1] ** 0.5} for i, name in enumerate(LINES)}

    def sentence(self):
        if not self.count:
            return "Two walkers stand at one place of a valley, and have not yet moved."
        parts = [
            f"{name} diverged: rewind with a lower rate or noise" if walker.diverged is not None else
            f"{name} pays {loss:.3g} above the least loss, θ {distance:.2g} from the bottom"
            for (name, walker), (loss, distance) in zip(self.walkers.items(), self.late().reshape(2, 2), strict=True)
        ]  # fmt: skip
        return f"After {self.count:,} steps, over the last half: {'; '.join(parts)}."
