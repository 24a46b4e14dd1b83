"""Lesson 08, music: the floor from the rules, the roughness of a difference, seeds enough for a row of claims."""

import math

import numpy as np

from .checking import Exercise


def _bar(notes, pitches):
    """Bits of a bar, on average."""
    return math.log2(len(notes)) + np.mean(notes) * math.log2(pitches)


def _seeds(least):
    """How many seeds bring the least p, halved by each of them, below 0.05."""
    return next(n for n in range(1, 1000) if least / 2**n < 0.05)


ROWS = {
    "08 floor": Exercise(
        truth=lambda notes, characters, pitches: _bar(notes, pitches) / np.mean(characters),
        cases=(([1, 2], [5, 8], 3), ([1, 2, 3, 4], [5, 9, 11, 14], 4), ([3, 1, 2], [11, 5, 8], 2)),
        wrong={
            "you averaged ratios: a long bar has more characters, and counts more. Average bits and characters apart": (
                lambda notes, characters, pitches: np.mean(
                    [(math.log2(len(notes)) + n * math.log2(pitches)) / c for n, c in zip(notes, characters, strict=True)]
                )
            ),
            "which rhythm a bar has is left to chance too": lambda notes, characters, pitches: (
                np.mean(notes) * math.log2(pitches) / np.mean(characters)
            ),
            "each note of a bar has a pitch of its own": lambda notes, characters, pitches: (
                (math.log2(len(notes)) + math.log2(pitches)) / np.mean(characters)
            ),
            "these are the bits of a bar: asked for are those of a character": lambda notes, characters, pitches: _bar(
                notes, pitches
            ),
            "spaces and bar marks are characters too, and a note is more than one": lambda notes, characters, pitches: (
                _bar(notes, pitches) / np.mean(notes)
            ),
        },
    ),
    "08 rough": Exercise(
        truth=lambda ours, exact: np.std(np.subtract(ours, exact)),
        cases=(
            ([1.5, 1.2, 1.4, 1.3], [1.0, 0.9, 0.8, 0.9]),
            ([1.0, 1.4, 0.8, 1.2], [0.9, 1.2, 0.9, 1.1]),
            ([0.7, 0.9, 0.8, 0.5], [0.8, 0.7, 0.9, 0.6]),
        ),
        wrong={
            "the text is now easy, now hard, for whoever reads it: that is no noise of the gradient's": lambda ours, exact: (
                np.std(ours)
            ),
            "this is the distance: it counts a calm curve that lies above as noise": lambda ours, exact: np.mean(
                np.abs(np.subtract(ours, exact))
            ),
            "this is the offset: how far above the curve lies, not how much it shakes": lambda ours, exact: np.mean(
                np.subtract(ours, exact)
            ),
            "first the difference of the curves, then its standard deviation": lambda ours, exact: np.std(ours) - np.std(exact),
            "divide by the number of parts, as np.std does": lambda ours, exact: np.std(np.subtract(ours, exact), ddof=1),
        },
    ),
    "08 seeds": Exercise(
        truth=lambda claims: _seeds(claims),
        cases=(1, 4, 11, 30),
        wrong={
            "this is enough for one claim alone: among many, chance has more tries": lambda claims: _seeds(1),
            "this is for a claim that does not say on which side: these do": lambda claims: _seeds(2 * claims),
            "each of the claims may use all the seeds": lambda claims: claims * _seeds(1),
            "the correction multiplies p by the claims: it does not divide": lambda claims: max(1, _seeds(1 / claims)),
        },
    ),
}
