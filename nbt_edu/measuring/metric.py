"""The metrics in which an error of a gradient counts: the Fisher information, and its inverse. "Noise in sensitive directions".

    F = sum_t C_t^T C_t,   C_t = N_t (da/dh) G_t       N_t^T N_t: the loss's Hessian by the outputs a        (1)
    Lambda = F + ridge (tr F / P) 1                                                                          (2)

d F d / 2 is by how many bits the predictions of the stretch change when theta moves by a small d (the expected divergence of
the new ones from the old); the ridge counts as the precision of a prior. So an error e of the gradient has the lengths

    sensitive      e Lambda e          what it does in gradient descent, whose step is in proportion to e    (3)
    kalman         e Lambda^-1 e       and in a Kalman filter, whose step is in proportion to Lambda^-1 e    (4)

each over the exact gradient's in the same metric: how much of what a step does is error. (4) is the length that does not depend
on how theta is written; it counts most the directions that Lambda knows least, which a filter leaves to its prior, and so hangs
on the ridge: noise that fills all directions is as large there as the prior lets it be. Source: the slides (natural gradient
"reduces the noise in sensitive directions"); arXiv:1703.00209.
"""

import numpy as np

from ..estimators import RTRL
from ..kernels import assign
from ..learning.precision import exact_parts
from ..settings import real, require, whole
from .collectors import bias2, bias2_error, variance
from .path import Path, a_learner

METRICS = ("sensitive", "kalman")


def fisher(learner, chars=32, ridge=0.01):
    """Lambda (P, P) of (2), bits per theta^2, over the next `chars` steps of a learner, which is left as it is.

    theta stands still; the rows G_t are exact (RTRL from where the stretch begins). ridge: what is added to the diagonal, as a
    share of its mean, so that directions which the stretch does not show have a length too; (3) hardly notices it, (4) does:
    try several. Cost: `chars` steps of RTRL and (outputs) P^2 multiplications each; memory P^2.
    Raises ValueError for a ridge that is negative, and for arguments that `study` would refuse.
    """
    ridge = real("ridge", ridge)
    require(0 <= ridge < np.inf, "ridge", ridge, "a finite number, 0 or more")
    F = information(Path(learner, whole("chars", chars, 1, 10**6), None))
    return F + ridge * np.trace(F) / len(F) * np.eye(len(F))


def information(path):
    """F (P, P) of (1) along a path, at the thetas that were."""
    system, rtrl, h = path.system, RTRL(), path.first.copy()
    state, F, silence = rtrl.begin(system), np.zeros((system.theta.size,) * 2), np.empty((0, path.size), np.int8)
    for t, readout in enumerate(path.readouts):
        assign(system.theta, path.thetas[t])
        h, tape = system.step(h, path.piece.inputs[t])
        rtrl.advance(state, system, tape, silence)
        rows, G = rtrl.gradient(state, system, readout.curvature_rows(readout.loss(h, path.piece.targets[t])[1]))
        C = rows[1:] @ G
        F += C.T @ C
    return F


def of_filter(learner):
    """Lambda (P, P) that a learner's own Kalman filter now has of the recurrent theta, written out: bits per theta^2.

    Raises ValueError when its optimizer is no Kalman filter.
    """
    system, _, state = exact_parts(a_learner("learner", learner))
    known, sources, columns = state.recurrent, *system.theta.shape
    fields = getattr(known, "_fields", ())
    if "root" in fields:
        return np.linalg.inv(known.root @ known.root.T)
    if "roots" in fields:
        inverses = np.linalg.inv(known.roots @ known.roots.transpose(0, 2, 1))
        return np.einsum("kij,kl->ikjl", inverses, np.eye(columns)).reshape(sources * columns, -1)
    require("precision" in fields, "learner", learner.optimizer.label(), "one that learns by a Kalman filter")
    if known.precision.shape != system.theta.shape:
        return known.precision
    own, k, full = known.precision, np.arange(columns), np.zeros((sources, columns, sources, columns))
    share = known.cross / own[-1] if "cross" in fields else np.zeros_like(own)
    share[-1] = 1.0  # weights are tied to the bias, and to each other through it alone
    tied, alone = np.einsum("k,jk,ik->kji", own[-1], share, share), own - own[-1] * share**2
    full[:, k, :, k] = tied + alone.T[:, :, None] * np.eye(sources)
    return full.reshape(sources * columns, -1)


def maps(precision):
    """{metric: M (P, P)}: the squared length of e in that metric is |e M|^2. ValueError unless Lambda is positive definite."""
    try:
        half = np.linalg.cholesky(precision)
    except np.linalg.LinAlgError:
        wanted = "positive definite: give `fisher` a larger ridge, or a filter its prior back"
        raise ValueError(f"precision must be {wanted}") from None
    return {"sensitive": half, "kalman": np.linalg.inv(half).T}


def columns(exact, guesses, precision):
    """{quantity: (T,)} of guesses (D, T, P) in both metrics: variance and bias^2 over the exact gradient's squared length.

    Named "sensitive_variance", …, "kalman_bias2_error". Numerators are unbiased, as `collectors` are.
    """
    found = {}
    for name, M in maps(precision).items():
        g, all_g = exact @ M, guesses @ M
        g2 = (g**2).sum(-1)
        found |= {f"{name}_{one.__name__}": one(g, all_g) / g2 for one in (variance, bias2, bias2_error)}
    return found
