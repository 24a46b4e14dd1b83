"""Strip: how far a gradient looks back, on influence balancing, where the recent past says the opposite of the whole.

What theta did k steps ago moves the first component now by the k-th bar of the strip. A gradient that looks back T steps
credits the sum of T bars; three balls roll on the same loss, each by its own gradient.
"""

import math
from dataclasses import dataclass

import numpy as np
from plotly.subplots import make_subplots

from ..estimators import BPTT, RTRL, NoBackTrack, SlidingBPTT
from ..figures.style import REFERENCE, framed, note, style
from ..learning.curve import Curve
from ..measuring import balancing
from ..optimizers import SGD
from ..settings import Number, Whole
from .app import App
from .asks import Ask
from .dials import Dials, dial
from .lines import write_line

PAST, POINTS = 80, 400  # bars of the strip, points of a curve
LOW, EDGE, HIGH = -0.8, 0.98, 1.2  # what is drawn of theta; a ball stops at the edge
ARROW = {"symbol": "arrow", "size": [0, 12], "angleref": "previous"}
INSIDE = {"orientation": "h", "x": 1, "y": 0.01, "xanchor": "right", "yanchor": "bottom", "font": {"size": 11}}
UPDATES = {"sliding": "at every step", "window": "once a window"}
NAMED = {"sliding": "sum of the bars", "window": "mean of the sums over 1 ... T bars"}
ROLLING = ("RTRL", "NoBackTrack", "BPTT")


@dataclass(frozen=True)
class StripDials(Dials):
    window: Whole(1, 1000) = dial(20, "look back T", "steps over which the gradient of BPTT's ball looks back", soft=(1, PAST))
    update: str = dial(
        "sliding", "credit", "once a window: its first loss is credited over 1 step, its last over T", options=UPDATES
    )
    rate: Number(0, math.inf, open_low=True, open_high=True) = dial(
        1e-5, "learning rate", "of all three: NoBackTrack, which is noisy, needs a small one", soft=(1e-6, 1e-4), log=True
    )

    def estimator(self):
        return SlidingBPTT(self.window) if self.update == "sliding" else BPTT(self.window)


def loss(theta):
    """What is paid where the system has settled."""
    return 0.5 * (-6 * np.asarray(theta) - 1) ** 2


