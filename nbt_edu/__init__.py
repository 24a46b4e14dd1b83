"""nbt_edu: learn and compare the online training of recurrent networks."""

import importlib

from . import estimators, optimizers, protocols
from .estimators import *  # noqa: F403
from .implements import implements
from .learning.learner import Learner
from .learning.record import Record
from .learning.streams import sample
from .optimizers import *  # noqa: F403
from .readouts import Softmax, SquaredError
from .systems import GRU, LSTM, FunctionRNN, IndRNN, LeakyRNN, SlidesRNN
from .tasks import AnBn, Brackets, Henon, MackeyGlass, Music, Oscillator, Shakespeare, Signal, Stream, Text

__version__ = "0.1.0"
__all__ = [
    *estimators.__all__, *optimizers.__all__,
    "AnBn", "Brackets", "FunctionRNN", "GRU", "Henon", "IndRNN", "LSTM", "LeakyRNN", "Learner", "MackeyGlass", "Music",
    "Oscillator", "Record", "Shakespeare", "Signal", "SlidesRNN", "Softmax", "SquaredError", "Stream", "Text", "implements",
    "protocols", "sample",
]  # fmt: skip
LAZY = {  # loaded when first asked for: what draws, measures or shows
    "apps": "apps", "balancing": "measuring.balancing", "catalogue": "catalogue", "check": "measuring.check",
    "course": "course", "driven": "measuring.driven", "ends": "measuring.ends",
    "experiments": "experiments", "errors": "measuring.errors",
    "exercises": "exercises", "figures": "figures", "metric": "measuring.metric", "plain": "plain", "rank_one": "rank_one",
    "scaling": "measuring.scaling", "study": "measuring.study",
}  # fmt: skip


def __getattr__(name):
    if name in LAZY:
        return importlib.import_module(f"{__name__}.{LAZY[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*__all__, *LAZY, "__version__"])
