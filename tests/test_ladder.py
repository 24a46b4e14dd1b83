"""What k characters of context are worth: of a^n b^n by enumeration, of texts by Witten and Bell's rule written out."""

import collections
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbt_edu import AnBn, Shakespeare, Text
from nbt_edu.tasks import Symbols
from nbt_edu.tasks.beliefs import worth
from nbt_edu.tasks.ladder import Counts, prequential, surprises

# --- a^n b^n ---


def written(lengths):
    return "".join("a" * n + "\n" + "b" * n + "\n" for n in lengths)


def by_enumeration(N, k):
    """The conditional entropy, all characters of a sequence after all sequences that k characters reach back to."""
    pairs = collections.Counter()
    for lengths in itertools.product(range(1, N + 1), repeat=1 + math.ceil(k / 4)):
        text = written(lengths)
        for t in range(len(written(lengths[:-1])), len(text)):
            pairs[text[t - k : t], text[t]] += 1
    contexts = collections.Counter()
    for (context, _), count in pairs.items():
        contexts[context] += count
    return -sum(count * math.log2(count / contexts[context]) for (context, _), count in pairs.items()) / pairs.total()


@pytest.mark.parametrize("N, longest", [(2, 16), (3, 12), (4, 12), (5, 12), (8, 16)])
def test_anbn_by_enumeration(N, longest):
    contexts = range(longest + 1) if N < 8 else (0, 1, 2, 7, 8, 9, 15, 16)
    expected = {k: by_enumeration(N, k) for k in contexts}
    assert AnBn(N).ladder(contexts) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("k", [0, 1, 2, 5, 8, 13])
def test_anbn_by_counting(k):
    """On a stream: within 6 standard errors, a sequence an independent draw, and a bit for each context that was fitted."""
    lengths = np.random.default_rng(3).integers(1, 9, 40_000)
    text = written(lengths)
    pairs = collections.Counter(text[t - k : t + 1] for t in range(k, len(text)))
    contexts = collections.Counter(text[t - k : t] for t in range(k, len(text)))
    bits = [-math.log2(pairs[text[t - k : t + 1]] / contexts[text[t - k : t]]) for t in range(k, len(text))]
    ends = np.cumsum(2 * lengths + 2)
    each = np.diff(np.concatenate(([0] * (k + 1), np.cumsum(bits)))[ends], prepend=0)
    found = each.sum() / len(text)
    error = (each - found * (2 * lengths + 2)).std() * math.sqrt(len(lengths)) / len(text)
    assert AnBn(8).ladder([k])[k] == pytest.approx(found, abs=6 * error + len(contexts) / len(text))
    assert 6 * error + len(contexts) / len(text) < 0.015


@pytest.mark.parametrize("N", [2, 3, 8, 31, 64, 10_000])
def test_anbn_reaches_the_floor_at_2N(N):
    """It falls all the way, starts at the frequencies of characters, and stands on the floor from 2N on: not before."""
    task = AnBn(N)
    bits = list(task.ladder(range(2 * N + 3)).values())
    assert all(more <= less + 1e-12 for less, more in itertools.pairwise(bits))
    p = np.array([N + 1, N + 1, 4]) / (2 * N + 6)
    assert bits[0] == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-12)
    assert bits[2 * N :] == pytest.approx([task.entropy_rate] * 3, abs=1e-12)
    assert bits[2 * N - 1] - task.entropy_rate == pytest.approx(2 / (N * (N + 3)), rel=1e-3)


def test_numbers_of_the_lesson():
    found = AnBn(8).ladder()
    assert found == pytest.approx({2: 0.6151, 4: 0.5452, 8: 0.4047, 16: 3 / 11}, abs=5e-5)
    assert AnBn(8).ladder([10**9])[10**9] == pytest.approx(3 / 11)


# --- by beliefs ---


