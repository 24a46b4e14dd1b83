"""Race, live: RTRL, truncated BPTT and NoBackTrack learn the same text side by side while you move the sliders."""

import html
import secrets
import time

import ipywidgets as widgets

from .. import figures, race
from ..live import Player
from ..pictures import Picture
from .pacer import Pacer
from .view import RaceView

STATUS = 0.25  # seconds between two writings of the status line
MESSAGE = 5.0  # seconds for which a running race shows a message
TASKS = {"aⁿbⁿ": "anbn", "Shakespeare": "shakespeare", "your own text": "text"}
EXAMPLE = "to be or not to be, that is the question. "


class Race:
    """The race with sliders. The same object drives tests, keyboard and slides:

    `step(n)`, `set(rate=0.01, rank=4, ...)`, `play()`, `pause()`, `rewind()`, `new_seed()`, `reset()`, `state()`,
    `Race.from_state(line)`. Settings are those of `nbt_edu.race.Settings`.
    """

    def __init__(self, **settings):
        self.race = race.Race(**settings)
        self.view, self.pacer = RaceView(self.race.records), Pacer()
        self.player = Player(self.race.step, self._draw, self._compile, self.pacer.ready, self._failed)
        self._message, self._spoken, self._meter = ("", 0.0), 0.0, (0.0, 0)
        self._controls()
        self._show_settings()
        self._draw()

    def __repr__(self):
        return "<nbt_edu.apps.Race>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a kernel; a still picture and a sentence everywhere else."""
        bundle = dict(self.widget._repr_mimebundle_(include=include, exclude=exclude))
        if self.race.chars:
            bundle |= self.picture()._repr_mimebundle_()
        return bundle | {"text/plain": repr(self)}

    # What one can do ----------------------------------------------------------------------------------------------

    def step(self, chars=1000):
        """Let each method read `chars` characters, then draw."""
        with self.player.between():
            self.race.step(chars)
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
        return Picture(figures.race(self.race.records), self.race.sentence())

    # The widgets --------------------------------------------------------------------------------------------------

    def _controls(self):
        wide, style = widgets.Layout(width="268px"), {"description_width": "96px"}

        def slider(kind, description, tooltip, **range_):
            return kind(description=description, tooltip=tooltip, style=style, layout=wide, **range_)

        whole, real, log = widgets.IntSlider, widgets.FloatSlider, widgets.FloatLogSlider
        self.inputs = {
            "rate": slider(log, "learning rate", "η: how far each gradient moves the parameters. Acts at once",
                           min=-5, max=0, step=0.05, readout_format=".2g"),
            "beta": slider(real, "λ exponent β", "0: no scaling, 1: equal norms. Acts at once", min=0, max=1, step=0.05),
            "rank": slider(whole, "rank k", "number of pairs (v, w) averaged by NoBackTrack. Acts at once", min=1, max=32),
            "window": slider(whole, "truncation T", "BPTT looks back at most T characters. Acts at once", min=1, max=64),
            "N": slider(whole, "longest n", "aⁿbⁿ with n from 1 to this. Restarts the race", min=2, max=64),
            "units": slider(whole, "units", "size of the network. Restarts the race", min=2, max=64),
            "task": widgets.Dropdown(options=TASKS, description="text", style=style, layout=wide,
                                     tooltip="what is to be predicted. Restarts the race"),
            "seed": widgets.IntText(description="seed", style=style, layout=wide, continuous_update=False,
                                    tooltip="weights, text and signs follow from it. Restarts the race"),
            "text": widgets.Textarea(description="your text", style=style, layout=widgets.Layout(width="99%", height="90px"),
                                     continuous_update=False, placeholder="paste any text here, then click elsewhere",
                                     tooltip="the text to be predicted. Restarts the race"),
        }  # fmt: skip
        for name in "N", "units":
            self.inputs[name].continuous_update = False
        self._listening = True
        for name, widget in self.inputs.items():
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        actions = {
            "Run": (self._toggle, "start or pause the race"),
            "Step": (lambda: self.step(1000), "let each method read 1,000 characters"),
            "Rewind": (self.rewind, "back to character 0, same seed"),
            "New seed": (self.new_seed, "another seed, at random"),
            "Reset": (self.reset, "default settings, character 0"),
        }
        self.buttons = {}
        for name, (action, tooltip) in actions.items():
            button = widgets.Button(description=name, tooltip=tooltip, layout=widgets.Layout(width="84px"))
            button.on_click(lambda _, action=action: self._do(action))
            self.buttons[name] = button
        self.status = widgets.HTML(layout=widgets.Layout(min_height="44px", width="99%"))
        self.line = widgets.Text(description="state", style={"description_width": "40px"}, continuous_update=False,
                                 tooltip="copy this line to keep a race; paste one to get it back",
                                 layout=widgets.Layout(width="360px"))  # fmt: skip
        self.line.observe(lambda change: self._pasted(change["new"]), "value")
        names = ("rate", "beta", "rank", "task", "N", "window", "units", "seed")
        grid = widgets.GridBox([self.inputs[name] for name in names],
                               layout=widgets.Layout(grid_template_columns="repeat(3, 33.3%)"))  # fmt: skip
        bar = widgets.HBox([*self.buttons.values(), self.line], layout=widgets.Layout(align_items="center"))
        parts = [grid, self.inputs["text"], bar, self.status, self.view.widget, self.pacer]
        self.widget = widgets.VBox(parts, layout=widgets.Layout(width="842px"))

    def _show_settings(self):
        """Widgets follow the settings, without acting on them."""
        self._listening = False
        settings = self.race.settings
        for name, widget in self.inputs.items():
            widget.value = getattr(settings, name)
        self.line.value = self.state()
        self._listening = True
        self.inputs["text"].layout.display = None if settings.task == "text" else "none"
        self.inputs["N"].disabled = settings.task != "anbn"

    def _moved(self, name, value):
        if name == "rate":
            value = float(f"{value:.2g}")  # a log slider's steps, such as 10^-2.7, as people write them: 0.002
        if self._listening and value != getattr(self.race.settings, name):
            own = {"text": EXAMPLE} if name == "task" and value == "text" and not self.race.settings.text else {}
            self._do(lambda: self.set(**{name: value}, **own))

    def _pasted(self, line):
        if self._listening and line != self.state():
            self._do(lambda: self.set(**{**vars(race.Settings()), **race.parse_state(line)}))

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
        """Machine code for these learners, made on copies so that sliders are free meanwhile."""
        self._tell("compiling (once)…")
        self._say()
        race.Race(**vars(self.race.settings)).step(1)
        self._tell("")

    def _failed(self, error):
        self._tell(f"stopped: {type(error).__name__}: {error}")
        self._say()
        self._buttons()

    def _draw(self):
        self.view.draw(self.race.records)
        self.pacer.mark()
        if self.race.finished:
            self.player.pause()
        if time.monotonic() - self._spoken > STATUS or not self.player.playing:
            self._say()
            self._buttons()

    def _tell(self, message):
        """A message for the status line: it stays until the next one, or MESSAGE seconds of running."""
        self._message = message, time.monotonic()

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
        self.status.value = f"{message}{state}{speed} · {html.escape(self.race.sentence())}"

    def _buttons(self):
        self.buttons["Run"].description = "Pause" if self.player.playing else "Run"
