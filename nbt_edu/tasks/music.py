r"""Waltzes in letters: the slides' "synthetic music notation", by rules of our own.

    c4 e8 g8 c4 | f2. | g4. b8 d4 | e2 g4 | ...

A note is a pitch, a duration and a space: `4` is a quarter, `2` a half, `8` an eighth, and a dot makes it half as long again. A
bar is notes of three quarters in all, and the mark `| `. Its rhythm is one of a list, each as likely; its harmony is the next
of a fixed cycle; each pitch is any of that harmony's, independently. So a reader must hold the meter (what still fits into the
bar) and the place in the cycle (the harmonies of a bar or two).

**Entropy rate.** A bar is read back in one way: a note ends at its space, the bar at its mark, and no pitch looks like a
duration. So it tells its rhythm and its pitches, no more and no less. Where the R rhythms have `notes` notes and `characters`
characters on average, and the harmonies of the cycle p_1, ..., p_C pitches,

    bits of a bar      log2 R + notes (log2 p_1 + ... + log2 p_C) / C                                          (1)
    entropy rate       bits of a bar / characters                                                              (2)

for of B bars, drawn independently, both are B times as much in the mean, and the law of large numbers does the rest. Where in
the cycle a stretch begins is at most log2 C bits, once: it does not count.
"""

import functools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from ..settings import require, string, whole, word
from .base import Symbols
from .beliefs import worth
from .ladder import wanted

LENGTHS = {"2.": 6, "2": 4, "4.": 3, "4": 2, "8": 1}  # of durations, in eighths
BAR = 6  # eighths
RHYTHMS = ("2.", "2 4", "4 2", "4 4 4", "4. 8 4", "4 4. 8", "8 8 4 4", "4 8 8 4", "4 4 8 8", "4. 8 8 8")
HARMONIES = {"I": "ceg", "ii": "dfa", "iii": "egb", "IV": "fac", "V": "gbd", "V7": "gbdf", "vi": "ace"}
LONGEST = 16  # bars of a cycle
DEEPEST = 16  # characters of context that a ladder is told for, at most
ROUNDS = 64  # cycles drawn at once


@dataclass(frozen=True)
class Music(Symbols):
    """Waltzes to predict character by character: `c4 e8 g8 c4 | f2. | ...`; see the top of this file for the rules.

    rhythms: what a bar may have, each the durations of its notes, as `"4. 8 4"`. cycle: the harmonies of the bars in turn, over
    and over, named as in `HARMONIES`. Raises ValueError for what fills no bar, a rhythm twice, an unknown harmony.
    """

    rhythms: tuple = RHYTHMS
    cycle: str = "I IV V I"

    name = "music"

    def __post_init__(self):
        few = isinstance(self.rhythms, list | tuple) and 0 < len(self.rhythms) < 100
        require(few, "rhythms", self.rhythms, "a few of them, such as ('4 4 4', '2 4')")
        for one in self.rhythms:
            full = sum(LENGTHS.get(duration, BAR + 1) for duration in string("each of rhythms", one).split(" ")) == BAR
            require(full, "each of rhythms", one, f"three quarters in all, as '4. 8 4', of {', '.join(LENGTHS)}")
        require(len(set(self.rhythms)) == len(self.rhythms), "rhythms", self.rhythms, "different from each other")
        object.__setattr__(self, "rhythms", tuple(self.rhythms))
        names = string("cycle", self.cycle, "names of harmonies, such as 'I IV V I'").split()
        whole("the number of harmonies in cycle", len(names), 1, LONGEST)
        object.__setattr__(self, "cycle", " ".join(word("each of cycle", one, HARMONIES) for one in names))

    def fields(self):
        return {"rhythms": list(self.rhythms), "cycle": self.cycle}

    @property
    def harmonies(self):
        """The pitches of the cycle's bars, in turn."""
        return [HARMONIES[name] for name in self.cycle.split()]

    @functools.cached_property
    def alphabet(self):
        return "".join(sorted(set("".join([" |", *self.rhythms, *self.harmonies]))))

    @property
    def entropy_rate(self):
        """The exact entropy rate, in bits per character: (2)."""
        notes = np.mean([len(one.split()) for one in self.rhythms])
        characters = np.mean([len(bar(one)) for one in self.rhythms])
        bits = math.log2(len(self.rhythms)) + notes * np.mean([math.log2(len(one)) for one in self.harmonies])
        return float(bits / characters)

    @property
    def references(self):
        """Lines to compare with, {label: bits per character}."""
        return {f"floor {self.entropy_rate:.3f}": self.entropy_rate}

    def ladder(self, contexts=(2, 4, 8, 16)):
        """What the best predictor pays that sees the last k characters, {k: bits per character}: exactly (`beliefs`).

        It knows the rules, but where in bar and cycle it is only by what it sees. Raises ValueError unless each k is from 0
        to 16.
        """
        contexts = wanted(contexts, DEEPEST)
        bits = _worth(self, max(contexts, default=0))
        return {k: bits[k] for k in contexts}

    def stream(self, rng):
        """Endless arrays of symbols (indices into `alphabet`), drawn from a numpy Generator."""
        place = self.alphabet.index
        bars = [np.array([-1 if one == PITCH else place(one) for one in bar(rhythm)]) for rhythm in self.rhythms]
        pitches = [np.array([place(one) for one in harmony]) for harmony in self.harmonies]
        sizes = np.array([len(one) for one in pitches])
        table = np.array([np.resize(one, sizes.max()) for one in pitches])
        turns = np.tile(np.arange(len(sizes)), ROUNDS)  # which of the cycle's harmonies each bar has
        while True:
            chosen = [bars[i] for i in rng.integers(len(bars), size=turns.size)]
            symbols, turn = np.concatenate(chosen), np.repeat(turns, [len(one) for one in chosen])
            notes = symbols < 0
            symbols[notes] = table[turn[notes], rng.integers(sizes[turn[notes]])]
            yield symbols


PITCH = "?"  # where a pitch is to stand


def bar(rhythm):
    """A bar of this rhythm, as it is written, its pitches left open."""
    return "".join(f"{PITCH}{duration} " for duration in rhythm.split()) + "| "


@functools.lru_cache(8)
def _worth(music, deepest):
    """`beliefs.worth` of these rules. A state is (place in the cycle, what stands of the bar, pitches left open)."""
    bars, harmonies = {bar(one) for one in music.rhythms}, music.harmonies
    begun = Counter(one[:end] for one in bars for end in range(len(one) + 1))  # how many bars begin so
    longer = defaultdict(list)
    for one in begun.keys() - {""}:
        longer[one[:-1]].append(one)

    def follow(state):
        place, so_far = state
        for one in longer[so_far]:
            then = ((place + 1) % len(harmonies), "") if one in bars else (place, one)
            symbols = harmonies[place] if one[-1] == PITCH else one[-1]
            for symbol in symbols:
                yield symbol, begun[one] / begun[so_far] / len(symbols), then

    states = {(place, one): begun[one] for one in begun.keys() - bars for place in range(len(harmonies))}
    total = sum(states.values())
    return worth({state: count / total for state, count in states.items()}, follow, deepest)
