"""What the numbers in a state's array may be, said at its field: what a restored file is held to.

    now: Annotated[np.ndarray, Entries(0, 1)]          an index: nothing else reads where it should not
"""

import inspect
import math
from typing import Annotated, NamedTuple

import numpy as np

MOST = 10**15  # of what counts steps: a million years at a thousand a second would be more


class Entries(NamedTuple):
    """From low to high, whole numbers unless said otherwise; never NaN."""

    low: float
    high: float
    whole: bool = True

    def hold(self, array):
        """Whether an array has such entries only."""
        inside = (array >= self.low) & (array <= self.high)
        return bool(inside.all() and (not self.whole or (array == np.floor(array)).all()))

    def __str__(self):
        return f"{'whole ' if self.whole else ''}numbers from {self.low:g} to {self.high:g}"


Steps = Annotated[np.ndarray, Entries(0, MOST)]  # counts of steps or of updates
Positive = Annotated[np.ndarray, Entries(5e-324, math.inf, False)]


def misfit(part, inputs):
    """What is wrong with a state, at any depth, in a few words; or "". inputs: how many symbols there are to read.

    Besides what fields say of themselves, in a tuple with fields h and x (a tape, `System`) x is an input: where it is a
    symbol it is one of those that there are.
    """
    fields = getattr(part, "_fields", [""] * len(part))
    known = inspect.get_annotations(type(part), eval_str=True)
    for name, one in zip(fields, part, strict=True):
        if isinstance(one, tuple):
            wrong = misfit(one, inputs)
        else:
            marks = getattr(known.get(name), "__metadata__", ())
            symbol = name == "x" and "h" in fields and getattr(getattr(one, "dtype", None), "kind", "") in "iu"
            wanted = Entries(0, inputs - 1) if symbol else next((mark for mark in marks if isinstance(mark, Entries)), None)
            wrong = f"{type(part).__name__}.{name} is not of {wanted}" if wanted and not wanted.hold(one) else ""
        if wrong:
            return wrong
    return ""
