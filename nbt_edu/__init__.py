"""nbt_edu: learn and compare the online training of recurrent networks."""

import importlib

from . import protocols
from .estimators import (
    BPTT,
    KFRTRL,
    RFLO,
    RTRL,
    UORO,
    CheckpointedBPTT,
    NoBackTrack,
    ProjectedNoBackTrack,
    ReducedNoBackTrack,
    SlidingBPTT,
    SnAp1,
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
from .readouts import Softmax, SquaredError
from .systems import GRU, LSTM, FunctionRNN, IndRNN, LeakyRNN, SlidesRNN
from .tasks import AnBn, Henon, MackeyGlass, Oscillator, Shakespeare, Signal, Stream, Text

__version__ = "0.1.0"
__all__ = [
    "Adam", "AnBn", "BPTT", "BlockKalman", "CheckpointedBPTT", "DiagonalKalman", "FunctionRNN", "GRU", "Henon", "IndRNN",
    "InformationKalman", "KFRTRL", "Kalman", "LSTM", "LeakyRNN", "Learner", "MackeyGlass", "NoBackTrack", "Oscillator",
    "ProjectedNoBackTrack", "QuasiDiagonalKalman", "RFLO", "RMSProp", "RTRL", "Record", "ReducedNoBackTrack", "SGD",
    "Shakespeare", "Signal", "SlidesRNN", "SlidingBPTT", "SnAp1", "Softmax", "SquaredError", "Stream", "Text", "UORO",
    "implements", "protocols", "sample",
]  # fmt: skip
LAZY = {  # loaded when first asked for: what draws, measures or shows
    "apps": "apps", "balancing": "measuring.balancing", "catalogue": "catalogue", "check": "measuring.check",
    "exercises": "exercises", "figures": "figures", "plain": "plain", "rank_one": "rank_one", "study": "measuring.study",
}  # fmt: skip


def __getattr__(name):
    if name in LAZY:
        return importlib.import_module(f"{__name__}.{LAZY[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*__all__, *LAZY, "__version__"])
