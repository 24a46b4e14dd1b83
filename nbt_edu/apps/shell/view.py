"""The widget of an app. It follows what the app publishes, as fast as the page draws, and obeys what the page asks for.

To the page go `about` (once), `status` (four times a second), `figure` (the figure without points, when it has changed) and
`frame` (the points). From the page come messages (`messages.py`), and besides them: {"do": "plotly"} asks for plotly.js,
"code" for the app's lines of Python, "drawn" says which frame was drawn, "here" that a page is still there.
"""

import time

import anywidget
import traitlets
from plotly.io import to_json

from ..app import PACES
from . import packing
from .messages import obey
from .turns import Turns, origin

STATUS = 0.25  # seconds between two writings of the status
FRAME = 1 / 15  # seconds between two frames
IN_FLIGHT = 2  # frames sent and not yet drawn, at most: they never pile up on a slow machine
SILENCE = 1.0  # seconds without an answer (a hidden tab, no browser) after which a frame is sent all the same
GONE = 600.0  # seconds without a sign of a page that was there, after which work that goes on is paused


def view_of(app):
    """The app's one widget."""
    view = next((one for one in app.viewers if isinstance(one, View)), None)
    if view is None:
        view = View(app)
        app.viewers = (*app.viewers, view)
    return view


class View(anywidget.AnyWidget):
    """`follow(now)` is called by the app when there may be something new: now, or when there is time."""

    _esm, _css = packing.script(), packing.styles()
    about = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)  # of the dials, as texts: sent when they change, for they may be long
    figure = traitlets.Unicode().tag(sync=True)  # JSON; the points of its traces are those of the frame
    frame = traitlets.Dict().tag(sync=True)  # its number, and {trace: {"x": points, ...}}

    def __init__(self, app):
        self.app, self.drawn, self._number, self._here = app, 0, 0, None
        self._said = self._sent = 0.0
        self._around, self._owed, self._refused, self._trouble = None, False, None, ""
        self._answered, self._turns = {}, Turns(self._obeyed)  # {page: number of its last message that was obeyed}
        super().__init__()
        self.about = {
            "name": app.name(), "title": app.title, "unit": app.unit, "chunk": app.chunk, "projector": app.projector,
            "paces": list(PACES), "dials": [_ordered(one) for one in app.Dials.listed()],
        }  # fmt: skip
        self.on_msg(self._heard)
        self.follow(now=True)

    def follow(self, now=False):
        """Send what is due. now: the status in any case, and the frame as soon as the page can draw it."""
        clock = time.monotonic()
        now = now or not self.app.player.playing  # the last word of work that has paused by itself
        self._owed |= now
        says, draws = now or clock - self._said >= STATUS, (self._owed or clock - self._sent >= FRAME) and self.ready()
        if not (says or draws):
            return
        with self.app.player.between(), self.hold_sync():
            self._abandoned(clock)
            if draws:
                self._trouble = self._tried(self._draw)
            trouble = self._tried(self._say) if says else ""
            if trouble or (draws and self._trouble):
                self._told(trouble or self._trouble)

    def ready(self):
        """Whether the page can take another frame."""
        return self._number - self.drawn < IN_FLIGHT or time.monotonic() - self._sent >= SILENCE

    def _draw(self):
        around = self.app.around()
        if around != self._around:
            self._around, self.figure = around, to_json(self.app.scene(), validate=False)
        self._number, self._sent, self._owed = self._number + 1, time.monotonic(), False
        self.frame = {"number": self._number, "traces": packing.packed(self.app.frame())}

    def _say(self):
        self._said = time.monotonic()
        status = self.app.status()
        asks = [_ordered(one) for one in status["asks"]]
        status["message"] = self._trouble or status["message"]
        alert = self._trouble or status["message"] == self._refused or status["message"].startswith("stopped: ")
        self.values = status.pop("values")
        about = {"asks": asks, "alert": bool(alert), "answered": dict(self._answered)}
        self.status = {**status, **about, "number": self.status.get("number", 0) + 1}

    def _tried(self, part):
        """What went wrong in the app's figure, arrays or sentence, in words: the work goes on, what was computed is kept."""
        try:
            part()
        except Exception as error:
            self._sent, self._owed = time.monotonic(), False
            return f"cannot be shown: {type(error).__name__}: {error}"
        return ""

    def _told(self, message):
        about = {"playing": self.app.player.playing, "count": self.app.count, "number": self.status.get("number", 0) + 1}
        self.status = {**self.status, **about, "message": message, "alert": True}

    def _abandoned(self, clock):
        """Pause what nobody looks at any longer: a closed notebook must not keep a processor busy for ever."""
        if self.app.awaited:  # the kernel waits in a cell, and hears nobody
            self._here = clock
        if self._here is not None and clock - self._here > GONE and self.app.player.playing:
            self._here = None
            self.app.tell(f"paused: no page has shown this app for {GONE / 60:.0f} minutes", stays=True)
            self.app.pause()

    def _heard(self, _, message, __):
        self._here = time.monotonic()
        do = message.get("do") if isinstance(message, dict) else None
        if do == "drawn":
            self.drawn = max(self.drawn, min(int(message["number"]), self._number))
            if self._owed:
                self.follow()
        elif do == "plotly":
            self.send({"plotly": True}, buffers=[packing.plotly_js()])
        elif do == "code":
            self.send({"code": self._code()})
        elif do != "here":
            self._turns.take(message)

    def _code(self):
        with self.app.player.between():
            return self.app.code()

    def _obeyed(self, message):
        """Whatever comes of a message, the page then shows what is true."""
        before = self.status["number"]
        try:
            obey(self.app, message)
        except ValueError as error:
            self._refused = str(error)
            self.app.tell(self._refused)
        except Exception as error:
            self.app.tell(f"stopped: {type(error).__name__}: {error}", stays=True)
            raise
        finally:
            page, number = origin(message)
            self._answered[page] = max(number, self._answered.get(page, 0))
            if self.app.player.playing or self.status["number"] == before:
                self.app.publish(now=True)
            else:  # the app has published what it did
                self.status = {**self.status, "answered": dict(self._answered)}


def _ordered(one):
    """With its options as a list of pairs: a browser would put options that look like numbers in an order of its own."""
    options = one.get("options")
    return {**one, "options": [[str(value), text] for value, text in options.items()]} if options else one
