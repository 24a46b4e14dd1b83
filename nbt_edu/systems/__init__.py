"""Dynamical systems h(t+1) = F(h(t), x(t), theta)."""

from .cells import Leaky, Slides
from .net import Net, Tape
from .recurrent import LeakyRNN, SlidesRNN

__all__ = ["Leaky", "LeakyRNN", "Net", "Slides", "SlidesRNN", "Tape"]
