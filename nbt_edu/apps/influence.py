"""Influence: a text passes character by character, and each weight's column of G = dh/dtheta lights up and fades.

theta stands still. Beside it: what RTRL pays for carrying G, counted by the catalogue's formulas, for n units and for 2n.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from ..catalogue import cost
from ..estimators import RTRL
from ..settings import Number, Whole, require
from ..systems import LeakyRNN
from ..tasks import Text
from .app import App
from .asks import Ask
from .dials import Dials, dial
from .influence_figure import PRICES, SHOWN, SIZES, TURN, edges, figure_of, letter

WEIGHTS = {"rare": "the rarest character", "common": "the most common one", "unit": "the last unit", "bias": "1 (the bias)"}
BOX = np.array([0, 1, 1, 0, 0])  # around a cell
MOST = 100  # different characters of a text


@dataclass(frozen=True)
class InfluenceDials(Dials):
    """Which weight is looked at, in which network, reading what."""

    reads: str = dial("rare", "weight reads", "what the marked weight carries into unit 1", options=WEIGHTS)
    leak: Number(0, 1, open_low=True) = dial(0.3, "leak", "the share of the state that a character replaces", soft=(0.02, 1))
    units: Whole(2, 128) = dial(8, "units n", "of the network", soft=(4, 64), log=True, restarts=True)
    text: str = dial("he sells sea shells ", "text", "read over and over", restarts=True)

    def check(self):
        most = f"a text of at most {MOST} different characters"
        require(len(Text(self.text).alphabet) <= MOST, "text", self.text[:20], most)


class Influence(App):
    """A network reads a text with weights that stand still, and carries the exact derivative of its state by each of them."""

    Dials, unit, chunk = InfluenceDials, "characters", 1
    title = "A weight acts: who feels it, and for how long?"
    asks = (
        Ask("half", "The rarest character is read. How many characters later is its influence below half?",
            SHOWN, lambda app: app.halved(), unit="characters"),
        Ask("clock", "Twice the units: how many times the multiplications?", SHOWN, lambda app: app.doubled(),
            {str(k): f"about {k} times" for k in (2, 4, 8, 16)}),
    )  # fmt: skip
    telling, telling_count = {"leak": (0.05, 0.1, 0.3, 0.6, 1.0), "reads": tuple(WEIGHTS)}, SHOWN

    def build(self):
        dials, self.task, self.estimator = self.dials, Text(self.dials.text), RTRL()
        self.system = LeakyRNN(dials.units, dials.leak).build(0, self.task.inputs, np.random.default_rng(dials.seed))
        self.carried, self.h = self.estimator.begin(self.system), self.system.start()
        often, n = np.bincount(self.task.symbols), dials.units
        rows = n + int(often.argmin()), n + int(often.argmax()), n - 1, len(self.system.theta) - 1
        self.sources = dict(zip(WEIGHTS, rows, strict=True))  # where theta has what these weights read
        self.columns = deque(maxlen=SHOWN)  # of G, each (4, n): of the weights that can be marked

    def moved(self, before):
        """Another leak acts from the next character on."""
        leak, rest = LeakyRNN(self.dials.units, self.dials.leak).leaks()
        self.system = self.system._replace(cell=self.system.cell._replace(leak=leak[0, 0], rest=rest))

    def proceed(self, n):
        for t in range(self.count, self.count + n):
            self.h, tape = self.system.step(self.h, self.task.symbols[t % len(self.task.symbols)])
            self.estimator.advance(self.carried, self.system, tape, None)
            self.columns.append(self.influence()[:, list(self.sources.values()), 0].T.copy())

    def influence(self):
        """G as it stands, (unit that is moved, what the weight reads, unit that it feeds)."""
        G = self.carried.G[self.carried.now[0]]
        return G.reshape(len(G), -1, len(G))

    def column(self, reads):
        """A weight's column of G after each of the last characters: (characters, n)."""
        which = list(WEIGHTS).index(reads)
        return np.array([columns[which] for columns in self.columns]).reshape(-1, self.dials.units)

    def halved(self):
        """Characters from a reading of the rarest one until its weight's column is less than half as long; NaN if not seen."""
        sizes, rare = np.linalg.norm(self.column("rare"), axis=1), self.sources["rare"] - self.dials.units
        read = np.arange(self.count - len(sizes), self.count) % len(self.task.symbols)
        at = np.flatnonzero(self.task.symbols[read] == rare)
        after = sizes[at[0] :] if len(at) else []
        return next((k for k, size in enumerate(after) if size < after[0] / 2), math.nan)

    def price(self, units):
        """What RTRL pays for that many units: multiplications a character, numbers. Running them takes one a weight."""
        P = (units + self.task.inputs + 1) * units
        return {"clock": eval(cost(RTRL()).time, {"n": units, "c": 1, "P": P}), "slab": units * P, "weights": P}

    def prices(self):
        """The price of n units, and of 2n."""
        return [self.price(k * self.dials.units) for k in (1, 2)]

    def doubled(self):
        """Which of 2, 4, 8, 16 is nearest to the factor by which twice the units multiply the multiplications."""
        one, two = self.prices()
        return str(2 ** min(4, round(math.log2(two["clock"] / one["clock"]))))

    @property
    def opened(self):
        """Whether what was asked may be seen."""
        return "clock" in self.guesses.truths

    @property
    def start(self):
        """The character with which the shown page of the text begins, from 0."""
        return TURN * max(0, math.ceil((self.count - SHOWN) / TURN))

    def around(self):
        return super().around(), self.start

    def mark(self):
        """What the marked weight reads, in a few letters."""
        source, n = self.sources[self.dials.reads], self.dials.units
        return {"unit": f"unit {n}", "bias": "the bias"}.get(self.dials.reads) or f"“{letter(self.task.alphabet[source - n])}”"

    def figure(self):
        return figure_of(self)

    def arrays(self):
        n, page = self.dials.units, np.full((SHOWN, self.dials.units), np.nan)
        ends = edges(n, self.task.inputs)
        if self.count:
            shown = self.column(self.dials.reads)[self.start - self.count :]
            page[: len(shown)] = shown / (np.abs(shown).max() or 1.0)
        sizes = SIZES if self.opened else np.array([n])
        lines = {key: {"x": sizes, "y": self.priced(key, sizes)} for key in PRICES}
        both = np.array([n, 2 * n] if self.opened else [n])
        points = [self.priced(key, both) for key in lines]
        return {
            "all weights": {"x": ends, "z": np.linalg.norm(self.influence(), axis=0).T},  # (unit fed, what is read)
            "marked weight": {"x": ends[self.sources[self.dials.reads] + BOX], "y": [-0.45, -0.45, 0.5, 0.5, -0.45]},
            "marked column": {"x": np.arange(self.start, self.start + SHOWN) + 1, "z": page.T},
            **lines,
            "n and 2n": {"x": np.tile(both, len(points)), "y": np.concatenate(points)},
        }

    def priced(self, key, sizes):
        """A price for each size."""
        return np.array([float(self.price(int(n))[key]) for n in sizes])

    def sentence(self):
        one, n = self.prices()[0], self.dials.units
        cost = (f"G of {n} units holds {one['slab']:,} numbers; a character costs {one['clock']:,} multiplications, "
                f"{one['clock'] / one['weights']:,.0f} times running the network")  # fmt: skip
        if not self.count:
            return f"Nothing read yet. {cost}."
        sizes = np.linalg.norm(self.column(self.dials.reads), axis=1)
        return (f"After {self.count:,} characters the column of {self.mark()} → unit 1 has length {sizes[-1]:.3f}, "
                f"{sizes[-1] / (sizes.max() or 1.0):.0%} of its longest on the last {len(sizes)}. {cost}.")  # fmt: skip
