"""RTRLState balancing: a linear system in which forgetting the past gives the gradient the wrong sign (arXiv:1702.05043).

    s(t+1) = A s(t) + C theta,  23 components, A = 1/2 on the diagonal and above it, C = +1 (10 times), -1 (13 times)  (1)
    loss = (s_1 - 1)^2 / 2,  theta_0 = 1/2,  s_0 = 1                                                         (2)
    where it settles s_1 = -6 theta, so that theta* = -1/6                                                   (3)

What theta does to s_1 at once, through the components of +1, is undone later, through those of -1: the influence truncated
after T steps has the wrong sign for every T up to 40, and the right one from 41 on.
"""

import numpy as np

from ..jit import compiled
from ..settings import whole
from ..systems import Linear

SIZE, POSITIVE = 23, 10
BEST = -1 / 6


def system(theta=0.5):
    """The system of (1), at theta, from s = 1."""
    A = 0.5 * (np.eye(SIZE) + np.eye(SIZE, k=1))
    C = np.where(np.arange(SIZE) < POSITIVE, 1.0, -1.0).reshape(-1, 1)
    return Linear(np.array([[theta]]), A, np.zeros((1, SIZE)), C, np.ones(SIZE))


def truncated_influence(steps):
    """d s_1 / d theta as credited over the last T = 1 ... steps steps: (steps,), in closed form. Its limit is -6."""
    made = system()
    return np.array([made.influence(T)[0, 0] for T in range(1, whole("steps", steps, 1, 10_000) + 1)])


def descend(estimator, optimizer, steps, seed=0):
    """theta (steps + 1,) along a run of online gradient descent on (2). The signs come from the seed."""
    made, steps = system(), whole("steps", steps, 1, 10**7)
    noise = 2 * np.random.default_rng(seed).integers(2, size=(steps, estimator.noise_vectors(), SIZE), dtype=np.int8) - 1
    path = np.full(steps + 1, made.theta[0, 0])
    with np.errstate(all="ignore"):
        _descend(made, estimator, estimator.begin(made), optimizer, optimizer.begin(made.theta), made.start(), noise, path)
    return path


@compiled
def _descend(system, estimator, estimate, optimizer, memory, h, noise, path):
    for t in range(len(noise)):
        h, tape = system.step(h, 0)
        estimator.advance(estimate, system, tape, noise[t])
        q = np.zeros((1, h.size))
        q[0, 0] = h[0] - 1.0
        A, B = estimator.gradient(estimate, system, q)
        if A.size:
            optimizer.apply(memory, system.theta, A, B)
        path[t + 1] = system.theta[0, 0]
