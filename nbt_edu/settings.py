"""Settings are small immutable objects. Here: their validation, with one clear sentence, and their text form."""

import functools
import math
import numbers


def require(condition, name, value, wanted):
    """Raise ValueError with a sentence that names the argument and the remedy, unless `condition` holds."""
    if not condition:
        raise ValueError(f"{name} must be {wanted}, not {value!r}")


def whole(name, value, low, high):
    """`value` as an int between low and high (both included), or ValueError."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and value == value
    fits = fits and low <= value <= high and int(value) == value
    require(
        fits, name, value, f"a whole number from {low:,} to {high:,}" if high < 10**12 else f"a whole number, {low} or more"
    )
    return int(value)


def real(name, value):
    """`value` as a float, or ValueError when it is not a number or is NaN."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)
    require(fits, name, value, "a number")
    return float(value)


def between(name, value, low, high):
    """`value` as a float between low and high (both included), or ValueError."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and low <= value <= high
    require(fits, name, value, f"a number from {low:,} to {high:,}")
    return float(value)


def named(estimators, name):
    """{name: estimator} from such a mapping or from a sequence of estimators, named by their labels."""
    if isinstance(estimators, dict):
        return dict(estimators)
    labels = [one.label() for one in estimators]
    require(len(set(labels)) == len(labels), name, labels, "of different labels; else name them: {name: estimator}")
    return dict(zip(labels, estimators, strict=True))


def checked(cls):
    """Class decorator for NamedTuples of int and float fields: convert by annotation, then call `validate`.

    A whole number given for a float, or a numpy number, becomes Python's own: equal settings have equal types, so that
    compiled code is shared.
    """
    make = cls.__new__

    @functools.wraps(make)
    def new(kind, *args, **kwargs):
        given = make(kind, *args, **kwargs)
        values = []
        for name, value in given._asdict().items():
            kind_of_field = cls.__annotations__.get(name)
            if kind_of_field is int:
                value = whole(name, value, 0, 2**62)
            elif kind_of_field is float:
                value = real(name, value)
            values.append(value)
        self = make(kind, *values)
        self.validate()
        return self

    cls.__new__ = new
    cls._make = classmethod(lambda kind, values: kind(*values))  # `_replace` goes through it
    return distinct(cls)


def distinct(cls):
    """Class decorator for NamedTuples: equal only within the class. (As plain tuples, BPTT(1) would equal RTRL(1.0).)"""
    cls.__eq__ = lambda self, other: type(self) is type(other) and tuple.__eq__(self, other)
    cls.__ne__ = lambda self, other: not cls.__eq__(self, other)
    cls.__hash__ = lambda self: hash((type(self), tuple(self)))
    return cls


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
        raise UnknownClass(f"class must be one of {', '.join(sorted(known))} (pass your own in `classes`), not {name!r}")
    return known[name](**fields)


def _name(cls):
    """The name a class was given in its source."""
    return cls.__qualname__.rpartition(".")[2]
