"""Tasks: endless streams of symbols to predict."""

from .anbn import AnBn
from .text import Shakespeare, Text

__all__ = ["AnBn", "Shakespeare", "Text"]
