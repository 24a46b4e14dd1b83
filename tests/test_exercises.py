"""Exercises: every truth is accepted, every wrong answer is told what it confused, and no message gives an answer away."""

import decimal
import fractions
import math
import re

import numpy as np
import pytest

from nbt_edu import AnBn
from nbt_edu.exercises import EXERCISES, Exercise, check
from nbt_edu.exercises.checking import verdict

WRONG = [(key, diagnosis) for key, exercise in EXERCISES.items() for diagnosis in exercise.wrong]


def said(capsys, answer, key):
    """What check prints, which is one line."""
    check(answer, key)
    line = capsys.readouterr().out
    assert line.endswith("\n") and line.count("\n") == 1
    return line.strip()


def gives_away(line, exercise):
    """Whether a number in a message is the right one of some case, to three digits or more."""
    found = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", re.sub(r"^\w+\(.*?\) (?=is )", "", line))]
    right = np.concatenate([np.ravel(value) for value in exercise.values(exercise.truth)])
    return any(math.isclose(number, one, rel_tol=1e-2) for number in found for one in right)


@pytest.mark.parametrize("key", EXERCISES)
def test_a_truth_is_accepted_in_any_kind_of_number(key, capsys):
    name, truth = key.split()[-1], EXERCISES[key].truth
    kinds = (float, np.float32, np.array, fractions.Fraction, decimal.Decimal) if truth(*EXERCISES[key].calls()[0]) != 0 else ()
    for kind in (lambda value: value, *kinds):
        assert said(capsys, lambda *arguments, kind=kind: kind(truth(*arguments)), key) == f"{name}: right"


@pytest.mark.parametrize("key, diagnosis", WRONG)
def test_a_wrong_answer_is_told_what_it_confused(key, diagnosis, capsys):
    exercise = EXERCISES[key]
    line = said(capsys, exercise.wrong[diagnosis], key)
    assert re.fullmatch(rf"{key.split()[-1]}\(.*\) is .*too (large|small): {re.escape(diagnosis)}", line)
    assert not gives_away(line, exercise)


@pytest.mark.parametrize("key", EXERCISES)
def test_other_wrong_answers_get_no_diagnosis(key, capsys):
    """Twice, half and nearly the truth; agreeing with a registered answer in some cases only does not count."""
    exercise, name = EXERCISES[key], key.split()[-1]
    for factor, how in (2.001, "large"), (0.501, "small"), (1.00001, "large"):
        line = said(capsys, lambda *arguments, factor=factor: factor * exercise.truth(*arguments), key)
        assert re.fullmatch(rf"{name}\(.*\) is too {how}", line) and not gives_away(line, exercise)


def test_lesson_00(capsys):
    """The truths are those of the task, and the first wrong case is named."""
    assert [EXERCISES["00 floor"].truth(N) for N in (2, 8, 100)] == [AnBn(N).entropy_rate for N in (2, 8, 100)]
    assert all(EXERCISES["00 span"].truth(n) == len("a" * n + "\n" + "b" * n) for n in range(1, 9))
    averaged = next(answer for diagnosis, answer in EXERCISES["00 floor"].wrong.items() if "average of ratios" in diagnosis)
    assert averaged(8) == pytest.approx(0.343, abs=5e-4)
    assert said(capsys, lambda n: 3 if n == 1 else 0, "00 span") == "span(8) is too small"


def stops(N):
    return 1 / (N - 8)


def stub(N):
    raise NotImplementedError


def several_lines(N):
    raise RuntimeError("one\n  two " + 100 * "x")


@pytest.mark.parametrize("answer, line", [
    (stub, "floor: still to be written"),
    (stops, "floor(8) stops with ZeroDivisionError: .*division by zero"),
    (lambda: 1, r"floor(2) stops with TypeError: .* takes 0 positional arguments but 1 was given"),
    (several_lines, r"floor(2) stops with RuntimeError: one two x+…"),
    (lambda N: next(iter(())), "floor(2) stops with StopIteration"),
    (lambda N: None, "floor(2) gives nothing (is a `return` missing?), not a number"),
    (lambda N: "0.2", "floor(2) gives a value of type str, not a number"),
    (lambda N: True, "floor(2) gives a value of type bool, not a number"),
    (lambda N: 1j, "floor(2) gives a value of type complex, not a number"),
    (lambda N: [[1], [1, 2]], "floor(2) gives a value of type list, not a number"),
    (lambda N: print, "floor(2) gives a value of type builtin_function_or_method, not a number"),
    (lambda N: [0.2], "floor(2) is an array of shape (1,), where a number is asked for"),
    (lambda N: float("nan"), "floor(2) is nan"),
    (lambda N: -np.inf, "floor(2) is -inf"),
    (0.2, "floor: hand over the function itself, check(floor, …), not a value of it"),
])  # fmt: skip
def test_what_is_no_answer_raises_nothing(answer, line, capsys):
    found = said(capsys, answer, "00 floor")
    assert re.fullmatch(re.sub(r"([()?\[\]])", r"\\\1", line), found), found


@pytest.mark.parametrize("key", ["00 flor", "floor", "", None, ["00 floor"]])
def test_an_unknown_key_names_the_known_ones(key):
    with pytest.raises(ValueError, match="^key must be one of '00 floor', '00 span'.*, not "):
        check(math.log2, key)


def test_arrays_and_several_arguments():
    """Cases are tuples of arguments, of which an answer gets copies; values are arrays, compared entry by entry."""
    x = np.array([1.0, 2.0])
    outer = Exercise(np.outer, ((x, x), (x, x + 1)), {"x y' is not y x'": lambda x, y: np.outer(y, x)}, rtol=1e-3)

    def spoiling(x, y):
        x *= 2
        return (np.outer(x, y) / 2).tolist()

    assert verdict(spoiling, "f", outer) == "f: right" and x.tolist() == [1, 2]
    assert verdict(lambda x, y: np.outer(x, y) * 1.0005, "f", outer) == "f: right"
    assert verdict(lambda x, y: np.outer(y, x), "f", outer) == (
        "f(array([1., 2.]), array([2., 3.])) is wrong at [0, 1]: too large: x y' is not y x'"
    )
    assert verdict(lambda x, y: x @ y, "f", outer).endswith("is a number, where an array of shape (2, 2) is asked for")
    assert verdict(lambda x, y: None, "f", outer).endswith("a `return` missing?), not an array of shape (2, 2)")
    assert verdict(lambda x, y: np.full((2, 2), np.nan), "f", outer).endswith("is wrong at [0, 0]: nan")
