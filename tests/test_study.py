"""A study says what is true of estimators: held against exact expectations, and against their known laws."""


import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import BPTT, LSTM, RTRL, SGD, UORO, DiagonalKalman, LeakyRNN, NoBackTrack, SlidingBPTT
from nbt_edu.figures import Picture
from nbt_edu.measuring import moments
from nbt_edu.measuring.collectors import COLLECTORS, bias2, bias2_error
from nbt_edu.measuring.study import Study, study
from nbt_edu.measuring.walk import Walk, all_signs


def trained(**changed):
    one = learner(RTRL(), **changed)
    one.run(300)
    return one


def test_moments_are_those_of_all_signs():
    """Variance by block within 6 standard errors of the exact one, over the very stretch; the bias within 6 of zero."""
    one, estimator, draws = trained(network=LeakyRNN(2, 0.4)), NoBackTrack(), 20_000
    found = study(one, [estimator], chars=3, draws=draws)
    net, readout, state = one.parts()
    piece, q, h = one.ahead(3), [], state.h.copy()
    for x, y in zip(piece.inputs, piece.targets, strict=True):
        h, _ = net.step(h, x)
        q.append(readout.loss(h, y)[1].q)
    walk = Walk(_starting(net, state.h), piece.inputs, np.array(q))
    guesses = np.array([said[-1] for said in walk.all_answers(estimator, all_signs(3, 1, 2))])
    exact = walk.exact()[-1]
    symbols = len(one.task.alphabet)
    parts = {"all": slice(None), "W": slice(0, 4), "R": slice(4, 4 + 2 * symbols), "b": slice(-2, None)}
    for block, part in parts.items():
        away = ((guesses[:, part] - exact[part]) ** 2).sum(1)
        values = found.values["NoBackTrack rank 1"][block]
        assert values["variance"][-1] == pytest.approx(away.mean(), abs=6 * away.std() / np.sqrt(draws))
        assert abs(values["bias2"][-1]) < 6 * values["bias2_error"][-1]
        assert found.exact2["NoBackTrack rank 1"][block][-1] == pytest.approx((exact[part] ** 2).sum(), rel=1e-9)
    norm = np.linalg.norm(exact)
    values = found.values["NoBackTrack rank 1"]["all"]
    cosines = guesses @ exact / np.linalg.norm(guesses, axis=1) / norm
    assert values["cosine"][-1] == pytest.approx(cosines.mean(), abs=6 * cosines.std() / np.sqrt(draws))
    assert values["norm_ratio"][-1] == pytest.approx(np.sqrt((guesses**2).sum(1).mean()) / norm, rel=0.05)
    assert values["relative_error"][-1] ** 2 == pytest.approx(values["variance"][-1] / norm**2, rel=0.01)
    assert values["signal_to_noise"][-1] == pytest.approx(norm**2 / values["variance"][-1], rel=1e-9)


def _starting(net, h):
    """The network, started from h."""

    class Moved:
        theta = net.theta

        def __getattr__(self, name):
            return getattr(net, name)

        def start(self):
            return h.copy()

    return Moved()


def test_the_exact_estimators_have_no_error():
    found = study(trained(), [RTRL(), SlidingBPTT(12), BPTT(12), BPTT(4)], chars=12, draws=5)
    for name in "RTRL", "BPTT sliding-12", "BPTT-12":
        values = found.values[name]["all"]
        assert abs(values["bias2"][-1]) < 1e-18 * max(1, found.exact2[name]["all"][-1]) + 1e-18
        assert (values["variance"] == 0).all() and (values["bias2_error"] == 0).all()
        assert values["cosine"][-1] == pytest.approx(1, abs=1e-9)
    assert found.at["BPTT-12"].tolist() == [12] and found.at["BPTT-4"].tolist() == [4, 8, 12]
    assert found.values["BPTT-4"]["all"]["bias2"][-1] > 1e-6


def test_rank_divides_the_variance():
    """1/k, to 6 standard errors of the ratio (about 0.15 at 3000 draws)."""
    found = study(trained(), [NoBackTrack(), NoBackTrack(4)], chars=5, draws=3000)
    one, four = (row["variance"] for row in found.rows())
    assert one / four == pytest.approx(4, abs=0.9)


