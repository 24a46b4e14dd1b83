"""What the instruments say of an estimator is true of it, and saying it changes nothing."""

from typing import NamedTuple

import numpy as np
import pytest
from table import ESTIMATORS, learner, walk_of

from nbt_edu import BPTT, RTRL, SGD, DiagonalKalman, MemoryNoBackTrack, NoBackTrack
from nbt_edu.estimators.oracles import exact, windowed
from nbt_edu.kernels import nth, stack
from nbt_edu.learning.guards import leaves
from nbt_edu.learning.score import COLUMNS, Score
from nbt_edu.learning.shadow import Shadow, collect
from nbt_edu.measuring.walk import all_signs

every_driver = pytest.mark.parametrize("driver", [row.estimator for row in ESTIMATORS.values()], ids=list(ESTIMATORS))


def scores(walk, instrument, noise):
    """The instrument's rows along a walk: (T, 5) for each estimator that is scored."""
    state = instrument.begin(walk.system)
    for tape, q, signs in zip(walk.tapes, walk.q, noise, strict=True):
        instrument.advance(state, walk.system, tape, signs)
        instrument.gradient(state, walk.system, q.reshape(1, -1))
    return collect(instrument, state)


def ready(estimator, rate=0.1, **changed):
    """A small learner whose readout is not zero, so that there are gradients at rate 0 too."""
    one = learner(estimator, rate, **changed)
    one._built.theta[:] = np.random.default_rng(0).normal(size=one._built.theta.shape)
    return one


@pytest.mark.parametrize("beta", [0.0, 1.0])
@pytest.mark.parametrize("rank, n, T", [(1, 2, 2), (2, 2, 1), (1, 1, 4)])
def test_scores_are_unbiased(rank, n, T, beta):
    """Over all signs of 2 replicas: `variance` and `size` are true in the mean, and `bias2` is 0."""
    walk, estimator = walk_of("one leak per unit", n, T), NoBackTrack(rank, beta)
    guesses = np.array([said[-1] for said in walk.all_answers(estimator, all_signs(T, rank, n))])
    g = exact(walk)[-1]
    rows = [scores(walk, Score(RTRL(), estimator, 2), noise)[0][-1] for noise in all_signs(T, 2 * rank, n)]
    mean = dict(zip(COLUMNS, np.mean(rows, axis=0), strict=True))
    variance = ((guesses - guesses.mean(0)) ** 2).sum(1).mean()
    assert mean["variance"] == pytest.approx(variance, rel=1e-10)
    assert mean["bias2"] == pytest.approx(0, abs=1e-10 * variance)
    assert mean["size"] == pytest.approx((guesses**2).sum(1).mean(), rel=1e-10)
    assert mean["exact"] == pytest.approx(g @ g, rel=1e-10)
    cosine = np.mean(guesses @ g / np.linalg.norm(guesses, axis=1)) / np.linalg.norm(g)
    assert mean["cosine"] == pytest.approx(cosine, rel=1e-10)


@pytest.mark.parametrize("estimator", [RTRL(), BPTT(6)], ids=str)
def test_the_exact_gradient_has_no_fault(estimator):
    """RTRL, and BPTT over a whole text, scored against RTRL: cosine 1, same size, no bias, no variance."""
    row = scores(walk_of("slides", T=6), Score(RTRL(), estimator, 1), np.zeros((6, 0, 3)))[0][-1]
    cosine, size, squared, bias2, variance = row
    assert (cosine, size / squared) == pytest.approx((1, 1), abs=1e-10)
    assert abs(bias2) < 1e-10 * squared and variance == 0


def test_truncation_is_seen_as_bias():
    """Truncated BPTT's bias, against the sum of exact gradients over the window's own characters; no rows between."""
    walk = walk_of("one leak per unit", T=6)
    (rows,) = scores(walk, Score(RTRL(), BPTT(2), 1), np.zeros((6, 0, 3)))
    full, truncated = exact(walk), windowed(2)(walk)
    assert np.isnan(rows[0::2]).all()
    for t in (1, 3, 5):
        g = full[t - 1] + full[t]
        assert rows[t, COLUMNS.index("bias2")] == pytest.approx(((truncated[t] - g) ** 2).sum(), rel=1e-9, abs=1e-20)
        assert rows[t, COLUMNS.index("exact")] == pytest.approx(g @ g, rel=1e-10)
    assert rows[5, COLUMNS.index("bias2")] > 1e-3 * rows[5, COLUMNS.index("exact")]


def test_nested_scores_are_the_single_ones():
    """Two estimators scored on one trajectory get what each gets alone, with signs of their own, and once."""
    walk, noise = walk_of("leaky", T=4), all_signs(4, 2)[[9, 99, 199]].transpose(1, 2, 0)
    both = Score(Score(RTRL(), BPTT(2), 1), NoBackTrack(), 2)
    for instrument in both, Shadow(RTRL(), both):
        late, noisy = scores(walk, instrument, noise)
        np.testing.assert_array_equal(late, scores(walk, Score(RTRL(), BPTT(2), 1), noise[:, :0])[0])
        np.testing.assert_array_equal(noisy, scores(walk, Score(RTRL(), NoBackTrack(), 2), noise)[0])
    state = both.begin(walk.system)
    assert [len(rows) for rows in collect(both, state)] == [0, 0]


