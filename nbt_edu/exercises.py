"""Checks of a student's answers: "right", or the first wrong number."""

import math


def check(answer, truth, cases):
    """Compare answer(case) with truth(case) for each case; print what was found, never raise."""
    name = answer.__name__
    for case in cases:
        try:
            given = answer(case)
        except NotImplementedError:
            print(f"{name}: still to be written")
            return
        except Exception as error:
            print(f"{name}({case!r}) stops with {type(error).__name__}: {error}")
            return
        wanted = truth(case)
        if not isinstance(given, (int, float)) or not math.isclose(given, wanted, rel_tol=1e-6, abs_tol=1e-9):
            print(f"{name}({case!r}) should be {wanted:.6g}, yours gives {given!r}")
            return
    print(f"{name}: right")
