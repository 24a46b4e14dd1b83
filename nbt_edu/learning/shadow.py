"""Any learner can carry a comparison along: several estimators scored against the exact gradient on its trajectory."""

from typing import NamedTuple

from ..implements import implements
from ..kernels import aligned
from ..protocols import Estimator
from .score import Score, carry


class ShadowState(NamedTuple):
    """Shadow's state."""

    driver: NamedTuple
    shadow: NamedTuple


@implements(Estimator)
class Shadow:
    """The driver decides where theta goes; the shadow (a Score) only watches, along the driver's trajectory."""

    driver: NamedTuple
    shadow: NamedTuple

    def noise_vectors(self):
        return self.driver.noise_vectors() + self.shadow.noise_vectors()

    def noise_kinds(self, size):
        return self.driver.noise_kinds(size) + self.shadow.noise_kinds(size)

    def begin(self, system):
        return ShadowState(self.driver.begin(system), self.shadow.begin(system))

    def heed(self, state, optimizer, memory):
        self.driver.heed(state.driver, optimizer, memory)
        self.shadow.heed(state.shadow, optimizer, memory)

    def advance(self, state, system, tape, noise):
        own = self.driver.noise_vectors()
        self.driver.advance(state.driver, system, tape, noise[:own])
        self.shadow.advance(state.shadow, system, tape, noise[own:])

    def gradient(self, state, system, Q):
        self.shadow.gradient(state.shadow, system, Q)
        return self.driver.gradient(state.driver, system, Q)

    def gradient_for(self, state, system, optimizer, readout, outcome):
        self.shadow.gradient(state.shadow, system, outcome.q[None])
        return self.driver.gradient_for(state.driver, system, optimizer, readout, outcome)

    def label(self):
        return self.driver.label()


def watched(driver, exact, estimators, replicas=2):
    """One estimator that behaves as `driver` and scores every one of `estimators` against `exact`."""
    if not estimators:
        return driver
    score = exact
    for estimator in estimators:
        score = Score(score, estimator, replicas if estimator.noise_vectors() else 1)
    return score if driver == exact else Shadow(driver, score)


def collect(estimator, state):
    """The scores since the last collection: rows (T, 5) for each estimator, in the order of `watched`; given once."""
    if isinstance(estimator, Shadow):
        return collect(estimator.shadow, state.shadow)
    if not isinstance(estimator, Score):
        return []
    rows = state.rows[: state.count[0]].copy()
    state.count[0] = 0
    return [*collect(estimator.leader, state.leader), rows]


def take_over(after, before, state, system):
    """The state with which `after` takes over from `before`, both made by `watched`: the exact gradient is never lost."""
    return aligned(_taken(after, before, state, system))


def _taken(after, before, state, system):
    driver, own, score, scored = _parts(before, state)
    if isinstance(after, Shadow):
        own = carry(after.driver, driver, own, system)
        return ShadowState(own, carry(after.shadow, score, scored, system))
    return carry(after, score, scored, system) if isinstance(after, Score) else carry(after, driver, own, system)


def _parts(estimator, state):
    """Driver, its state, the Score (or None), its state."""
    if isinstance(estimator, Shadow):
        return estimator.driver, state.driver, estimator.shadow, state.shadow
    leader, own = estimator, state
    while isinstance(leader, Score):
        leader, own = leader.leader, own.leader
    return leader, own, estimator, state
