"""Ends predicted right: by one that counts, by one that sees k characters, by one that sees nothing; and by a learner."""

import collections
import re

import numpy as np
import pytest
from table import learner

from nbt_edu import BPTT, RTRL, AnBn, DiagonalKalman, Henon, LeakyRNN, sample
from nbt_edu.measuring import ends

N = 8
TEXT = sample(AnBn(N), 40_000)


def of_text(predict, text=TEXT):
    """(what `predicted_right` says, n of each sequence) of a predictor: text before -> {symbol: probability}."""
    targets = np.array([AnBn.alphabet.index(one) for one in text[1:]])
    predictions = [[predict(text[:t]).get(one, 0.0) for one in AnBn.alphabet] for t in range(1, len(text))]
    return ends.predicted_right(targets, np.array(predictions)), np.array([len(b) for b in re.findall(r"\n(b+)\n", text)])


def counting(past):
    """What is to be expected by the rules."""
    if not past or past.endswith("b\n"):
        return {"a": 1.0}
    a, b = re.search(r"(a*)\n?(b*)$", past[-2 * N - 2 :]).groups()
    if past.endswith("a"):
        return {"a": (N - len(a)) / (N - len(a) + 1), "\n": 1 / (N - len(a) + 1)}
    return {"\n": 1.0} if len(a) == len(b) else {"b": 1.0}


def test_one_that_counts_is_always_right():
    found, n = of_text(counting)
    assert found.all() and len(found) == len(n) > 3000


@pytest.mark.parametrize("k", [2, 4, 8, 12])
def test_one_that_sees_k_characters_is_right_where_it_sees_the_sequence_whole(k):
    """With counts of what followed those k: a sequence of 2n + 2 <= k is seen with its first a."""
    follow = collections.defaultdict(collections.Counter)
    for t in range(k, len(TEXT)):
        follow[TEXT[t - k : t]][TEXT[t]] += 1
    found, n = of_text(lambda past: follow[past[-k:]])
    found, n = found[5:], n[5:]
    assert found[2 * n + 2 <= k].all() and found.mean() < 0.9
    assert not found[(2 * n + 2 > k + 1) & (n < N)].any()


@pytest.mark.parametrize("expected", [{"b": 1.0}, {"\n": 1.0}, {"a": 0.4, "b": 0.3, "\n": 0.3}])
def test_one_that_always_says_the_same_is_never_right(expected):
    found, _ = of_text(lambda past: expected, TEXT[:2000])
    assert found.size and not found.any()


def test_a_newline_too_early_is_wrong_and_a_sequence_cut_off_does_not_count():
    say = dict(zip(["b\naa\n", "b\naa\nb", "b\naa\nbb"], ["b", "\n", "\n"], strict=True))
    assert of_text(lambda past: {say.get(past, "a"): 1.0}, "b\naa\nbb\n")[0].tolist() == [False]
    assert of_text(counting, "bb\naa")[0].size == 0


def test_a_learner_is_asked_with_theta_as_it_is():
    """What it says is what its own network, step by step, says; the learner is left as it was; Kalman and RTRL learn it."""
    one = learner(RTRL(), task=AnBn(3), network=LeakyRNN(6, 0.5), optimizer=DiagonalKalman(), compiled=None)
    one.run(20_000)
    before = one._system.theta.copy()
    assert ends.share(one, 5000) > 0.9 and one.chars == 20_000
    system, readout, _ = one.parts()
    piece = ends.Examples(one.task, one.seed, "evaluation").ahead(400)
    h, rows = system.start(), []
    for x in piece.inputs:
        h, _ = system.step(h, x)
        rows.append(readout.predict(h))
    assert ends.share(one, 400) == ends.predicted_right(piece.targets, np.array(rows)).mean()
    np.testing.assert_array_equal(before, one._system.theta)
    assert ends.share(learner(BPTT(1)), 5000) < 0.3


def test_what_cannot_be_asked():
    with pytest.raises(ValueError, match="^learner must be one whose task is AnBn"):
        ends.share(learner(task=Henon()))
    with pytest.raises(ValueError, match="^chars must be larger: no sequence ends"):
        ends.share(learner(), 1)
