"""Optimizers: what is done with a gradient. One file a family.

May be imported here: kernels, protocols, implements, settings, jit; never an estimator.
"""

from .adam import Adam, RMSProp
from .block import BlockKalman
from .diagonal import DiagonalKalman, QuasiDiagonalKalman
from .joint import JointKalman
from .kalman import InformationKalman, Kalman
from .sgd import SGD

__all__ = [
    "Adam", "BlockKalman", "DiagonalKalman", "InformationKalman", "JointKalman", "Kalman", "QuasiDiagonalKalman", "RMSProp",
    "SGD",
]  # fmt: skip
