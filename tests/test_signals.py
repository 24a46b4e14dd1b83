"""Signal tasks keep one contract; own numbers are read faithfully or refused in one sentence; known laws have known floors."""

import itertools
import json
import math
import re

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.recursive_ls import RecursiveLS
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

from nbt_edu.settings import from_dict, to_dict
from nbt_edu.tasks import AnBn, Henon, MackeyGlass, Oscillator, Signal, Stream, Text
from nbt_edu.tasks.mackey_glass import BETA, GAMMA, trajectory
from nbt_edu.tasks.references import autoregression, last_value
from nbt_edu.tasks.standardise import Standardiser

WALK = np.random.default_rng(0).normal(size=(2500, 2)).cumsum(0)
ENDLESS = [Oscillator(), Oscillator(7.5, 0.5, 2, 0), Henon(), Henon(1.2, 0.3, 0.0), MackeyGlass(), MackeyGlass(30, 0)]
OWN = [Signal(WALK), Signal(WALK[:, 0], WALK[:, 1] ** 2, "square", None, "kPa")]
OWN += [Signal(np.float32([1, 2, 4])), Signal([1, 2], [[1, 2, 3], [4, 5, 6]]), Signal(WALK[:1024]), Signal(WALK[:1025])]
PUSHED = [Stream("abc"), Stream(inputs=2), Stream(inputs=2, outputs=2), Stream(inputs=1, outputs=3, standardise=None)]


def read(task, steps, seed=0):
    """Inputs and targets of the first steps, in blocks joined."""
    pairs, length = [], 0
    for pair in task.stream(np.random.default_rng(seed)):
        pairs.append(pair)
        length += len(pair[0])
        if length >= steps:
            break
    return tuple(np.concatenate(parts)[:steps] for parts in zip(*pairs, strict=True))


# --- what all signals promise ---


@pytest.mark.parametrize("task", ENDLESS + OWN, ids=str)
def test_stream(task):
    """Pairs of float64 blocks, finite, of the sizes promised; the target is the next input where it is said to be."""
    for x, y in itertools.islice(task.stream(np.random.default_rng(5)), 4):
        assert x.dtype == y.dtype == np.float64
        assert x.shape == (len(y), task.inputs) and y.shape == (len(x), task.outputs) and 0 < len(x) < 2500
        assert np.isfinite(x).all() and np.isfinite(y).all()
    x, y = read(task, 3000)
    assert task.next_value == (x.shape == y.shape and np.array_equal(x[1:], y[:-1]))
    assert task.alphabet is None and task.standardise is (task in OWN and task.unit == "")


@pytest.mark.parametrize("task", ENDLESS, ids=str)
def test_a_seed_decides(task):
    """Two readers of one seed, side by side or one after the other, read the same; another seed is another signal."""
    one, other = (task.stream(np.random.default_rng(3)) for _ in range(2))
    together = [(next(one)[0], next(other)[0]) for _ in range(3)]
    alone = [x for x, _ in itertools.islice(task.stream(np.random.default_rng(3)), 3)]
    for (a, b), c in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    assert not np.array_equal(alone[0], read(task, len(alone[0]), seed=4)[0])
    assert task.references == type(task)(**task.fields()).references


@pytest.mark.parametrize("task", ENDLESS + OWN + PUSHED, ids=str)
def test_through_text_and_back(task):
    """What is saved as JSON comes back as the same task."""
    back = from_dict(json.loads(json.dumps(to_dict(task))), [type(task)])
    assert back == task and hash(back) == hash(task) and repr(back) == repr(task)
    for name in "inputs", "outputs", "alphabet", "standardise", "next_value":
        assert getattr(back, name) == getattr(task, name)


def test_no_two_of_them_are_equal():
    tasks = ENDLESS + OWN + PUSHED
    assert all((a == b) == (i == j) for i, a in enumerate(tasks) for j, b in enumerate(tasks))


def test_symbols_have_the_same_attributes():
    """Symbol tasks and signal tasks can be asked the same."""
    for task, m in (AnBn(4), 3), (Text("hello"), 4), (Stream("hxy"), 3):
        assert (task.inputs, task.outputs) == (m, m)
    assert Text("ab").entropy_rate is None and Stream("ab").references == {} and not Stream("ab").standardise


