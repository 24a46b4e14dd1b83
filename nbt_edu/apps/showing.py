"""What an app shows of itself, without widgets: its figure with points and marks, its status, its code, a still picture.

Viewers (`shell`) are told by `publish` and take from here what they draw.
"""

import math
import time

import plotly.graph_objects as go

from .. import figures
from ..figures.picture import Picture
from .owed import look_over

MESSAGE = 5.0  # seconds for which work that goes on shows a message
MARKS = 12  # of moved dials, the last ones
NEAR = 0.07  # of what was counted: the width of a name, on an axis that reaches further
MARK = {"color": "#767676", "width": 1, "dash": "dash"}
NOTE = {"textangle": -90, "showarrow": False, "xanchor": "right", "yanchor": "top", "font": {"size": 10, "color": "#555555"}}
GUESSED = "your {}"  # the name of a guessed curve, after that of the trace over which it was guessed
GUESS = {"color": "#767676", "width": 2, "dash": "dashdot"}
APP = "application/vnd.nbt-edu.app+json"  # of a notebook's output: which app stands there, for the static page


class Showing:
    """The half of `App` that is looked at."""

    viewers, _urgent = (), False
    _message, _told = "", 0.0
    _meter, _rate = (0.0, 0), 0.0

    # What viewers are told, and ask ----------------------------------------------------------------------------------

    def publish(self, now=False):
        """Let viewers follow: now, or when they find time. While the work goes on it comes first: they follow after a piece."""
        if self.player.playing and not self.player.preparing:
            self._urgent |= now
        else:
            self.follow(now)

    def follow(self, now=False):
        """What `publish` says, in the thread that works or where nothing does."""
        now, self._urgent = now or self._urgent, False
        for viewer in self.viewers:
            viewer.follow(now)

    def tell(self, message, stays=False):
        """A message for the status line: it stays until the next one, or MESSAGE seconds of work."""
        self._message, self._told = message, math.inf if stays else time.monotonic()

    def around(self):
        """What the figure around the arrays depends on: when it has changed, the figure is made anew. An app may say more."""
        grown = round(4 * math.log2(1 + self.count)) if self.moves else 0  # names of moved dials come nearer one another
        return self.dials, len(self.moves), grown, tuple(self.guesses.truths), self.finished

    def words(self):
        """A text that stands below the figure and changes now and then: none, unless the app has something to say."""
        return ""

    def status(self):
        """All that a viewer shows beside the figure, as plain data."""
        return {
            "playing": self.player.playing, "count": self.count, "unit": self.unit,
            "speed": self.speed() if self.player.playing else "",
            "message": self._fresh(), "sentence": self.sentence(), "words": self.words(), "state": self.state(),
            "pace": self.pace, "pause_at": self.pause_at, "values": self.dials.written(), "shown": self.dials.shown(),
            "asks": self.guesses.listed(), "finished": self.finished,
        }  # fmt: skip

    def _fresh(self):
        if self.player.playing and time.monotonic() - self._told > MESSAGE:
            self._message = ""
        return self._message

    def speed(self):
        """How fast the work goes, in words: units a second since this was last asked, at least 0.2 s before."""
        (then, before), now = self._meter, time.monotonic()
        if now - then > 0.2:
            self._meter = now, self.count
            self._rate = (self.count - before) / (now - then) if self.count > before and now - then < 3 else 0
        return f"{self._rate:,.0f} a second" if self._rate else ""

    # The figure -------------------------------------------------------------------------------------------------------

    def frame(self):
        """The arrays of every trace of `framed`, those of opened guesses among them."""
        arrays = self.arrays()
        return arrays | self._guessed(arrays)

    def scene(self):
        """The figure as plain data, with marks where dials were moved, and with opened guesses; no points yet."""
        scene = self.figure().to_plotly_json()
        look_over(self, scene)
        layout = scene["layout"]
        shapes, notes = ([*layout.get(key, [])] for key in ("shapes", "annotations"))
        marks = {}
        for count, values in self.moves[-10 * MARKS :]:
            marks[count] = marks.get(count, {}) | values
        marks, meta = [*marks.items()][-MARKS:], layout.get("meta", {})
        along = [*meta.get("count", []), *meta.get("window", [])]
        for axis in along:
            across = {"xref": axis, "y0": 0, "y1": 1, "yref": axis.replace("x", "y") + " domain"}
            shapes += [{"type": "line", "line": MARK, "layer": "below", "x0": at, "x1": at, **across} for at, _ in marks]
        notes += self._named(marks, along[0], layout.get(along[0].replace("x", "xaxis"), {})) if along else []
        for name in self._guessed([trace["name"] for trace in scene["data"]]):
            about = next(trace for trace in scene["data"] if GUESSED.format(trace["name"]) == name)
            axes = {key: about[key] for key in ("xaxis", "yaxis") if key in about}
            scene["data"] = [*scene["data"], {"type": "scatter", "name": name, "mode": "lines", "line": GUESS, **axes}]
        scene["layout"] = layout | {"shapes": shapes, "annotations": notes}
        return scene

    def framed(self):
        """The same as a plotly figure."""
        return go.Figure(self.scene())

    def _named(self, marks, axis, about):
        """The names of moved dials beside their marks on an axis; where names would meet, one for all, at the last mark."""
        log = about.get("type") == "log"  # notes: plotly wants the exponent
        low, high = about.get("range", (0, math.log10(max(self.count, 10)) if log else self.count))
        named = []
        for count, values in marks:
            at = math.log10(max(count, 1)) if log else count
            if named and at - named[-1][0] < NEAR * (high - low):
                values = named.pop()[1] | values
            named.append((at, values))
        place = {"xref": axis, "y": 1, "yref": axis.replace("x", "y") + " domain"}
        return [NOTE | {"text": self._moved_to(values), "x": at, **place} for at, values in named]

    def _moved_to(self, values):
        declared = self.Dials.declared()
        texts = [f"{declared[name].label} {declared[name].written(value)[:20]}" for name, value in values.items()]
        return figures.escaped(", ".join(texts))

    def drawn(self):
        """The figure as it stands, with its points."""
        figure, arrays = self.framed(), self.frame()
        for trace in figure.data:
            trace.update(arrays.get(trace.name, {}))
        return figure

    def picture(self):
        """The present figure as a still `Picture`, with its sentence."""
        return Picture(self.drawn(), self.sentence())

    def _guessed(self, names):
        """{name of the guess's trace: points} of the curves that were guessed and are open, over the traces of these names."""
        sealed, known = self.guesses.sealed, self.guesses.sealed.keys() & self.guesses.truths.keys()
        curves = {name: one.trace for name, one in self.guesses.asks.items() if one.trace in names and name in known}
        return {GUESSED.format(trace): dict(zip("xy", sealed[name].T, strict=True)) for name, trace in curves.items()}

    # Code and notebooks --------------------------------------------------------------------------------------------

    def code(self):
        """The lines of Python that make this very run."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.first.changed().items())
        lines, done = ["import nbt_edu as nbt", "", f"app = nbt.apps.{type(self).__name__}({arguments})"], 0
        if self.unwritten():
            lines.insert(2, f"# lacks {self.unwritten()}: pass it yourself")
        for count, values in self.moves:
            lines += [f"app.step({count - done})"] * (count > done)
            lines.append(f"app.set({', '.join(f'{name}={value!r}' for name, value in values.items())})")
            done = count
        lines += [f"app.step({self.count - done})"] * (self.count > done)
        return "\n".join([*lines, "print(app.sentence())"]) + "\n"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a kernel; a still picture and a sentence everywhere else."""
        from .shell import view_of

        bundle, about = view_of(self)._repr_mimebundle_(include=include, exclude=exclude)
        picture, size = self.picture()._repr_mimebundle_()
        line = {"app": self.name(), "state": self.state(), "count": self.count}
        return {**bundle, **picture, APP: line, "text/plain": repr(self)}, {**about, **size}
