"""What a study collects: functions of the exact gradients (T, P) and the guesses (D, T, P), a number for each of T answers.

D draws of one estimator. These are the definitions; `moments` has all of them in one pass. Your own go beside them:
`study(..., collectors={"name": function})`.
"""

import numpy as np

GROUPS = 20  # of draws, from whose spread the standard error of bias^2 comes


def variance(exact, guesses):
    """E |guess - E guess|^2, the trace of the covariance: unbiased."""
    return guesses.var(0, ddof=1).sum(-1) if len(guesses) > 1 else np.zeros(len(exact))


def bias2(exact, guesses):
    """|E guess - exact|^2: unbiased, so that it may be negative."""
    return ((guesses.mean(0) - exact) ** 2).sum(-1) - variance(exact, guesses) / len(guesses)


def bias2_error(exact, guesses):
    """The standard error of `bias2`, by leaving out one of 20 groups of draws in turn (jackknife; half too
    large where there is no bias). 0 for a single draw."""
    if len(guesses) == 1:
        return np.zeros(len(exact))
    groups = np.array_split(guesses, min(GROUPS, len(guesses) // 2)) if len(guesses) >= 6 else []
    if not groups:
        return np.full(len(exact), np.nan)
    sums, squares = np.array([group.sum(0) for group in groups]), np.array([(group**2).sum((0, 2)) for group in groups])
    left = np.array([len(guesses) - len(group) for group in groups])[:, None]
    means = (sums.sum(0) - sums) / left[..., None]
    spreads = (squares.sum(0) - squares - left * (means**2).sum(-1)) / (left - 1)
    without = ((means - exact) ** 2).sum(-1) - spreads / left
    return np.sqrt((len(groups) - 1) * without.var(0))


def cosine(exact, guesses):
    """The mean cosine of guess and exact gradient; NaN where one of them is zero."""
    sizes = np.linalg.norm(guesses, axis=-1) * np.linalg.norm(exact, axis=-1)
    return ((guesses * exact).sum(-1) / sizes).mean(0)


def norm_ratio(exact, guesses):
    """The root of E |guess|^2 / |exact|^2."""
    return np.sqrt((guesses**2).sum(-1).mean(0) / (exact**2).sum(-1))


def relative_error(exact, guesses):
    """The root of E |guess - exact|^2 / |exact|^2."""
    return np.sqrt(((guesses - exact) ** 2).sum(-1).mean(0) / (exact**2).sum(-1))


def signal_to_noise(exact, guesses):
    """|exact|^2 / variance; infinite where there is no noise."""
    return (exact**2).sum(-1) / variance(exact, guesses)


COLLECTORS = {one.__name__: one for one in (
    variance, bias2, bias2_error, cosine, norm_ratio, relative_error, signal_to_noise,
)}  # fmt: skip
