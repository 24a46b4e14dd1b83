"""Lesson 10, aⁿbⁿ: the share of ends from which a window reaches the first a, and of sequences that the slides speak of."""

from .checking import Exercise


def share(N, T, exceeds):
    """The share of n from 1 to N of which it is said that they exceed T."""
    return sum(exceeds(n, T) for n in range(1, N + 1)) / N


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
    "10 beyond": Exercise(
        truth=lambda N, T: share(N, T, lambda n, T: 2 * n + 1 > T),
        cases=((8, 8), (8, 9), (16, 4), (4, 16), (32, 32)),
        wrong={
            "this counts the a's alone: the b's lie between the first a and the end, too": (
                lambda N, T: share(N, T, lambda n, T: n > T)
            ),
            "this forgets the newline in the middle: from the first a to the end it is one step more": (
                lambda N, T: share(N, T, lambda n, T: 2 * n > T)
            ),
            "a span of T itself is not longer than the truncation": lambda N, T: share(N, T, lambda n, T: 2 * n + 1 >= T),
            "this is the share of those that do not exceed it": lambda N, T: share(N, T, lambda n, T: 2 * n + 1 <= T),
            "this counts characters: long sequences have more of them, but each n is as likely": (
                lambda N, T: sum(2 * n + 2 for n in range(1, N + 1) if 2 * n + 1 > T) / sum(2 * n + 2 for n in range(1, N + 1))
            ),
            "this asks for the longest alone: n is drawn anew for each sequence": lambda N, T: float(2 * N + 1 > T),
        },
    ),
}
