"""Brackets: what a sequence looks like, its floor, and what k characters of context are worth, by enumeration."""

import collections
import itertools
import math
import re

import numpy as np
import pytest

from nbt_edu import Brackets


def spell(task, count, seed=0):
    blocks, text = task.stream(np.random.default_rng(seed)), ""
    while len(text) < count:
        text += "".join(task.alphabet[i] for i in next(blocks))
    return text


@pytest.mark.parametrize("task", [Brackets(), Brackets(3, 2, 26), Brackets(2, 0, 2)], ids=repr)
def test_brackets_are_well_formed(task):
    """From the first character on; every letter in every drawn place as often, and no place tells of another: 6 deviations."""
    text = spell(task, 100_000)
    found = re.findall(rf"\[([a-z]{{{task.inside}}})\]([a-z]{{{task.between}}})\[(.*)\]\n", text)
    assert "".join(f"[{a}]{b}[{c}]\n" for a, b, c in found) == text and all(a == c for a, _, c in found)
    assert len(text) == len(found) * task.length
    drawn, p = [a + b for a, b, _ in found], 1 / task.letters
    following = ["".join(pair) for pair in itertools.pairwise(drawn)]
    for places in itertools.combinations(range(2 * len(drawn[0])), 2):
        same = sum(one[places[0]] == one[places[1]] for one in following)
        assert abs(same - len(following) * p) < 6 * math.sqrt(2 * len(following) * p * (1 - p))
    for place in range(len(drawn[0])):
        counts = collections.Counter(one[place] for one in drawn)
        assert set(counts) == set(task.alphabet[:-3])
        assert all(abs(n - len(drawn) * p) < 6 * math.sqrt(len(drawn) * p * (1 - p)) for n in counts.values())


def by_enumeration(s, k, A, context):
    """The conditional entropy: every character of a sequence, after every end that the one before it can have."""
    letters, pairs = "abcdef"[:A], collections.Counter()
    written = ["[{0}]{1}[{0}]\n".format("".join(drawn[:s]), "".join(drawn[s:])) for drawn in
               itertools.product(letters, repeat=s + k)]  # fmt: skip
    for before, text in itertools.product({one[-context:] if context else "" for one in written}, written):
        whole = before + text
        for t in range(len(before), len(whole)):
            pairs[whole[t - context : t] if context else "", whole[t]] += 1
    contexts = collections.Counter()
    for (past, _), count in pairs.items():
        contexts[past] += count
    return -sum(count * math.log2(count / contexts[past]) for (past, _), count in pairs.items()) / pairs.total()


SIZES = [(1, 5, 2), (1, 1, 3), (1, 0, 3), (2, 2, 2), (3, 1, 2), (2, 0, 4), (3, 0, 2), (1, 3, 3), (4, 2, 2)]


@pytest.mark.parametrize("s, k, A", SIZES)
def test_ladder_by_enumeration(s, k, A):
    """And it falls to the floor, which stands from s + k + 2 on."""
    task = Brackets(s, k, A)
    contexts = range(task.length + 1)
    found = task.ladder(contexts)
    assert found == pytest.approx({c: by_enumeration(s, k, A, c) for c in contexts}, abs=1e-12)
    assert all(more <= less + 1e-12 for less, more in itertools.pairwise(found.values()))
    reached = s + k + 2 + (k == 0)
    assert found[reached - 1] > task.entropy_rate + 1e-6
    assert list(found.values())[reached:] == pytest.approx([task.entropy_rate] * (task.length + 1 - reached), abs=1e-12)


def test_numbers():
    assert Brackets().entropy_rate == pytest.approx(6 * math.log2(10) / 12, abs=1e-12)
    assert Brackets().ladder() == pytest.approx({2: 2.3749, 4: 2.1045, 8: 1.6610, 16: 1.6610}, abs=5e-5)
    assert Brackets(10, 10_000, 26).ladder([10**9])[10**9] == pytest.approx(Brackets(10, 10_000, 26).entropy_rate)
