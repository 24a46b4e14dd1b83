"""What is said of an answer: right, or for which arguments it is wrong, and what was confused. Never the right number."""

import copy
import numbers
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

SHOWN = 60  # characters of a value or a message, at most


@dataclass(frozen=True)
class Exercise:
    """A function to write. Truth and wrong answers are functions of the same arguments, with a number or an array as value.

    cases: arguments to try: a tuple of them, or the only one. wrong: {what was confused: plausible wrong answer}, to be told
    from each other by the cases. What was confused is said to the student: it must not contain the answer.
    """

    truth: Callable
    cases: tuple
    wrong: dict[str, Callable] = field(default_factory=dict)
    rtol: float = 1e-6  # relative tolerance
    atol: float = 1e-9  # absolute tolerance

    def calls(self):
        """The arguments of each case, as tuples; new ones each time, so that no answer can change what another sees."""
        tuples = [case if isinstance(case, tuple) else (case,) for case in self.cases]
        return [tuple(map(copy.deepcopy, arguments)) for arguments in tuples]

    def values(self, function):
        """The values of truth or of a wrong answer, an array of float64 for each case."""
        return [np.asarray(function(*arguments), float) for arguments in self.calls()]

    def agree(self, given, wanted):
        """Whether two arrays are of one shape and the same within the tolerances."""
        return given.shape == wanted.shape and np.allclose(given, wanted, self.rtol, self.atol)


def verdict(answer, name, exercise):
    """One line on `answer`, a function or what was given in its place. name: what the function is called."""
    if not callable(answer):
        return f"{name}: hand over the function itself, check({name}, …), not a value of it"
    given = []
    for shown, arguments in zip(map(_arguments, exercise.calls()), exercise.calls(), strict=True):
        try:
            value = answer(*arguments)
        except NotImplementedError:
            return f"{name}: still to be written"
        except Exception as error:
            return f"{name}({shown}) stops with {type(error).__name__}: {_short(str(error))}".rstrip(": ")
        given.append(_array(value))
        if given[-1] is None:
            return f"{name}({shown}) gives {_what(value)}, not {_kind(exercise.values(exercise.truth)[len(given) - 1])}"
    return f"{name}{_compared(given, exercise)}"


def _compared(given, exercise):
    """How the line goes on: the first wrong case, and the diagnosis where all cases agree with one wrong answer."""
    wanted = exercise.values(exercise.truth)
    wrong = [i for i, pair in enumerate(zip(given, wanted, strict=True)) if not exercise.agree(*pair)]
    if not wrong:
        return ": right"
    first = wrong[0]
    line = f"({_arguments(exercise.calls()[first])}) {_difference(given[first], wanted[first], exercise)}"
    for diagnosis, confused in exercise.wrong.items():
        if all(map(exercise.agree, given, exercise.values(confused))):
            return f"{line}: {diagnosis}"
    return line


def _difference(given, wanted, exercise):
    """What is wrong with one value, in words: its shape, its first wrong entry, too large or too small."""
    if given.shape != wanted.shape:
        return f"is {_kind(given)}, where {_kind(wanted)} is asked for"
    at = tuple(np.argwhere(~np.isclose(given, wanted, exercise.rtol, exercise.atol))[0])
    where = f"wrong at [{', '.join(map(str, at))}]: " if at else ""
    if not np.isfinite(given[at]):
        return f"is {where}{given[at]}"
    return f"is {where}too {'large' if given[at] > wanted[at] else 'small'}"


def _array(value):
    """A number, or numbers in lists or arrays, as float64; None for anything else (truth values, texts, None)."""
    try:
        array = np.asarray(value)
        real = array.dtype.kind in "iuf" or all(
            isinstance(one, numbers.Number) and not isinstance(one, bool | complex) for one in array.flat
        )
        return array.astype(float) if real and array.dtype.kind in "iufO" else None
    except Exception:  # ragged lists, numbers beyond float64, classes that are no arrays
        return None


def _what(value):
    """A value that is not one of numbers, for a sentence."""
    return "nothing (is a `return` missing?)" if value is None else f"a value of type {type(value).__name__}"


def _kind(array):
    return f"an array of shape {array.shape}" if array.ndim else "a number"


def _arguments(arguments):
    return ", ".join(_short(repr(one)) for one in arguments)


def _short(text):
    """In one line, and not too long a one."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
