"""Buffers of tapes: a NamedTuple of numbers and arrays, with one axis more. They follow from the tape's fields."""

import numpy as np

from ..jit import generated
from .vectors import assign


def buffer(system, length):
    """Room for so many tapes of a system: zeros, each field with a first axis more."""
    _, tape = system.step(system.start(), system.x0)
    return _room(tape, length)


def _room(tape, length):
    if isinstance(tape, tuple):
        return type(tape)(*(_room(part, length) for part in tape))
    part = np.asarray(tape)
    return np.zeros((length, *part.shape), part.dtype)


def store(tapes, t, tape):
    """Copy a tape to place t of a buffer."""
    for field, part in zip(tapes, tape, strict=True):
        if isinstance(part, tuple):
            store(field, t, part)
        else:
            field[t] = part


def load(tapes, t):
    """The tape at place t of a buffer."""
    return type(tapes)(*(load(field, t) if isinstance(field, tuple) else field[t] for field in tapes))


@generated(store)
def _(tapes, t, tape):
    copy = {
        "number": "tapes.{0}[t] = tape.{0}",
        "array": "assign(tapes.{0}[t], tape.{0})",
        "tape": "store(tapes.{0}, t, tape.{0})",
    }
    lines = [copy[_kind(kind)].format(name) for name, kind in zip(tape.fields, tape.types, strict=True)]
    return _made("store(tapes, t, tape)", lines, {"assign": assign, "store": store})


@generated(load)
def _(tapes, t):
    parts = [f"load(tapes.{name}, t)" if _kind(kind) == "tape" else f"tapes.{name}[t]"
             for name, kind in zip(tapes.fields, tapes.types, strict=True)]  # fmt: skip
    return _made("load(tapes, t)", [f"return Tape({', '.join(parts)})"], {"load": load, "Tape": tapes.instance_class})


def _kind(kind):
    """Of a numba type."""
    return "tape" if hasattr(kind, "fields") else "array" if hasattr(kind, "ndim") else "number"


def _made(head, lines, scope):
    exec(f"def {head}:\n    " + "\n    ".join(lines), scope)
    return scope[head.partition("(")[0]]
