"""Curves of bounded size that say what happened, and files that come back whole or not at all."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table import ESTIMATORS, learner, same

from nbt_edu import BPTT, RTRL, SGD, Learner, NoBackTrack, Record
from nbt_edu.implements import implements
from nbt_edu.learning.curve import Curve
from nbt_edu.learning.randomness import BLOCK
from nbt_edu.protocols import Estimator

series = st.lists(st.one_of(st.integers(-50, 50).map(float), st.just(math.nan)), min_size=1, max_size=150)


def filled(values, room=8, cuts=()):
    """A curve of these values, appended in pieces."""
    curve = Curve(1, room)
    for piece in np.split(np.array(values).reshape(-1, 1), sorted(cuts)):
        curve.append(piece)
    return curve


@given(series, st.sets(st.integers(0, 150)))
def test_pieces_do_not_matter(values, cuts):
    """The same buckets of whole numbers, whose sums are exact, at once, in pieces or one by one."""
    cuts = {cut for cut in cuts if cut <= len(values)}
    once, pieces, singly = filled(values), filled(values, cuts=cuts), filled(values, cuts=range(len(values)))
    for other in pieces, singly:
        assert (other.length, other.stride) == (once.length, once.stride)
        np.testing.assert_array_equal(other.sums, once.sums)
        np.testing.assert_array_equal(other.counts, once.counts)


@given(series, st.integers(1, 12))
def test_buckets_are_plain_means(values, points):
    """Every point is the mean of the numbers since the point before; the memory and the points are bounded."""
    curve = filled(values)
    assert curve.sums.size == curve.counts.size == curve.latest.size == 8
    ends, means = curve.buckets(points)
    assert len(ends) == len(means) <= min(points, 8) and ends[-1] == len(values)
    for start, end, mean in zip(np.append(0, ends[:-1]), ends, means[:, 0], strict=True):
        part = np.array(values[int(start) : int(end)])
        part = part[~np.isnan(part)]
        assert mean == pytest.approx(part.mean()) if part.size else np.isnan(mean)


@given(series, st.sets(st.integers(0, 150)))
def test_mean_of_the_last(values, cuts):
    """Exact for every `last` up to the curve's room, in whatever pieces it came, and for all that end on a bucket's border."""
    curve = filled(values, cuts={cut for cut in cuts if cut <= len(values)})
    borders = [len(values) - start for start in range(0, len(values), curve.stride)]
    for last in [*range(1, min(8, len(values)) + 1), *borders]:
        part = np.array(values[len(values) - last :])
        part = part[~np.isnan(part)]
        mean = curve.mean(last)[0]
        assert mean == pytest.approx(part.mean()) if part.size else np.isnan(mean)


def test_mean_within_a_bucket():
    """Of more than there is room for, a bucket counts in proportion between borders: half of (1, 4), and the rest."""
    curve = filled([1, 4, 3, 4, 6, 8, 9], room=4)
    assert curve.stride == 2
    assert curve.mean(6)[0] == pytest.approx((2.5 + 3 + 4 + 6 + 8 + 9) / 6)
    assert curve.mean(4)[0] == pytest.approx((4 + 6 + 8 + 9) / 4)


def test_bits_of_the_last_few_characters():
    """Of a run of many buckets the mean over its last 7 characters, to the last bit, and after a restart from its file."""
    one = learner(RTRL(), 0.01)
    one.run(9000)
    losses = np.array([next(one) for _ in range(7)])
    assert one.record._losses.stride > 1
    assert one.record.bits_per_char(last=7) == pytest.approx(losses.mean(), rel=1e-12)
    assert one.record.bits_per_char(last=1) == pytest.approx(losses[-1], rel=1e-12)


@pytest.fixture(scope="module")
def record():
    """Of a short run with a comparison, its settings changed once."""
    compare = {"noisy": NoBackTrack(), "exact": RTRL()}
    one = learner(RTRL(), optimizer=SGD(0.1), compare=compare)
    one.run(50)
    one.set(optimizer=SGD(0.05))
    return one.run(50)


def contents(record):
    """All that a record tells."""
    about = {name: value for name, value in vars(record).items() if not name.startswith("_")}
    numbers = [record.curve(10), *(record.gradients(name, 10) for name in record.compared)]
    return repr((about, record.compared, numbers, record.bits_per_char(30), repr(record)))


def test_saved_and_loaded(record, tmp_path):
    """A record comes back from its file the same in every word and number."""
    record.save(tmp_path / "run.npz")
    assert contents(Record.load(tmp_path / "run.npz")) == contents(record)
    assert record.events == [(0, "RTRL, SGD rate=0.1"), (50, "SGD rate=0.05")]


@pytest.mark.parametrize("last", [0, -1, 101, 1.5, math.nan, "10", True])
def test_bits_per_char_asks_for_characters_that_were_read(record, last):
    for ask in (record.bits_per_char, lambda last: record.gradient_summary("noisy", last)):
        with pytest.raises(ValueError, match="^last must be a whole number from 1 to 100, not "):
            ask(last)


def test_nothing_to_tell():
    """An empty record says what to do; so does a name that was not compared."""
    empty = learner().record
    with pytest.raises(ValueError, match="run the learner first"):
        empty.bits_per_char()
    assert [part.size for part in empty.curve()] == [0, 0]
    with pytest.raises(ValueError, match=r"^name must be one of none: there is nothing to choose"):
        empty.gradients("noisy")


def test_means_agree(record):
    """Bits per character of the run, and its comparison, are the means of their curves' own points."""
    x, y = record.curve(7)
    assert record.bits_per_char() == pytest.approx(np.average(y, weights=np.diff(x, prepend=0)))
    assert record.gradient_summary("exact")["cosine"] == pytest.approx(1, abs=1e-12)
    assert record.gradient_summary("noisy", 20)["variance"] > 0


