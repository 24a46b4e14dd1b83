"""In which precision a learner computes: its parameters, and so all states, are of one dtype.

float64 is for proofs and comparisons. float32 has 7 digits for 16, half of the memory, and twice as many numbers in a vector
instruction: what is large runs nearly twice as fast. What counts steps or updates stays float64, as do losses and records,
and what is measured of a learner (`exact_parts`): float32 would not count beyond 2^24.
"""

import inspect

import numpy as np

from ..kernels import owned, shared
from ..protocols import Entries
from ..settings import require
from .randomness import generator


def built(network, readout, task, seed, dtype):
    """The system and the readout that a network and a readout's description make for a task, in this precision.

    Raises ValueError for a network whose numbers are not in the open.
    """
    x0 = 0 if task.alphabet is not None else np.zeros(task.inputs)
    system, readout = network.build(x0, task.inputs, generator(seed, "weights")), readout.build(network.units, task.outputs)
    if dtype == "float64":
        return _whole(owned(system)), _whole(owned(readout))
    for one in system, readout:
        wanted = f"float64 for {type(one).__name__}, which is no NamedTuple of arrays of their own and keeps its own precision"
        require(isinstance(one, tuple) and not shared(one), "dtype", dtype, wanted)
    return owned(cast(system, dtype)), owned(cast(readout, dtype))


def _whole(part):
    wanted = "in one piece: np.ascontiguousarray(theta)"
    require(part.theta.flags.c_contiguous, "theta", f"that of {type(part).__name__}", wanted)
    return part


def cast(part, dtype):
    """The same tuple, at any depth, with its arrays of real numbers in this precision; not those that count."""
    if isinstance(part, tuple):
        marks = inspect.get_annotations(type(part), eval_str=True)
        parts = [one if _counts(marks.get(name)) else cast(one, dtype)
                 for name, one in zip(getattr(part, "_fields", [""] * len(part)), part, strict=True)]  # fmt: skip
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    return part.astype(dtype, copy=False) if getattr(getattr(part, "dtype", None), "kind", "") == "f" else part


def _counts(annotation):
    """Whether a field is declared to hold whole numbers."""
    return any(isinstance(mark, Entries) and mark.whole for mark in getattr(annotation, "__metadata__", ()))


def said(dtype):
    """How a precision is told behind settings: double is not told."""
    return "" if dtype == "float64" else f", {dtype}"


def exact_parts(learner):
    """Copies of a learner's network, readout and state in float64: what is measured is measured in full."""
    return cast(learner.parts(), "float64")
