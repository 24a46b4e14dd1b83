"""What each estimator promises of its answers, proved: expectations are taken over all signs, none is sampled."""

import numpy as np
import pytest
from table import ESTIMATORS, SYSTEMS, walk_of

from nbt_edu import BPTT, RTRL, NoBackTrack
from nbt_edu.estimators import nobacktrack
from nbt_edu.estimators.oracles import exact
from nbt_edu.learning.guards import leaves
from nbt_edu.measuring.walk import all_signs

every_system = pytest.mark.parametrize("system", SYSTEMS)
BUILT = {system: describe(1).build(0, 2, np.random.default_rng(0)) for system, describe in SYSTEMS.items()}
every_pair = pytest.mark.parametrize("system, name", [
    (system, name) for name, row in ESTIMATORS.items() for system, built in BUILT.items()
    if {*getattr(row.estimator, "needs", ())} <= {*built.offers}
])  # fmt: skip
every_estimator = pytest.mark.parametrize("estimator, expected", ESTIMATORS.values(), ids=list(ESTIMATORS))
BETAS = (0.0, 0.5, 1.0)


def walk_for(estimator, system):
    """A walk short enough for all the signs that the estimator draws along it, at most 2^8 sequences; of two windows, if so."""
    sizes = (3, 7), (2, 3), (2, 4), (2, 2), (1, 4), (1, 3), (1, 2)
    signs = {n: sum(width for _, width in estimator.noise_kinds(n * BUILT[system].start().size)) for n, _ in sizes}
    fitting = [(n, T) for n, T in sizes if signs[n] * T <= 8]
    enough = [(n, T) for n, T in fitting if 2 * getattr(estimator, "window", 0) <= T]
    return walk_of(system, *(enough or fitting)[0])


def close(found, wanted, digits):
    """Agreement relative to the largest entry."""
    np.testing.assert_allclose(found, wanted, rtol=0, atol=10.0**-digits * np.abs(wanted).max())


# --- contracts of every estimator ---


@every_pair
def test_mean_over_all_signs(system, name):
    """The exact mean of each answer is what the table's oracle says, and it comes when the oracle says."""
    estimator, expected = ESTIMATORS[name]
    walk = walk_for(estimator, system)
    answers = walk.all_answers(estimator, walk.signs(estimator))
    for found, wanted in zip(zip(*answers, strict=True), expected(walk), strict=True):
        if wanted is None:
            assert all(answer is None for answer in found)
        else:
            close(np.mean(found, axis=0), wanted, 12)


@every_estimator
def test_a_tree_of_signs_says_what_each_sequence_says(estimator, expected):
    """What begins alike is made once, and the answers are those of one sequence after the other, to the last bit."""
    walk = walk_for(estimator, "leaky")
    noises = walk.signs(estimator)[::7]
    for said, noise in zip(walk.all_answers(estimator, noises), noises, strict=True):
        for one, alone in zip(said, walk.answers(estimator, noise), strict=True):
            np.testing.assert_array_equal(one, alone)


@every_estimator
def test_watches_without_touching(estimator, expected):
    """An estimator changes neither theta nor the tapes it is given, and two of its states share nothing."""
    walk = walk_for(estimator, "leaky")
    noise = walk.signs(estimator)[-1]
    given = [walk.system.theta, *walk.q, *(np.asarray(part) for tape in walk.tapes for part in tape)]
    copies = [array.copy() for array in given]
    bystander = estimator.begin(walk.system)
    first, again = walk.answers(estimator, noise), walk.answers(estimator, noise)
    for one, other in zip(first + given, again + copies, strict=True):
        np.testing.assert_array_equal(one, other)
    for field, fresh in zip(leaves(bystander), leaves(estimator.begin(walk.system)), strict=True):
        np.testing.assert_array_equal(field, fresh)


# --- RTRL and BPTT ---


@every_system
def test_rtrl_is_the_derivative_of_the_state(system):
    """G = dh(T)/dtheta, by central differences in random directions through all the steps."""
    walk, rng = walk_of(system, n=4, T=6), np.random.default_rng(1)
    state = RTRL().begin(walk.system)
    for tape in walk.tapes:
        RTRL().advance(state, walk.system, tape, None)

    def end(shift):
        moved, h = walk.system._replace(theta=walk.system.theta + shift), walk.system.start()
        for x in walk.inputs:
            h, _ = moved.step(h, x)
        return h

    for _ in range(3):
        step = 1e-6 * rng.normal(size=walk.system.theta.shape)
        close(state.G[state.now[0]] @ step.ravel(), (end(step) - end(-step)) / 2, 6)


@every_system
def test_bptt_is_the_sum_of_rtrl(system):
    """Backward over a whole text = forward: two algorithms, one gradient."""
    walk = walk_of(system, n=4, T=12)
    noise = np.zeros((12, 0, 4))
    *silent, answer = walk.answers(BPTT(12), noise)
    assert all(one is None for one in silent)
    close(answer, sum(walk.answers(RTRL(), noise)), 10)


# --- NoBackTrack ---


def pairs(walk, stages, noise):
    """NoBackTrack's state after a walk; `stages` are the settings at each character, resumed where they change."""
    state = stages[0].begin(walk.system)
    for before, now, tape, signs in zip([stages[0], *stages], stages, walk.tapes, noise, strict=False):
        if now != before:
            state = now.resume(before, state, walk.system)
        now.advance(state, walk.system, tape, signs[: now.rank])
    return state


def product(state):
    """The estimate of G: the mean of v w^T over the pairs."""
    w = state.scale[:, None] * state.w.reshape(len(state.v), -1)
    return state.v.T @ w / len(state.v)


