"""Dynamical systems h(t+1) = F(h(t), x(t), theta)."""

from .cells import Leaky, Slides
from .function import Function, FunctionRNN
from .gated import GRUCell, LSTMCell
from .linear import Linear
from .net import Net, Tape
from .recurrent import GRU, LSTM, LeakyRNN, SlidesRNN
from .sparse import SparseNet

__all__ = [
    "Function", "FunctionRNN", "GRU", "GRUCell", "LSTM", "LSTMCell", "Leaky", "LeakyRNN", "Linear", "Net", "Slides",
    "SlidesRNN", "SparseNet", "Tape",
]  # fmt: skip