def test_summaries_are_ratios_of_means(record):
    """Variance and bias^2 over the mean |exact|^2 of the same characters: the mean of the ratios is another number."""
    rows = record._scores["noisy"].latest[:100]
    exact, bias2, variance = rows[:, 2:].T
    found = record.gradient_summary("noisy")
    assert found["variance"] == pytest.approx(variance.mean() / exact.mean(), rel=1e-12)
    assert found["bias2"] == pytest.approx(bias2.mean() / exact.mean(), rel=1e-9)
    assert found["norm_ratio"] == pytest.approx((rows[:, 1].mean() / exact.mean()) ** 0.5, rel=1e-12)
    ratio = np.mean(variance[exact > 0] / exact[exact > 0])
    assert abs(ratio / found["variance"] - 1) > 0.1


# --- files ---


@pytest.mark.parametrize("compare", [{}, {"noisy": NoBackTrack(2), "late": BPTT(4)}], ids=["alone", "compared"])
@pytest.mark.parametrize("estimator", [row.estimator for row in ESTIMATORS.values()], ids=list(ESTIMATORS))
def test_restored_as_if_never_stopped(tmp_path, estimator, compare):
    """Saved within a window and a block, restored, run: every number is that of the run that was not stopped."""
    stopped, alone = (learner(estimator, compare=compare) for _ in range(2))
    for one in stopped, alone:
        one.run(53)
        one.set(optimizer=SGD(0.05, 0.2))
    stopped.save(tmp_path / "learner.npz")
    restored = Learner.restore(tmp_path / "learner.npz")
    same(restored, stopped)
    restored.compiled = False
    for one in restored, alone:
        one.run(60)
    same(restored, alone)


def test_restored_far_from_the_start(tmp_path):
    """The task and the signs too are where they were, blocks later."""
    stopped, alone = learner(), learner()
    stopped.run(2 * BLOCK + 30)
    stopped.save(tmp_path / "learner.npz")
    restored = Learner.restore(tmp_path / "learner.npz")
    restored.compiled = False
    restored.run(70)
    alone.run(2 * BLOCK + 100)
    same(restored, alone)


def test_own_classes_are_restored_by_name(tmp_path):
    """A class of the user's own is found among `classes` by its name, however often it was defined anew meanwhile."""

    def define():
        class Mine(BPTT):
            __slots__ = ()

        return implements(Estimator)(Mine)

    _, mine, later = define(), define(), define()
    one = learner(mine(3))
    one.run(10)
    one.save(tmp_path / "learner.npz")
    with pytest.raises(ValueError, match="^class must be one of .*pass your own in `classes`.*'Mine'"):
        Learner.restore(tmp_path / "learner.npz")
    assert type(Learner.restore(tmp_path / "learner.npz", [later]).estimator) is later


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A learner with a comparison, and the bytes of its file."""
    one = learner(BPTT(4), compare=[NoBackTrack()])
    one.run(30)
    path = tmp_path_factory.mktemp("saved") / "learner.npz"
    one.save(path)
    return one, path.read_bytes()


def refused(load, path):
    with pytest.raises(ValueError, match="^path ") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_damaged_bytes(tmp_path, saved):
    """Cut anywhere, or with any byte changed, a file is refused in one line, or else it is wholly what was saved."""
    one, data = saved
    path = tmp_path / "damaged.npz"
    for cut in range(0, len(data), len(data) // 25):
        path.write_bytes(data[:cut])
        refused(Learner.restore, path)
    places = {*range(40), *range(0, len(data), len(data) // 80), *range(len(data) - 1500, len(data), 7)}
    for place in sorted(places):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x15]) + data[place + 1 :])
        try:
            loaded = Learner.restore(path)
        except ValueError as error:
            assert str(error).startswith("path ") and "\n" not in str(error)
        else:
            same(loaded, one)


@pytest.mark.parametrize("load", [Learner.restore, Record.load], ids=["learner", "record"])
def test_foreign_files(tmp_path, load, saved, record):
    """Another program's file, a folder, no file, or one of the other kind: refused in one line."""
    path = tmp_path / "file"
    refused(load, path)
    refused(load, tmp_path)
    for content in (b"", b"text", b"PK\3\4", pickle.dumps([1])):
        path.write_bytes(content)
        refused(load, path)
    for write in (np.save, np.savez):
        with open(path, "wb") as file:
            write(file, np.arange(3))
        refused(load, path)
    record.save(path) if load == Learner.restore else path.write_bytes(saved[1])
    refused(load, path)


@pytest.mark.parametrize("load", [Learner.restore, Record.load], ids=["learner", "record"])
def test_a_file_that_lacks_a_part(tmp_path, load, saved, record):
    """Whatever array is missing or of another shape, and whatever word of the head is wrong: refused in one line."""
    path = tmp_path / "run.npz"
    record.save(path) if load == Record.load else path.write_bytes(saved[1])
    load(path)
    whole = dict(np.load(path))
    head = json.loads(whole["head"].tobytes())
    broken = [{key: value for key, value in whole.items() if key != name} for name in whole]
    broken += [whole | {name: np.zeros(array.size + 1)} for name, array in whole.items()]
    needed = head.keys() - {"dtype"}  # that runs saved before there was a choice lack
    broken += [whole | {"head": np.array(json.dumps({key: head[key] for key in head if key != name}))} for name in needed]
    for parts in broken:
        np.savez(path, **parts)
        refused(load, path)
