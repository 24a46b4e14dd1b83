"""What the slides claim, a row each: who against whom, in which contest, by what measure, and the margin, all said beforehand.

A measure makes of two methods' runs one number a seed; the claim is that its median is "more" than the margin, "less", or
"within" it, on either side. `slides` holds the claims that get a verdict, `maps` the same comparisons elsewhere: where else do
they hold?
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..estimators import BPTT, RTRL
from . import suite

NOISE = 0.05  # bits per character: what is seen in a curve, and what "no worse" allows
CLEAR = 0.02  # bits per character: what "clearly better" asks for
EXACT, CONTROL, BPTT4, BPTT16 = (one.label() for one in (RTRL(), BPTT(1), BPTT(4), BPTT(16)))
PLAIN, RANK4, MEMORY, REDUCED = (one.label() for one in (suite.NBT, suite.NBT4, suite.MEMORY, suite.REDUCED))


def noise(results, ours, theirs):
    """Mean distance of the two curves over the last eighth: 64 parts a run, the same text."""
    return np.abs(_late(results, ours, theirs)).mean(1)


def offset(results, ours, theirs):
    """Mean difference of the two curves over the last eighth, ours less theirs: how far above it ours lies."""
    return _late(results, ours, theirs).mean(1)


def roughness(results, ours, theirs):
    """Standard deviation of the difference of the two curves over the parts of the last eighth: how much ours shakes."""
    return _late(results, ours, theirs).std(1)


def _late(results, ours, theirs):
    difference = results.curves(ours) - results.curves(theirs)
    return difference[:, -difference.shape[1] // 8 :]


def loss(results, ours, theirs):
    """Bits per character of the last eighth, ours less theirs."""
    return results.bits(ours) - results.bits(theirs)


def half(results, ours, theirs):
    """Ours after half the characters less theirs after all: equal compute, where ours has twice the rank."""
    return results.bits(ours, 0.5) - results.bits(theirs)


def seconds(results, ours, theirs):
    """Bits per character of the slower one at its end less those of the other then, in as many seconds; ours less theirs."""
    mine, other = results.pace(ours), results.pace(theirs)
    upto = min(1.0, mine / other), min(1.0, other / mine)
    return results.bits(ours, upto[1]) - results.bits(theirs, upto[0])


class Claim(NamedTuple):
    """A row. key: as in the issue of the slides, "b". says: the sentence. contest: its name in `suite`."""

    key: str
    says: str
    contest: str
    ours: str
    theirs: str
    measure: Callable
    side: str  # "less", "more" or "within"
    margin: float

    def played(self, results):
        """Whether both methods ran, among {contest: results}."""
        return self.contest in results and {self.ours, self.theirs} <= results[self.contest].methods.keys()

    def values(self, results):
        """One number a seed, in bits per character."""
        return self.measure(results, self.ours, self.theirs)

    def asks(self):
        """The claim as an inequality, in words."""
        sign = {"less": "<", "more": ">", "within": "within ±"}[self.side]
        what = {noise: "distance of the curves", offset: "offset of the curves", roughness: "roughness of their difference",
                loss: "difference", half: "difference at equal compute", seconds: "difference in equal time"}  # fmt: skip
        return f"{self.ours} and {self.theirs}: {what[self.measure]} {sign}{' ' * (self.side != 'within')}{self.margin:g}"


def slides():
    """The claims of the deck, and ours about rank, time and memory."""
    return [
        Claim("a", "Music, large learning rate, non-Kalman: noise is clearly visible", "music dense sgd x1",
              PLAIN, EXACT, noise, "more", NOISE),
        Claim("b", "Music, small learning rate, non-Kalman: tracks the real gradient", "music dense sgd x0.1",
              PLAIN, EXACT, noise, "less", NOISE),
        Claim("b", "Music, 3/100 of the large rate, non-Kalman: tracks the real gradient", "music dense sgd x0.03",
              PLAIN, EXACT, noise, "less", NOISE),
        Claim("c", "Music, large learning rate, Kalman: noise is barely visible", "music dense kalman x1",
              PLAIN, EXACT, noise, "less", NOISE),
        Claim("c", "Music, Kalman: the curve does not shake (added after looking: a distance is a delay too)",
              "music dense kalman x1", PLAIN, EXACT, roughness, "less", NOISE),
        Claim("d", "Shakespeare, network all to all: no better, no worse than truncated BPTT", "shakespeare dense kalman",
              PLAIN, BPTT16, loss, "within", NOISE),
        Claim("d", "Shakespeare, 10 connections a unit: no better, no worse than truncated BPTT",
              "shakespeare 10 connections kalman", PLAIN, BPTT16, loss, "within", NOISE),
        Claim("d", "The same, of minimum-variance reduction to rank 4", "shakespeare 10 connections kalman", REDUCED, BPTT16,
              loss, "within", NOISE),
        Claim("e", "aⁿbⁿ: clearly better than BPTT where spans exceed the truncation", "anbn 8 kalman",
              PLAIN, BPTT4, loss, "less", -CLEAR),
        Claim("f", "Rank 2 is better than rank 1 at equal characters (aⁿbⁿ)", "anbn ranks",
              "NoBackTrack rank 2", PLAIN, loss, "less", 0.0),
        Claim("f", "Rank 2 is better than rank 1 at equal compute (aⁿbⁿ)", "anbn ranks",
              "NoBackTrack rank 2", PLAIN, half, "less", 0.0),
        Claim("g", "Per second NoBackTrack is ahead of the exact gradient (music)", "music dense kalman",
              PLAIN, EXACT, seconds, "less", -CLEAR),
        Claim("h", "NoBackTrack with memory is better than NoBackTrack (Shakespeare)", "shakespeare dense kalman",
              MEMORY, PLAIN, loss, "less", -CLEAR),
        Claim("h", "NoBackTrack with memory is no better, no worse than BPTT (Shakespeare)", "shakespeare dense kalman",
              MEMORY, BPTT16, loss, "within", NOISE),
        Claim("h", "NoBackTrack with memory is better than BPTT (aⁿbⁿ)", "anbn 16 kalman",
              MEMORY, BPTT16, loss, "less", -CLEAR),
    ]  # fmt: skip


def maps(results):
    """The same comparisons wherever they can be made among {name: results}: {title: claims}."""
    found = {}
    for N in suite.SPANS:
        for window in suite.WINDOWS:
            for grid in "kalman", "adam":
                rival, where = BPTT(window).label(), f"anbn {N} {grid}"
                row = Claim("e", f"N = {N}, T = {window}", where, PLAIN, rival, loss, "less", -CLEAR)
                found.setdefault(f"aⁿbⁿ: NoBackTrack against BPTT-T, {grid}", []).append(row)
    for contest in "anbn 8 kalman", "anbn 8 adam", "shakespeare dense adam":
        for one in suite.RELATIVES:
            row = Claim("e", f"{contest}: {PLAIN} and {one.label()}", contest, PLAIN, one.label(), loss, "less", NOISE)
            found.setdefault("No worse than its relatives?", []).append(row)
    for N in suite.SPANS:
        for rival in PLAIN, BPTT16:
            for grid in "kalman", "adam":
                row = Claim("h", f"N = {N}, {grid}: against {rival}", f"anbn {N} {grid}", MEMORY, rival, loss, "less", NOISE)
                found.setdefault("aⁿbⁿ: is NoBackTrack with memory no worse than both its parents?", []).append(row)
    for contest in "anbn ranks", "shakespeare ranks":
        for k in 1, 2, 4, 8:
            pair = f"NoBackTrack rank {2 * k}", f"NoBackTrack rank {k}"
            row = Claim("f", f"{contest}: {2 * k} pairs for {k}", contest, *pair, loss, "less", 0.0)
            found.setdefault("What each doubling of the rank buys, at equal characters", []).append(row)
    for contest in sorted(name for name in results if name.startswith("shakespeare")):
        where = contest.removeprefix("shakespeare ")
        for ours in PLAIN, RANK4, REDUCED, MEMORY, CONTROL:
            row = Claim("d", f"{where}: {ours}", contest, ours, BPTT16, loss, "less", NOISE)
            found.setdefault("Shakespeare: no worse than BPTT-16?", []).append(row)
    return {title: [row for row in rows if row.played(results)] for title, rows in found.items()}
