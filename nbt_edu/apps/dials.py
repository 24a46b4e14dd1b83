"""Dials: what can be set in an app, declared once. Validation, widgets, state lines, flags and tests all follow.

    @dataclass(frozen=True)
    class CloudDials(Dials):
        rank: Whole(1, 4096) = dial(1, "rank k", "pairs (v, w) that are averaged", soft=(1, 32))

The annotation says what a value may be, as in all settings (hard bounds, which raise); `soft` are the ends of the slider, the
hard bounds where they are left out. Numbers are `Whole` or `Number`, a choice is `str` with options, several of them `tuple`, a
text `str`. A dial acts within the work unless it says `restarts=True`. `seed` is there already.
"""

import dataclasses
import functools
import math
from collections.abc import Callable

from ..settings import Range, Whole, require, string

SEEDS = 2**53  # whole numbers that a browser can write


@dataclasses.dataclass(frozen=True)
class Dial:
    """What a field says of itself.

    kind: "whole", "real", "choice" (one of `options`), "several" (a tuple of some of them) or "text". options: {value: what is
    read}. soft: ends of the slider, log: whether it is logarithmic. restarts: whether a move begins the work anew, or acts
    within it. when: dials -> whether it has a meaning beside the others' values. own: object -> whether it is taken besides
    the options: such a value comes from Python and no state line can hold it.
    """

    default: object
    label: str
    tip: str
    soft: tuple = None
    log: bool = False
    restarts: bool = False
    options: dict = None
    when: Callable = None
    own: Callable = None
    kind: str = ""
    range: Range = None

    def checked(self, name, value):
        """The value as it is kept. Raises ValueError, naming the dial and the remedy."""
        if self.kind in ("whole", "real"):
            return self.range.checked(name, value)
        if self.kind == "text":
            return string(name, value, "a text").encode("utf-8", "replace").decode()  # half a character cannot travel to a page
        names = ", ".join(map(str, self.options))
        if self.kind == "several":
            some = [value] if isinstance(value, str) else value
            known = isinstance(some, list | tuple) and some
            known = known and all(isinstance(one, str) and one in self.options for one in some)
            require(known, name, value, f"some of {names}")
            return tuple(one for one in self.options if one in some)
        known = isinstance(value, str) and value in self.options
        also = "" if self.own is None else f", or a {name} of your own"
        require(known or (self.own is not None and self.own(value)), name, value, f"one of {names}{also}")
        return value

    def written(self, value):
        """A value as text, which `read` reads."""
        if self.kind == "several":
            return "+".join(value)
        if isinstance(value, str | int):
            return str(value)
        return repr(value) if isinstance(value, float) else str(getattr(value, "name", type(value).__name__))

    def read(self, name, text):
        """The value of a text, checked. Raises ValueError, naming the dial and the remedy."""
        kinds = {"whole": int, "real": float, "several": lambda some: tuple(some.split("+"))}
        try:
            value = kinds.get(self.kind, str)(text)
        except ValueError:
            value = text
        return self.checked(name, value)

    def ends(self):
        """Both ends of the dial, as a slider or a list has them."""
        if self.kind in ("whole", "real"):
            return self.soft
        return () if self.kind == "text" else tuple(self.options)


def dial(default, label, tip, **about):
    """A field of a `Dials` class: see `Dial`."""
    return dataclasses.field(default=default, metadata={"dial": Dial(default, label, tip, **about)})


@dataclasses.dataclass(frozen=True)
class Dials:
    """Values of an app's dials: immutable, checked. Derive from it, and decorate with `dataclass(frozen=True)`."""

    seed: Whole(0, SEEDS) = dial(0, "seed", "all that is random follows from it", soft=(0, 9999), restarts=True)

    def __post_init__(self):
        for name, one in self.declared().items():
            object.__setattr__(self, name, one.checked(name, getattr(self, name)))
        self.check()

    def check(self):
        """Refuse what does not go together, by ValueError: an app's own dials may say more."""

    @classmethod
    @functools.cache
    def declared(cls):
        """{name: Dial}, with kinds and hard bounds."""
        return {field.name: _declared(field) for field in dataclasses.fields(cls)}

    def values(self):
        """{name: value}."""
        return {name: getattr(self, name) for name in self.declared()}

    def changed(self):
        """{name: value} of those that differ from their defaults."""
        return {name: value for name, value in self.values().items() if value != self.declared()[name].default}

    def replaced(self, **values):
        """Other values. Raises ValueError for what is unknown or out of range."""
        known = self.declared()
        unknown = sorted(values.keys() - known.keys())
        require(not unknown, "dials", unknown, f"among {', '.join(known)}")
        return dataclasses.replace(self, **values)

    def moved(self, after):
        """{name: new value} of the dials that differ in `after`."""
        return {name: value for name, value in after.values().items() if value != getattr(self, name)}

    def restarts(self, after):
        """Whether going over to `after` begins the work anew."""
        return any(self.declared()[name].restarts for name in self.moved(after))

    def shown(self):
        """Names of the dials that have a meaning beside the others' values."""
        return [name for name, one in self.declared().items() if one.when is None or one.when(self)]

    def written(self):
        """{name: value as text}."""
        return {name: one.written(getattr(self, name)) for name, one in self.declared().items()}

    @classmethod
    def listed(cls):
        """The dials as plain data: what widgets and `nbt-edu apps --json` need. A bound that is infinite is None."""
        return [_listed(name, one) for name, one in cls.declared().items()]


def _declared(field):
    one = field.metadata["dial"]
    found = next((mark for mark in getattr(field.type, "__metadata__", ()) if isinstance(mark, Range)), None)
    if found:
        soft = one.soft or (found.low, found.high)
        fits = math.isfinite(soft[0]) and math.isfinite(soft[1])
        _fits(field, fits, "needs soft=(low, high), the ends of its slider: its bounds are not finite")
        return dataclasses.replace(one, kind="whole" if found.whole else "real", range=found, soft=soft)
    _fits(field, field.type in (str, tuple), "needs an annotation: Whole(low, high), Number(low, high), str or tuple")
    return dataclasses.replace(one, kind="several" if field.type is tuple else "choice" if one.options else "text")


def _fits(field, condition, what):
    if not condition:
        raise TypeError(f"dial {field.name} {what}")


def _listed(name, one):
    low, high = (one.range.low, one.range.high) if one.range else (None, None)
    about = {"name": name, "kind": one.kind, "default": _plain(one.default), "low": _plain(low), "high": _plain(high)}
    about |= {"restarts": one.restarts, "label": one.label, "tip": one.tip}
    if one.soft:
        about |= {"soft": list(one.soft), "log": one.log}
    return about | ({"options": one.options} if one.options else {})


def _plain(value):
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and math.isinf(value) else value