def test_standard_error_of_bias():
    """Over 300 repeated samples, the jackknife's error is the spread of the estimate; half more where there is no bias."""
    rng = np.random.default_rng(0)
    exact = np.zeros((1, 6))
    for shift in 0.0, 1.0:
        samples = rng.normal(size=(300, 200, 1, 6)) + shift
        estimates = [bias2(exact, guesses)[0] for guesses in samples]
        errors = [bias2_error(exact, guesses)[0] for guesses in samples]
        assert np.mean(estimates) == pytest.approx(6 * shift**2, abs=6 * np.std(estimates) / np.sqrt(300))
        assert 0.85 < np.sqrt(np.mean(np.square(errors))) / np.std(estimates) < 1.7


@pytest.mark.parametrize("draws", [1, 2, 5, 6, 47, 300])
def test_one_pass_is_the_definitions(draws, monkeypatch):
    """All collectors at once, from sums over groups and pieces, are each of them alone, block by block."""
    monkeypatch.setattr(moments, "AT_ONCE", 200)
    rng = np.random.default_rng(draws)
    exact = rng.normal(size=(4, 10))
    guesses, row = exact + 0.3 + rng.normal(size=(draws, 4, 10)), np.arange(10)
    blocks = {"all": row >= 0, "W": row < 6, "b": row == 9}
    with np.errstate(divide="ignore", invalid="ignore"):
        found = moments.moments(exact, guesses, blocks)
        for block, within in blocks.items():
            wanted = {name: one(exact[:, within], guesses[:, :, within]) for name, one in COLLECTORS.items()}
            assert found[block].keys() == wanted.keys()
            for name, array in wanted.items():
                np.testing.assert_allclose(found[block][name], array, rtol=1e-10, atol=1e-12, err_msg=f"{block} {name}")


def test_signs_are_common():
    """The same signs for all: more pairs change nothing for the first; names do not matter; another seed, other draws."""
    one = trained()
    first = study(one, {"a": NoBackTrack(), "b": NoBackTrack()}, chars=5, draws=20)
    np.testing.assert_array_equal(first.values["a"]["all"]["variance"], first.values["b"]["all"]["variance"])
    other = study(one, {"a": NoBackTrack()}, chars=5, draws=20, seed=1)
    assert (first.values["a"]["all"]["variance"] != other.values["a"]["all"]["variance"]).any()


def test_the_learner_is_left_as_it_was():
    one, two = trained(), trained()
    study(one, [NoBackTrack(), BPTT(3)], chars=9, draws=3, optimizer=SGD(0.5))
    for learned in one, two:
        learned.run(100)
    np.testing.assert_array_equal(one._system.theta, two._system.theta)
    assert one.record.bits_per_char() == two.record.bits_per_char()


@pytest.mark.parametrize("optimizer", [SGD(0.05), DiagonalKalman(prior=5.0)], ids=str)
def test_staleness(optimizer):
    """None while theta stands still or has made one step only; more when theta moves faster."""
    one = trained()
    still = study(one, [NoBackTrack()], chars=10, draws=2)
    assert (still.staleness == 0).all()
    slow, fast = (study(one, [NoBackTrack()], chars=10, draws=2, optimizer=optimizer._replace(rate=rate * optimizer.rate))
                  for rate in (0.01, 0.1))  # fmt: skip
    assert slow.staleness[0] < 1e-12 and 0 < slow.staleness[-1] < fast.staleness[-1]


def test_staleness_of_a_readout_that_adapts():
    """A learnt variance scales the gradient at every step: it is that of the step, not of the stretch's end."""
    one = nbt.Learner(nbt.Oscillator(), LeakyRNN(3, 0.4), RTRL(), SGD(0.01), compiled=False)
    one.run(40)
    found = study(one, [NoBackTrack()], chars=10, draws=2, optimizer=SGD(1e-12))
    assert found.staleness.max() < 1e-8


def test_unbiased_for_the_moving_target_too():
    """While theta moves, NoBackTrack's mean is still the exact gradient along the thetas that were."""
    (row,) = study(trained(), [UORO()], chars=8, draws=4000, optimizer=SGD(0.05)).rows()
    assert abs(row["bias2"]) < 6 * row["bias2_error"]


def test_own_collectors_and_other_systems():
    """A collector is a function of three lines; systems without rows of units have one block."""

    def largest(exact, guesses):
        return np.abs(guesses - exact).max((0, 2))

    found = study(trained(network=LSTM(2)), [NoBackTrack()], chars=4, draws=6, collectors={"largest": largest})
    assert found.values["NoBackTrack rank 1"]["W"]["largest"].shape == (4,)
    assert found.blocks == ["all", "W", "R", "b"]


