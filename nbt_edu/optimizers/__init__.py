"""Optimizers: what is done with a gradient."""

from .sgd import SGD

__all__ = ["SGD"]
