"""One Kalman filter on recurrent and readout parameters together: what the outputs say of both is kept, covariance and all.

`kalman` holds theta as if the readout's theta' were known, and theta' as if theta were. Here both are one vector, and each row
of the evidence has two halves, side by side because they are of one output; L has as many rows, its halves L and L':

    row r:  c_r = (N da/dh)_r G,   d_r = (N da/dtheta')_r          g = q G,   g' = psi error                 (1)
    f = L^T c_r + L'^T d_r,   b = 1 + f . f,   [L; L'] <- [L; L'] - ([L; L'] f) f^T / (b + sqrt(b))          (2)
    u = L^T g + L'^T g'          theta <- theta - rate L u          theta' <- theta' - rate L' u             (3)

Both in two passes over [L; L'], as `kernels.roots` has it. So a gradient of the one block moves the other too, by their
covariance L L'^T. L alone has the covariance of theta, L L^T.

Rows of (1) may not be rotated for theta alone, as `kalman.root` does to have no more of them than the estimator has factors:
here they are as many as outputs. `inflation` divides the recurrent block of C^T C: c_r is scaled by 1 / sqrt(inflation). So
the cross block, c_r d_r, is divided by its root, though d_r is exact and noise does not make the product larger in the mean:
had it stayed, C^T C might not be positive semi-definite.

An estimator that answers late has no row that stands beside one of the readout's. Then each block is filtered alone, as in
`kalman`, and no covariance between them arises.
"""

import numpy as np

from ..implements import implements
from ..kernels import add, product, reflections, seen, turn
from ..protocols import Optimizer
from .families import KalmanSettings
from .kalman import Kalman, KalmanState, eyes


@implements(Optimizer)
class JointKalman(KalmanSettings):
    """The full extended Kalman filter of all parameters, recurrent and readout, in moment form: `Kalman` keeps them apart.

    rate, decay, fading, prior, inflation: as in `KalmanSettings`.
    Cost per update: time 3 m S^2, memory S^2, for m outputs and S parameters of both blocks, whatever the estimator.
    Measured: fed by RTRL on AnBn(8), bits/char within 0.003 of those of two filters apart (20,000 characters, 10 seeds).

    Raises ValueError for settings out of range.
    """

    begin, apply, apply_readout, gains = Kalman.begin, Kalman.apply, Kalman.apply_readout, Kalman.gains  # of one block alone

    def begin_both(self, theta, readout_theta):
        """The states of both blocks: the rows of L = prior^(-1/2) that are theirs."""
        P, S = theta.size, theta.size + readout_theta.size
        root = eyes(1, S, self.prior**-0.5, theta.dtype)[0]
        return KalmanState(root[:P], np.zeros(1)), KalmanState(root[P:], np.zeros(1))

    def apply_both(self, recurrent, output, theta, readout, A, B, outcome):
        """Update both in place: the rows are A[1:] B and the readout's own."""
        D = readout.output_rows(outcome)
        if A.size and len(A) == len(D):
            C = product(np.concatenate((A[:1], A[1:] / np.sqrt(self.inflation))), B)
            self.update(recurrent, output, C, D, theta.reshape(-1), readout.theta.reshape(-1))
        else:
            if A.size:
                self.apply(recurrent, theta, A, B)
            self.apply_readout(output, readout, outcome)

    def update(self, recurrent, output, C, D, theta, readout_theta):
        """Equations (2) and (3), and fading as in `kalman`: gradients C[0], D[0], rows C[1:], D[1:]."""
        L, L1, t = recurrent.root, output.root, recurrent.t[0]
        P, S = L.shape
        j, s = int(t) % S, 1.0 / np.sqrt(1.0 - self.fading)
        row, size = L[j] if j < P else L1[j - P], np.sqrt(self.fading * S * self.prior)
        V, F, weights = reflections(s, seen(L, C) + seen(L1, D), np.eye(len(D), dtype=L.dtype), size, row)
        rate = self.rate / (1.0 + self.decay * np.sqrt(t))
        add(theta, -rate * turn(L, s, V, F, weights))
        add(readout_theta, -rate * turn(L1, s, V, F, weights))
        recurrent.t[0] += 1.0
        output.t[0] += 1.0

    def label(self):
        return self.described("joint ")
