"""The bias of an estimator that drives theta: enumerated over all signs, and as sampled runs tell it."""

import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import BPTT, RTRL, SGD, UORO, DiagonalKalman, LeakyRNN, NoBackTrack
from nbt_edu.measuring import driven
from nbt_edu.measuring.path import Path
from nbt_edu.measuring.walk import Walk, all_signs
from nbt_edu.systems.linear import RandomLinear


def trained(units=2, **changed):
    one = learner(RTRL(), **{"network": LeakyRNN(units, 0.6), "optimizer": SGD(0.1)} | changed)
    one.run(200)
    return one


def enumerated(one, rate, T, rank=1):
    """(signs, 2, T, P) errors over all signs of a driver, its replica taking the same ones; and all exact gradients."""
    drive = driven.Drive(one, NoBackTrack(rank), T)
    found = [drive.errors(rate, np.concatenate((noise, noise), 1)) for noise in all_signs(T, rank, 2)]
    return np.array([errors for errors, _, _ in found]), np.array([exact for _, exact, _ in found])


@pytest.mark.parametrize("T", [2, 3])
def test_driving_biases_in_proportion_to_the_rate(T):
    """The exact mean over all signs: 0 where theta stands still, and at the first step; else b / rate settles as rate -> 0,
    at a direction of its own that is not 0."""
    one = trained()
    still = enumerated(one, 0.0, T)[0].mean(0)[0]
    assert np.abs(still).max() < 1e-14
    rates = 0.1, 0.01, 0.001, 0.0001
    slopes = []
    for rate in rates:
        errors, exact = enumerated(one, rate, T)
        b = errors.mean(0)[0]
        assert np.abs(b[0]).max() < 1e-14  # the first answer was made before theta moved
        slopes.append(b[-1] / rate)
    size = np.linalg.norm(slopes[-1])
    assert size > 1e-3 * np.linalg.norm(exact.mean(0)[-1])
    away = [np.linalg.norm(slope - slopes[-1]) / size for slope in slopes[:-1]]
    assert away[0] < 1 and away[1] < 0.2 * away[0] and away[2] < 0.2 * away[1]


def test_in_a_linear_system_the_bias_has_a_closed_form():
    """h' = A h + C theta, squared error. M_t = v w^T after t steps knows no theta, and q_2 moves by -rate (q_1 M_1) C^T H, H
    the Hessian of the loss by h: so b_2 = -rate E (q_1 M_1) C^T H (M_2 - G_2), the mean over all signs."""
    rate, variance, rng = 0.2, 0.5, np.random.default_rng(0)
    task, readout = nbt.Signal(rng.normal(size=(9, 1))), nbt.SquaredError(variance)
    one = nbt.Learner(task, RandomLinear(2), RTRL(), SGD(rate), readout=readout, compiled=False)
    one._built.theta[...] = rng.normal(size=(3, 1))
    b = np.mean([errors[0, 1] for errors in enumerated(one, rate, 2)[0]], axis=0)
    system, built, _ = one.parts()
    x, y = one.ahead(2)[:2]
    h = system.step(system.start(), x[0])[0]
    outcome = built.loss(h, y[0])[1]
    W = (built.theta - rate * outcome.psi[:, None] * outcome.error)[:-1]  # the readout has learnt from step 1
    hessian, signs = W @ W.T / (variance * np.log(2)), all_signs(2, 1, 2)
    rows = [Walk(system, x, np.tile(e, (2, 1))) for e in np.eye(2)]
    M = np.array([[walk.answers(NoBackTrack(), noise) for walk in rows] for noise in signs])  # (signs, unit, step, P)
    moved = -rate * np.einsum("i,dip->dp", outcome.q, M[:, :, 0]) @ system.C.T @ hessian
    wanted = np.einsum("di,dip->p", moved, M[:, :, 1] - system.influence(2)) / len(signs)
    assert np.linalg.norm(wanted) > 1e-3
    np.testing.assert_allclose(b, wanted, rtol=1e-9, atol=1e-14)


def test_replicas_cannot_see_it():
    """Along each driven path the replica's mean over all signs is the shadow's exact gradient. The driver's is not."""
    one, T, rate = trained(), 2, 0.1
    drive, signs = driven.Drive(one, NoBackTrack(), T), all_signs(T, 1, 2)
    for own in signs[:4]:
        errors = np.array([drive.errors(rate, np.concatenate((own, other), 1))[0] for other in signs])
        assert np.abs(errors[:, 1].mean(0)).max() < 1e-14
        np.testing.assert_array_equal(errors[:, 0], errors[:1, 0].repeat(len(signs), 0))
    assert np.linalg.norm(enumerated(one, rate, T)[0].mean(0)[0, -1]) > 1e-6


