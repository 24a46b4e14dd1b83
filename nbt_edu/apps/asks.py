"""Sealed predictions: a guess is given before Run, kept, and opened when the run reaches the place it is about.

    asks = (Ask("leader", "Who leads at 200,000?", 200_000, lambda app: app.leader(), {"BPTT": "BPTT", ...}),)

`app.guess(leader="BPTT")` seals one; once the run is there `app.guesses.verdicts()` tells how far off it was. The truth of a
curve (`trace`) is (x, y), in the units of that trace.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..settings import real, require, word


class Ask(NamedTuple):
    """What is asked before Run.

    at: the count at which it is opened. truth: app -> what holds there: a number, one of `options`, or, with `trace`, the
    name of a trace of the figure over which a curve is guessed, (x, y). unit: of a number.
    """

    name: str
    question: str
    at: int
    truth: Callable
    options: dict = None  # {value: what is read}
    trace: str = ""
    unit: str = ""

    @property
    def kind(self):
        """ "number", "choice" or "curve"."""
        return "curve" if self.trace else "choice" if self.options else "number"

    def checked(self, guess):
        """A guess as it is kept. Raises ValueError."""
        if self.kind == "choice":
            return word(self.name, guess, self.options)
        if self.kind == "number":
            value = real(self.name, guess)
            require(math.isfinite(value), self.name, guess, "a finite number")
            return value
        try:
            points = np.array(guess, float).reshape(-1, 2)
        except Exception:  # no numbers, too large ones, or foreign code
            points = np.empty((0, 2))
        require(len(points) > 1 and np.isfinite(points).all(), self.name, guess, "two points (x, y) or more, finite")
        return points[np.argsort(points[:, 0], kind="stable")]

    def verdict(self, guess, truth):
        """How far off a guess was, in a sentence."""
        if self.kind == "choice":
            said = f"You said {self.options[guess]}"
            return f"{said}: right." if guess == truth else f"{said}; it is {self.options.get(truth, truth)}."
        if self.kind == "number":
            unit = f" {self.unit}".rstrip()
            found = f"You said {guess:.3g}{unit}; it is {truth:.3g}{unit}"
            if not 0.1 < (guess / truth if truth else 0.0) < 10:
                return found + "."
            return f"{found}: {abs(guess / truth - 1):.0%} too {'much' if guess > truth else 'little'}."
        off = distance(guess, *truth)
        return (
            "Your curve has no place in common with it." if math.isnan(off) else f"Your curve is off by {off:.2g} on average."
        )


def distance(guess, x, y):
    """Root of the mean squared distance of a guessed curve, points (P, 2), from the points (x, y) beside it; NaN for none."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    beside = np.isfinite(y) & (x >= guess[0, 0]) & (x <= guess[-1, 0])
    if not beside.any():
        return math.nan
    return float(np.sqrt(np.mean((np.interp(x[beside], guess[:, 0], guess[:, 1]) - y[beside]) ** 2)))


class Guesses:
    """The sealed guesses of an app, and what came out. Kept over a rewind: the same guess, the same run."""

    def __init__(self, asks):
        self.asks, self.sealed, self.truths = {one.name: one for one in asks}, {}, {}

    def seal(self, **guesses):
        """Keep guesses. Raises ValueError for an unknown name or a guess that cannot be read; then none is kept."""
        unknown = sorted(guesses.keys() - self.asks.keys())
        require(not unknown, "guess", unknown, f"among {', '.join(self.asks) or 'none: this app asks nothing'}")
        self.sealed |= {name: self.asks[name].checked(guess) for name, guess in guesses.items()}

    def forget(self, truths_only=True):
        """Seal what was opened; or drop the guesses too."""
        self.truths = {}
        if not truths_only:
            self.sealed = {}

    def room(self, count):
        """Units until the next place where something is to be opened: infinite when there is none."""
        return min((one.at - count for one in self.asks.values() if one.at > count), default=math.inf)

    def open(self, app, count):
        """Note what holds where something is to be opened."""
        for one in self.asks.values():
            if one.at == count and one.name not in self.truths:
                self.truths[one.name] = one.truth(app)

    def verdicts(self):
        """{name: sentence} of what was guessed and is open."""
        both = [name for name in self.asks if name in self.sealed and name in self.truths]
        return {name: self.asks[name].verdict(self.sealed[name], self.truths[name]) for name in both}

    def listed(self):
        """What a viewer needs, as plain data."""
        verdicts = self.verdicts()
        return [
            {"name": one.name, "question": one.question, "kind": one.kind, "options": one.options, "at": one.at,
             "trace": one.trace, "sealed": one.name in self.sealed, "verdict": verdicts.get(one.name, "")}
            for one in self.asks.values()
        ]  # fmt: skip
