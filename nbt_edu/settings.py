"""Settings are small immutable objects. Here: the ranges of their fields, validation in one clear sentence, their text form.

A field says what it may be where it is declared: `rank: Whole(1, 4096) = 1`, `rate: Number(0, inf, open_high=True)`.
An argument of a public function passes a door, (name, value, ...) -> value: `whole`, `real`, `between`, `word`, `string`,
`switch`, `function`, `path`, `array`; or `implements.part`. What does not pass is a ValueError of one sentence, by `require`.
"""

import inspect
import math
import numbers
import os
import pathlib
import reprlib
from typing import Annotated, NamedTuple

import numpy as np


class Range(NamedTuple):
    """What a field may be. wanted: how the sentence goes on, "rank must be …"; made of the bounds where it is not given."""

    low: float
    high: float
    whole: bool
    open_low: bool = False
    open_high: bool = False
    wanted: str = ""

    def checked(self, name, value):
        """`value` as an int or float in this range, or ValueError with a sentence that names the field and the remedy."""
        if self.whole:
            return whole(name, value, self.low, self.high, self.wanted)
        value = real(name, value)
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        require(above and below, name, value, f"a number {self._bounds()}{self.wanted and f' ({self.wanted})'}")
        return value

    def _bounds(self):
        low = f"above {self.low:g}" if self.open_low else f"from {self.low:g}"
        if math.isinf(self.high):
            low = low if self.open_low else f"{self.low:g} or more"
            return f"{low}, and finite" if self.open_high else low
        return f"{low} up to, but not, {self.high:g}" if self.open_high else f"{low} up to {self.high:g}"


def Whole(low, high, of=""):
    """The type of a field that is a whole number from low to high; `of` says of what."""
    return Annotated[int, Range(low, high, True, wanted=of)]


def Number(low, high=math.inf, meaning="", open_low=False, open_high=False):
    """The type of a field that is a real number in a range; `meaning` says what its ends mean."""
    return Annotated[float, Range(low, high, False, open_low, open_high, meaning)]


SHOWN = 80  # characters of a value in a sentence, at most
_cut = reprlib.Repr()
_cut.maxstring = _cut.maxlong = _cut.maxother = SHOWN


def shown(value):
    """A value for a sentence, whatever it is: in one line, of at most 80 characters."""
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"an array of {value.dtype}, shape {value.shape}"[:SHOWN]
    try:
        text = " ".join(_cut.repr(value).split()).encode("utf-8", "backslashreplace").decode()
    except Exception:  # numbers beyond what Python writes down, foreign code
        text = f"a value of the type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def require(condition, name, value, wanted):
    """Raise ValueError with a sentence that names the argument and the remedy, unless `condition` holds."""
    if not condition:
        raise ValueError(f"{name} must be {wanted}, not {shown(value)}")


def whole(name, value, low, high, of=""):
    """`value` as an int between low and high (both included), or ValueError."""
    fits = _is_number(value) and low <= value <= high and int(value) == value
    ends = high < 10**12 or (_is_number(value) and value > high)
    wanted = f"a whole number from {low:,} to {high:,}" if ends else f"a whole number, {low} or more"
    require(fits, name, value, f"{wanted} {of}".rstrip())
    return int(value)


def real(name, value):
    """`value` as a float, or ValueError when it is not a number, is NaN, or beyond a float's range."""
    require(_is_number(value), name, value, "a number")
    try:
        return float(value)
    except OverflowError:
        require(False, name, value, "a number that a float can hold, up to 1.8e308")


def between(name, value, low, high):
    """`value` as a float between low and high (both included), or ValueError."""
    require(_is_number(value) and low <= value <= high, name, value, f"a number from {low:,} to {high:,}")
    return float(value)


