"""Tasks: endless streams of symbols to predict, and signals, endless or with an end.

Each task has a file: symbols in `anbn`, `brackets`, `music` and `text`; a signal from an array or a file in `signal` (which
has `table` read the file); signals with known laws in `oscillator`, `henon` and `mackey_glass`; what is pushed step by step in
`pushed`. `base` says what they all share, `references` holds the simple predictors a learner should beat, `ladder` and
`beliefs` what a predictor pays that sees but k characters, `standardise` the running mean and standard deviation. A task of
your own derives from `Symbols` or `Signals`.
May be imported here: kernels, protocols, settings, systems, readouts.
"""

from .anbn import AnBn
from .base import Signals, Symbols
from .brackets import Brackets
from .henon import Henon
from .mackey_glass import MackeyGlass
from .music import Music
from .oscillator import Oscillator
from .pushed import Stream
from .signal import Signal
from .text import Shakespeare, Text

__all__ = [
    "AnBn", "Brackets", "Music", "Shakespeare", "Text", "Signal", "Oscillator", "Henon", "MackeyGlass", "Stream", "Signals",
    "Symbols",
]  # fmt: skip
