"""Any learner can carry a comparison along: several estimators scored against the exact gradient on its trajectory."""

from .score import Score, Shadow, ShadowState, carry


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