# --- own numbers ---


def test_own_signal_is_read_once_and_cannot_change():
    """Every row once, in order, to the end; the arrays are copies that cannot be written to."""
    values = WALK.copy()
    forecast, paired = Signal(values), Signal(values, values[:, 0] > 0)
    values[:] = 7
    x, y = read(forecast, 10**9)
    np.testing.assert_array_equal(x, WALK[:-1])
    np.testing.assert_array_equal(y, WALK[1:])
    x, y = read(paired, 10**9)
    np.testing.assert_array_equal(x, WALK)
    np.testing.assert_array_equal(y[:, 0], WALK[:, 0] > 0)
    for array in forecast.values, paired.targets, next(forecast.stream(None))[0]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("rows", [3, 1023, 1024, 1025, 2048, 2049])
def test_own_signal_to_its_last_row(rows):
    """Wherever the blocks fall."""
    assert len(read(Signal(WALK[:rows]), 10**9)[0]) == rows - 1
    np.testing.assert_array_equal(read(Signal(WALK[:rows], WALK[:rows, 0]), 10**9)[0], WALK[:rows])


HOLE, WIDE = WALK.copy(), WALK.astype(complex)
HOLE[7, 1] = math.nan
BAD = [  # who refuses what, and how the sentence goes
    (lambda: Signal(HOLE), r"values must be numbers .* \(mend or leave out row 7, column 1, counted from 0\), not nan"),
    (lambda: Signal([1.0, 2.0, -math.inf]), r"values must be numbers .* leave out row 2, counted from 0\), not -inf"),
    (lambda: Signal([1.0, 2.0, 1e101]), r"values must be numbers no larger than 1e\+100 everywhere .*, not 1e\+101"),
    (lambda: Signal(np.ma.masked_equal([1, 2, 3, 4], 3)), r"values must be numbers .* leave out row 2, .*, not nan"),
    (lambda: Signal(WIDE), "values must be an array of real numbers whose rows are all of one length, not "),
    (lambda: Signal(["a", "b", "c"]), r"values must be an array of real numbers whose rows .*, not \['a', 'b', 'c'\]"),
    (lambda: Signal([1, None, 2]), r"values must be an array of real numbers whose rows .*, not \[1, None, 2\]"),
    (lambda: Signal([[1, 2], [3]]), r"values must be an array of real numbers whose rows .*, not \[\[1, 2\], \[3\]\]"),
    (lambda: Signal(WALK[None]), r"values must be of shape \(T,\) or \(T, columns\), and not empty, not \(1, 2500, 2\)"),
    (lambda: Signal(3.0), r"values must be of shape .*, not \(\)"),
    (lambda: Signal([]), r"values must be of shape .*, and not empty, not \(0,\)"),
    (lambda: Signal(WALK[:2]), "values must be of at least 3 rows, to predict the next from the ones before, not 2"),
    (lambda: Signal([1.0], [1.0]), "values must be of at least 2 rows, not 1"),
    (lambda: Signal(WALK, WALK[1:]), "targets must be of 2,500 rows, one for each of values, not 2499"),
    (lambda: Signal(WALK, HOLE), "targets must be numbers .* row 7, column 1, .*, not nan"),
    (lambda: Signal(WALK, standardise="always"), "standardise must be 'online' or None, not 'always'"),
    (lambda: Signal(WALK, standardise=True), "standardise must be 'online' or None, not True"),
    (lambda: Signal(WALK, name=3), "name must be a string, not 3"),
    (lambda: Signal(WALK, unit=None), "unit must be a string, not None"),
    (lambda: Stream(), "alphabet must be given, or else inputs, and not both, as in Stream.*, not None"),
    (lambda: Stream("ab", 2), "alphabet must be given, or else inputs, and not both, as in Stream.*, not 'ab'"),
    (lambda: Stream(outputs=2), "alphabet must be given, or else inputs, .*, not None"),
    (lambda: Stream("aa"), "alphabet must be a string of two or more characters, each of them once, not 'aa'"),
    (lambda: Stream("a"), "alphabet must be a string of two or more characters, .*, not 'a'"),
    (lambda: Stream(["a", "b"]), "alphabet must be a string of two or more characters, "),
    (lambda: Stream(inputs=0), "inputs must be a whole number from 1 to "),
    (lambda: Stream(inputs=1, outputs=1.5), "outputs must be a whole number from 1 to "),
    (lambda: Stream(inputs=1, standardise="no"), "standardise must be 'online' or None, not 'no'"),
    (lambda: Oscillator(period=1), "period must be a number from 2 to 1,000,000, not 1"),
    (lambda: Oscillator(damping=1), "damping must be a number from 0 to 0.99999, not 1"),
    (lambda: Oscillator(drive=0), "drive must be a number from 1e-06 to 1,000,000, not 0"),
    (lambda: Oscillator(noise=-1), "noise must be a number from 0 to 1,000,000, not -1"),
    (lambda: Oscillator(noise=math.nan), "noise must be a number from 0 to 1,000,000, not nan"),
    (lambda: Oscillator(noise=True), "noise must be a number from .*, not True"),
    (lambda: Henon(a=0), "a must be a number from 0.1 to 2, not 0"),
    (lambda: Henon(a=2), "a must be smaller: for b = 0.3 its orbits run away, not 2.0"),
    (lambda: Henon(b=1), "b must be a number from -0.9 to 0.9, not 1"),
    (lambda: Henon(noise="much"), "noise must be a number from 0 to 1,000, not 'much'"),
    (lambda: MackeyGlass(tau=17.5), "tau must be a whole number from 1 to 1,000, not 17.5"),
    (lambda: MackeyGlass(noise=math.inf), "noise must be a number from 0 to 1,000, not inf"),
]


