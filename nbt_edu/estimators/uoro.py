"""UORO: NoBackTrack with one common lambda for all rows (Tallec and Ollivier, arXiv:1702.05043).

The new terms share one scale, so that products with J and dF/dtheta are all that is asked of a system:

    v(t+1) = rho_0 J v + rho_1 eps               w(t+1) = w / rho_0 + (eps dF/dtheta) / rho_1                (1)
    rho_0 = sqrt(|w| / |J v|)                    rho_1 = sqrt(|eps dF/dtheta| / |eps|)                       (2)
    E v w^T = G, as rho_1 is the same for eps and -eps                                                       (3)
"""

from typing import NamedTuple

import numpy as np

from ..implements import implements
from ..kernels import assign, dots, flat, norm2, rows
from ..protocols import Estimator
from .families import Ranked, copied

TINY = 1e-7  # keeps (2) finite where a norm is zero


class UOROState(NamedTuple):
    """UORO's state: k pairs (v, w)."""

    v: np.ndarray  # (k, c n)
    w: np.ndarray  # (k, *theta.shape)


@implements(Estimator)
class UORO(Ranked):
    """Unbiased, at the cost of running the network, for any F; noisier than NoBackTrack, whose rows have lambdas each.

    rank: number k of independent pairs, averaged.
    Cost per step: time k (2 P + 2 g n^2), memory k P. Bias: none while theta stands still. Variance: proportional to 1 / k.

    Raises ValueError when rank is not a whole number from 1 to 4096.
    """

    def noise_vectors(self):
        return self.rank

    def begin(self, system):
        k, theta = self.rank, system.theta
        return UOROState(np.zeros((k, system.start().size), theta.dtype), np.zeros((k, *theta.shape), theta.dtype))

    def advance(self, state, system, tape, noise):
        for k in range(self.rank):
            v, w, signs = state.v[k], state.w[k], noise[k] * 1.0
            Jv, row = system.jvp(tape, v), np.zeros_like(w)
            row2 = system.add_vjp_theta(row, tape, signs)
            rho0 = np.sqrt((np.sqrt(norm2(flat(w))) + TINY) / (np.sqrt(norm2(Jv)) + TINY))  # (2)
            rho1 = np.sqrt((np.sqrt(row2) + TINY) / (np.sqrt(norm2(signs)) + TINY))
            assign(v, rho0 * Jv + rho1 * signs)  # (1)
            assign(w, w / rho0 + row / rho1)

    def gradient(self, state, system, Q):
        return dots(Q, state.v) / self.rank, rows(state.w)  # (3), mean over the pairs

    def gradient_for(self, state, system, optimizer, readout, outcome):
        return optimizer.cotangent_products(readout, outcome, state.v) / self.rank, rows(state.w)

    def label(self):
        return f"UORO rank {self.rank}"

    def resume(self, before, state, system):
        """The state for this rank from the one that another rank left: E v w^T = G still."""
        return copied(state, before.rank, self.rank)
