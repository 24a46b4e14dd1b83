"""nbt_edu: learn and compare the online training of recurrent networks."""

import importlib

from . import protocols
from .estimators import (
    BPTT,
    RFLO,
    RTRL,
    UORO,
    CheckpointedBPTT,
    NoBackTrack,
    ProjectedNoBackTrack,
    ReducedNoBackTrack,
    SlidingBPTT,
)  # fmt: skip
from .implements import implements
from .learning.learner import Learner
from .learning.record import Record
from .learning.streams import sample
from .optimizers import (
    SGD,
    Adam,
    BlockKalman,
    DiagonalKalman,
    InformationKalman,
    Kalman,
    QuasiDiagonalKalman,
    RMSProp,
)  # fmt: skip
from .systems import GRU, LSTM, FunctionRNN, LeakyRNN, SlidesRNN
from .tasks import AnBn, Shakespeare, Text

__version__ = "0.1.0"
__all__ = [
    "Adam", "AnBn", "BPTT", "BlockKalman", "CheckpointedBPTT", "DiagonalKalman", "FunctionRNN", "GRU", "InformationKalman",
    "Kalman", "LSTM", "LeakyRNN", "Learner", "NoBackTrack", "ProjectedNoBackTrack", "QuasiDiagonalKalman", "RFLO", "RMSProp",
    "RTRL", "Record", "ReducedNoBackTrack", "SGD", "Shakespeare", "SlidesRNN", "SlidingBPTT", "Text", "UORO", "implements",
    "protocols", "sample",
]  # fmt: skip
LAZY = {  # loaded when first asked for: what draws, measures or shows
    "apps": "apps", "balancing": "measuring.balancing", "check": "measuring.check", "exercises": "exercises",
    "figures": "figures", "rank_one": "rank_one", "study": "measuring.study",
}  # fmt: skip


def __getattr__(name):
    if name in LAZY:
        return importlib.import_module(f"{__name__}.{LAZY[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*__all__, *LAZY, "__version__"])