def test_a_single_unit_has_nothing_to_fear():
    """One unit has one sign a step; at two steps its answers know no cross term, and driving adds nothing."""
    one = trained(1)
    drive = driven.Drive(one, NoBackTrack(), 1)
    assert np.abs([drive.errors(0.1, np.tile(noise, (1, 2, 1)))[0] for noise in all_signs(1, 1, 1)]).max() < 1e-14


def test_the_shadow_is_the_exact_gradient():
    """Where theta stands still, that of a study's path."""
    one, drive = trained(), driven.Drive(trained(), NoBackTrack(), 6)
    _, exact, at = drive.errors(0.0, drive.noise(0, 0))
    np.testing.assert_allclose(exact, Path(one, 6, SGD(0.0)).exact, rtol=1e-9, atol=1e-15)
    assert at.tolist() == [1, 2, 3, 4, 5, 6]


def test_sampled_runs_tell_what_all_signs_say():
    one, rate, T = trained(), 0.1, 4
    errors, exact = enumerated(one, rate, T)
    b2 = (errors.mean(0)[0] ** 2).sum(-1)
    found = driven.bias(one, NoBackTrack(), rate, T, 1200)
    assert found.bias2[0] == pytest.approx(0, abs=1e-20)
    for t in range(1, T):
        assert found.bias2[t] == pytest.approx(b2[t], abs=6 * found.bias2_error[t])
        assert abs(found.replicas2[t]) < 6 * found.replicas2_error[t]
    assert found.bias2[-1] > 4 * found.bias2_error[-1]
    np.testing.assert_allclose(found.exact2, (exact**2).sum(-1).mean(0), rtol=0.05)
    assert "driving adds a bias² of" in found.sentence()


def test_a_small_rate_is_seen_as_well_as_a_large_one():
    """bias^2 goes with the square of the rate, and so does its standard error: a rate of 1e-4 needs no more draws."""
    big, small = driven.against_rate(trained(), NoBackTrack(), [1e-2, 1e-4], 4, 500)
    assert small.bias2[-1] / big.bias2[-1] == pytest.approx(1e-4, rel=0.1)
    assert small.bias2_error[-1] / big.bias2_error[-1] == pytest.approx(1e-4, rel=0.1)


def test_exact_and_late_estimators():
    """RTRL's answers are its shadow's; BPTT over the whole stretch has moved nothing before it answers; the learner is left."""
    one, two = trained(), trained()
    found = driven.bias(one, RTRL(), None, 5, 6)
    assert found.rate == 0.1 and (found.bias2 == 0).all()
    late = driven.bias(one, BPTT(5), None, 5, 6)
    assert late.at.tolist() == [5] and late.bias2[0] < 1e-20
    for learned in one, two:
        learned.run(50)
    np.testing.assert_array_equal(one._system.theta, two._system.theta)


def test_a_filter_drives_too():
    """It goes on from the precision that it has: the first answer is made before theta moves, later ones are shifted."""
    found = driven.bias(trained(optimizer=DiagonalKalman(prior=5.0)), UORO(), None, 4, 50)
    assert found.rate == 1 and found.bias2[0] == 0 and (found.bias2_error[1:] > 0).all()


@pytest.mark.slow
def test_compiled_is_interpreted():
    read, run = (driven.bias(trained(compiled=code), NoBackTrack(), None, 5, 8) for code in (False, True))
    for key in "bias2", "replicas2", "exact2":
        np.testing.assert_allclose(getattr(run, key), getattr(read, key), rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize("changed, message", [
    ({"chars": 0}, "^chars must be a whole number"), ({"draws": 5}, "^draws must be a whole number from 6"),
    ({"rate": -1}, "^rate must be a number 0 or more"), ({"rate": 1e308}, "^rate must be small enough"),
    ({"estimator": BPTT(9)}, "^chars must be long enough for BPTT-9 to answer once"),
    ({"draws": 10**7, "chars": 500}, "^draws = 10000000 needs more memory"),
])  # fmt: skip
def test_bad_input(changed, message):
    with pytest.raises(ValueError, match=message):
        driven.bias(trained(), **{"estimator": NoBackTrack(), "chars": 5, "draws": 6} | changed)
    with pytest.raises(ValueError, match="^rates must be 1 to 100 rates"):
        driven.against_rate(trained(), NoBackTrack(), [])
