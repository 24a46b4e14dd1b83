"""An app: one object that computes, says and draws. No widget is imported here; `shell` shows it.

    class Chain(App):                    apps/chain.py, 60 to 100 lines
        Dials = ChainDials               what can be set
        def build(self): ...             position 0, with self.dials
        def proceed(self, n): ...        n units of work (answers how many were done, if fewer)
        def moved(self, before): ...     a dial that acts within the work was moved
        def figure(self): ...            a plotly figure whose traces have names, and no points yet
        def arrays(self): ...            {name of a trace: {"x": ..., "y": ...} or {"z": ...}}
        def sentence(self): ...          what one who does not see the figure needs

`figure().layout.meta = {"count": ["x"]}` names the axes (plotly's names, numbered row by row; a logarithmic one begins at 1)
along which the work is counted: marks of moved dials stand there, and viewers show them from 0 on; those under "window" show
the range that the figure gives them. `arrays()` is also asked at 0, where they may be empty.
`self.count` is raised after `proceed` returns. An app may run for hours: thin what you keep.

It may also have: `moved(before)`, where a live dial does more than being read at the next piece; `asks`, sealed predictions
(`asks.Ask`); `telling` = {dial: values}, one or two dials with fifty states at most, and `telling_count`, the units after which
the static page shows them; `words()`, a text below the figure; `code()`, else the calls of the app itself; `finished`;
`around()`, what the figure depends on besides the dials; `program()` and `recompiled()`, where machine code runs (`compiling`).
All else is written once, here: pieces, thread, lock, pace, state line, marks, guesses, pictures.
"""

import copy
import json
import secrets
from typing import ClassVar

from .. import jit
from ..learning.progress import Bar
from ..settings import require, switch, whole
from .asks import Guesses
from .compiling import Compiled
from .dials import Dials
from .lines import read_line, write_line
from .owed import look_over_class
from .player import Player
from .showing import Showing
from .work import Working

PACES = (None, 100_000, 10_000, 1_000, 100)  # units a second that a viewer offers; None: as fast as it can