@every_driver
@pytest.mark.parametrize("optimizer", [SGD(0.1), DiagonalKalman(0.5, 0.0, 0.01, 2.0)], ids=lambda one: type(one).__name__)
def test_being_watched_changes_nothing(driver, optimizer):
    """theta, the losses and the signs are those of the run without comparison, to the last bit."""
    alone = ready(driver, optimizer=optimizer)
    others = {"noisy": NoBackTrack(2), "late": BPTT(5), "same": driver}
    observed = ready(driver, compare=others, replicas=3, optimizer=optimizer)
    for one in alone, observed:
        one.run(120)
    for mine, theirs in zip((alone._system, alone._built), (observed._system, observed._built), strict=True):
        np.testing.assert_array_equal(mine.theta, theirs.theta)
    np.testing.assert_array_equal(alone.record.curve()[1], observed.record.curve()[1])


def raw(one, name):
    """The scores of a short run, character by character."""
    curve = one.record._scores[name]
    return np.where(curve.counts, curve.sums, np.nan)[: one.chars]


def test_late_answers_leave_gaps():
    """In the record too, BPTT-5 has one score every 5 characters."""
    one = ready(RTRL(), compare=[BPTT(5)])
    one.run(23)
    assert np.flatnonzero(~np.isnan(raw(one, "BPTT-5")[:, COLUMNS.index("exact")])).tolist() == [4, 9, 14, 19]


def test_compare_changes_within_a_run():
    """What is compared goes on under its name with other settings: more pairs, less variance; the driver unmoved."""
    one, alone = ready(BPTT(4), 0.0, compare={"noisy": NoBackTrack()}), ready(BPTT(4), 0.0)
    one.run(400)
    one.set(compare=[NoBackTrack(16)])
    one.run(400)
    alone.run(800)
    np.testing.assert_array_equal(one._system.theta, alone._system.theta)
    before, after = (raw(one, "noisy")[part, COLUMNS.index("variance")].mean() for part in (slice(400), slice(430, 800)))
    assert after < before / 8
    with pytest.raises(ValueError, match=r"^compare must be 1 estimators, as when the run began, not \[\]"):
        one.set(compare=[])


CHANGES = {
    "another rank": {"compare": [NoBackTrack(3)]},
    "another class": {"compare": [BPTT(4)]},
    "driver of another class": {"estimator": NoBackTrack()},
    "driver with a window": {"estimator": BPTT(3)},
    "driver that is exact": {"estimator": RTRL()},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("driver", [BPTT(5), RTRL()], ids=str)
def test_the_exact_gradient_stays_exact(driver, change):
    """No change of settings makes the reference forget: at rate 0 it is that of a run scored so from the start."""
    first, later = NoBackTrack(), change.get("compare", [NoBackTrack()])[0]
    changed, alone = ready(driver, 0.0, compare={"one": first}), ready(driver, 0.0, compare={"one": later})
    changed.run(60)
    changed.set(**change)
    changed.run(60)
    alone.run(120)
    found, wanted = (raw(run, "one")[60:, COLUMNS.index("exact")] for run in (changed, alone))
    assert np.nanmin(wanted) > 1e-6
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_replicas_are_one_stack():
    """64 replicas are as many arrays as 2, so that they are the same machine code: and each is as if it were alone."""
    walk = walk_of("leaky", 2, 3)
    few, many = (Score(RTRL(), NoBackTrack(), count).begin(walk.system) for count in (2, 64))
    assert [leaf.shape[1:] for leaf in leaves(few.replicas)] == [leaf.shape[1:] for leaf in leaves(many.replicas)]
    assert {len(leaf) for leaf in leaves(many.replicas)} == {64}
    noise = all_signs(3, 2)[[1, 5, 33]].transpose(1, 0, 2)
    estimator, score = NoBackTrack(), Score(RTRL(), NoBackTrack(), 3)
    state, alone = score.begin(walk.system), [estimator.begin(walk.system) for _ in range(3)]
    for tape, signs in zip(walk.tapes, noise, strict=True):
        score.advance(state, walk.system, tape, signs)
        for one, own in zip(alone, signs, strict=True):
            estimator.advance(one, walk.system, tape, own[None])
    for r, one in enumerate(alone):
        for mine, theirs in zip(leaves(nth(state.replicas, r)), leaves(one), strict=True):
            np.testing.assert_array_equal(mine, theirs)


class Nested(NamedTuple):
    deep: NamedTuple
    own: np.ndarray


def test_any_state_can_be_stacked():
    """A state may be an array, a tuple, or tuples of tuples: nth gives it back, and what changes it changes the stack."""
    array = np.arange(3.0)
    for state in array, (array, np.ones((2, 2))), Nested(Nested((), array), np.zeros(())), ():
        stacked = stack([state, state])
        for leaf, given in zip(leaves(nth(stacked, 1)), leaves(state), strict=True):
            np.testing.assert_array_equal(leaf, given)
            leaf += 1
        for first, second in leaves(stacked):
            np.testing.assert_array_equal(first + 1, second)


@pytest.mark.slow
def test_replicas_compiled():
    """As machine code too, of a state that is tuples in a tuple. Slow: it compiles a combination that no other test runs."""
    compare = {"memory": MemoryNoBackTrack(3)}
    read, run = (ready(RTRL(), 0.01, compare=compare, replicas=20, compiled=code) for code in (False, True))
    for one in read, run:
        one.run(60)
    np.testing.assert_allclose(raw(run, "memory"), raw(read, "memory"), rtol=1e-7, atol=1e-9)
