"""Estimators of the gradient dl_t/dtheta: each in a file of its own. `oracles` says what their answers must be in the mean.

May be imported here: kernels, protocols, implements, settings, jit; never a system.
"""

from .bptt import BPTT
from .checkpointed import CheckpointedBPTT
from .kfrtrl import KFRTRL
from .memory import MemoryNoBackTrack, SlidingMemoryNoBackTrack
from .metric import MetricNoBackTrack
from .nobacktrack import NoBackTrack
from .reduced import ProjectedNoBackTrack, ReducedNoBackTrack
from .rflo import RFLO
from .rtrl import RTRL
from .sliding import SlidingBPTT
from .snap import SnAp1
from .uoro import UORO

__all__ = [
    "BPTT", "CheckpointedBPTT", "KFRTRL", "MemoryNoBackTrack", "MetricNoBackTrack", "NoBackTrack", "ProjectedNoBackTrack",
    "RFLO", "RTRL", "ReducedNoBackTrack", "SlidingBPTT", "SlidingMemoryNoBackTrack", "SnAp1", "UORO",
]  # fmt: skip