class App(Compiled, Working, Showing):
    """An app, from Python: `step(n)`, `set(rate=0.01)`, `play()`, `pause()`, `wait(count)`, `rewind()`, `new_seed()`,
    `reset()`, `guess(...)`, `state()`, `from_state(line)`, `code()`, `picture()`,
    `sentence()`; and `pace` (units a second), `pause_at`.

    Values of dials are those of `Dials`. compiled: None takes machine code where there is numba. projector: larger type and
    strokes. Raises ValueError for a value out of range; the app then stays as it was.
    """

    Dials = Dials
    title = ""  # what to see, a sentence
    unit = "steps"  # of work
    chunk = 1000  # units of a step
    asks = ()  # what is to be guessed before Run: `asks.Ask`
    telling: ClassVar = {}  # {dial: values} that the static page offers: one or two dials, at most fifty states together
    telling_count = 0  # units after which it shows them

    def __init__(self, compiled=None, projector=False, **values):
        look_over_class(type(self))
        self.dials, self.projector = self.Dials().replaced(**values), switch("projector", projector)
        self._wanted = self.compiled = jit.chosen(compiled)
        self._stand()
        self._begin()

    def __repr__(self):
        return f"<nbt_edu.apps.{type(self).__name__}, {self.count:,} {self.unit}>"

    # What an app owes: see above; and may say ----------------------------------------------------------------------

    def moved(self, before):
        """A dial that acts within the work was moved from where `before` says. Most apps read self.dials anyhow.

        Where it raises, it leaves all as it was.
        """

    def unwritten(self):
        """What no state line can hold, in a few words: objects given from Python. Empty where there is nothing."""
        values = [(name, one, getattr(self.dials, name)) for name, one in self.Dials.declared().items()]
        return ", ".join(
            f"{name} {json.dumps(one.written(value))}" for name, one, value in values if one.own and one.own(value)
        )

    @property
    def finished(self):
        """Whether no more work can be done."""
        return False

    # What one can do -----------------------------------------------------------------------------------------------

    def step(self, n=None):
        """Do n units of work (a chunk by default), with a progress bar when it takes long, then draw."""
        n = whole("n", self.chunk if n is None else n, 1, 10**12)
        with self.player.between(), Bar(n, self.unit, self.compiled) as bar:
            self.tell("")
            self.compile()
            try:
                self._do(n, bar.update)
            finally:
                self.publish(now=True)

    def set(self, **values):
        """Move dials. Some act within the work, some begin it anew. Answers True when it was begun anew."""
        with self.player.between():
            before, after = self.dials, self.dials.replaced(**values)
            restarts = before.restarts(after)
            if after == before:
                return False
            if restarts:
                self._begin(after)
                self.tell("begun anew with the new setting")
            else:
                self._move(before, after)
                if self.compiled == self._wanted:  # else the message says what is waited for
                    self.tell("")
            self.player.carefully()
            self.publish(now=True)
        return restarts

    def rewind(self):
        """Back to 0 with the same seed and dials; work that goes on goes on from there."""
        with self.player.between():
            self._begin()
            self.tell("rewound: the same seed, the same numbers")
            self.publish(now=True)

    def new_seed(self):
        """Another seed, drawn at random; never the one that is there."""
        drawn = secrets.randbelow(9_999)
        self.set(seed=drawn + (drawn >= self.dials.seed))

    def reset(self):
        """Default dials and pace, nothing guessed, paused at 0."""
        self.pause()
        with self.player.between():
            self.guesses, self.pace, self.pause_at = Guesses(self.asks), None, None
            self._begin(self.Dials())
            self.tell("default settings")
            self.publish(now=True)

    def play(self):
        """Work in the background until `pause`, `pause_at` or the end. Returns at once; the kernel stays free."""
        self._since = None
        if not self.player.playing:
            self.tell("")  # what was said while it paused
            self.player.play(lambda: self.follow(now=True))

    def pause(self):
        """Stop after the present piece. Returns at once; the last frame follows."""
        self.player.pause()
        if not self.player.working:
            self.follow(now=True)

    def wait(self, count=None, timeout=600.0):
        """Wait while it plays, until `count` units are done or it pauses; answers the count.

        Raises what the work raised, or TimeoutError.
        """
        self.awaited = True
        try:
            self.player.wait(lambda: count is not None and self.count >= count, timeout)
        finally:
            self.awaited = False
        return self.count

    def guess(self, **guesses):
        """Seal predictions, {name of what is asked: guess}; see `asks`. Raises ValueError once the run has begun."""
        begun = f"given before Run: {self.count:,} {self.unit} are done, so rewind first"
        require(not self.count, "guess", next(iter(guesses), None), begun)
        self.guesses.seal(**guesses)
        self.publish(now=True)

    def state(self):
        """What differs from the defaults, as a line to copy, for `from_state`; it says what it cannot hold."""
        line, lacking = write_line(self.name(), self.dials), self.unwritten()
        return f"{line}  # lacks {lacking}: no line can hold it" if lacking else line

    @classmethod
    def from_state(cls, line, projector=False, **given):
        """The app that a line of `state()` describes; a text too long for a line is given beside it. Raises ValueError."""
        return cls(projector=projector, **read_line(line, cls.name(), cls.Dials, given).values())

    @classmethod
    def name(cls):
        """The app's name in state lines and on the command line."""
        return cls.__name__.lower()

    def twin(self):
        """Another app with the same dials and objects, at 0, that nobody looks at."""
        other = copy.copy(self)
        other.viewers = ()
        other._stand()
        other._begin()
        return other

    # What the player and the widgets call ------------------------------------------------------------------------------

    def pressed_step(self):
        """A chunk, without waiting for the compiler (unless the app is `patient`)."""
        with self.player.between():
            self.tell("")
            self._prepare()
            self._ready()
            self._do(self.chunk)
            self.publish(now=True)

    def _stand(self):
        """Nothing plays, nothing is guessed, no pace is asked for."""
        self.player = Player(self._prepare, self._work, self.follow, self._failed)
        self.guesses, self.pace, self.pause_at, self.awaited = Guesses(self.asks), None, None, False

    def _begin(self, dials=None):
        """Position 0 with these dials; all as it was, if that is refused."""
        before = dict(vars(self))
        try:
            self.dials = self.dials if dials is None else dials
            self.first, self.count, self.moves, self._since = self.dials, 0, [], None
            self.build()
        except BaseException:
            vars(self).update(before)
            raise
        self.guesses.forget()
        self.player.carefully()

    def _move(self, before, after):
        self.dials = after
        try:
            self._as_it_stands()
            self.moved(before)
        except BaseException:
            self.dials = before
            raise
        if self.count:
            self.moves.append((self.count, before.moved(after)))
        else:
            self.first = after
