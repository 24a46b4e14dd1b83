"""Figures of the finer instruments: the numbers found, in each method's line, and a still picture of each."""

import numpy as np
import pytest
from table import learner

import nbt_edu as nbt
from nbt_edu import BPTT, RFLO, RTRL, NoBackTrack, figures
from nbt_edu.figures import Picture, style
from nbt_edu.measuring.driven import Driven


@pytest.fixture(scope="module")
def trained():
    one = learner(RTRL())
    one.run(200)
    return one


def test_metrics_are_the_study_s(trained):
    estimators = [RTRL(), NoBackTrack(), NoBackTrack(4), RFLO()]
    found = nbt.study.study(trained, estimators, chars=6, draws=30, precision=nbt.metric.fisher(trained, 6))
    figure, rows = figures.metrics(found), found.rows()
    assert figure.data[0].name == "RTRL: below 1e-9"
    for trace, row in zip(figure.data[1:], rows[1:], strict=True):
        keys = ("variance", "bias2"), ("sensitive_variance", "sensitive_bias2"), ("kalman_variance", "kalman_bias2")
        assert trace.y == pytest.approx([row[one] + row[other] for one, other in keys])
        assert trace.marker.color == style(row["name"])["color"]
    assert figure.data[1].marker.pattern.shape != figure.data[2].marker.pattern.shape
    assert Picture(figure, "").png and Picture(figures.errors_along(found, "kalman_variance"), "").png
    with pytest.raises(ValueError, match="^study must be one that was given a precision"):
        figures.metrics(nbt.study.study(trained, estimators, chars=6, draws=2))


def test_lasting_shows_the_correlation_and_its_sum(trained):
    """At the last of all lags the sum is tau."""
    found = nbt.errors.along(trained, [NoBackTrack(), RFLO(), BPTT(3)], chars=12, lags=11, draws=10)
    figure = figures.lasting(found)
    for (left, right), (name, one) in zip(np.array(figure.data).reshape(-1, 2), found.items(), strict=True):
        assert left.y == pytest.approx(one.correlation()) and right.y[-1] == pytest.approx(one.time())
        assert left.name == f"{name}: τ = {one.time():.2g}" and left.line.color == style(name)["color"]
    assert list(figure.data[4].x) == [0, 3, 6, 9]
    assert Picture(figure, "").png


def test_driven_draws_what_is_seen_and_no_more():
    """A bias within two standard errors of 0 is no dot; the line in proportion goes through the first that is."""
    rates, one = (1e-3, 1e-2, 1e-1), np.ones(1)
    sizes = zip(rates, (1e-9, 4e-4, 4e-2), (1e-8, 1e-5, 1e-3), strict=True)
    found = [Driven(rate, 50, np.array([4]), b * one, e * one, 0 * one, e * one, 4 * one) for rate, b, e in sizes]
    shadow, replicas, proportion = figures.driven(found).data
    np.testing.assert_allclose(shadow.y, [np.nan, 1e-2, 1e-1])
    np.testing.assert_allclose(replicas.y, np.sqrt([2e-8 / 4, 2e-5 / 4, 2e-3 / 4]))
    np.testing.assert_allclose(proportion.y, [1e-3, 1e-2, 1e-1])
    assert Picture(figures.driven(found), "").png
    assert len(figures.driven(found[:1]).data) == 2 and Picture(figures.driven(found[:1]), "").png


def test_scaling_says_which_is_variance_and_which_bias(trained):
    found = nbt.scaling.horizon(trained, [NoBackTrack(), RFLO()], (1, 2, 4, 8), draws=20)
    figure = figures.scaling(found)
    assert [trace.name for trace in figure.data] == ["NoBackTrack rank 1: variance", "RFLO: bias²"]
    assert figure.data[0].y == pytest.approx(found.variance["NoBackTrack rank 1"])
    assert "past" in figure.layout.title.text and Picture(figure, "").png
    figure = figures.scaling(nbt.scaling.units({3: trained}, [NoBackTrack()], 4, 10))
    assert "size" in figure.layout.title.text and Picture(figure, "").png
