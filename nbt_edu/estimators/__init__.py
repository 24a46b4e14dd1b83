"""Estimators of the gradient dl_t/dtheta: each in a file of its own."""

from .bptt import BPTT
from .checkpointed import CheckpointedBPTT
from .nobacktrack import NoBackTrack
from .reduced import ProjectedNoBackTrack, ReducedNoBackTrack
from .rflo import RFLO
from .rtrl import RTRL
from .sliding import SlidingBPTT
from .uoro import UORO

__all__ = [
    "BPTT", "CheckpointedBPTT", "NoBackTrack", "ProjectedNoBackTrack", "RFLO", "RTRL", "ReducedNoBackTrack", "SlidingBPTT",
    "UORO",
]  # fmt: skip
