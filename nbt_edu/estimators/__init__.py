"""Estimators of the gradient dl_t/dtheta: each in a file of its own."""

from .bptt import BPTT
from .nobacktrack import NoBackTrack
from .rtrl import RTRL

__all__ = ["BPTT", "NoBackTrack", "RTRL"]
