"""Variance lab: the same work spent on many pairs or on much text, against two clocks, and what makes the noise long.

Work is counted in pairs x characters: a learner that averages k pairs reads k times fewer characters for it. The panel at the
right shows the same learners against the text they have read, or the variance of the gradient, measured where "rank k" stands.
"""

import dataclasses
import math

import numpy as np

from ..estimators import NoBackTrack
from ..estimators.families import Beta
from ..learning.learner import Learner
from ..measuring.collectors import variance
from ..measuring.path import Path
from ..optimizers import SGD
from ..optimizers.families import Rate
from ..settings import Whole
from ..systems import LeakyRNN
from ..tasks import AnBn
from . import variance_figure
from .app import App
from .asks import Ask
from .dials import Dials, dial
from .lines import write_line

AT = 160_000  # pairs x characters: where guesses are opened
EVERY = 20_000  # of them between two measurements of the variance
DRAWS, STEPS = (10, 100), 3200  # of signs in a measurement: fewest and most, and about how many steps they make in all
LEVEL = 0.1  # bits within which two learners are level
RANKS, BETAS = (1, 2, 4, 8, 16), (0.0, 0.25, 0.5, 0.75, 1.0)
LOOKS = {"characters": "bits, by text", "rank": "variance, by k", "beta": "variance, by β"}
NAMES = {"many": "rank {k}, rate η", "one": "rank 1, rate η", "slow": "rank 1, rate η/{k}"}
WHO = {"many": "rank k at rate η", "one": "rank 1 at rate η", "slow": "rank 1 at rate η/k"}
measured = {"when": lambda dials: dials.look != "characters"}


@dataclasses.dataclass(frozen=True)
class VarianceDials(Dials):
    """All that the lab depends on."""

    rank: Whole(2, 4096) = dial(8, "rank k", "pairs (v, w) that one learner averages", soft=(2, 32), restarts=True)
    rate: Rate = dial(0.04, "rate η", "learning rate of rank k; one learner of rank 1 has η/k", soft=(1e-3, 1), log=True)
    beta: Beta = dial(1.0, "λ exponent β", "0: no scaling, 1: equal norms of v and w", soft=(0, 1))
    look: str = dial("characters", "right panel", "what stands at the right", options=LOOKS)
    horizon: Whole(1, 4096) = dial(32, "horizon", "steps after which the variance is measured", soft=(1, 256), **measured)
    N: Whole(2, 10_000) = dial(4, "longest n", "aⁿbⁿ with n from 1 to this", soft=(2, 16), restarts=True)
    units: Whole(1, 4096) = dial(10, "units", "size of the network", soft=(2, 64), restarts=True)

    def made(self):
        """{who: (estimator, optimizer)}."""
        many, one = NoBackTrack(self.rank, self.beta), NoBackTrack(1, self.beta)
        return {"many": (many, SGD(self.rate)), "one": (one, SGD(self.rate)), "slow": (one, SGD(self.rate / self.rank))}

    def varied(self):
        """{value: estimator}, along the axis of the right-hand panel."""
        if self.look == "rank":
            return {k: NoBackTrack(k, self.beta) for k in RANKS}
        return {beta: NoBackTrack(1, beta) for beta in BETAS}


