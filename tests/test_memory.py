"""NoBackTrack with memory: what it is the mean of, when it is BPTT, what its length buys, and that changes lose nothing."""

import numpy as np
import pytest
from table import SYSTEMS, learner, walk_of

from nbt_edu import BPTT, RTRL, LeakyRNN, MemoryNoBackTrack, NoBackTrack, SlidingBPTT, SlidingMemoryNoBackTrack
from nbt_edu.estimators.oracles import exact, summed
from nbt_edu.measuring.study import study
from nbt_edu.measuring.walk import all_signs

every_system = pytest.mark.parametrize("system", [name for name in SYSTEMS if name != "LSTM"])  # twice the signs: `check`
FORMS = [(MemoryNoBackTrack, summed), (SlidingMemoryNoBackTrack, lambda window: exact)]
every_form = pytest.mark.parametrize("form, expected", FORMS, ids=["window", "sliding"])


def close(found, wanted, digits=12):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=10.0**-digits * np.abs(wanted).max())


def padded(signs, steps):
    """Signs (T, k, n), and ones for the steps after them."""
    return np.concatenate((signs, np.ones((steps - len(signs), *signs.shape[1:]), np.int8)))


@every_system
@every_form
def test_mean_over_three_windows(system, form, expected):
    """The signs of the first four of six steps are enumerated; those of the last two have no say yet."""
    walk, estimator = walk_of(system, n=2, T=6), form(2)
    answers = walk.all_answers(estimator, [padded(signs, 6) for signs in all_signs(4, 1, 2)])
    last = walk.answers(estimator, np.concatenate((padded(all_signs(4, 1, 2)[0], 4), all_signs(2, 1, 2)[5])))
    np.testing.assert_array_equal(last[-1], answers[0][-1])
    assert np.std([one[-1] for one in answers], axis=0).max() > 1e-3
    for found, wanted in zip(zip(*answers, strict=True), expected(2)(walk), strict=True):
        if wanted is None:
            assert all(one is None for one in found)
        else:
            close(np.mean(found, axis=0), wanted)


@every_system
@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("rank, beta", [(1, 1.0), (1, 0.0), (1, 0.5)])
def test_it_is_the_mean_of_nobacktrack_over_the_signs_of_the_window(system, window, rank, beta):
    """Those before as they are. T = 1: over the signs of the present step alone, so that (v, w) are those of a step before."""
    walk = walk_of(system, n=2, T=6)
    past = all_signs(6 - window, rank, 2)[77 % 2 ** (2 * (6 - window))]
    noises = [np.concatenate((past, last)) for last in all_signs(window, rank, 2)]
    means = np.mean(walk.all_answers(NoBackTrack(rank, beta), noises), axis=0)
    close(walk.answers(SlidingMemoryNoBackTrack(window, rank, beta), noises[3])[-1], means[-1])
    close(walk.answers(MemoryNoBackTrack(window, rank, beta), noises[3])[-1], means[-window:].sum(0))


@every_system
@pytest.mark.parametrize("signs", [0, 41, 63])
def test_a_window_as_long_as_the_text_is_bptt(system, signs):
    """There is nothing older: no noise, the very numbers of BPTT, which are those of RTRL."""
    walk, noise = walk_of(system, n=2, T=3), all_signs(3, 1, 2)[signs]
    silence = np.zeros((3, 0, 2), np.int8)
    *_, rtrl = walk.answers(RTRL(), silence)
    for window in 3, 4, 9:
        mine, theirs = (walk.answers(one(window), noise) for one in (SlidingMemoryNoBackTrack, SlidingBPTT))
        np.testing.assert_array_equal(mine, theirs)
        close(mine[-1], rtrl)
    np.testing.assert_array_equal(walk.answers(MemoryNoBackTrack(3), noise)[-1], walk.answers(BPTT(3), silence)[-1])


@every_form
def test_a_shorter_window_is_not_bptt(form, expected):
    """From the second window on, older credit is there and BPTT's is not all."""
    walk, noise = walk_of("leaky", n=3, T=4), all_signs(4, 3)[1234].reshape(4, 1, 3)
    blind = BPTT if form is MemoryNoBackTrack else SlidingBPTT
    mine, theirs = (walk.answers(one(2), noise) for one in (form, blind))
    np.testing.assert_array_equal(mine[1], theirs[1])
    assert np.abs(mine[3] - theirs[3]).max() > 1e-2 * np.abs(theirs[3]).max()


