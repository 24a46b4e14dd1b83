"""`@implements(Estimator)`: a class becomes an immutable NamedTuple that fulfils a protocol, interpreted and compiled.

    @implements(Estimator)
    class Mine:                        # fields as in a dataclass; may inherit fields and methods from plain classes
        rank: Whole(1, 4096) = 1
        def begin(self, system): ...

What follows from the protocol's other methods (`protocols.follows`) need not be written. Fields are checked when an object
is made (`settings`); all methods may be called from compiled code (`jit`).
"""

import collections
import inspect

from . import jit
from .settings import checked

PLUMBING = {"__dict__", "__weakref__", "__annotations__", "__module__", "__qualname__", "__doc__", "__annotate_func__"}


def implements(protocol):
    """Class decorator, for a plain class with annotated fields or a NamedTuple class.

    Raises TypeError, with file and line, for a class without fields, one that lacks a method that the protocol asks for, or
    one whose method takes another number of arguments.
    """

    def declare(cls):
        where = f"{cls.__name__} ({place(cls)})"
        made = cls if issubclass(cls, tuple) else _named_tuple(cls)
        if not made._fields:
            raise TypeError(f"{where} has no field, and compiled code cannot pass it: give it one, such as `rate: float = 1.0`")
        wanted = {name: method for name, method in vars(protocol).items() if inspect.isfunction(method) and name[0] != "_"}
        for name, method in wanted.items():
            own = getattr(made, name, None)
            if own is None and not hasattr(method, "follows"):
                call = f"{name}{inspect.signature(method)}"
                raise TypeError(f"{where} lacks the method {call}, which {_a(protocol)} must have: {_first_line(method)}")
            if own is None:
                setattr(made, name, method)
            elif len(inspect.signature(own).parameters) != len(inspect.signature(method).parameters):
                wrong, right = (inspect.signature(one) for one in (own, method))
                raise TypeError(f"{where} has {name}{wrong}; {_a(protocol)} is asked {name}{right}: write it so")
        checked(made)
        jit.register(made, {name: one for name, one in vars(made).items() if _compiles(name, one)})
        made.protocol = protocol
        return made

    return declare


def required(**parts):
    """Raise TypeError with a sentence that names file and remedy, unless every part {role: object} was declared."""
    for role, part in parts.items():
        if not hasattr(type(part), "protocol"):
            cls, protocol = type(part), {"network": "System"}.get(role, role.capitalize())
            remedy = f"put @nbt.implements(nbt.protocols.{protocol}) above the class, or pass compiled=False"
            raise TypeError(f"{role} {cls.__name__} ({place(cls)}) cannot be compiled as it stands: {remedy}")


def place(thing):
    """File and line where a class or function was written, as far as Python knows."""
    try:
        return f"{inspect.getsourcefile(thing)}, line {inspect.getsourcelines(thing)[1]}"
    except (OSError, TypeError):
        return "a class without a source file"


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
