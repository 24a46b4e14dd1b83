"""Variance against horizon and units: held against the closed form of one step, and all signs."""

import numpy as np
import pytest
from table import learner

from nbt_edu import BPTT, RTRL, LeakyRNN, NoBackTrack
from nbt_edu.measuring import scaling
from nbt_edu.measuring.path import Path
from nbt_edu.measuring.study import study


def trained(units=3, seed=3):
    one = learner(RTRL(), network=LeakyRNN(units, 0.4), seed=seed)
    one.run(200)
    return one


def closed(one):
    """(variance, |exact|^2) of NoBackTrack's first answer: equation (1)."""
    net, readout, state = one.parts()
    piece = one.ahead(1)
    h, tape = net.step(state.h, piece.inputs[0])
    q, b = readout.loss(h, piece.targets[0])[1].q, np.sqrt(net.immediate_norms2(tape))
    return (q**2 @ b) * b.sum() - q**2 @ b**2, q**2 @ b**2


def test_one_step_has_its_closed_form_for_every_number_of_units():
    """Within 6 standard errors, over networks of 2 to 12 units; the mean of two learners is a ratio of means."""
    sizes, draws = (2, 5, 12), 3000
    found = scaling.units({n: trained(n) for n in sizes}, [NoBackTrack()], 1, draws)
    assert found.x.tolist() == [*sizes] and found.what == "units" and found.learners == 3
    for n, y in zip(sizes, found.variance["NoBackTrack rank 1"], strict=True):
        variance, exact2 = closed(trained(n))
        exact, guesses, _ = Path(trained(n), 1, None).guesses(NoBackTrack(), 500, 9)
        spread = ((guesses - exact) ** 2).sum(-1).std() / np.sqrt(draws)
        assert y == pytest.approx(variance / exact2, abs=6 * (spread + variance / draws) / exact2)
    one, two = trained(), trained(seed=4)
    both = scaling.units({3: [one, two]}, [NoBackTrack()], 1, draws).variance["NoBackTrack rank 1"][0]
    wanted = sum(closed(each)[0] for each in (one, two)) / sum(closed(each)[1] for each in (one, two))
    assert both == pytest.approx(wanted, rel=0.2)


def test_equal_rows_give_one_less_than_the_units():
    """(1) of equal |b_i|: (n - 1) |exact|^2."""
    q, b = np.array([0.3, -1.0, 2.0, 0.1]), np.full(4, 0.7)
    assert (q**2 @ b) * b.sum() - q**2 @ b**2 == pytest.approx(3 * (q**2 @ b**2))


def test_a_horizon_is_the_stretch_of_a_study():
    """At every horizon it says what `study` says; a late estimator counts with its last answer, and not before its first."""
    one, two = trained(), trained(seed=4)
    found = scaling.horizon([one, two], [NoBackTrack(), BPTT(3)], (8, 1, 2, 4), draws=40)
    assert found.x.tolist() == [1, 2, 4, 8] and found.what == "steps"
    studies = [study(each, [NoBackTrack(), BPTT(3)], 8, 40) for each in (one, two)]
    for i, T in enumerate(found.x):
        parts = [(each.values["NoBackTrack rank 1"]["all"]["variance"][T - 1], each.exact2["NoBackTrack rank 1"]["all"][T - 1])
                 for each in studies]  # fmt: skip
        variance, exact2 = map(sum, zip(*parts, strict=True))
        assert found.variance["NoBackTrack rank 1"][i] == pytest.approx(variance / exact2)
    bias2 = found.bias2["BPTT-3"]
    assert np.isnan(bias2[:2]).all() and bias2[2] == pytest.approx(0, abs=1e-15) and bias2[3] > 1e-6
    assert (found.variance["BPTT-3"][2:] == 0).all()
    assert "NoBackTrack rank 1: " in found.sentence() and "at 8 steps" in found.sentence()


@pytest.mark.parametrize("call, message", [
    (lambda: scaling.horizon(trained(), [NoBackTrack()], []), "^horizons must be some whole numbers"),
    (lambda: scaling.horizon(trained(), [NoBackTrack()], [0]), "^horizons must be a whole number from 1"),
    (lambda: scaling.horizon([], [NoBackTrack()]), "^learners must be at least one"),
    (lambda: scaling.units(trained(), [NoBackTrack()]), "^learners must be of learners: {units: learner"),
    (lambda: scaling.units({3: []}, [NoBackTrack()]), "^learners must be at least one"),
])  # fmt: skip
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
