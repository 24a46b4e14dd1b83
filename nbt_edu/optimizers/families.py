"""What optimizers share: fields with their ranges; the settings of every Kalman filter."""

import math

import numpy as np

from ..settings import Number

Rate = Number(0, math.inf, open_high=True)
Decay = Number(0, math.inf, open_high=True)  # of the rate: rate / (1 + decay sqrt(t)), t the updates made so far
Memory = Number(0, 1, open_high=True)  # of a running mean
Clip = Number(0, math.inf, "infinity does not clip", open_low=True)
Prior = Number(0, math.inf, "the precision theta starts with", open_low=True, open_high=True)


class KalmanSettings:
    """Settings of every filter.

    rate, decay: steps are scaled by rate / (1 + decay sqrt(t)); 1 and 0 for the filter itself. fading: share of the past
    that is forgotten at each step, in [0, 1). prior: precision of the first theta, above 0. inflation: what C^T C of the
    recurrent parameters is divided by, because an estimator's noise makes it too large (`kalman`); 1 for an exact one.
    """

    rate: Rate = 1.0
    decay: Decay = 0.0
    fading: Number(0, 1, "0 forgets nothing", open_high=True) = 0.0
    prior: Prior = 1.0
    inflation: Number(1, math.inf, "1 takes C as it comes", open_high=True) = 1.0

    def cotangents(self, readout, outcome):
        """What to ask of the estimator: the gradient, and one row for each output."""
        return readout.curvature_rows(outcome)

    def cotangent_products(self, readout, outcome, V):
        """The same, multiplied by the rows of V."""
        return readout.curvature_products(outcome, V)

    def uninflated(self, B):
        """A for rows B that are exact, those of the readout: what `inflation` divides by is multiplied in."""
        A = np.eye(len(B), dtype=B.dtype) * np.sqrt(self.inflation)
        A[0, 0] = 1.0
        return A

    def described(self, form):
        """The label of a filter of this form."""
        inflation = "" if self.inflation == 1 else f" inflation={self.inflation:g}"
        return f"Kalman {form}rate={self.rate:g} fading={self.fading:g} prior={self.prior:g}{inflation}"
