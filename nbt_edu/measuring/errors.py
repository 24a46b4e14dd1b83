"""How long the error of an estimated gradient lasts: its autocorrelation along a run.

theta adds errors up. With the error e_t of the answer at step t, over T steps at rate eta it strays by eta sum_t e_t, and

    C(k) = mean_t E e_t . e_{t+k}                      autocovariance at lag k; C(0) is what one step sees   (1)
    L = E |sum_t e_t|^2 / T = C(0) + 2 sum_k (1 - k/T) C(k)            long-run variance                     (2)
    tau = L / C(0) -> 1 + 2 sum_k C(k) / C(0)                          integrated autocorrelation time       (3)

While rates are small, what theta feels is L: half the variance at thrice the tau is worse. Each is split in two: noise,
the part of e_t that differs from one draw of signs to the next, and bias, its mean over them. Source: Monte Carlo practice
(Sokal 1997, "Monte Carlo methods in statistical mechanics"); replicas spare us its window, (2) being measured as it stands.
"""

from dataclasses import dataclass

import numpy as np

from ..implements import named
from ..learning.guards import affordable, weigh
from ..settings import whole, word
from .path import Path

PARTS = ("error", "noise", "bias")


@dataclass(frozen=True)
class Lasting:
    """Of one estimator; error = noise + bias. C: {part: (K + 1,)} of (1), L: {part: number} of (2), exact2: mean |exact|^2.

    every: steps from one answer to the next; lag k is k answers, `answers` is T of (2), and a late one's exact gradient is
    the sum over its window. All in bits^2 per theta^2, and unbiased for the stretch, so that a bias that is none may be
    negative; their quotients are ratios of means.
    """

    C: dict
    L: dict
    exact2: float
    every: int
    answers: int

    def correlation(self, part="error"):
        """C(k) / C(0) of a part, (K + 1,): 1 at lag 0. NaN where there is no such part."""
        word("part", part, PARTS)
        return self.C[part] / (self.C[part][0] if self.C[part][0] > 0 else np.nan)

    def time(self, part="error"):
        """tau of (3), in answers: 1 where errors are independent. NaN where there is no such part."""
        word("part", part, PARTS)
        return float(self.L[part] / (self.C[part][0] if self.C[part][0] > 0 else np.nan))


def lasting(errors, lags):
    """(C, L) of errors (D, T, P) in D independent draws, C {part: (lags + 1,)}, L {part: number}: unbiased for (1), (2).

    With a single draw all is bias: an estimator that draws no signs. Cost: D T P (lags + 1) multiplications.
    """
    draws, T = errors.shape[:2]
    mean = errors.mean(0)
    total = np.array([(errors[:, : T - k] * errors[:, k:]).sum(-1).mean() for k in range(lags + 1)])
    of_mean = np.array([(mean[: T - k] * mean[k:]).sum(-1).mean() for k in range(lags + 1)])
    sums = errors.sum(1)
    long, long_of_mean = (sums**2).sum(-1).mean() / T, (sums.mean(0) ** 2).sum() / T
    more = draws / (draws - 1) if draws > 1 else 0.0
    noise, long_noise = more * (total - of_mean), more * (long - long_of_mean)
    C = {"error": total, "noise": noise, "bias": total - noise}
    return C, {"error": long, "noise": long_noise, "bias": long - long_noise}


def along(learner, estimators, chars=200, lags=40, draws=50, optimizer=None, seed=0):
    """{name: Lasting} of estimators along the next `chars` steps of a learner, which is left as it is.

    Draws and steps as in `study`: all begin where the learner stands, theta frozen, or moved by `optimizer` along the exact
    gradient. An estimator's noise grows from nothing there: a stretch several horizons long shows it settled. lags: the most
    steps apart. L needs no choice of lags: it is that of all.
    Cost: `chars` steps of RTRL, draws x chars steps of each estimator, draws x chars x lags x P multiplications more.
    Raises ValueError for arguments out of range or too large for this machine's memory.
    """
    chars, lags, draws = whole("chars", chars, 2, 10**6), whole("lags", lags, 1, 10**6), whole("draws", draws, 2, 10**7)
    seed = whole("seed", seed, 0, 2**63)
    path, found = Path(learner, chars, optimizer), {}
    for name, estimator in named(estimators, "estimators").items():
        exact, guesses, at = path.guesses(estimator, draws if estimator.noise_vectors() else 1, seed)
        with affordable("draws", draws):
            weigh((guesses, guesses, guesses))
            C, L = lasting(guesses - exact, min(lags // int(at[0]), len(at) - 1))
        found[name] = Lasting(C, L, float((exact**2).sum(-1).mean()), int(at[0]), len(at))
    return found


def sentence(found):
    """What `along` found, in words."""
    parts = [f"{name}: {one.C['error'][0] / one.exact2:.3g} in one step, {one.L['error'] / one.exact2:.3g} in the long run "
             f"({one.time():.3g} times)" for name, one in found.items()]  # fmt: skip
    return f"The error² of an answer over |exact|²: {'; '.join(parts)}."
