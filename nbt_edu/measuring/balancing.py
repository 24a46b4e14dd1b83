"""Influence balancing: a linear system in which forgetting the past gives the gradient the wrong sign (arXiv:1702.05043).

    s(t+1) = A s(t) + C theta,  23 components, A = 1/2 on the diagonal and above it, C = +1 (10 times), -1 (13 times)  (1)
    loss = (s_1 - 1)^2 / 2,  theta_0 = 1/2,  s_0 = 1                                                         (2)
    where it settles s_1 = -6 theta, so that theta* = -1/6                                                   (3)

What theta does to s_1 at once, through the components of +1, is undone later, through those of -1: the influence truncated
after T steps has the wrong sign for every T up to 40, and the right one from 41 on.
"""

import numpy as np

from ..implements import begun, begun_both, implements, part
from ..jit import chosen, compiled
from ..learning.guards import admit
from ..learning.loop import LearnerState, learn_one
from ..learning.randomness import BLOCK, Noise, generator, signs
from ..protocols import Outcome, Readout
from ..settings import real, whole
from ..systems import Linear

SIZE, POSITIVE = 23, 10
BEST = -1 / 6
FAR = 1e6  # a run that is further from 0 has diverged


@implements(Readout)
class Distance:
    """The loss of (2), by the first component alone. It has nothing to learn: what it saw, psi, counts as zero."""

    theta: np.ndarray  # (n + 1, 1): 1 for the first component
    target: float = 1.0

    def predict(self, h):
        return h[:1].copy()

    def loss(self, h, y):
        error = h[:1] - self.target
        q = np.zeros(h.size)
        q[0] = error[0]
        return 0.5 * error[0] ** 2, Outcome(h[:1].copy(), np.zeros(h.size + 1), error, q)

    def curvature(self, outcome):
        return np.eye(1)


def system(theta=0.5):
    """The system of (1), at theta, from s = 1."""
    A = 0.5 * (np.eye(SIZE) + np.eye(SIZE, k=1))
    C = np.where(np.arange(SIZE) < POSITIVE, 1.0, -1.0).reshape(-1, 1)
    return Linear(np.array([[real("theta", theta)]]), 0, A, np.zeros((1, SIZE)), C, np.ones(SIZE))


def truncated_influence(steps):
    """d s_1 / d theta as credited over the last T = 1 ... steps steps: (steps,), in closed form. Its limit is -6."""
    made, found = system(), np.empty(whole("steps", steps, 1, 10_000))
    G = np.zeros_like(made.C)
    for t in range(len(found)):
        G = made.A @ G + made.C
        found[t] = G[0, 0]
    return found


def descend(estimator, optimizer, steps, seed=0):
    """theta (steps + 1,) along a run of online gradient descent on (2). The signs come from the seed."""
    steps, rng = whole("steps", steps, 1, 10**7), generator(whole("seed", seed, 0, 2**63), "noise")
    made, readout, state = _begun(estimator, optimizer)
    path = np.full(steps + 1, made.theta[0, 0])
    for start in range(0, steps, BLOCK):
        piece = path[start : start + BLOCK + 1]
        noise = signs(rng, (len(piece) - 1, estimator.noise_vectors(), SIZE))
        with np.errstate(all="ignore"):
            _descend(made, readout, estimator, optimizer, state, noise, piece)
    return path


def _begun(estimator, optimizer):
    """The system, the readout, and the state that these begin with; ValueError or TypeError for what does not fit."""
    part("estimator", estimator), part("optimizer", optimizer)
    made, readout = system(), Distance(np.eye(SIZE + 1, 1))
    admit(made, readout, optimizer, [estimator], chosen(None))
    memories = begun_both(optimizer, made.theta, readout.theta)
    return made, readout, LearnerState(made.start(), begun(estimator, made), *memories, np.zeros(1, np.int64))


class Descent:
    """The same run, a piece at a time; rate and settings of the estimator can be changed between two pieces.

    theta: where it is, steps: how many were made, diverged: whether it has left the numbers up to FAR; then it stands still.
    """

    def __init__(self, estimator, optimizer, seed=0):
        self.system, self.readout, self.state = _begun(estimator, optimizer)
        self.estimator, self.optimizer, self.steps = estimator, optimizer, 0
        self.noise = Noise(whole("seed", seed, 0, 2**63), estimator.noise_kinds(SIZE), SIZE)

    @property
    def theta(self):
        return float(self.system.theta[0, 0])

    @property
    def diverged(self):
        return not abs(self.theta) < FAR

    def change(self, estimator, optimizer):
        """Go on with other settings; an estimator of another class, or one that keeps a window, begins anew."""
        part("estimator", estimator), part("optimizer", optimizer)
        if estimator != self.estimator:
            same = type(estimator) is type(self.estimator)
            made = estimator.resume(self.estimator, self.state.estimate, self.system) if same else estimator.begin(self.system)
            self.state = self.state._replace(estimate=made)
        if type(optimizer) is not type(self.optimizer):
            memories = begun_both(optimizer, self.system.theta, self.readout.theta)
            self.state = self.state._replace(recurrent=memories[0], readout=memories[1])
        self.estimator, self.optimizer = estimator, optimizer

    def go(self, steps, compiled=None):
        """theta after each of the next steps: (steps,). compiled: None compiles when numba is there."""
        path, drive = [np.empty(0)], _descend if chosen(compiled) else _descend.interpreted
        end = self.steps + whole("steps", steps, 0, 10**7)
        while self.steps < end:
            noise = self.noise.block(self.steps)[: end - self.steps]
            if self.diverged:
                path.append(np.full(len(noise), np.nan))
            else:
                path.append(np.full(len(noise) + 1, self.theta))
                with np.errstate(all="ignore"):
                    drive(self.system, self.readout, self.estimator, self.optimizer, self.state, noise, path[-1])
                path[-1] = path[-1][1:]
            self.steps += len(noise)
        return np.concatenate(path)


@compiled
def _descend(system, readout, estimator, optimizer, state, noise, path):
    nothing = np.empty(0)
    for t in range(len(noise)):
        learn_one(system, readout, estimator, optimizer, state, 0, 0, noise[t], nothing)
        path[t + 1] = system.theta[0, 0]
