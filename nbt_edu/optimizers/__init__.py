"""Optimizers: what is done with a gradient."""

from .adam import Adam, RMSProp
from .block import BlockKalman
from .diagonal import DiagonalKalman, QuasiDiagonalKalman
from .kalman import InformationKalman, Kalman
from .sgd import SGD

__all__ = ["Adam", "BlockKalman", "DiagonalKalman", "InformationKalman", "Kalman", "QuasiDiagonalKalman", "RMSProp", "SGD"]