def sentence(make, expected):
    """Assert that a call is refused in one line, as expected from its first word to its last."""
    with pytest.raises(ValueError, match=f"^{expected}") as caught:
        make()
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("make, expected", BAD, ids=[expected for _, expected in BAD])
def test_bad_argument(make, expected):
    sentence(make, expected)


# --- files ---

FILES = [  # content, arguments, values, targets
    ("1,2\n3,4\n5,6.5\n", {}, [[1, 2], [3, 4], [5, 6.5]], None),
    ("1\n2\n3", {}, [[1], [2], [3]], None),
    ("x;y\n1,5;2\n-2,5e1;0.25\n3;4\n", {}, [[1.5, 2], [-25, 0.25], [3, 4]], None),
    ("a\tb\r\n1\t2\r\n3\t4\r\n5\t6\r\n\r\n", {"columns": "b"}, [[2], [4], [6]], None),
    ("\ufeffday,x,y\nMon,1,2\nTue,3,4\n", {"columns": ["y", "x"], "targets": ["x"]}, [[2, 1], [4, 3]], [[1], [3]]),
    ('"x, in m",y\n 1 ,2\n3,"4"\n', {"targets": "y"}, [[1], [3]], [[2], [4]]),
    (" x , y\n1, 2\n3, 4\n", {"columns": "x", "targets": ["y"]}, [[1], [3]], [[2], [4]]),
    ("1,2\n3,4\n5,6", {"columns": "2"}, [[2], [4], [6]], None),
]


@pytest.mark.parametrize("content, arguments, values, targets", FILES)
def test_file(tmp_path, content, arguments, values, targets):
    """Header or none, three delimiters, decimal commas, some columns or all: the numbers as they stand."""
    (tmp_path / "run.csv").write_bytes(content.encode())
    assert Signal.file(str(tmp_path / "run.csv"), **arguments) == Signal(values, targets, "run.csv")
    one = Signal.file(tmp_path / "run.csv", **arguments, standardise=None, unit="m")
    assert one == Signal(values, targets, "run.csv", None, "m")


