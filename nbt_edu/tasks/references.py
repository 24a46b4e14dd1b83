r"""Simple predictors of a signal: what a learner should beat. Prequential: at each step only the past is used.

The autoregression is least squares on the rows phi_t = [x_t; x_{t-1}; ...; 1], one recursive step for each (Potter's form: with
P = S S^T, so that no rounding makes it negative). lambda is the forgetting factor:

    prediction  phi_t W                           error  e = y_t - phi_t W                                   (1)
    f = S^T phi_t,   a = 1 / (lambda + f^T f)     W += a S f e                                               (2)
    S = (S - a / (1 + sqrt(lambda a)) S f f^T) / sqrt(lambda)                                                (3)

so that P = (sum_s lambda^{t-s} phi_s phi_s^T + prior)^{-1}.
"""

import numpy as np

from ..settings import between, whole

PRIOR = 1e-8  # precision of W at the start, in units of each input's first change
WIDEST = 1e12  # forgetting stops where nothing is learned and S has grown so large


def last_value(known, y):
    """The error of saying y_t (T, k) is the value last known, known_t (T, k)."""
    return _root_mean_square(y - known)


def autoregression(x, y, order=2, forgetting=1.0):
    """The error of an autoregression that learns as it goes, y (T, k) on the last `order` inputs of x (T, m). O(d^2) a step.

    Its first 10 d steps, for d = order m + 1 coefficients, are learned from but not scored: NaN when there are no more.
    `forgetting` discounts the past, by this factor a step. Raises ValueError unless order is from 1 to 1,000 and
    forgetting from 0.5 to 1.
    """
    order, forgetting = whole("order", order, 1, 1000), between("forgetting", forgetting, 0.5, 1)
    if len(x) <= 10 * (order * x.shape[1] + 1):
        return float("nan")
    rows = _rows(x, order)
    d = rows.shape[1]
    W, S = np.zeros((d, y.shape[1])), np.eye(d) / np.sqrt(PRIOR)
    errors = np.empty(y.shape)
    for t, (phi, target) in enumerate(zip(rows, y, strict=True)):
        errors[t] = error = target - phi @ W
        f = phi @ S
        a = 1 / (forgetting + f @ f)
        gain = S @ f
        W += np.outer(a * gain, error)
        S -= np.outer(a / (1 + np.sqrt(forgetting * a)) * gain, f)
        if forgetting < 1 and np.abs(S).max() < WIDEST:
            S /= np.sqrt(forgetting)
    return _root_mean_square(errors[10 * d :])


def _rows(x, order):
    """[x_t; ...; x_{t-order+1}; 1] for each t, (T, order m + 1), as if x_0 had been there before.

    x is taken from its first value, in units of its first change: what comes out depends on no scale, and on no future.
    """
    x = x - x[0]
    unit = np.abs(x[(x != 0).argmax(0), np.arange(x.shape[1])])
    x = x / np.where(unit > 0, unit, 1.0)
    lags = [np.concatenate((np.zeros((lag, x.shape[1])), x))[: len(x)] for lag in range(order)]
    return np.concatenate((*lags, np.ones((len(x), 1))), axis=1)


def _root_mean_square(errors):
    """Over all steps and outputs; NaN when there are none."""
    return float(np.sqrt(np.mean(errors**2))) if errors.size else float("nan")
