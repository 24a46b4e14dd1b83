"""`@implements(Estimator)`: a class becomes an immutable NamedTuple that fulfils a protocol, interpreted and compiled.

    @implements(Estimator)
    class Mine:                        # fields as in a dataclass; may inherit fields and methods from plain classes
        rank: Whole(1, 4096) = 1
        def begin(self, system): ...

What follows from the protocol's other methods (`protocols.follows`) need not be written. Fields are checked when an object
is made (`settings`); all methods may be called from compiled code (`jit`).
"""

import collections
import functools
import inspect
import math

import numpy as np

from . import jit
from .jit.places import name_of, place
from .kernels import aligned
from .protocols import Estimator, Network, Optimizer, System, Task
from .settings import checked, require, shown, string

PLUMBING = {"__dict__", "__weakref__", "__annotations__", "__module__", "__qualname__", "__doc__", "__annotate_func__"}


def implements(protocol):
    """Class decorator, for a plain class with annotated fields or a NamedTuple class.

    Raises TypeError, with file and line, for a class that lacks a method that the protocol asks for, or one whose method takes
    another number of arguments.
    """

    def declare(cls):
        where = f"{cls.__name__} ({place(cls)})"
        new = [one for one in inspect.get_annotations(cls) if one not in getattr(cls, "_fields", (one,))]
        if new:
            remedy = "write a class that holds an object of it in a field, or one with all of its fields"
            raise TypeError(f"{where} adds the field {new[0]} to a class that is a NamedTuple already: {remedy}")
        made = cls if issubclass(cls, tuple) else _named_tuple(cls)
        wanted = _methods(protocol)
        _renew(made, wanted, cls)
        _renew_below(made, wanted)
        for name, method in wanted.items():
            own = getattr(made, name, None)
            if own is None and not hasattr(method, "follows"):
                call = f"{name}{inspect.signature(method)}"
                raise TypeError(f"{where} lacks the method {call}, which {_a(protocol)} must have: {_first_line(method)}")
            if own is None:
                setattr(made, name, method)
            elif len(inspect.signature(own).parameters) != len(inspect.signature(method).parameters):
                wrong, right = (inspect.signature(one) for one in (own, method))
                here = f"{cls.__name__}.{name} ({place(own)})"
                raise TypeError(f"{here} takes {wrong}; {_a(protocol)} is asked {name}{right}: write it so")
        checked(made)
        jit.register(made, {name: one for name, one in inspect.getmembers(made) if _compiles(name, one)})
        made.protocol = protocol
        return made

    return declare


def _methods(protocol):
    return {name: method for name, method in vars(protocol).items() if inspect.isfunction(method) and name[0] != "_"}


def _renew(made, wanted, cls):
    """Give `made` the protocol's shortcuts, in place of inherited ones for what the class `cls` has written anew."""

    def depth(name):
        return next((i for i, base in enumerate(cls.__mro__) if name in vars(base)), math.inf)

    for name, method in wanted.items():
        if any(depth(one) < depth(name) < math.inf for one in getattr(method, "sources", ())):
            setattr(made, name, method)


def _renew_below(made, wanted):
    """The same for each class below `made`, declared or not."""
    own = vars(made).get("__init_subclass__")

    def __init_subclass__(cls, **more):
        if own:
            own.__func__(cls, **more)
        else:
            super(made, cls).__init_subclass__(**more)
        _renew(cls, wanted, cls)

    made.__init_subclass__ = classmethod(__init_subclass__)


class Described:
    """What a learner is given as a readout, which it then sizes."""

    def build(self, units, outputs):
        """A `protocols.Readout` of so many units, for so many symbols or components."""


KINDS = {  # of parts: what a part of a kind must have, and an example
    "task": (Task, "nbt.AnBn(32)"),
    "network": (Network, "nbt.LeakyRNN(10, 0.3)"),
    "estimator": (Estimator, "nbt.NoBackTrack()"),
    "optimizer": (Optimizer, "nbt.SGD(0.01)"),
    "readout": (Described, "nbt.Softmax()"),
    "system": (System, "what nbt.LeakyRNN(10, 0.3).build makes"),
}
SAVING = {"fields"}  # which only a part that is to be saved must have


def part(name, value, kind="", default=None):
    """`value`, an object that has all that a part of this kind (by default: of this name) must have.

    Else ValueError, or TypeError where a declaration is missing. Own classes are as welcome as ours. None stands for the
    default, where there is one.
    """
    if value is None and default is not None:
        return default
    kind = kind or name
    protocol, example = KINDS[kind]
    wanted = f"{'an' if kind[0] in 'aeio' else 'a'} {kind}, such as {example}"
    if isinstance(value, type):
        raise ValueError(f"{name} must be {wanted}, not the class {shown(value.__name__)} itself: call it")
    methods = _methods(protocol)
    needed = {*inspect.get_annotations(protocol), *methods} - SAVING
    having = {one for one in needed if inspect.getattr_static(value, one, None) is not None or hasattr(value, one)}
    there = {one for one in having if one not in methods or _takes(getattr(value, one), methods[one])}
    follows = {one for one in needed if hasattr(methods.get(one), "follows")}
    lacking, own = ", ".join(sorted(needed - there)), ", ".join(sorted(needed - there - follows))
    if lacking and not own:
        remedy = f"put @nbt.implements(nbt.protocols.{protocol.__name__}) above the class"
        cls = type(value)
        raise TypeError(f"{name} {name_of(cls)} ({place(cls)}) lacks {lacking}, which follow from what it has: {remedy}")
    require(not lacking, name, value, f"{wanted}, with {own}" if needed & there else wanted)
    return value


