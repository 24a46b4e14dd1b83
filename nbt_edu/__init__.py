"""nbt_edu: learn and compare the online training of recurrent networks."""

from .estimators import BPTT, RTRL, NoBackTrack
from .learn import Learner
from .optimizers import SGD
from .record import Record
from .systems import LeakyRNN, SlidesRNN
from .tasks import AnBn, Shakespeare, Text

__version__ = "0.1.0"
__all__ = [
    "AnBn", "BPTT", "LeakyRNN", "Learner", "NoBackTrack", "RTRL", "Record", "SGD", "Shakespeare", "SlidesRNN", "Text",
]  # fmt: skip
