"""What the mean answer of each estimator must be, written with influence matrices: slow, and by another road.

An oracle is a function of a walk (`measuring.walk.Walk`): a gradient (P,) for each step, or None where no answer is due.
"""

import copy

import numpy as np


def exact(walk):
    """The gradient of each loss."""
    return walk.exact()


def discounted(factor):
    """As `exact`, the past fading."""
    return lambda walk: walk.exact(lambda t: factor)


def windowed(length):
    """At the end of each window, the gradient of its losses, forward in time from a past declared constant."""

    return lambda walk: _at_ends(walk.exact(lambda t: t % length > 0), length)


def summed(length):
    """At the end of each window, the exact gradient of its losses."""
    return lambda walk: _at_ends(walk.exact(), length)


def slid(length):
    """The gradient of each loss, credited over its own last steps: the past before them declared constant."""
    return lambda walk: [walk.part(max(t - length, 0), t).exact()[-1] for t in range(1, len(walk.q) + 1)]


def projected(rank):
    """RTRL whose G is cut, at every step, to its largest singular values."""

    def answers(walk):
        G, found = np.zeros_like(walk.B[0]), []
        for J, B, q in zip(walk.J, walk.B, walk.q, strict=True):
            u, sigma, x = np.linalg.svd(J @ G + B, full_matrices=False)
            G = (u[:, :rank] * sigma[:rank]) @ x[:rank]
            found.append(q @ G[: q.size])
        return found

    return answers


def at_fixed_gates(walk):
    """RTRL whose J is cut down to what passes within a unit at fixed gates."""
    return _cut(walk, lambda J, tape: np.einsum("cbi,ij->cibj", tape.D, np.eye(tape.D.shape[2])).reshape(J.shape))


def reached_in_a_step(walk):
    """RTRL whose G keeps, at every step, the entries alone that are not zero in some dF/dtheta of the walk."""
    kept, G, found = (np.abs(walk.B) > 0).any(0), np.zeros_like(walk.B[0]), []
    for J, B, q in zip(walk.J, walk.B, walk.q, strict=True):
        G = kept * (J @ G + B)
        found.append(q @ G[: q.size])
    return found


def _at_ends(parts, length):
    return [None if end % length else sum(parts[end - length : end]) for end in range(1, len(parts) + 1)]


def _cut(walk, change):
    cut = copy.copy(walk)
    cut.J = np.array([change(J, tape) for J, tape in zip(walk.J, walk.tapes, strict=True)])
    return cut.exact()
