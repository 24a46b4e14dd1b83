"""A valley and its walkers: what `Metric` computes. Two parameters, one steep direction, one flat one, noisy gradients.

    h = J theta,   J = diag(sqrt(steepness), 1) turned by an angle,   loss |h - y|^2 / 2,   y normal, mean 0           (1)
    expected loss above its least:   |J theta|^2 / 2                                                                 (2)
    NoBackTrack's estimate of J for signs eps:   v w^T,  E v w^T = J    (`nbt.rank_one`)                               (3)
    gradient (e . v) w,  e = h - y;   a filter's rows v w^T                                                            (4)

The bottom is theta = 0. Both walkers of an app are handed the same signs and the same y.
"""

import math

import numpy as np

from .. import rank_one
from ..optimizers import SGD, Kalman

BOTTOM = np.zeros(2)
START = np.array([0.0, 1.0])  # across the valley, along its floor


class Valley:
    """Two observations of two parameters. steepness: how many times steeper the walls are than the floor. angle: degrees."""

    def __init__(self, steepness, angle):
        turn = math.radians(angle)
        self.directions = np.array([[-math.sin(turn), math.cos(turn)], [math.cos(turn), math.sin(turn)]])  # across, along
        self.J = np.sqrt([[steepness], [1.0]]) * self.directions
        self.lam = rank_one.scales(np.eye(2), self.J)

    def start(self):
        return START @ self.directions

    def loss(self, theta):
        """Equation (2)."""
        return 0.5 * float(np.sum((self.J @ theta) ** 2))

    def estimates(self, signs):
        """v (T, 2) and w (T, 2) of equation (3), for signs (T, 2)."""
        return rank_one.draw(np.eye(2), self.J, signs, self.lam)

    def contours(self, radii):
        """Lines of equal loss r^2 / 2, one after the other."""
        return ellipses(BOTTOM, np.linalg.inv(self.J), radii)


class Walker:
    """A theta (1, 2) that one of the library's optimizers moves."""

    def __init__(self, optimizer, start):
        self.theta, self.diverged = start[None].copy(), None
        self.optimizer, self.state = optimizer, optimizer.begin(self.theta)

    def set(self, optimizer):
        """Other settings; a filter of another form begins anew."""
        if type(optimizer) is not type(self.optimizer):
            self.state = optimizer.begin(self.theta)
        self.optimizer = optimizer

    def step(self, valley, y, v, w):
        """Move by the gradient of equation (4), with its rows for a filter."""
        e = valley.J @ self.theta[0] - y
        A = np.array([e @ v, *v])[:, None]
        self.optimizer.apply(self.state, self.theta, A[:1] if isinstance(self.optimizer, SGD) else A, w[None])

    def metric(self):
        """The matrix M (2, 2) of a step, theta <- theta - M g: rate, or the covariance P."""
        if isinstance(self.optimizer, SGD):
            return self.optimizer.rate * np.eye(2)
        if isinstance(self.optimizer, Kalman):
            return self.state.root @ self.state.root.T
        return np.diag(1.0 / self.state.precision.ravel())

    def ellipse(self):
        """theta + M^(1/2) u for |u| = 2: how far steps go, in each direction."""
        values, axes = np.linalg.eigh(self.metric())
        return ellipses(self.theta[0], axes * np.sqrt(np.maximum(values, 0.0)), (2.0,))


def ellipses(centre, half, radii):
    """centre + r half u, |u| = 1, for each radius: {"x", "y"}, parted by NaN."""
    turn = np.linspace(0.0, 2.0 * math.pi, 61)
    round_ = half @ np.array([np.cos(turn), np.sin(turn)])
    lines = [np.vstack([centre + r * round_.T, [[math.nan, math.nan]]]) for r in radii]
    return dict(zip("xy", np.concatenate(lines)[:-1].T, strict=True))