def lacking(estimator, system):
    """What an estimator needs and a system does not offer, in words; or ""."""
    return ", ".join(sorted({*getattr(estimator, "needs", ())} - {*getattr(system, "offers", ())}))


def _takes(own, method):
    """Whether a bound method can be called as the protocol's is."""
    if inspect.ismethod(own) and inspect.isfunction(own.__func__):
        return _fits(own.__func__, method)
    return _called(own, [*inspect.signature(method).parameters][1:])


@functools.lru_cache(maxsize=1000)  # learners are made by the thousand, and a signature takes as long as all the rest
def _fits(function, method):
    return _called(function, inspect.signature(method).parameters)


def _called(function, given):
    try:
        inspect.signature(function).bind(*given)
    except TypeError:
        return False
    except ValueError:  # one of C, which does not say what it takes
        pass
    return True


def named(estimators, name):
    """{name: estimator} from such a mapping, or from estimators one after another, named by their labels; else ValueError."""
    if isinstance(estimators, dict):
        each = {string(f"each name in {name}", key): one for key, one in estimators.items()}
        return {key: part(f"{name}[{shown(key)}]", one, "estimator") for key, one in each.items()}
    wanted = "a list of estimators, or {name: estimator}"
    require(isinstance(estimators, list | tuple) and not hasattr(estimators, "_fields"), name, estimators, wanted)
    labels = [part(f"each of {name}", one, "estimator").label() for one in estimators]
    require(len(set(labels)) == len(labels), name, labels, "of different labels; else name them: {name: estimator}")
    return dict(zip(labels, estimators, strict=True))


def required(**parts):
    """Raise TypeError with a sentence that names file and remedy, unless every part {role: object} was declared."""
    for role, part in parts.items():
        if "protocol" not in vars(type(part)):  # an inherited one does not know what the class has written anew
            cls, protocol = type(part), {"network": "System"}.get(role, role.capitalize())
            remedy = f"put @nbt.implements(nbt.protocols.{protocol}) above the class, or pass compiled=False"
            raise TypeError(f"{role} {name_of(cls)} ({place(cls)}) cannot be compiled as it stands: {remedy}")


def begun(part, argument):
    """The state that an estimator or optimizer begins with. TypeError, with file, line and field, unless made of arrays."""
    return _of_arrays(part, part.begin(argument))


def begun_both(optimizer, theta, readout_theta):
    """The states that an optimizer begins with, for the recurrent theta and the readout's. TypeError unless made of arrays."""
    return _of_arrays(optimizer, optimizer.begin_both(theta, readout_theta))


def _of_arrays(part, state):
    misfit = _misfit(state)
    if misfit:
        owner, field, value = misfit
        where = f"{name_of(type(part))}.begin ({place(type(part).begin)})"
        what = "a state that" if owner is None else f"a {name_of(type(owner))} whose {field}"
        kind = "of the dtype object" if isinstance(value, np.ndarray) else f"of the type {type(value).__name__}"
        raise TypeError(f"{where} answers {what} is {kind}: make it an array of numbers, which is changed in place")
    return aligned(state)


def _misfit(state, owner=None, field=""):
    """What is not an array in a state: (the tuple that holds it, its field's name, itself); or None."""
    if isinstance(state, tuple):
        fields = getattr(state, "_fields", range(len(state)))
        found = (_misfit(one, state, name) for name, one in zip(fields, state, strict=True))
        return next(filter(None, found), None)
    return None if getattr(getattr(state, "dtype", None), "kind", "O") in "biufc" else (owner, field, state)


def _compiles(name, one):
    return inspect.isfunction(one) and not name.startswith("__") and name not in NAMED_TUPLE


def _named_tuple(cls):
    """The NamedTuple class of a plain class: fields and methods of its bases first, then its own."""
    fields, body = {}, {}
    for base in reversed(cls.__mro__[:-1]):
        fields |= inspect.get_annotations(base, eval_str=True)
        body |= {name: value for name, value in vars(base).items() if name not in PLUMBING}
    defaults = [body.pop(name) for name in fields if name in body]
    made = collections.namedtuple(cls.__name__, fields, defaults=defaults, module=cls.__module__)
    made.__doc__, made.__qualname__, made.__annotations__ = cls.__doc__, cls.__qualname__, fields
    for name, value in body.items():
        setattr(made, name, value)
    return made


def _a(protocol):
    return f"{'an' if protocol.__name__[0] in 'AEIO' else 'a'} {protocol.__name__}"


def _first_line(method):
    return (method.__doc__ or "").strip().splitlines()[0]


NAMED_TUPLE = {name for name in vars(collections.namedtuple("_", "x")) if name.startswith("_")}
