"""Lesson 05, NoBackTrack: one's own, along a short walk; and the cosine of one draw."""

import math

import numpy as np

from .checking import Exercise


class Walk:
    """Derivatives along a few steps: J (T, n, n) = dF/dh, B (T, n, P) = dF/dtheta; `toss()` gives n fresh signs."""

    def __init__(self, steps, n=3, P=5):
        rng = np.random.default_rng((5, steps))
        self.J, self.B = rng.normal(size=(steps, n, n)), rng.normal(size=(steps, n, P)) * np.exp(rng.normal(size=(n, 1)))
        self._rng = rng

    def __repr__(self):
        return f"a walk of {len(self.J)} step{'s' * (len(self.J) > 1)}"

    def toss(self):
        return self._rng.choice([-1.0, 1.0], self.J.shape[1])


def walked(step, once=False):
    """The function of a walk that answers v w^T at its end; step(v, w, Jv, B, lam0, lam, signs, toss) makes one step.

    once: the signs are tossed once, for all steps.
    """

    def answer(walk):
        v, w, signs = np.zeros(walk.J.shape[1]), np.zeros(walk.B.shape[2]), None
        for J, B in zip(walk.J, walk.B, strict=True):
            signs = walk.toss() if signs is None or not once else signs
            Jv, lam = J @ v, np.sqrt(np.linalg.norm(B, axis=1))
            lam0 = math.sqrt(np.linalg.norm(w) / np.linalg.norm(Jv)) if w.any() else 1.0
            v, w = step(v, w, Jv, B, lam0, lam, signs, walk.toss)
        return np.outer(v, w)

    return answer


def right(v, w, Jv, B, lam0, lam, signs, _):
    return lam0 * Jv + signs * lam, w / lam0 + (signs / lam) @ B


def lam_of_old_v(v, w, Jv, B, lam0, lam, signs, _):
    lam0 = math.sqrt(np.linalg.norm(w) / np.linalg.norm(v)) if w.any() else 1.0
    return lam0 * Jv + signs * lam, w / lam0 + (signs / lam) @ B


ROWS = {
    "05 nobacktrack": Exercise(
        truth=walked(right),
        cases=(Walk(1), Walk(2), Walk(4)),
        wrong={
            "the same signs at every step: new terms then depend on the old pair, and their cross terms do not average out": (
                walked(right, once=True)
            ),
            "λ_i stands on one side only: a factor that is not taken back on the other is a bias": walked(
                lambda v, w, Jv, B, lam0, lam, signs, _: (lam0 * Jv + signs * lam, w / lam0 + signs @ B)
            ),
            "λ_0 stands on one side only: a factor that is not taken back on the other is a bias": walked(
                lambda v, w, Jv, B, lam0, lam, signs, _: (lam0 * Jv + signs * lam, w + (signs / lam) @ B)
            ),
            "the signs stand on v only: then the mean is not G": walked(
                lambda v, w, Jv, B, lam0, lam, signs, _: (lam0 * Jv + signs * lam, w / lam0 + (1 / lam) @ B)
            ),
            "v and w have signs of their own: then the mean is 0, not G": walked(
                lambda v, w, Jv, B, lam0, lam, signs, toss: (lam0 * Jv + signs * lam, w / lam0 + (toss() / lam) @ B)
            ),
            "v has not passed through J": walked(
                lambda v, w, Jv, B, lam0, lam, signs, _: lam_of_old_v(v, w, v, B, lam0, lam, signs, _)
            ),
            "λ_0 compares w with J v, not with v: unbiased too, but noisier": walked(lam_of_old_v),
            "λ is missing: unbiased too, but much noisier": walked(
                lambda v, w, Jv, B, lam0, lam, signs, _: (Jv + signs, w + signs @ B)
            ),
        },
    ),
    "05 cosine": Exercise(
        truth=lambda variance: 1 / math.sqrt(1 + variance),
        cases=(1.0, 3.0, 16.7),
        wrong={
            "this is the square of it: a length is the root of a mean square": lambda variance: 1 / (1 + variance),
            "a draw is noise and exact gradient: the mean square of its length has both in it": (
                lambda variance: 1 / math.sqrt(variance)
            ),
            "variance is a square, and so is its sum with |exact|²": lambda variance: 1 / (1 + math.sqrt(variance)),
            "this is the sine: the share of a draw that lies across": lambda variance: math.sqrt(variance / (1 + variance)),
            "this is the cosine of the mean of many draws: one draw is asked for": lambda variance: 1.0,
        },
    ),
}
