"""From results to verdicts: the median over seeds, its interval, a test, and whether a claim holds, fails, or stays open.

A claim *holds* where the 95 % interval of the median lies on its side of the margin and Wilcoxon's signed-rank test, with
Holm's correction over all claims, rejects the other at 5 %; it *fails* where both say so of the other side; else it is *open*.
In maps only intervals are given: they are many, and each says what it says, in other words (`told`).
"""

import csv
import io
import textwrap
from typing import NamedTuple

from ..settings import between, require, whole
from .claims import Claim, noise, offset, roughness, slides
from .elsewhere import maps
from .results import Results
from .statistics import Estimate, estimate, holm, improvement, signed_rank

ALPHA = 0.05
WORDS = {True: "holds", False: "fails", None: "open"}
AHEAD = {True: "ahead", False: "not ahead", None: "unclear"}  # of a map's rows: where a margin below 0 is asked for
WORSE = {True: "no worse", False: "worse", None: "unclear"}
NEAR = {True: "near", False: "apart", None: "unclear"}  # of a distance


class Verdict(NamedTuple):
    """What became of a claim. holds: True, False, or None for open. p: corrected, of the side that the median is on."""

    claim: Claim
    found: Estimate
    values: list
    p: float
    holds: bool | None
    figures: dict

    def to_dict(self):
        """Plain data."""
        about = {"key": self.claim.key, "claim": self.claim.says, "contest": self.claim.contest, "asks": self.claim.asks()}
        about |= {"holds": self.holds, "margin": self.claim.margin, "interval": [self.found.low, self.found.high]}
        return about | {"median": self.found.median, "p": self.p, "values": self.values, "figures": self.figures}

    def sentence(self):
        """In one line."""
        found = self.found
        numbers = f"{found.median:+.3f} bits/char [{found.low:+.3f}, {found.high:+.3f}], {found.seeds} seeds, p = {self.p:.2g}"
        return f"({self.claim.key}) {self.claim.says}: {WORDS[self.holds].upper()}. {self.claim.asks()}: {numbers}."

    def lines(self, width=84):
        """The sentence, broken between words."""
        width = whole("width", width, 20, 10_000)
        return textwrap.fill(self.sentence(), width, subsequent_indent="    ", break_on_hyphens=False)


def judge(results, claims=None, part=1.0):
    """A `Verdict` for each claim (by default the slides') whose contest is among results {name: Results}.

    part: of the runs, as if they had been stopped there; settings were chosen for the whole.
    """
    played(results)
    part = between("part", part, 1 / 8, 1)
    rows = [row for row in (slides() if claims is None else claims) if row.played(results)]
    values = [row.values(results[row.contest], part) for row in rows]
    yes = holm([_p(one, row, True) for one, row in zip(values, rows, strict=True)])
    no = holm([_p(one, row, False) for one, row in zip(values, rows, strict=True)])
    found = []
    for row, one, for_it, against in zip(rows, values, yes, no, strict=True):
        about = estimate(one)
        right, wrong = _sides(about, row)
        holds = True if right and for_it < ALPHA else False if wrong and against < ALPHA else None
        p = float(for_it if right or not wrong else against)
        figures = _figures(results[row.contest], row)
        found.append(Verdict(row, about, [round(float(value), 4) for value in one], p, holds, figures))
    return found


def mapped(results):
    """{title: [(claim, Estimate)]}: how the comparisons come out elsewhere, of the contests among results."""
    return {title: [(row, estimate(row.values(results[row.contest]))) for row in rows]
            for title, rows in maps(played(results)).items() if rows}  # fmt: skip


def played(results):
    """{contest: Results}, or ValueError."""
    fits = isinstance(results, dict) and all(isinstance(one, Results) for one in results.values())
    require(fits, "results", results, "{contest: results}, such as nbt.experiments.shipped() answers")
    return results


def holds(claim, found):
    """Of a map: whether an interval lies on the claim's side (True), on the other (False), or across (None)."""
    right, wrong = _sides(found, claim)
    return True if right else False if wrong else None


def told(claim, found):
    """What a row of a map says, in a word."""
    words = NEAR if claim.measure in (noise, offset, roughness) else AHEAD if claim.margin <= 0 else WORSE
    return words[holds(claim, found)]


def _sides(found, claim):
    """Whether an interval lies wholly on the claim's side of its margin, and whether wholly on the other."""
    low, high, margin = found.low, found.high, claim.margin
    if claim.side == "within":
        return -margin < low and high < margin, low > margin or high < -margin
    return (high < margin, low > margin) if claim.side == "less" else (low > margin, high < margin)


def _p(values, claim, for_it):
    """p of the test for, or against, a claim."""
    if claim.side == "within":
        low = signed_rank(values, -claim.margin, "greater" if for_it else "less")
        high = signed_rank(values, claim.margin, "less" if for_it else "greater")
        return max(low, high) if for_it else min(1.0, 2 * min(low, high))
    side = claim.side if for_it else {"less": "more", "more": "less"}[claim.side]
    return signed_rank(values, claim.margin, {"less": "less", "more": "greater"}[side])


def _figures(results, claim):
    """What a reader asks beside the verdict: both methods' bits, settings, divergences, speeds."""
    found = {"floor": results.settings["floor"], "chars": results.settings["chars"], "seeds": results.settings["seeds"]}
    for who, name in ("ours", claim.ours), ("theirs", claim.theirs):
        about = estimate(results.bits(name))
        found[who] = {"method": name, "bits": about.median, "quartiles": list(about.quartiles),
                      "optimizer": results.optimizer(name).label(), "at_edge": results.at_edge(name),
                      "diverged": results.diverged(name), "seconds_per_char": results.pace(name)}  # fmt: skip
    return found | {"improvement": improvement(results.bits(claim.ours), results.bits(claim.theirs))}


def table(results):
    """All runs as a tidy table, CSV: a line a run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["contest", "method", "optimizer", "seed", "chars", "bits_per_char", "ends_predicted", "seconds_per_char"])
    for name, one in played(results).items():
        for method, about in one.methods.items():
            for run in about["runs"]:
                row = [name, method, one.optimizer(method).label(), run["seed"], one.settings["chars"]]
                writer.writerow([*row, *("" if run[key] is None else run[key] for key in ("bits", "ends")), about["pace"]])
    return out.getvalue()