class Strip(App):
    """Truncated BPTT, RTRL and NoBackTrack on influence balancing: `runs` {method: balancing.Descent}."""

    Dials, title, chunk = StripDials, "How far must you look back?", 500
    asks = (
        Ask("ball", "After 2,000 steps, BPTT's ball (T = 20, or your T) is…", 2000, lambda app: app.where(),
            {"nearer": "nearer to the goal", "farther": "farther from it"}),
        Ask("turn", "From which T on (1, if always) does it roll towards the goal?", 2000, lambda app: turn()),
    )  # fmt: skip
    telling, telling_count = {"window": (1, 5, 10, 15, 20, 25, 31, 36, 40, 41, 45, 50, 60, 80)}, 10_000

    def build(self):
        made = {"RTRL": RTRL(), "NoBackTrack": NoBackTrack(), "BPTT": self.dials.estimator()}
        self.runs = {name: balancing.Descent(one, SGD(self.dials.rate), self.dials.seed) for name, one in made.items()}
        self.curve = Curve(len(ROLLING))

    def proceed(self, n):
        self.curve.append(np.stack([self.runs[name].go(n, self.compiled) for name in ROLLING], 1))

    def moved(self, before):
        for name, run in self.runs.items():
            run.change(self.dials.estimator() if name == "BPTT" else run.estimator, SGD(self.dials.rate))

    def program(self):
        return write_line("strip", StripDials(update=self.dials.update))

    @property
    def finished(self):
        return all(run.diverged for run in self.runs.values())

    def around(self):
        return super().around(), self.count > 0, *(run.diverged for run in self.runs.values())

    def credit(self):
        """What BPTT believes that theta does to the first component; once a window, the mean over its losses."""
        sums = balancing.truncated_influence(self.dials.window)
        return sums[-1] if self.dials.update == "sliding" else sums.mean()

    def where(self):
        best, theta = balancing.BEST, self.runs["BPTT"].theta
        return "nearer" if abs(theta - best) < abs(0.5 - best) else "farther"

    def figure(self):
        specs = [[{"colspan": 2}, None], [{}, {}]]
        titles = [
            "The strip: what θ, moved k steps ago, does now (bars: credited)",
            "The loss, and where each ball goes",
            "θ along the run",
        ]
        panels = make_subplots(2, 2, specs=specs, subplot_titles=titles, row_heights=[0.36, 0.64], vertical_spacing=0.24)
        figure = framed(panels, 840, None)
        figure.add_bar(name="credit", row=1, col=1, marker={"color": style("BPTT")["color"]}, showlegend=False)
        figure.add_scatter(name="loss", mode="lines", line={"color": "#999999", "width": 1.5}, showlegend=False, row=2, col=1)
        for name in ROLLING:
            color = style(name)["color"]
            look = {"line": {"color": color, "width": 2}, "marker": ARROW | {"color": color}, "showlegend": False}
            figure.add_scatter(name=f"step of {name}", mode="lines+markers", **look, row=2, col=1)
            look = {"marker": {"size": 12, "color": color}, "showlegend": False}
            figure.add_scatter(name=f"ball of {name}", mode="markers", **look, row=2, col=1)
        for name in ROLLING:
            figure.add_scatter(name=name, mode="lines", line=style(name), row=2, col=2)
        figure.add_hline(balancing.BEST, line=REFERENCE, row=2, col=2)
        figure.add_vline(balancing.BEST, line=REFERENCE, row=2, col=1)
        goal = "goal θ* = −1/6" + "".join(f"<br>{name} has diverged" for name, run in self.runs.items() if run.diverged)
        figure.add_annotation(note(goal, 0.02, balancing.BEST, "y3", "#555555", "left", "top") | {"xref": "x3 domain"})
        if self.count:
            figure.add_annotation(
                note(f"{NAMED[self.dials.update]}: {self.credit():.2f}", 0.99, 1.15, "y", "#222222", "right", "top")
            )
        figure.update_xaxes(range=[0, PAST + 1], title="steps ago", title_standoff=0, row=1, col=1)
        figure.update_yaxes(range=[-1.2, 1.2], row=1, col=1)
        figure.update_xaxes(range=[LOW, HIGH], title="θ", title_standoff=0, row=2, col=1)
        figure.update_yaxes(range=[-3, 26], title="loss", row=2, col=1)
        figure.update_xaxes(title="steps", title_standoff=0, row=2, col=2)
        figure.update_yaxes(range=[LOW, HIGH], title="θ", row=2, col=2)
        return figure.update_layout(height=370, meta={"count": ["x3"]}, margin={"t": 26, "b": 38}, legend=INSIDE)

    def arrays(self):
        ago, theta = np.arange(1, min(self.dials.window, PAST) + 1), np.linspace(LOW, HIGH, 100)
        made = {"credit": {"x": ago, "y": shares(len(ago))}, "loss": {"x": theta, "y": loss(theta)}}
        credits = {"RTRL": -6.0, "NoBackTrack": -6.0, "BPTT": self.credit()}
        for name in ROLLING:
            at = float(np.clip(self.runs[name].theta, LOW + 0.03, EDGE))  # at the edge when it has left
            pull = -credits[name] * (-6 * at - 1)  # against the gradient
            to = float(np.clip(at + 0.035 * math.copysign(math.sqrt(abs(pull)), pull), LOW, HIGH))
            hidden = np.nan if not self.count else 0.0  # not told before the guess
            made[f"step of {name}"] = {"x": np.array([at, to]) + hidden, "y": np.full(2, loss(at))}
            made[f"ball of {name}"] = {"x": np.array([at]), "y": np.array([loss(at)])}
        steps, thetas = self.curve.buckets(POINTS)
        return made | {name: {"x": steps, "y": thetas[:, k]} for k, name in enumerate(ROLLING)}

    def sentence(self):
        at = {name: "has diverged" if run.diverged else f"at {run.theta:.3f}" for name, run in self.runs.items()}
        found = ", ".join(f"{name} {where}" for name, where in at.items())
        told = f"; BPTT-{self.dials.window} credits {self.credit():.2f}, all the past −6" if self.count else ""
        return f"θ after {self.count:,} steps: {found}{told}."


def shares(steps):
    """What theta did 1 ... steps steps ago does to the first component now: (steps,)."""
    return np.diff(balancing.truncated_influence(steps), prepend=0.0)


def turn(most=200):
    """The first T at which what is credited has the sign of the whole."""
    return int(np.flatnonzero(balancing.truncated_influence(most) < 0)[0]) + 1