def products(walk, estimator):
    """The estimate of G under each sequence of signs."""
    noises = all_signs(len(walk.tapes), estimator.rank, walk.system.start().size)
    return np.array([product(pairs(walk, [estimator] * len(noise), noise)) for noise in noises])


def variance(walk, estimator):
    """E |v w^T - G|^2, exactly."""
    return ((products(walk, estimator) - walk.influences()[-1]) ** 2).sum((1, 2)).mean()


@every_system
@pytest.mark.parametrize("n, T, rank", [(3, 3, 1), (2, 3, 1), (2, 2, 2)])
@pytest.mark.parametrize("beta", BETAS)
def test_nobacktrack_is_unbiased(system, n, T, rank, beta):
    """E v w^T = G to the last digits, at every rank and every scaling."""
    if system == "LSTM":  # two components a unit: as many signs with fewer units
        n, T = n - 1, T if rank == 1 else 1
    walk = walk_of(system, n, T)
    close(products(walk, NoBackTrack(rank, beta)).mean(0), walk.influences()[-1], 12)


@pytest.mark.parametrize("system", ["one leak per unit", "slides"])
@pytest.mark.parametrize("beta", BETAS)
def test_one_step_variance_by_formula(system, beta):
    """After one step Var = sum_{i != j} lambda_i^2 |b_j|^2 / lambda_j^2, and 1/k of that with k pairs."""
    walk = walk_of(system, n=3, T=1)
    b = np.linalg.norm(walk.B[0], axis=1)
    lam = b ** (beta / 2)
    formula = (lam**2).sum() * (b**2 / lam**2).sum() - (b**2).sum()
    for rank in (1, 2, 3):
        assert variance(walk, NoBackTrack(rank, beta)) == pytest.approx(formula / rank, rel=1e-12)


def test_scaling_lowers_the_variance():
    """Where norms differ, equalising them pays: the exact variance falls with beta."""
    walk = walk_of("one leak per unit", n=3, T=3)
    none, half, full = (variance(walk, NoBackTrack(1, beta)) for beta in BETAS)
    assert full < half < none
    assert full < 0.7 * none


@pytest.mark.parametrize("before, after", [(1, 2), (2, 1), (2, 3), (3, 1)])
@pytest.mark.parametrize("beta", [1.0, 0.0])
def test_change_of_rank_keeps_the_mean(before, after, beta):
    """A rank that grows or falls within a run, and a new beta, leave the estimate unbiased."""
    walk = walk_of("one leak per unit", n=2, T=2)
    stages = [NoBackTrack(before), NoBackTrack(after, beta)]
    noises = all_signs(before + after, 2)
    cut = [(noise[:before], noise[before:]) for noise in noises]
    mean = np.mean([product(pairs(walk, stages, noise)) for noise in cut], axis=0)
    close(mean, walk.influences()[-1], 12)


def test_a_pair_that_was_copied_goes_its_own_way():
    """Growing pairs repeat those there were, in memory of their own; the first ones stay as they are."""
    walk, two, five = walk_of("leaky", n=3, T=6), NoBackTrack(2), NoBackTrack(5)
    noise = all_signs(6, 2)[[9, 5, 3]].transpose(1, 2, 0)  # any signs (6, 2, 3)
    state = pairs(walk, [two] * 6, noise)
    grown = five.resume(two, state, walk.system)
    for old, new in zip(state, grown, strict=True):
        np.testing.assert_array_equal(new, old[[0, 1, 0, 1, 0]])
    grown.w[:] = np.nan
    assert np.isfinite(state.w).all()


@pytest.mark.parametrize("beta", BETAS)
def test_lazy_scale_is_invisible(monkeypatch, beta):
    """Whenever the scale is multiplied into w (always, as shipped, never), v, w and the true |w|^2 are the same."""
    walk, estimator = walk_of("leaky", n=4, T=300), NoBackTrack(1, beta)
    noise = 2 * np.random.default_rng(0).integers(2, size=(300, 1, 4)) - 1
    states = []
    lost, far = nobacktrack.limits(walk.system.theta)
    for limit in (1.0 + 1e-9, far, np.inf):
        monkeypatch.setattr(nobacktrack, "limits", lambda w, limit=limit: (lost, limit))
        states.append(pairs(walk, [estimator] * 300, noise))
        assert states[-1].w2[0] == pytest.approx((states[-1].w ** 2).sum(), rel=1e-9)
        close(states[-1].v, states[0].v, 9)
        close(states[-1].w * states[-1].scale[0], states[0].w * states[0].scale[0], 9)
    always, shipped, never = (state.scale[0] for state in states)
    assert always == 1.0
    assert beta < 1 or never < 1e-15 < shipped, "the walk is too short to need what is tested"


def test_answer_is_the_pairs_seen_through_q():
    """The factors multiply to q E: nothing else is hidden in the gradient."""
    walk = walk_of("slides", n=3, T=4)
    noise = 2 * np.random.default_rng(0).integers(2, size=(4, 3, 3)) - 1
    estimator = NoBackTrack(3)
    close(walk.answers(estimator, noise)[-1], walk.q[-1] @ product(pairs(walk, [estimator] * 4, noise)), 12)


def test_oracle_of_the_table_is_the_derivative_of_the_loss():
    """The dense oracle that all the above is held against, itself against central differences."""
    walk = walk_of("leaky slides", n=3, T=4)

    def last_loss(shift):
        moved, h = walk.system._replace(theta=walk.system.theta + shift), walk.system.start()
        for x in walk.inputs:
            h, _ = moved.step(h, x)
        return walk.readout.loss(h, walk.whole[-1])[0]

    step = 1e-6 * np.random.default_rng(0).normal(size=walk.system.theta.shape)
    difference = (last_loss(step) - last_loss(-step)) / 2
    assert exact(walk)[-1] @ step.ravel() == pytest.approx(difference, rel=1e-6)
