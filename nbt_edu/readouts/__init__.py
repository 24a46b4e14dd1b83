"""Readouts: from the visible state to a prediction, its loss, and all that an optimizer asks of them. One file a kind.

May be imported here: kernels, settings, jit.
"""

from .softmax import Softmax

__all__ = ["Softmax"]
