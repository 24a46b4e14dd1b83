"""How long errors last: held against an autoregression's closed forms, and against all signs."""

import numpy as np
import pytest
from table import learner, walk_of

from nbt_edu import BPTT, RFLO, RTRL, SGD, NoBackTrack
from nbt_edu.measuring.errors import Lasting, along, lasting, sentence
from nbt_edu.measuring.path import Path
from nbt_edu.measuring.walk import all_signs


def trained(**changed):
    one = learner(RTRL(), **changed)
    one.run(200)
    return one


@pytest.mark.parametrize("a", [0.0, 0.8, -0.5])
def test_an_autoregression_has_its_closed_forms(a):
    """e_t = a e_{t-1} + noise of variance 1, stationary: C(k) = a^k / (1 - a^2), tau = (1 + a) / (1 - a), L = 1 / (1 - a)^2;
    with a constant error of 3 beside it, which is the bias. Within 6 standard errors, over 40 groups of draws."""
    rng, T, P, D = np.random.default_rng(0), 400, 2, 1600
    e = np.empty((D, T, P))
    e[:, 0] = rng.normal(size=(D, P)) / np.sqrt(1 - a * a)
    for t in range(1, T):
        e[:, t] = a * e[:, t - 1] + rng.normal(size=(D, P))
    groups = [lasting(part + 3.0, 5) for part in np.split(e, 40)]

    def agrees(values, wanted):
        assert np.mean(values) == pytest.approx(wanted, abs=6 * np.std(values) / np.sqrt(40))

    for k in range(6):
        agrees([C["noise"][k] for C, _ in groups], P * a**k / (1 - a * a))
        agrees([C["bias"][k] for C, _ in groups], P * 9)
    agrees([C["error"][0] for C, _ in groups], P * (1 / (1 - a * a) + 9))
    k = np.arange(1, T)
    long = P / (1 - a * a) * (1 + 2 * ((1 - k / T) * a**k).sum())
    agrees([L["noise"] for _, L in groups], long)
    agrees([L["bias"] for _, L in groups], P * 9 * T)
    assert long == pytest.approx(P / (1 - a) ** 2, rel=0.02)
    C, L = lasting(e, 5)
    assert Lasting(C, L, 1.0, 1, T).time("noise") == pytest.approx((1 + a) / (1 - a), rel=0.1)


@pytest.mark.parametrize("rank, n, T", [(1, 2, 3), (2, 1, 3)])
def test_moments_are_those_of_all_signs(rank, n, T):
    """The mean over all pairs of draws is the covariance over all signs, lag by lag, and L the variance of the sum: exactly.
    By (2) the two are one; the bias of an unbiased estimator is 0."""
    walk, estimator = walk_of("one leak per unit", n, T), NoBackTrack(rank, 0.5)
    errors = np.array(walk.all_answers(estimator, all_signs(T, rank, n))) - np.array(walk.exact())
    covariance = np.einsum("dtp,dsp->ts", errors, errors) / len(errors)
    pairs = [lasting(errors[[i, j]], T - 1) for i in range(len(errors)) for j in range(len(errors)) if i != j]
    share = (len(errors) - 1) / len(errors)  # two draws that may be the same one have no variance between them
    for k in range(T):
        covariances = share * np.mean([C["noise"][k] for C, _ in pairs])
        assert covariances == pytest.approx(np.trace(covariance, k) / (T - k), rel=1e-9)
    variance = share * np.mean([L["noise"] for _, L in pairs])
    assert variance == pytest.approx(covariance.sum() / T, rel=1e-9)
    lagged = [np.trace(covariance, k) / (T - k) * (1 - k / T) for k in range(T)]
    assert variance == pytest.approx(lagged[0] + 2 * sum(lagged[1:]), rel=1e-9)
    total, long = lasting(errors, T - 1)
    assert total["error"][0] == pytest.approx(np.trace(covariance) / T, rel=1e-9)
    assert np.abs(errors.mean(0)).max() < 1e-12 and long["error"] == pytest.approx(covariance.sum() / T, rel=1e-9)


def test_noise_lasts_and_is_told_apart_from_bias():
    """A draw's error goes on with its pairs; an exact estimator has none; one without signs has bias alone; a late one counts
    in answers."""
    found = along(trained(), [RTRL(), RFLO(), NoBackTrack(), BPTT(5)], chars=60, lags=20, draws=60)
    assert found["NoBackTrack rank 1"].time("noise") > 1.5
    assert abs(found["NoBackTrack rank 1"].C["bias"][0]) < 0.1 * found["NoBackTrack rank 1"].C["noise"][0]
    assert found["RTRL"].C["error"][0] < 1e-20 * found["RTRL"].exact2
    assert (found["RFLO"].C["noise"] == 0).all() and found["RFLO"].C["bias"][0] > 0
    assert np.isnan(found["RFLO"].time("noise")) and np.isnan(found["RFLO"].correlation("noise")).all()
    assert found["RFLO"].correlation()[0] == 1
    assert (found["BPTT-5"].every, len(found["BPTT-5"].C["error"])) == (5, 5)
    assert "NoBackTrack rank 1: " in sentence(found) and "in the long run" in sentence(found)


def test_theta_strays_by_the_long_run_variance():
    """At rate eta along T steps that do not feel it, E |theta - its mean|^2 = eta^2 T L, from a run of each draw by itself."""
    one, T, eta = trained(), 12, 0.3
    found = along(one, [NoBackTrack()], T, 2, 40)["NoBackTrack rank 1"]
    _, guesses, _ = Path(one, T, None).guesses(NoBackTrack(), 40, 0)
    ends = -eta * guesses.sum(1)
    assert found.L["noise"] * eta**2 * T == pytest.approx(ends.var(0, ddof=1).sum(), rel=1e-9)


def test_while_theta_moves_noise_stays_without_bias():
    found = along(trained(), [NoBackTrack(2)], chars=20, lags=5, draws=2000, optimizer=SGD(0.05))["NoBackTrack rank 2"]
    assert abs(found.C["bias"][0]) < 0.02 * found.C["noise"][0]


@pytest.mark.parametrize("changed, message", [
    ({"chars": 1}, "^chars must be a whole number from 2"), ({"lags": 0}, "^lags must be a whole number"),
    ({"draws": 1}, "^draws must be a whole number from 2"),
    ({"estimators": [BPTT(90)]}, "^chars must be long enough for BPTT-90"),
])  # fmt: skip
def test_bad_input(changed, message):
    with pytest.raises(ValueError, match=message):
        along(trained(), **{"estimators": [NoBackTrack()], "chars": 30, "draws": 2} | changed)
    with pytest.raises(ValueError, match="^part must be one of error, noise, bias, not 'all'"):
        Lasting({}, {}, 1.0, 1, 1).time("all")
