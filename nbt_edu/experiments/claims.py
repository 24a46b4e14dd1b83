"""What the slides claim, a row each: who against whom, in which contest, by what measure, and the margin, all said beforehand.

A measure makes of two methods' runs one number a seed, of their first `part`; the claim is that its median is "more" than the
margin, "less", or "within" it, on either side. `slides` holds the claims that get a verdict, `afterthoughts` those that were
thought of when the curves had been seen; `suite` says which contests there are, `elsewhere` asks the same of all of them.
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


def noise(results, ours, theirs, part=1.0):
    """Mean distance of the two curves over the last eighth: 64 parts a run, the same text."""
    return np.abs(_late(results, ours, theirs, part)).mean(1)


def offset(results, ours, theirs, part=1.0):
    """Mean difference of the two curves over the last eighth, ours less theirs: how far above it ours lies."""
    return _late(results, ours, theirs, part).mean(1)


def roughness(results, ours, theirs, part=1.0):
    """Standard deviation of the difference of the two curves over the parts of the last eighth: how much ours shakes."""
    return _late(results, ours, theirs, part).std(1)


def _late(results, ours, theirs, part):
    difference = results.curves(ours) - results.curves(theirs)
    end = round(part * difference.shape[1])
    return difference[:, end - end // 8 : end]


def loss(results, ours, theirs, part=1.0):
    """Bits per character of the last eighth, ours less theirs."""
    return results.bits(ours, part) - results.bits(theirs, part)


def half(results, ours, theirs, part=1.0):
    """Ours after half the characters less theirs after all: equal compute, where ours has twice the rank."""
    return results.bits(ours, part / 2) - results.bits(theirs, part)


def seconds(results, ours, theirs, part=1.0):
    """Bits per character of the slower one at its end less those of the other then, in as many seconds; ours less theirs."""
    mine, other = results.pace(ours), results.pace(theirs)
    upto = min(1.0, mine / other), min(1.0, other / mine)
    return results.bits(ours, part * upto[1]) - results.bits(theirs, part * upto[0])


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

    def values(self, results, part=1.0):
        """One number a seed, in bits per character, of the first `part` of the runs."""
        return self.measure(results, self.ours, self.theirs, part)

    def how(self):
        """What is compared, in words."""
        words = {noise: "distance of the curves", offset: "offset of the curves", roughness: "roughness of their difference",
                 loss: "difference", half: "difference at equal compute", seconds: "difference in equal time"}  # fmt: skip
        return words[self.measure]

    def asks(self):
        """The claim as an inequality, in words."""
        sign = {"less": "<", "more": ">", "within": "within ±"}[self.side]
        return f"{self.ours} and {self.theirs}: {self.how()} {sign}{' ' * (self.side != 'within')}{self.margin:g}"


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
        Claim("d", "Shakespeare, network all to all: no better, no worse than truncated BPTT", "shakespeare dense kalman",
              PLAIN, BPTT16, loss, "within", NOISE),
        Claim("d", "Shakespeare, 10 connections a unit: no better, no worse than truncated BPTT",
              "shakespeare 10 connections kalman", PLAIN, BPTT16, loss, "within", NOISE),
        Claim("d", "The same (10 connections), of minimum-variance reduction to rank 4",
              "shakespeare 10 connections kalman", REDUCED, BPTT16, loss, "within", NOISE),
        Claim("e", "aⁿbⁿ, N = 8, T = 4: clearly better than BPTT, spans exceed the truncation", "anbn 8 kalman",
              PLAIN, BPTT4, loss, "less", -CLEAR),
        Claim("f", "Rank 2 is better than rank 1 at equal characters (aⁿbⁿ)", "anbn ranks",
              "NoBackTrack rank 2", PLAIN, loss, "less", 0.0),
        Claim("f", "Rank 2 is better than rank 1 at equal compute (aⁿbⁿ)", "anbn ranks",
              "NoBackTrack rank 2", PLAIN, half, "less", 0.0),
        Claim("g", "Per second NoBackTrack is ahead of the exact gradient (music)", "music dense kalman",
              PLAIN, EXACT, seconds, "less", -CLEAR),
        Claim("h", "NoBackTrack with memory is better than NoBackTrack (Shakespeare, all to all)", "shakespeare dense kalman",
              MEMORY, PLAIN, loss, "less", -CLEAR),
        Claim("h", "NoBackTrack with memory is no better, no worse than BPTT (Shakespeare, all to all)",
              "shakespeare dense kalman", MEMORY, BPTT16, loss, "within", NOISE),
        Claim("h", "NoBackTrack with memory is better than BPTT (aⁿbⁿ)", "anbn 16 kalman",
              MEMORY, BPTT16, loss, "less", -CLEAR),
    ]  # fmt: skip


def afterthoughts():
    """(a) to (c) by roughness: a distance is a delay too. Thought of when the curves had been seen, so judged apart."""
    return [one._replace(measure=roughness) for one in slides() if one.measure is noise]
