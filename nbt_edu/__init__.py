"""nbt_edu: learn and compare the online training of recurrent networks."""

import importlib

from .estimators import BPTT, RTRL, NoBackTrack
from .learn import Learner
from .optimizers import SGD
from .record import Record
from .streams import sample
from .systems import LeakyRNN, SlidesRNN
from .tasks import AnBn, Shakespeare, Text

__version__ = "0.1.0"
__all__ = [
    "AnBn", "BPTT", "LeakyRNN", "Learner", "NoBackTrack", "RTRL", "Record", "SGD", "Shakespeare", "SlidesRNN", "Text",
    "sample",
]  # fmt: skip
LAZY = ("apps", "exercises", "figures", "pictures", "race")


def __getattr__(name):
    """Load what needs plotly or widgets only when it is asked for."""
    if name in LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
