"""Music: all its bars written out, its floor counted again, and a predictor that knows the rules but not the place."""

import collections
import itertools
import math
import re

import numpy as np
import pytest

from nbt_edu import Music

SETTINGS = [Music(), Music(cycle="V"), Music(("4. 8 4", "2."), "I V7 ii"), Music(("8 8 8 8 8 8", "4. 4."), "V7 V7 IV")]
PITCHES = {"I": "ceg", "ii": "dfa", "IV": "fac", "V": "gbd", "V7": "gbdf"}


def spell(task, count, seed=0):
    """Blocks of a task, as a string of at least so many characters."""
    blocks, text = task.stream(np.random.default_rng(seed)), ""
    while len(text) < count:
        text += "".join(task.alphabet[i] for i in next(blocks))
    return text


def bars(task, harmony):
    """{bar: its probability}: every rhythm with every pitches, from the rules written anew."""
    found = collections.Counter()
    for rhythm in task.rhythms:
        durations = rhythm.split()
        for pitches in itertools.product(PITCHES[harmony], repeat=len(durations)):
            bar = " ".join(map("".join, zip(pitches, durations, strict=True))) + " | "
            found[bar] += 1 / len(task.rhythms) / len(PITCHES[harmony]) ** len(durations)
    return found


@pytest.mark.parametrize("task", SETTINGS, ids=repr)
def test_its_floor_is_the_entropy_of_all_bars_over_their_length(task):
    """And it is that of the characters: no two readings of a bar, and none begins another."""
    bits = characters = 0.0
    for harmony in task.cycle.split():
        found = bars(task, harmony)
        assert len(found) == sum(len(PITCHES[harmony]) ** len(rhythm.split()) for rhythm in task.rhythms)
        assert not any(b.startswith(a) for a, b in itertools.pairwise(sorted(found)))
        bits -= sum(p * math.log2(p) for p in found.values())
        characters += sum(p * len(bar) for bar, p in found.items())
    assert task.entropy_rate == pytest.approx(bits / characters, abs=1e-12)
    assert list(task.references.values()) == [task.entropy_rate]


def test_the_default_in_numbers():
    """Ten rhythms of 3 notes and 11.4 characters a bar on average, 3 pitches a harmony."""
    assert Music().entropy_rate == pytest.approx((math.log2(10) + 3 * math.log2(3)) / 11.4, abs=1e-12)
    assert Music().entropy_rate == pytest.approx(0.70849, abs=5e-6)
    assert Music().alphabet == " .248abcdefg|"


@pytest.mark.parametrize("task", SETTINGS, ids=repr)
def test_its_floor_is_what_a_predictor_pays_that_knows_the_rules(task):
    """Character by character, by Bayes' rule, the place in the cycle unknown at first: within 6 standard errors."""
    names = task.cycle.split()
    following = []  # for each place in the cycle, the probability that a bar begins so
    for harmony in names:
        begins = collections.Counter()
        for bar, p in bars(task, harmony).items():
            for end in range(len(bar) + 1):
                begins[bar[:end]] += p
        following.append(begins)
    text = spell(task, 150_000)
    belief, start, bits = np.full(len(names), 1 / len(names)), 0, np.empty(len(text))
    for t, one in enumerate(text):
        before = np.array([begins[text[start:t]] for begins in following])
        after = np.array([begins[text[start : t + 1]] for begins in following])
        bits[t] = -math.log2(belief @ after / (belief @ before))
        if one == " " and text[t - 1] == "|":
            belief, start = np.roll(belief * after / (belief @ after), 1), t + 1
    ends = np.array([match.end() for match in re.finditer(r"\| ", text)])
    each, length = (np.diff(np.concatenate(([0], total[ends - 1])), prepend=0) for total in
                    (np.cumsum(bits), np.arange(1.0, len(text) + 1)))  # fmt: skip
    each, length = each[1:], length[1:]
    error = (each - task.entropy_rate * length).std() / math.sqrt(len(each)) / length.mean()
    assert bits.mean() == pytest.approx(task.entropy_rate, abs=6 * error + math.log2(len(names)) / len(text))
    assert 6 * error < 0.02 and belief.max() > 0.999


