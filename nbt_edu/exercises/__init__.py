"""Exercises of the lessons: `check(floor, "00 floor")` says whether an answer is right, and what was confused if not.

`checking` compares answers; the exercises of a lesson are rows of a file of its own, `lesson_NN`: truth, cases, and plausible
wrong answers with what each confused. Neither a cell nor a message gives an answer away.
May be imported here: settings, kernels, systems, readouts, estimators, optimizers, tasks.
"""

from ..settings import require
from . import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
)
from .checking import Exercise, verdict

# {"NN name": Exercise}; name is that of the function asked for
LESSONS = (lesson_00, lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06, lesson_07, lesson_08, lesson_09,
           lesson_10)  # fmt: skip
EXERCISES = {key: row for lesson in LESSONS for key, row in lesson.ROWS.items()}
MOST = 8  # keys that a sentence lists

__all__ = ["EXERCISES", "Exercise", "check"]


def check(answer, key):
    """Print one line on `answer`, a function, for the exercise `key`, as "00 floor". A bad answer raises nothing.

    Raises ValueError for a key that no exercise has.
    """
    known = ", ".join(map(repr, [*EXERCISES][:MOST]))
    require(isinstance(key, str) and key in EXERCISES, "key", key, f"one of {known}, … (all: nbt.exercises.EXERCISES)")
    print(verdict(answer, key.split()[-1], EXERCISES[key]))
