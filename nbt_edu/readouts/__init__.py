"""Readouts: from the visible state to a prediction, its loss, and all that an optimizer asks of them. One file a kind.

Each has a description (`Softmax`), which a learner sizes to its network and task, and what that builds (`SoftmaxReadout`).
May be imported here: kernels, protocols, implements, settings.
"""

from .softmax import Softmax, SoftmaxReadout
from .squared import SquaredError, SquaredErrorReadout

__all__ = ["Softmax", "SoftmaxReadout", "SquaredError", "SquaredErrorReadout"]