@pytest.mark.parametrize("task", SETTINGS, ids=repr)
def test_every_bar_comes_as_often_as_the_rules_say(task):
    """From the first character on; and one bar tells nothing of the next but its harmony: to 6 standard errors."""
    found = re.findall(r".*?\| ", text := spell(task, 200_000))
    assert "".join(found) == text
    names = task.cycle.split()
    for place, harmony in enumerate(names):
        here, expected = found[place :: len(names)], bars(task, harmony)
        counts = collections.Counter(here)
        assert set(counts) <= set(expected)
        for bar, p in expected.items():
            assert abs(counts[bar] - len(here) * p) < 6 * math.sqrt(len(here) * p * (1 - p)) + 1
    rhythms = [re.sub("[a-g]", "", bar) for bar in found]
    repeats, p = sum(a == b for a, b in itertools.pairwise(rhythms)), 1 / len(task.rhythms)
    assert abs(repeats - len(found) * p) < 6 * math.sqrt(len(found) * p * (1 - p))


def by_enumeration(task, k):
    """The conditional entropy: each character of a bar after all bars before it that k characters reach back to."""
    names, pairs = task.cycle.split(), collections.Counter()
    for place in range(len(names)):
        reach = [bars(task, names[(place + i) % len(names)]) for i in range(-math.ceil(k / 6), 1)]
        for drawn in itertools.product(*(found.items() for found in reach)):
            before, p = "".join(bar for bar, _ in drawn[:-1]), math.prod(p for _, p in drawn)
            text = before + drawn[-1][0]
            for t in range(len(before), len(text)):
                pairs[text[t - k : t], text[t]] += p
    contexts = collections.Counter()
    for (context, _), p in pairs.items():
        contexts[context] += p
    return -sum(p * math.log2(p / contexts[context]) for (context, _), p in pairs.items()) / pairs.total()


FEW = Music(("4 4 4", "2 4", "4. 8 4")), Music(("4 2", "2."), "I V7"), Music(("4 4 4", "4 2"), "V")


@pytest.mark.parametrize("task, longest", list(zip(FEW, (6, 12, 8), strict=True)))
def test_ladder_by_enumeration(task, longest):
    assert task.ladder(range(longest + 1)) == pytest.approx({k: by_enumeration(task, k) for k in range(longest + 1)}, abs=1e-10)


@pytest.mark.parametrize("task", SETTINGS, ids=repr)
def test_ladder_falls_and_stays_above_the_floor(task):
    bits = list(task.ladder(range(17)).values())
    assert all(more <= less + 1e-9 for less, more in itertools.pairwise(bits))
    assert task.entropy_rate - 1e-9 < bits[-1] < task.entropy_rate + 0.1
    assert Music().ladder([]) == {}


def test_ladder_in_numbers():
    assert Music().ladder() == pytest.approx({2: 1.4044, 4: 1.1326, 8: 0.8560, 16: 0.7435}, abs=5e-5)


@pytest.mark.parametrize("given, said", [
    ({"rhythms": ("4 4 4", "4 4")}, "^each of rhythms must be three quarters in all"),
    ({"rhythms": ("4 4  4",)}, "^each of rhythms must be three quarters in all"),
    ({"rhythms": ("2.", "2.")}, "^rhythms must be different from each other"),
    ({"rhythms": "4 4 4"}, "^rhythms must be a few of them"),
    ({"cycle": "I X"}, "^each of cycle must be one of I, ii, iii, IV, V, V7, vi, not 'X'"),
    ({"cycle": " "}, "^the number of harmonies in cycle must be "),
])  # fmt: skip
def test_what_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        Music(**given)


def test_equal_settings_are_equal():
    """However they are written."""
    assert Music(["4 4 4", "2."], " I   V ") == Music(("4 4 4", "2."), "I V")
    assert hash(Music(["2."])) == hash(Music(("2.",)))