def _is_number(value):
    """Whether it is a real number, and not NaN."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and bool(value == value)


def word(name, value, options):
    """`value`, one of these words, or ValueError."""
    listed = ", ".join(list(map(str, options))[:12])
    require(isinstance(value, str) and value in options, name, value, f"one of {listed or 'none: there is nothing to choose'}")
    return value


def string(name, value, wanted="a string"):
    """`value`, a string, or ValueError."""
    require(isinstance(value, str), name, value, wanted)
    return value


def switch(name, value):
    """`value`, True or False, or ValueError."""
    require(value is True or value is False, name, value, "True or False")
    return value


def precision(name, value):
    """The name of a dtype, "float64" or "float32", from that or from what numpy takes for it; else ValueError."""
    try:
        found = np.dtype(value).name if isinstance(value, str | type | np.dtype) else ""
    except (TypeError, ValueError):  # no dtype; or no text that could be one
        found = ""
    require(found in ("float64", "float32"), name, value, '"float64" or "float32"')
    return found


def function(name, value):
    """`value`, something to be called, or ValueError."""
    require(callable(value), name, value, "a function")
    return value


def file_name(name, value, wanted="the name of a file"):
    """`value` as a Path; ValueError for what is no file's name: a number, a text with a zero byte."""
    try:
        text = os.fspath(value)
        fits = isinstance(text, str) and text != "" and b"\0" not in os.fsencode(text)
    except (TypeError, UnicodeEncodeError):
        fits = False
    require(fits, name, value, wanted)
    return pathlib.Path(text)


def path(name, value, wanted="an existing file"):
    """`value` as a Path that is a file, or ValueError."""
    found = file_name(name, value, wanted)
    try:
        there = found.is_file()
    except OSError:  # too long a name
        there = False
    require(there, name, str(value), wanted)
    return found


def array(name, value, wanted="an array of real numbers", dimensions=None):
    """`value` as an array of float64, of so many dimensions, or ValueError."""
    try:
        found = np.ma.filled(value.astype(float), math.nan) if np.ma.isMaskedArray(value) else np.asarray(value)
        fits = found.dtype.kind in "biuf" and dimensions in (None, found.ndim)
    except Exception:  # ragged, no numbers, or foreign code
        fits = False
    require(fits, name, value, wanted)
    return found.astype(float)


def checked(cls):
    """Make a NamedTuple class convert and check its fields by annotation, where they have a range or are int or float.

    A whole number given for a float, or a numpy number, becomes Python's own: equal settings have equal types, so that
    compiled code is shared.
    """
    make, kinds = cls.__new__, {name: _range(kind) for name, kind in _annotations(cls).items()}

    def new(kind, *args, **kwargs):
        given = make(kind, *args, **kwargs)
        found = [kinds[name].checked(name, one) if kinds.get(name) else one for name, one in given._asdict().items()]
        return make(kind, *found)

    new.__wrapped__, new.__doc__, new.__name__ = make, make.__doc__, "__new__"
    cls.__new__ = new
    cls._make = classmethod(lambda kind, values: kind(*values))  # `_replace` goes through it
    return distinct(cls)


def _annotations(cls):
    return inspect.get_annotations(cls, eval_str=True)


def _range(kind):
    """The range of a field by its annotation, or None."""
    for one in getattr(kind, "__metadata__", ()):
        if isinstance(one, Range):
            return one
    return {int: Range(0, 2**62, True), float: Range(-math.inf, math.inf, False)}.get(kind)


def distinct(cls):
    """Class decorator for NamedTuples: equal only within the class. (As plain tuples, BPTT(1) would equal RTRL(1.0).)"""
    cls.__eq__ = lambda self, other: type(self) is type(other) and tuple.__eq__(self, other)
    cls.__ne__ = lambda self, other: not cls.__eq__(self, other)
    cls.__hash__ = lambda self: hash((type(self), tuple(self)))
    return cls


def described(settings):
    """The name of its class and its fields that are numbers or words, in a line: "SGD rate=0.1"."""
    fields = [(name, value) for name, value in settings._asdict().items() if isinstance(value, numbers.Real | str)]
    return " ".join([type(settings).__name__, *(f"{name}={value}" if isinstance(value, str) else f"{name}={value:g}"
                                                for name, value in fields)])  # fmt: skip


def to_dict(settings):
    """A settings object (a NamedTuple or a dataclass) as plain data, with the name of its class."""
    fields = settings._asdict() if isinstance(settings, tuple) else settings.fields()
    return {"class": _name(type(settings)), **fields}


class UnknownClass(ValueError):
    """A saved settings object whose class was not given."""


def from_dict(data, classes):
    """The settings object that `to_dict` described, its class found by name among `classes`; else UnknownClass."""
    fields = dict(data)
    name = fields.pop("class")
    known = {_name(cls): cls for cls in classes}
    if name not in known:
        raise UnknownClass(f"class must be one of {', '.join(sorted(known))} (pass your own in `classes`), not {shown(name)}")
    return known[name](**fields)


def _name(cls):
    """The name a class was given in its source."""
    return cls.__qualname__.rpartition(".")[2]