class Variance(App):
    """Rank k, rank 1, and rank 1 at a rate k times smaller, at equal work; and the variance of the gradient."""

    Dials, unit = VarianceDials, "pairs × characters"
    title = "The same work: many pairs, or much text?"
    asks = (
        Ask("twin", "After equal work (160,000): rank 1 at η/k, against rank k at η?", AT, lambda lab: lab.beside(),
            {"ahead": "ahead, by 0.1 bits or more", "level": "level, within 0.1 bits",
             "behind": "behind, by 0.1 bits or more"}),
        Ask("ahead", "And after equal text, what rank k has read by then: who pays least?", AT, lambda lab: lab.ahead(), WHO),
    )  # fmt: skip
    telling, telling_count = {"rank": (2, 4, 8, 16), "rate": (0.01, 0.02, 0.04)}, AT

    def build(self):
        """Three learners with the same first weights, that read the same text from its beginning."""
        task, network = AnBn(self.dials.N), LeakyRNN(self.dials.units, 0.3)
        self.learners = {who: Learner(task, network, *made, self.dials.seed, compiled=self.compiled)
                         for who, made in self.dials.made().items()}  # fmt: skip
        self.ratios = np.empty(0)

    def proceed(self, n):
        """Up to n units of work for each, and a measurement when it is due."""
        n = min(n, EVERY - self.count % EVERY)
        if not self.count and self.compiled:
            self.measure()  # nothing is learnt, so nothing is found: but machine code is ready
        for who, learner in self.learners.items():
            learner.read(max(0, (self.count + n) // self.pairs(who) - learner.chars))
        if (self.count + n) % EVERY == 0:
            self.measure()
        return n

    def moved(self, before):
        for who, made in self.dials.made().items():
            self.learners[who].set(*made)
        self.ratios = np.empty(0)
        if self.count:
            self.measure()

    def measure(self):
        """Variance of the gradient after `horizon` steps from where rank k stands, over that of rank 1 (of β = 1)."""
        many = self.learners["many"]
        if self.dials.look == "characters" or many.record.diverged:
            return
        horizon, varied = self.dials.horizon, self.dials.varied()
        path, draws = Path(many, horizon, None), int(np.clip(STEPS // horizon, *DRAWS))
        last = max(1, horizon // 4)
        found = {x: variance(*path.guesses(one, draws, self.dials.seed)[:2])[-last:].sum() for x, one in varied.items()}
        with np.errstate(invalid="ignore", divide="ignore"):
            self.ratios = np.array([*found.values()]) / found[1]

    def recompiled(self):
        for learner in self.learners.values():
            learner.compiled = self.compiled

    def program(self):
        return write_line("variance", VarianceDials(look=self.dials.look))

    def around(self):
        return super().around(), *(learner.record.diverged for learner in self.learners.values())

    @property
    def finished(self):
        return all(learner.record.diverged for learner in self.learners.values())

    def pairs(self, who):
        return self.dials.rank if who == "many" else 1

    def named(self, who):
        return NAMES[who].format(k=self.dials.rank)

    def paid(self, who, chars=None):
        """Bits per character over the last quarter of what was read; or over the quarter before `chars` characters."""
        record = self.learners[who].record
        chars = chars or record.chars
        if record.diverged or not chars:
            return math.inf
        x, bits = record.curve()
        there = (x > 0.75 * chars) & (x <= chars)
        return float(bits[there].mean()) if chars < record.chars and there.any() else record.score(-(-record.chars // 4))

    def beside(self):
        """Where rank 1 at the smaller rate is, beside rank k, after equal work."""
        many, slow = self.paid("many"), self.paid("slow")
        return "level" if many == slow or abs(many - slow) < LEVEL else "ahead" if slow < many else "behind"

    def ahead(self):
        """Who pays least, after as many characters as rank k has read."""
        chars = self.learners["many"].chars
        return min(WHO, key=lambda who: self.paid(who, chars))

    def figure(self):
        return variance_figure.figure(self)

    def arrays(self):
        return variance_figure.arrays(self)

    def sentence(self):
        if not self.count:
            return "Three learners, about to do the same work: nothing read yet."
        parts = []
        for who, learner in self.learners.items():
            record = learner.record
            end = record.diverged.partition(":")[0] if record.diverged else f"{self.paid(who):.3f} bits per character"
            parts.append(f"{self.named(who)}, {record.chars:,} characters read: {end}")
        said = f"After {self.count:,} pairs × characters: {'; '.join(parts)}."
        if len(self.ratios) and np.isfinite(self.ratios).all():
            values = ", ".join(f"{y:.3g} at {x:g}" for x, y in zip(self.dials.varied(), self.ratios, strict=True))
            said += f" Relative variance after {self.dials.horizon} steps, by {self.dials.look}: {values}."
        return said
