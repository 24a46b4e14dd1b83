"""Optimizers: what is done with a gradient. One file a family.

May be imported here: kernels, protocols, implements, settings, jit; never an estimator.
"""

from .adam import Adam, RMSProp
from .block import BlockKalman
from .diagonal import DiagonalKalman, QuasiDiagonalKalman
from .kalman import InformationKalman, Kalman
from .sgd import SGD

__all__ = ["Adam", "BlockKalman", "DiagonalKalman", "InformationKalman", "Kalman", "QuasiDiagonalKalman", "RMSProp", "SGD"]
