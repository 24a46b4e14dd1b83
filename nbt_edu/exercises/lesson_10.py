"""Lesson 10, aⁿbⁿ: the share of ends from which a window reaches the first a, and how many seeds a claim needs."""

import math

from .checking import Exercise


def needed(claims, level=0.05):
    """The least number of seeds with claims 2^-seeds < level."""
    return math.floor(math.log2(claims / level)) + 1


ROWS = {
    "10 reached": Exercise(
        truth=lambda T, n: max(0, T - 2 * n) / T,
        cases=((8, 2), (32, 8), (16, 8), (4, 3)),
        wrong={
            "this lets a window end at every character: windows follow one after the other, and cut the text anywhere": (
                lambda T, n: 1.0 if 2 * n < T else 0.0
            ),
            "this loses one place: the step that reads the last b is in the window too": (
                lambda T, n: max(0, T - 2 * n - 1) / T
            ),
            "this counts the newline at the end, which is predicted when the last b is read": (
                lambda T, n: max(0, T - 2 * n + 1) / T
            ),
            "a share is not below zero: where no place suffices, none does": lambda T, n: (T - 2 * n) / T,
            "this is the part of the sequence that a window holds, not how often it holds all of it": (
                lambda T, n: min(1.0, T / (2 * n + 1))
            ),
            "this asks for the a's of half the sequence: between the first a and the last b lie all the others": (
                lambda T, n: max(0, T - n) / T
            ),
        },
    ),
    "10 seeds": Exercise(
        truth=needed,
        cases=(1, 2, 11, 100),
        wrong={
            "this forgets that luck has as many chances as there are claims": lambda claims: needed(1),
            "this is for a test that takes either sign for a success: the claim says which": lambda claims: needed(2 * claims),
            "with so many p is still above the limit: round up": lambda claims: needed(claims) - 1,
            "this needs one seed for each claim: p falls by half with every seed": lambda claims: needed(1) * claims,
            "more claims make it harder for each, not easier": lambda claims: needed(1 / claims),
        },
    ),
}