BAD_FILES = [
    ("x,y\n1,2\n3,\n5,6\n", {}, "path '.*', line 3, column 'y' is empty; fill the gap or leave the line out"),
    ("1,2\n\n5,6\n", {}, "path '.*', line 2, column '1' is empty; fill the gap or leave the line out"),
    ("1\n2\n\n4\n", {}, "path '.*', line 3, column '1' is empty; "),
    ("1,,3\n4,5,6\n7,8,9\n", {}, "path '.*', line 1, column '2' is empty; "),
    ("1,2\n3,nan\n5,6\n", {}, "path '.*', line 2, column '2' is nan; put a finite number there or leave the line out"),
    ("1,2\n-inf,4\n5,6\n", {}, "path '.*', line 2, column '1' is -inf; "),
    (
        "day,x,y\n2020-01-01,1,2\n2020-01-02,3,4\n", {},
        r"path '.*', line 2, column 'day' is not a number but '2020-01-01'; mend it, or name .*: columns=\['x', 'y'\]",
    ),
    ("1\t2\n3\t4,5\n", {}, r"path '.*', line 2, column '2' is not a number but '4,5'; .* columns=\['1'\]"),
    ("1,2\n3,4,5\n", {}, "path '.*', line 2 has 3 cells, the first line 2; complete the line or leave it out"),
    ("x,y\n1,2\n3\n", {}, "path '.*', line 3 has 1 cells, the first line 2; "),
    ('1,2\n3,"4\n', {}, r"path '.*', line 2 is not CSV \(.*\); mend its quotes"),
    ("x,x\n1,2\n", {}, r"path must be a file whose columns have different names \(\['x'\] comes twice\), not "),
    ("x,y\n1,2\n3,4\n5,6\n", {"columns": "z"}, r"columns must be one or more of the columns \['x', 'y'\], not 'z'"),
    ("x,y\n1,2\n3,4\n5,6\n", {"columns": []}, r"columns must be one or more of the columns \['x', 'y'\], not \[\]"),
    ("x,y\n1,2\n3,4\n5,6\n", {"columns": 1}, r"columns must be one or more of the columns \['x', 'y'\], not 1"),
    ("x,y\n1,2\n3,4\n", {"targets": ["y", "z"]}, r"targets must be one or more of .*, not \['y', 'z'\]"),
    ("x,y\n1,2\n3,4\n", {"targets": ["y", "x"]}, "targets must be a part of the columns, so that some are left to read, not "),
    ("x,y\n1,2\n3,4\n", {}, "values must be of at least 3 rows, to predict the next from the ones before, not 2"),
    ("x,y\n1,2\n", {"targets": "y"}, "values must be of at least 2 rows, not 1"),
    ("x,y\n", {}, "values must be of shape "),
    ("", {}, "path must be a file with some text in it; this one is empty, not "),
    (" \n\n", {}, "path must be a file with some numbers in it; this one is blank, not "),
    ("1\n2\n3\n".encode("utf-16"), {}, r"path must be a file of UTF-8 text \(byte 0 is not text\), not "),
    (b"PK\3\4\0\0", {}, r"path must be a file of UTF-8 text \(byte 4 is not text\), not "),
]  # fmt: skip


@pytest.mark.parametrize("content, arguments, expected", BAD_FILES, ids=[expected for *_, expected in BAD_FILES])
def test_bad_file(tmp_path, monkeypatch, content, arguments, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    sentence(lambda: Signal.file("run.csv", **arguments), expected)


def test_no_file(tmp_path):
    for path in tmp_path, tmp_path / "missing.csv":
        sentence(
            lambda path=path: Signal.file(path), f"path must be an existing file of text, not {re.escape(repr(str(path)))}"
        )


# --- running mean and deviation ---

NUMBERS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60)


