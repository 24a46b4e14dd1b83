"""nbt_edu: learn and compare the online training of recurrent networks."""

import importlib

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
from .learn import Learner
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
from .record import Record
from .streams import sample
from .systems import GRU, LSTM, FunctionRNN, LeakyRNN, SlidesRNN
from .tasks import AnBn, Shakespeare, Text

__version__ = "0.1.0"
__all__ = [
    "Adam", "AnBn", "BPTT", "BlockKalman", "CheckpointedBPTT", "DiagonalKalman", "FunctionRNN", "GRU", "InformationKalman",
    "Kalman", "LSTM", "LeakyRNN", "Learner", "NoBackTrack", "ProjectedNoBackTrack", "QuasiDiagonalKalman", "RFLO", "RMSProp",
    "RTRL", "Record", "ReducedNoBackTrack", "SGD", "Shakespeare", "SlidesRNN", "SlidingBPTT", "Text", "UORO", "sample",
]  # fmt: skip
LAZY = ("apps", "balancing", "check", "exercises", "figures", "pictures", "race", "rank_one", "study", "study_figures")


def __getattr__(name):
    """Load what needs plotly or widgets only when it is asked for."""
    if name in LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