def test_saved_and_loaded(tmp_path):
    found = study(trained(), {"one/two": NoBackTrack(), "late": BPTT(3)}, chars=7, draws=50)
    found.save(tmp_path / "study.npz")
    again = Study.load(tmp_path / "study.npz")
    assert again.sentence() == found.sentence() and "variance" in again.sentence()
    np.testing.assert_equal(again.values, found.values)
    np.testing.assert_equal((again.at, again.exact2, again.about), (found.at, found.exact2, found.about))
    (tmp_path / "study.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(ValueError, match="is damaged, or is not a file saved by this method"):
        Study.load(tmp_path / "study.npz")


@pytest.fixture(scope="module")
def drawn():
    """A study to draw: exact, late and noisy estimators, over theta that moves."""
    return study(trained(), [RTRL(), NoBackTrack(), NoBackTrack(4), BPTT(4)], chars=12, draws=40, optimizer=SGD(0.05))


@pytest.mark.parametrize("quantity", ["variance", "bias2", "bias2_error", "relative_error"])
def test_figure_of_errors_ends_at_the_floor(drawn, quantity):
    figure = nbt.figures.errors_along(drawn, quantity)
    assert figure.data[0].name == "RTRL: below 1e-9" and np.isnan(figure.data[0].y).all()
    assert figure.data[1].name == "NoBackTrack rank 1"
    low, high = figure.layout.yaxis.range
    shown = np.concatenate([trace.y for trace in figure.data])
    assert -9 <= low < np.log10(np.nanmin(shown)) and np.log10(np.nanmax(shown)) < high
    assert Picture(figure, "").png


def test_figure_of_signal_to_noise_ends_where_there_is_no_noise(drawn):
    names = [trace.name for trace in nbt.figures.errors_along(drawn, "signal_to_noise").data]
    assert names == ["RTRL: above 1e9", "NoBackTrack rank 1", "NoBackTrack rank 4", "BPTT-4: above 1e9"]


def test_figure_of_cosines_is_drawn_whole(drawn):
    figure = nbt.figures.errors_along(drawn, "cosine", block="W")
    assert figure.layout.yaxis.type is None and figure.data[0].name == "RTRL"
    np.testing.assert_allclose(figure.data[0].y, 1)


def test_figure_of_exact_estimators_alone_has_an_axis():
    figure = nbt.figures.errors_along(study(trained(), [RTRL()], chars=4, draws=1))
    assert figure.layout.yaxis.range == (-1, 1)


def test_figure_of_blocks_ends_at_the_floor(drawn):
    figure = nbt.figures.errors_by_block(drawn)
    assert figure.layout.yaxis.range[0] >= -9 and figure.data[0].name == "RTRL: below 1e-9"
    assert figure.data[1].x == ("all", "W", "R", "b")
    assert figure.data[1].marker.pattern.shape != figure.data[2].marker.pattern.shape
    assert Picture(figure, "").png


def test_figures_say_what_to_see(drawn):
    along = [nbt.figures.errors_along(drawn, quantity) for quantity in drawn.values["RTRL"]["all"]]
    all_figures = [*along, nbt.figures.errors_by_block(drawn), nbt.figures.staleness(drawn)]
    titles = [figure.layout.title.text for figure in all_figures]
    assert len({*titles}) == len(titles) and min(len(title.split()) for title in titles) > 6


def test_compiled_is_interpreted():
    read, run = (study(trained(compiled=code), [NoBackTrack(2), BPTT(3)], chars=6, draws=12) for code in (False, True))
    for name in read.values:
        for key, values in read.values[name]["all"].items():
            np.testing.assert_allclose(run.values[name]["all"][key], values, rtol=1e-6, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("changed, message", [
    ({"chars": 0}, "^chars must be a whole number"), ({"draws": 0}, "^draws must be a whole number"),
    ({"draws": 10**7, "chars": 500}, "^draws = 10000000 needs more memory"),
    ({"estimators": [BPTT(9)], "chars": 5}, "^chars must be long enough for BPTT-9 to answer once"),
    ({"estimators": [RTRL(), RTRL()]}, "^estimators must be of different labels"),
    ({"optimizer": SGD(1e308)}, "^optimizer must be gentle enough"),
])  # fmt: skip
def test_bad_input(changed, message):
    with pytest.raises(ValueError, match=message), np.errstate(all="ignore"):
        study(trained(), **{"estimators": [NoBackTrack()], "chars": 30, "draws": 2} | changed)