@given(NUMBERS, st.integers(0, 60))
def test_standardiser_in_any_pieces(numbers, cut):
    """One by one, in two blocks or in one, the numbers are the same to the last bit, and those of numpy on the prefix."""
    values = np.array([numbers, np.sin(numbers)]).T
    whole, pieces, single = Standardiser(2), Standardiser(2), Standardiser(2)
    means, stds = whole.blocks(values)
    parts = [pieces.blocks(part) for part in (values[:cut], values[cut:])]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), [means, stds])
    for t, v in enumerate(values):
        single.take(v)
        np.testing.assert_array_equal(single.scale(), (means[t], stds[t]))
        prefix = values[: t + 1]
        size = np.abs(prefix).max(0)
        np.testing.assert_allclose(means[t], prefix.mean(0), atol=1e-12 * size.max())
        differ = (prefix != prefix[0]).any(0) & (stds[t] > 1e-6 * size)
        np.testing.assert_allclose(stds[t][differ], prefix.std(0)[differ], rtol=1e-8)
    for mine, theirs in zip(whole.arrays(), single.arrays(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_standardiser_before_there_are_two_values():
    """Mean 0 and std 0 of nothing; of one value, however often, the value itself and 0; then numbers by hand."""
    one = Standardiser(1)
    np.testing.assert_array_equal(one.scale(), [[0], [0]])
    np.testing.assert_array_equal(one.blocks(np.full((50, 1), 0.1)), [np.full((50, 1), 0.1), np.zeros((50, 1))])
    assert one.blocks(np.zeros((0, 1))).shape == (2, 0, 1)
    two = Standardiser(1)
    means, stds = two.blocks(np.array([[5.0], [7.0], [12.0]]))
    np.testing.assert_allclose(np.hstack((means, stds)), [[5, 0], [6, 1], [8, math.sqrt(26 / 3)]], rtol=1e-15)


def test_standardiser_far_from_zero():
    """A thousandth of a unit on top of a million: the deviation is still seen, as Welford's method sees it."""
    values = 1e6 + 1e-3 * np.random.default_rng(0).normal(size=(20_000, 1))
    exact = ((values - 1e6) * 1e3).std()
    assert Standardiser(1).blocks(values)[1][-1, 0] * 1e3 == pytest.approx(exact, rel=1e-9)


def test_standardiser_goes_on_from_its_arrays():
    one, other = Standardiser(2), Standardiser(2)
    one.blocks(WALK[:700])
    for mine, theirs in zip(other.arrays(), one.arrays(), strict=True):
        mine[...] = theirs
    np.testing.assert_array_equal(one.blocks(WALK[700:]), other.blocks(WALK[700:]))


# --- references ---


def least_squares(x, y, order, forgetting=1.0):
    """The error of least squares on each prefix, in closed form, where the rows are at least ten times the coefficients."""
    past = np.concatenate((np.repeat(x[:1], order - 1, axis=0), x))
    rows = np.hstack([*(past[order - 1 - lag :][: len(x)] for lag in range(order)), np.ones((len(x), 1))])
    errors = []
    for t in range(10 * rows.shape[1], len(x)):
        weight = forgetting ** (np.arange(t)[::-1, None] / 2)
        W = np.linalg.lstsq(weight * rows[:t], weight * y[:t], rcond=None)[0]
        errors.append(y[t] - rows[t] @ W)
    return math.sqrt(np.mean(np.square(errors)))


@pytest.mark.parametrize("order, forgetting", [(1, 1.0), (2, 1.0), (4, 1.0), (2, 0.95)])
def test_autoregression_is_least_squares_on_the_past(order, forgetting):
    """For the next value and for targets of their own, of one column or two; the scale of the values does not matter."""
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.normal(size=(300, 2)), axis=0)
    y = x @ rng.normal(size=(2, 1)) + rng.normal(size=(300, 1))
    for inputs, targets in (x[:-1], x[1:]), (x[:-1, :1], x[1:, :1]), (x, y):
        found = autoregression(inputs, targets, order, forgetting)
        assert found == pytest.approx(least_squares(inputs, targets, order, forgetting), rel=1e-8)
        assert autoregression(1e-9 * inputs, 1e9 * targets, order, forgetting) == pytest.approx(1e9 * found, rel=1e-6)


def test_autoregression_is_statsmodels():
    """The prediction errors of recursive least squares, by a library that starts it diffuse."""
    values = WALK[:400, :1]
    x, y = values[:-1], values[1:]
    rows = np.hstack((x, np.concatenate((x[:1], x[:-1])), np.ones_like(x)))
    errors = RecursiveLS(y[:, 0], rows).fit().forecasts_error[0]
    assert autoregression(x, y) == pytest.approx(math.sqrt(np.mean(errors[30:] ** 2)), rel=1e-8)


def test_references_use_the_past_only():
    """As a function of the last target y the squares sum to a constant + (y - prediction)^2: no prediction knows of y."""

    def squares(last, error, scored):
        y = np.append(WALK[1:100, :1], [[last]], axis=0)
        return error(WALK[:100, :1], y) ** 2 * scored

    for error, scored in (autoregression, 70), (last_value, 100):
        before, middle, after = (squares(last, error, scored) for last in (-9, 0, 9))
        assert before - 2 * middle + after == pytest.approx(162, rel=1e-9)


@pytest.mark.parametrize("forgetting", [0.5, 0.9, 0.999])
def test_forgetting_what_is_never_seen_again(forgetting):
    """A column that stands still for 20,000 steps does not drive the recursion to infinity."""
    x = np.hstack((np.ones((20_000, 1)), np.random.default_rng(0).normal(size=(20_000, 1))))
    assert autoregression(x, x[:, 1:], 1, forgetting) == pytest.approx(0, abs=1e-6)


def test_references_of_own_signals():
    """By hand: the change of the next value, of the targets; none of an autoregression where the signal is short."""
    own = Signal([1.0, 3.0, 2.0])
    assert own.references == {"last value 1.58": math.sqrt(2.5)}
    assert Signal([9, 9, 9], [1, 2, 4]).references == {"last value 1.58": math.sqrt(2.5)}
    assert own.references is own.references
    labels = [*Signal(WALK).references]
    assert [label.rpartition(" ")[0] for label in labels] == ["last value", "autoregression"]
    assert last_value(WALK[:-1], WALK[1:]) == Signal(WALK).references[labels[0]] == pytest.approx(1, abs=0.1)


def test_references_of_a_long_signal():
    """The first 20,000 steps: what comes after them is not asked for."""
    values = np.random.default_rng(0).normal(size=25_000)
    changed = np.where(np.arange(25_000) > 20_000, 50.0, values)
    assert Signal(values).references == Signal(changed).references
    changed[20_000] = 50.0  # the target of the last of them
    assert Signal(values).references != Signal(changed).references


# --- known laws ---


@pytest.mark.parametrize(
    "task", [Oscillator(), Oscillator(5, 0.9, 1, 1), Oscillator(100, 0.999, 0.02, 1), Oscillator(9, 0.95, 1, 0)]
)
def test_oscillator_floor_is_that_of_a_kalman_filter(task):
    """statsmodels' filter, told the law, errs on a sample as the floor says (6 standard errors); who learns errs more."""
    values = read(task, 20_000, seed=9)[0]
    angle = 2 * math.pi / task.period
    model = KalmanFilter(k_endog=1, k_states=2)
    model.bind(values.copy())
    model["design"], model["selection"] = np.array([[1.0, 0.0]]), np.eye(2)
    model["transition"] = task.damping * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    model["state_cov"], model["obs_cov"] = task.drive**2 * np.eye(2), np.array([[task.noise**2]])
    model.initialize_stationary()
    filtered = model.filter()
    squares, S = filtered.forecasts_error[0, 2000:] ** 2, task.floor**2
    assert abs(squares.mean() - S) < 6 * S * math.sqrt(2 / len(squares))
    assert filtered.forecasts_error_cov[0, 0, -1] == pytest.approx(S, rel=1e-6)
    surprise = 0.5 * np.log2(2 * math.pi * S) + squares / (2 * S * math.log(2))
    assert surprise.mean() == pytest.approx(task.entropy_rate, abs=6 * surprise.std() / math.sqrt(len(squares)))
    floor, last, learned = task.references.values()
    assert floor == task.floor < min(last, learned)


@given(st.floats(2, 100), st.floats(0.1, 0.9999), st.floats(0.1, 10), st.floats(0.01, 10))
def test_floor_solves_the_riccati_equation(period, damping, drive, noise):
    """As scipy solves it."""
    task, turn = Oscillator(period, damping, drive, noise), 2 * math.pi / period
    F = damping * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    P = scipy.linalg.solve_discrete_are(F.T, np.eye(2)[:, :1], drive**2 * np.eye(2), np.array([[noise**2]]))
    assert task.floor**2 == pytest.approx(P[0, 0] + noise**2, rel=1e-6)


def test_floor_where_nothing_can_be_known():
    """Without memory the floor is the deviation of the values themselves; nor can more be hidden than all."""
    assert Oscillator(damping=0, drive=3, noise=4).floor == pytest.approx(5, rel=1e-12)
    assert Oscillator(20, 0.6, 3e-6, 1e6).floor == pytest.approx(1e6, rel=1e-12)


def test_oscillator_turns():
    """Its covariance over time is drive^2 / (1 - damping^2) damping^t cos(2 pi t / period), and noise^2 more at lag 0."""
    task = Oscillator(10, 0.9, 1, 0.5)
    values = read(task, 200_000)[0][:, 0]
    variance = 1 / (1 - 0.81)
    for lag in range(12):
        products = values[: len(values) - lag] * values[lag:]
        error = 6 * products.reshape(-1)[: 1000 * (len(products) // 1000)].reshape(-1, 1000).mean(1).std() / math.sqrt(199)
        expected = variance * 0.9**lag * math.cos(2 * math.pi * lag / 10) + (0.25 if lag == 0 else 0)
        assert abs(products.mean() - expected) < error < 0.5


def test_oscillator_begins_as_it_goes_on():
    """Its first value has the variance that it keeps."""
    first = np.array([read(Oscillator(10, 0.99, 1, 0), 1, seed)[0][0, 0] for seed in range(500)])
    assert abs(first.var() * (1 - 0.99**2) - 1) < 6 * math.sqrt(2 / 500)


def test_henon_follows_its_map():
    """Without noise each value is the map of the two before, on Hénon's attractor; with noise, noise is all that is added."""
    x = read(Henon(noise=0), 5000)[0][:, 0]
    np.testing.assert_array_equal(x[2:], 1 - 1.4 * x[1:-1] * x[1:-1] + 0.3 * x[:-2])
    assert -1.2850 < x.min() < -1.27 and 1.26 < x.max() < 1.2731
    noise = (read(Henon(noise=0.2), 5000)[0][:, 0] - x) / 0.2
    assert abs(noise.mean()) < 6 / math.sqrt(5000) and abs(noise.var() - 1) < 6 * math.sqrt(2 / 5000)
    assert abs((noise[1:] * noise[:-1]).mean()) < 6 / math.sqrt(5000)


def test_henon_that_runs_away_begins_anew():
    """A chaos that lasts only for a while: values stay within bounds, and all but a few follow the map."""
    x = read(Henon(1.43, 0.3, 0), 50_000)[0][:, 0]
    follows = np.isclose(x[2:], 1 - 1.43 * x[1:-1] ** 2 + 0.3 * x[:-2])
    assert np.abs(x).max() < 1.5 and 0 < (~follows).sum() < 500


def test_mackey_glass_follows_its_equation():
    """Against another rule written plainly, with small steps; and the error is of fourth order in the step, or nearly."""

    def path(steps):
        return np.concatenate([*itertools.islice(trajectory(17, 0.7, steps), 24)])[:400]

    assert np.abs(path(10) - simulate(17, 0.7, 400, 200)).max() < 1e-6
    coarse, fine = (np.abs(path(steps) - path(80)).max() for steps in (5, 10))
    assert fine < 1e-7 and 10 < coarse / fine < 26


def simulate(tau, start, length, steps):
    """x(1) ... x(length), by Heun's and Kutta's rule of third order: the past is read at grid points and halfway (cubic)."""
    h, past = 1 / steps, [start] * (tau * steps + 1)

    def change(x, delayed):
        return BETA * delayed / (1 + delayed**10) - GAMMA * x

    for t in range(length * steps):
        a, b, c, d = past[max(t - 1, 0)], past[t], past[t + 1], past[t + 2]
        middle = (9 * (b + c) - a - d) / 16
        x = past[-1]
        k1 = change(x, b)
        k2 = change(x + h / 2 * k1, middle)
        k3 = change(x - h * k1 + 2 * h * k2, c)
        past.append(x + h / 6 * (k1 + 4 * k2 + k3))
    return np.array(past[tau * steps :][steps::steps])


def test_mackey_glass_noise():
    """The same trajectory, and noise of the deviation asked for, in each step anew."""
    x, y = (read(MackeyGlass(17, noise), 5000)[0][:, 0] for noise in (0, 0.2))
    assert 0.2 < x.min() < 0.6 and 1.2 < x.max() < 1.4
    noise = (y - x) / 0.2
    assert abs(noise.mean()) < 6 / math.sqrt(5000) and abs(noise.var() - 1) < 6 * math.sqrt(2 / 5000)
    assert abs((noise[1:] * noise[:-1]).mean()) < 6 / math.sqrt(5000)


@pytest.mark.parametrize("task", [Henon(noise=0.1), MackeyGlass(noise=0.1)], ids=str)
def test_the_noise_is_a_bound(task):
    bound, *others = task.references.items()
    assert bound == ("observation noise 0.1", 0.1) and task.entropy_rate is None
    assert all(error > 0.1 for _, error in others) and len(others) == 2