@pytest.mark.parametrize("N", [2, 5, 8])
def test_beliefs_find_what_the_formulas_of_anbn_say(N):
    """Its states: before the a's; i a's written; i b's still to write, or the newline after them."""

    def follow(state):
        part, i = state
        if part == "end":
            return [("a", 1.0, ("a", 1))] if i == 0 else [("\n", 1.0, ("end", 0))]
        if part == "b":
            return [("b", 1.0, ("b", i - 1) if i > 1 else ("end", 1))]
        stops = ("\n", 1 / (N - i + 1), ("b", i))
        return [stops, ("a", (N - i) / (N - i + 1), ("a", i + 1))] if i < N else [stops]

    visits = {("end", 0): 1.0, ("end", 1): 1.0}
    visits |= {(part, i): (N - i + 1) / N for part in "ab" for i in range(1, N + 1)}
    total = sum(visits.values())
    found = worth({state: p / total for state, p in visits.items()}, follow, 2 * N + 1)
    assert dict(enumerate(found)) == pytest.approx(AnBn(N).ladder(range(2 * N + 2)), abs=1e-10)


# --- texts ---


def by_the_rule(text, t, y, k, m):
    """P_k(y | the k characters before t), (5) as it stands: what followed the context among the first t characters."""
    if k < 0:
        return 1 / m
    lower = by_the_rule(text, t, y, k - 1, m)
    if k > t:
        return lower
    context = text[t - k : t]
    followers = [text[s] for s in range(k, t) if text[s - k : s] == context]
    if not followers:
        return lower
    return (followers.count(y) + len(set(followers)) * lower) / (len(followers) + len(set(followers)))


TEXTS = st.text("abc", min_size=2, max_size=40).filter(lambda text: len(set(text)) > 1)


@given(TEXTS)
def test_text_by_the_rule(text):
    m = len(set(text))
    found = list(surprises(text, m, 3))
    expected = [[-math.log2(by_the_rule(text, t, y, k, m)) for k in range(4)] for t, y in enumerate(text)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    late = np.array(expected)[len(text) // 2 :]
    assert list(Text(text).ladder().values()) == pytest.approx(late.mean(0), abs=1e-12)


@given(TEXTS, TEXTS)
def test_probabilities_sum_to_one(text, past):
    counts = Counts(3, 4)
    for t, y in enumerate(text):
        counts.add(text[max(0, t - 4) : t], y)
    total = np.sum([counts.probabilities(past[-4:], y) for y in "abc"], axis=0)
    np.testing.assert_allclose(total, np.ones(5), atol=1e-12)


@given(TEXTS, TEXTS, TEXTS)
def test_what_comes_later_changes_nothing(text, one, other):
    first, second = (list(surprises(text + more, 3, 3))[: len(text)] for more in (one, other))
    assert first == second


def test_chance_and_a_period():
    """Of independent, equally likely characters order 0 pays log2 m and a little; of a period, high orders next to nothing."""
    text = "".join(np.random.default_rng(0).choice(list("abcdefgh"), 30_000))
    found = Text(text).ladder([0, 2])
    assert 3 < found[0] < 3.005 and found[0] < found[2] < 3.2
    found = Text("aabab" * 2000).ladder([0, 1, 2, 4])
    assert 0.95 < found[0] < 1 and found[4] < 0.001
    assert found[1] == pytest.approx(0.6 * math.log2(3) - 0.4, abs=0.01)


def test_shakespeare():
    """The first 100,000 characters, once: a fourth letter is worth little there, a fifth costs more. Computed once."""
    deeper = Shakespeare().ladder([3, 4, 5])
    assert deeper[3] - 0.01 < deeper[4] < deeper[3] < deeper[5]
    assert Shakespeare().ladder() == pytest.approx({0: 4.747, 1: 3.548, 2: 2.839, 3: 2.534}, abs=5e-4)
    before = prequential.cache_info().misses
    assert Shakespeare().ladder([3, 0]) == {k: Shakespeare().ladder()[k] for k in (3, 0)}
    assert prequential.cache_info().misses == before
    assert Text("ab" * 50_000 + "c").ladder([0]) == {0: pytest.approx(1, abs=1e-3)}


# --- either ---


def test_not_known_and_not_possible():
    assert Symbols().ladder() == Symbols().ladder((2, 4)) == AnBn(3).ladder([]) == Text("ab").ladder(()) == {}
    for task, contexts in (AnBn(3), [-1]), (AnBn(3), [1.5]), (Text("ab"), [9]), (Text("ab"), ["1"]), (AnBn(3), 4):
        with pytest.raises(ValueError, match="^(each of )?contexts must be "):
            task.ladder(contexts)
