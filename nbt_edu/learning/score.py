"""Instruments: estimators that watch other estimators, on the same trajectory and at the same theta.

`Score` is itself an estimator. It answers with the exact gradient g of its leader, and on the way scores R replicas of
another estimator (independent signs), g_1 ... g_R, each time these answer:

    cosine     mean_r g_r . g / (|g_r| |g|)                                                                  (1)
    size       mean_r |g_r|^2, beside |g|^2: the norm ratio is the root of their means' quotient             (2)
    variance   sum_r |g_r - mean|^2 / (R - 1): unbiased for E |g_1 - E g_1|^2                                (3)
    bias^2     |mean - g|^2 - variance / R: unbiased for |E g_1 - g|^2                                       (4)

What a record says of (2), (3) and (4) over many steps is their mean over the mean of |g|^2: a ratio of means.
An estimator that answers late (BPTT) is compared with the sum of exact gradients over the very characters it answers
for. Being estimators, scores nest: Score(Score(RTRL(), BPTT()), NoBackTrack()) scores two on one trajectory.
"""

from typing import Annotated, NamedTuple

import numpy as np

from ..implements import implements
from ..jit import loops
from ..kernels import add_product, nth, stack
from ..protocols import Entries, Estimator
from .streams import BLOCK

COLUMNS = ("cosine", "size", "exact", "bias2", "variance")


def measure(g, guesses, row):
    """Equations (1)-(4) into row (5,): exact gradient g (1, P), replicas (R, P). No cosine where a norm is zero."""
    R, mean = len(guesses), guesses.mean(0)
    g2, sizes = (g * g).sum(), (guesses * guesses).sum(1)
    norms = np.sqrt(sizes * g2)
    row[0] = np.mean((guesses @ g[0])[norms > 0] / norms[norms > 0]) if (norms > 0).any() else np.nan
    row[1], row[2] = sizes.mean(), g2
    row[4] = ((guesses - mean) ** 2).sum() / (R - 1) if R > 1 else 0.0
    row[3] = ((mean - g[0]) ** 2).sum() - row[4] / R


@loops(measure)
def _(g, guesses, row):
    R, P = guesses.shape
    g2 = 0.0
    for j in range(P):
        g2 += g[0, j] * g[0, j]
    size, cosine, cosines, away2 = 0.0, 0.0, 0, 0.0
    mean = np.zeros(P)
    for r in range(R):
        dot, own = 0.0, 0.0
        for j in range(P):
            dot += guesses[r, j] * g[0, j]
            own += guesses[r, j] * guesses[r, j]
            mean[j] += guesses[r, j] / R
        size += own / R
        if own * g2 > 0:
            cosine += dot / np.sqrt(own * g2)
            cosines += 1
    spread = 0.0
    for r in range(R):
        for j in range(P):
            spread += (guesses[r, j] - mean[j]) ** 2
    for j in range(P):
        away2 += (mean[j] - g[0, j]) ** 2
    row[0] = cosine / cosines if cosines else np.nan
    row[1], row[2] = size, g2
    row[4] = spread / (R - 1) if R > 1 else 0.0
    row[3] = away2 - row[4] / R


class ScoreState(NamedTuple):
    """Score's state."""

    leader: NamedTuple  # the exact estimator's state
    replicas: NamedTuple  # the scored estimator's states, R of them in a stack
    exact: np.ndarray  # (1, P) sum of exact gradients since the last answer
    guesses: np.ndarray  # (R, P)
    rows: np.ndarray  # (BLOCK, 5) scores, one row a step; NaN where there was no answer
    count: Annotated[np.ndarray, Entries(0, BLOCK)]  # (1,) rows filled


@implements(Estimator)
class Score:
    """Answers with the leader's gradient, and scores replicas of another estimator against it.

    Cost per step: the leader, plus R times the estimator, plus (R + 2) P multiplications.
    """

    leader: NamedTuple  # an exact estimator, or another Score of one
    estimator: NamedTuple  # the estimator to score
    replicas: int  # R, 1 for an estimator that draws no signs

    def noise_vectors(self):
        return self.leader.noise_vectors() + self.replicas * self.estimator.noise_vectors()

    def noise_kinds(self, size):
        return self.leader.noise_kinds(size) + self.replicas * self.estimator.noise_kinds(size)

    def begin(self, system):
        replicas = stack([self.estimator.begin(system) for _ in range(self.replicas)])
        P, kind = system.theta.size, system.theta.dtype
        rows = np.full((BLOCK, len(COLUMNS)), np.nan)
        return ScoreState(
            self.leader.begin(system), replicas, np.zeros((1, P), kind), np.zeros((self.replicas, P), kind), rows,
            np.zeros(1, np.int64),
        )  # fmt: skip

    def heed(self, state, optimizer, memory):
        self.leader.heed(state.leader, optimizer, memory)
        for r in range(self.replicas):
            self.estimator.heed(nth(state.replicas, r), optimizer, memory)

    def advance(self, state, system, tape, noise):
        first, each = self.leader.noise_vectors(), self.estimator.noise_vectors()
        self.leader.advance(state.leader, system, tape, noise[:first])
        for r in range(self.replicas):
            own = first + r * each
            self.estimator.advance(nth(state.replicas, r), system, tape, noise[own : own + each])

    def gradient(self, state, system, Q):
        A, B = self.leader.gradient(state.leader, system, Q)
        add_product(state.exact, 1.0, A[:1], B)
        row, answered = state.rows[state.count[0] % BLOCK], False
        row.fill(np.nan)
        for r in range(self.replicas):
            C, D = self.estimator.gradient(nth(state.replicas, r), system, Q)
            if C.size:
                answered = True
                state.guesses[r].fill(0.0)
                add_product(state.guesses[r : r + 1], 1.0, C[:1], D)
        if answered:
            measure(state.exact, state.guesses, row)
            state.exact.fill(0.0)
        state.count[0] += 1
        return A, B

    def label(self):
        return self.leader.label()

    def resume(self, before, state, system):
        """Leader and replicas each go on from what they had; the window of a late answer begins anew."""
        leader = carry(self.leader, before.leader, state.leader, system)
        old = [nth(state.replicas, r % before.replicas) for r in range(self.replicas)]
        replicas = stack([carry(self.estimator, before.estimator, one, system) for one in old])
        return self.begin(system)._replace(leader=leader, replicas=replicas)


def carry(after, before, state, system):
    """The state with which estimator `after` takes over from estimator `before`: carried on if they are of one class."""
    if after == before:
        return state
    return after.resume(before, state, system) if type(after) is type(before) else after.begin(system)
