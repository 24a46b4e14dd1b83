"""Race, live: RTRL, truncated BPTT and NoBackTrack learn the same text side by side while you move the sliders."""

import html
import math
import secrets
import time

from ... import figures, warm
from ...figures.picture import Picture
from .. import race
from .controls import Controls
from .player import Player
from .view import RaceView

STATUS = 0.25  # seconds between two writings of the status line
MESSAGE = 5.0  # seconds for which a running race shows a message
EXAMPLE = "to be or not to be, that is the question. "


class Race:
    """The race with sliders. The same object drives tests, keyboard and slides:

    `step(n)`, `set(rate=0.01, rank=4, ...)`, `play()`, `pause()`, `rewind()`, `new_seed()`, `reset()`, `state()`,
    `Race.from_state(line)`. Settings are those of `nbt_edu.apps.race.Settings`.
    """

    def __init__(self, **settings):
        self.race = race.RaceModel(**settings)
        self.view = RaceView(self.race.records)
        self.player = Player(self._advance, self._draw, self._compile, self.view.widget.ready, self._failed)
        self._compiler = None
        self._message, self._spoken, self._meter = ("", 0.0), 0.0, (0.0, 0)
        self.controls = Controls(self._moved, self._pasted, lambda name: self._do(actions[name]))
        actions = {
            "Run": self._toggle,
            "Step": self.step,
            "Rewind": self.rewind,
            "New seed": self.new_seed,
            "Reset": self.reset,
        }
        self.widget = self.controls.around(self.view.widget)
        self._show_settings()
        self._draw()

    def __repr__(self):
        return "<nbt_edu.apps.Race>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a kernel; a still picture and a sentence everywhere else."""
        bundle, about = dict(self.widget._repr_mimebundle_(include=include, exclude=exclude)), {}
        if self.race.chars:
            picture, about = self.picture()._repr_mimebundle_()
            bundle |= picture
        return bundle | {"text/plain": repr(self)}, about

    # What one can do ----------------------------------------------------------------------------------------------

    def step(self, chars=1000):
        """Let each method read `chars` characters, then draw."""
        with self.player.between():
            if warm.needed():
                self._compile()
            self._advance(chars)
            if not self._compiler:
                self._tell("")
            self._draw()

    def set(self, **values):
        """Change settings within the running race. Task, N, text, units, leak and seed restart it, and say so.

        Raises ValueError for a setting out of range; nothing is lost.
        """
        with self.player.between():
            restarted = self.race.set(**values)
        self._tell("restarted at character 0 with the new setting" if restarted else "")
        self._show_settings()
        if restarted or not self.player.playing:
            with self.player.between():
                self._draw()

    def play(self):
        """Run. Returns at once; the kernel stays free."""
        self._meter = (time.monotonic(), self.race.chars)
        self.player.play()
        self._buttons()

    def pause(self):
        """Stop after the present piece. Returns at once; the last frame follows."""
        self.player.pause()
        self._buttons()

    def rewind(self):
        """Back to character 0 with the same seed and settings; a running race goes on from there."""
        with self.player.between():
            self.race.rewind()
            self._tell("rewound: the same seed, the same numbers")
            self._draw()

    def new_seed(self):
        """Another seed, drawn at random: other weights, another text, other signs."""
        self.set(seed=secrets.randbelow(10_000))

    def reset(self):
        """Default settings, character 0, paused."""
        self.pause()
        with self.player.between():
            self.race.reset()
            self._tell("default settings")
            self._show_settings()
            self._draw()

    def state(self):
        """The settings as a short line to copy."""
        return self.race.state()

    @classmethod
    def from_state(cls, line):
        """The app that a line of `state()` describes. Raises ValueError when it cannot be read."""
        return cls(**race.parse_state(line))

    def picture(self):
        """The present figure as a still `Picture`, with its sentence."""
        return Picture(figures.side_by_side(self.race.records), self.race.sentence())

    # What the widgets do -------------------------------------------------------------------------------------------

    def _moved(self, name, value):
        own = {"text": EXAMPLE} if name == "task" and value == "text" and not self.race.settings.text else {}
        self._do(lambda: self.set(**{name: value}, **own))

    def _pasted(self, line):
        self._do(lambda: self.set(**{**vars(race.Settings()), **race.parse_state(line)}))

    def _show_settings(self):
        self.controls.show(self.race.settings, self.state())

    def _toggle(self):
        self.pause() if self.player.playing else self.play()

    def _do(self, action):
        """Run what a widget asks for; what cannot be done is said in the status line, and the race goes on."""
        try:
            action()
        except ValueError as error:
            self._tell(str(error))
            self._show_settings()
            self._say()

    # What the player calls ----------------------------------------------------------------------------------------

    def _compile(self):
        """Machine code for these learners: kept from before, or made by another process while they run interpreted."""
        if warm.needed():
            self._compiler, self.race.compiled = warm.elsewhere(), False
            self._tell("compiling (once), half a minute: slow until then…", stays=True)
            self._say()
        else:
            self._load()

    def _load(self):
        """Fetch machine code from the disk, on copies so that sliders are free meanwhile; make it here, if need be."""
        self._tell("compiling (once)…")
        self._say()
        race.RaceModel(**vars(self.race.settings)).step(1)
        self._tell("")

    def _advance(self, chars):
        if self._compiler and self._compiler.poll() is not None:
            self._compiler, self.race.compiled = None, True
            self._load()
        self.race.step(chars)

    def _failed(self, error):
        self._tell(f"stopped: {type(error).__name__}: {error}")
        self._say()
        self._buttons()

    def _draw(self):
        self.view.draw(self.race.records)
        if self.race.finished:
            self.player.pause()
        if time.monotonic() - self._spoken > STATUS or not self.player.playing:
            self._say()
            self._buttons()

    def _tell(self, message, stays=False):
        """A message for the status line: it stays until the next one, or MESSAGE seconds of running."""
        self._message = message, math.inf if stays else time.monotonic()

    def _say(self):
        """The status line: message, characters, speed, and the race in one sentence."""
        now, chars = time.monotonic(), self.race.chars
        then, before = self._meter
        speed = ""
        if self.player.playing and chars > before and now - then > 0.2:
            speed = f" · {3 * (chars - before) / (now - then):,.0f} characters/s"
            self._meter = (now, chars)
        self._spoken = now
        state = "running" if self.player.playing else "paused"
        message, told = self._message
        if self.player.playing and self.race.chars and now - told > MESSAGE:
            message = ""
        message = f"<b>{html.escape(message)}</b><br>" if message else ""
        self.controls.status.value = f"{message}{state}{speed} · {html.escape(self.race.sentence())}"

    def _buttons(self):
        self.controls.buttons["Run"].description = "Pause" if self.player.playing else "Run"
