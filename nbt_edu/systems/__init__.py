"""Dynamical systems h(t+1) = F(h(t), x(t), theta): descriptions of networks, and what they build.

May be imported here: kernels, protocols, implements, settings, jit.
"""

from .cells import Leaky, Slides
from .function import Function, FunctionRNN
from .gated import GRUCell, LSTMCell
from .linear import Linear, RandomLinear
from .net import Net, Tape
from .recurrent import GRU, LSTM, IndRNN, LeakyRNN, SlidesRNN
from .sparse import SparseNet

__all__ = [
    "Function", "FunctionRNN", "GRU", "GRUCell", "IndRNN", "LSTM", "LSTMCell", "Leaky", "LeakyRNN", "Linear", "Net",
    "RandomLinear", "Slides", "SlidesRNN", "SparseNet", "Tape",
]  # fmt: skip