@every_system
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_exact_variance_falls_with_the_window(system, beta):
    """Over all signs, at every step: never more than NoBackTrack's, never more with a longer window, none at the end."""
    walk = walk_of(system, n=2, T=5)
    noises, wanted = all_signs(5, 1, 2), np.array(walk.exact())
    estimators = [NoBackTrack(1, beta), *(SlidingMemoryNoBackTrack(window, 1, beta) for window in (1, 2, 4, 5))]
    variances = []
    for estimator in estimators:
        found = np.array(walk.all_answers(estimator, noises))
        variances.append(((found - wanted) ** 2).sum(-1).mean(0))
    for longer, shorter in zip(variances[1:], variances, strict=False):
        assert (longer <= shorter * (1 + 1e-9) + 1e-24).all()
    assert variances[1][-1] < 0.999 * variances[0][-1] and variances[-1].max() < 1e-20


@pytest.mark.slow
def test_variance_falls_in_a_study():
    """On a stretch of a trained learner's text, compiled as the learner is; no bias to 6 standard errors."""
    one = learner(RTRL(), compiled=True, network=LeakyRNN(6, 0.3))
    one.run(300)
    rows = study(one, [NoBackTrack(), *(SlidingMemoryNoBackTrack(T) for T in (1, 3, 6, 16))], chars=16, draws=2000).rows()
    variances = [row["variance"] for row in rows]
    assert all(longer < 0.95 * shorter for longer, shorter in zip(variances[1:], variances, strict=False)), variances
    assert variances[-1] < 1e-20
    assert all(abs(row["bias2"]) <= 6 * row["bias2_error"] + 1e-12 for row in rows)
    windows = study(one, [MemoryNoBackTrack(T) for T in (4, 8, 16)], chars=16, draws=2000).rows()
    assert all(abs(row["bias2"]) <= 6 * row["bias2_error"] + 1e-12 for row in windows)
    assert windows[0]["variance"] > windows[1]["variance"] > windows[2]["variance"]


CHANGES = [((2, 1), (1, 1)), ((1, 1), (3, 1)), ((2, 1), (2, 2)), ((1, 2), (2, 1)), ((3, 1), (1, 1, 0.5))]


@every_form
@pytest.mark.parametrize("before, after", CHANGES, ids=str)
def test_a_change_of_settings_keeps_the_mean(form, expected, before, after):
    """After three steps other settings take over: their answers' mean is exact, whatever the window, the rank, or beta."""
    walk, first, second = walk_of("one leak per unit", n=1, T=6), form(*before), form(*after)
    widths = [first.rank] * 3 + [second.rank] * 2
    answers = []
    for flat in all_signs(sum(widths)):
        noise = [*np.split(flat.reshape(-1, 1), np.cumsum(widths))[:-1], np.ones((second.rank, 1), np.int8)]
        state, said = first.begin(walk.system), []
        for t, (tape, signs, q) in enumerate(zip(walk.tapes, noise, walk.q, strict=True)):
            now = first if t < 3 else second
            if t == 3:
                kept = [field.copy() for field in (state.pairs.v, state.pairs.w, state.e, state.count)]
                state, old = second.resume(first, state, walk.system), state
                for field, copy in zip((old.pairs.v, old.pairs.w, old.e, old.count), kept, strict=True):
                    np.testing.assert_array_equal(field, copy)
            now.advance(state, walk.system, tape, signs)
            A, B = now.gradient(state, walk.system, q[None])
            said.append(A @ B if A.size else None)
        answers.append(said[3:])
    exact_ones, window = walk.exact()[3:], second.window if form is MemoryNoBackTrack else 1
    for t, found in enumerate(zip(*answers, strict=True)):
        if (t + 1) % window == 0:
            close(np.mean(found, axis=0)[0], sum(exact_ones[t + 1 - window : t + 1]))
        else:
            assert all(one is None for one in found)


def test_more_rows_are_answered_each():
    """What a Kalman filter asks besides: Q G for every row of Q, as if it were asked alone."""
    walk, estimator = walk_of("GRU", n=3, T=5), SlidingMemoryNoBackTrack(2, 2)
    noise, Q = all_signs(5, 3)[[901, 77]].transpose(1, 0, 2), np.random.default_rng(0).normal(size=(4, 3))
    state = estimator.begin(walk.system)
    for tape, signs in zip(walk.tapes, noise, strict=True):
        estimator.advance(state, walk.system, tape, signs)
    together = np.dot(*estimator.gradient(state, walk.system, Q))
    for row, q in zip(together, Q, strict=True):
        close(row, np.dot(*estimator.gradient(state, walk.system, q[None]))[0], 14)
