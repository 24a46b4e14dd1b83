"""Thousands of draws of NoBackTrack at once, in plain numpy, along a walk: what statements of variance are held against."""

import numpy as np

TINY = 1e-12


def crowd(walk, draws, beta=1.0, seed=0):
    """After each step, v (draws, c n) and w (draws, P) of so many pairs of NoBackTrack (rank 1), the mean of v w^T being G."""
    n, P = walk.B[0].shape
    v, w = np.zeros((draws, n)), np.zeros((draws, P))
    for J, B, signs in zip(walk.J, walk.B, every_sign(len(walk.J), draws, n, seed), strict=True):
        v, lam = v @ J.T, (norms(B) + TINY) ** (beta / 2)
        lam0 = ((norms(w) + TINY) / (norms(v) + TINY))[:, None] ** (beta / 2)
        v, w = lam0 * v + signs * lam, w / lam0 + (signs / lam) @ B
        yield v, w


def reduced_crowd(walk, draws, seed=0):
    """The same of ReducedNoBackTrack(1): the rank-one trick on the singular values of M = J v w^T + dF/dtheta."""
    n, P = walk.B[0].shape
    v, w = np.zeros((draws, n)), np.zeros((draws, P))
    for J, B, signs in zip(walk.J, walk.B, every_sign(len(walk.J), draws, n, seed), strict=True):
        v = v @ J.T
        half = v[:, :, None] * (w @ B.T + 0.5 * (w * w).sum(1)[:, None] * v)[:, None]
        squares, u = (part[..., ::-1] for part in np.linalg.eigh(half + half.swapaxes(1, 2) + B @ B.T))
        u = u * np.where(u.sum(1, keepdims=True) < 0, -1.0, 1.0)
        sigma = np.sqrt(np.maximum(squares, 0.0))
        sigma = np.maximum(sigma, 1e-8 * sigma[:, :1])
        left, right = (np.einsum("dij,dj->di", u, signs * sigma**power) for power in (0.5, -0.5))
        v, w = left, (right * v).sum(1)[:, None] * w + right @ B
        yield v, w


def sizes(walk, pairs, start):
    """Of each draw, the mean of |v w^T|^2 / |G|^2 over the steps after `start`: in the mean 1 + its relative variance."""
    found = [(v * v).sum(1) * (w * w).sum(1) / (G * G).sum() for (v, w), G in zip(pairs, walk.influences(), strict=True)]
    return np.mean(found[start:], axis=0)


def every_sign(*shape):
    *shape, seed = shape
    return 2.0 * np.random.default_rng(seed).integers(2, size=shape) - 1


def norms(rows):
    return np.linalg.norm(rows, axis=-1)
