"""Stacks of states: many of a kind in one, each array with a first axis more. Code that loops over them is compiled once."""

import numpy as np

from ..jit import generated


def stack(states):
    """One state of many: R of them -> the same tuples of arrays, (R, ...) each. Not compiled."""
    if isinstance(states[0], tuple):
        parts = [stack(part) for part in zip(*states, strict=True)]
        return type(states[0])(*parts) if hasattr(states[0], "_fields") else tuple(parts)
    room = np.zeros((len(states), *states[0].shape), states[0].dtype)
    for place, state in zip(room, states, strict=True):
        if state.any():  # zeros take no memory until they are written
            place[...] = state
    return room


def nth(states, r):
    """State r of a stack. Its arrays are views: what changes them in place changes the stack."""
    if isinstance(states, tuple):
        parts = [nth(part, r) for part in states]
        return type(states)(*parts) if hasattr(states, "_fields") else tuple(parts)
    return states[r, ...]


@generated(nth)
def _(states, r):
    if hasattr(states, "ndim"):
        return lambda states, r: states[r, ...]
    named = hasattr(states, "fields")
    parts = [f"states.{name}" for name in states.fields] if named else [f"states[{i}]" for i in range(len(states))]
    made = "".join(f"nth({part}, r), " for part in parts)
    scope = {"nth": nth, "State": states.instance_class if named else None}
    exec(f"def one(states, r):\n    return {'State' if named else ''}({made})", scope)
    return scope["one"]
