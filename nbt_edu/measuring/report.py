"""What a check finds: a row for each proof, and the report that prints them.

A proof is made of findings, pairs (deviation, fault), the fault a sentence, or empty: `agrees` compares numbers, `holds` says
whether something is so, `proof` makes a row of them.
"""

import html
import pathlib
import traceback
from typing import NamedTuple

import numpy as np

EXACT = 1e-9  # agreement of what is the same but for rounding, relative
LEAST = 1e-3  # what is smaller than this is not compared with itself


class Row(NamedTuple):
    """One check. deviation: the largest difference found, relative to the largest entry of the oracle."""

    system: str  # or the kind of part: optimizer, readout, task
    estimator: str  # or "derivatives"; or the part's own name
    claim: str  # exact, unbiased, biased; of derivatives: exact; of other parts a sentence
    how: str  # by which proof
    deviation: float
    passed: bool
    note: str  # what is wrong, with both numbers; or why there is a bias


class Report(NamedTuple):
    """The rows of a check; prints as a table."""

    rows: list

    @property
    def passed(self):
        return all(row.passed for row in self.rows)

    @property
    def sentence(self):
        failed = [row for row in self.rows if not row.passed]
        if not failed:
            return f"All {len(self.rows)} checks passed."
        first = failed[0]
        return f"{len(failed)} of {len(self.rows)} checks failed, first {first.estimator} on {first.system}: {first.note}."

    def __str__(self):
        head = ("system", "estimator", "claim", "proof", "deviation", "")
        ends = [(f"{row.deviation:.1e}", "ok" if row.passed else f"FAILED: {row.note}") for row in self.rows]
        lines = [head, *((*row[:4], *end) for row, end in zip(self.rows, ends, strict=True))]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head) - 1)]
        padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=False)] + [line[-1]] for line in lines]
        return "\n".join("  ".join(line).rstrip() for line in padded) + f"\n\n{self.sentence}"

    __repr__ = __str__

    def _repr_html_(self):
        return f"<pre>{html.escape(str(self))}</pre>"


def proof(system, estimator, claim, how, findings):
    """The row of a proof: the largest deviation of its findings, and the first fault. What is raised meanwhile is a fault."""
    worst, note = 0.0, ""
    try:
        with np.errstate(all="ignore"):
            for deviation, fault in findings:
                worst, note = max(worst, deviation), note or fault
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{pathlib.Path(last.filename).name}, line {last.lineno}"
        worst, note = np.inf, note or f"{type(error).__name__} was raised ({where}): {error}"
    return Row(system, estimator, claim, how, float(worst), not note, note)


def agrees(what, found, wanted, tolerance=EXACT, where=""):
    """The finding that numbers are what they should be, relative to the largest of these. NaN agrees with nothing.

    where: what the sentence says after the number, such as "at step 2".
    """
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    if found.shape != wanted.shape:
        return np.inf, f"{what} has the shape {found.shape} instead of {wanted.shape}"
    off = np.abs(found - wanted) / max(LEAST, np.abs(wanted).max(initial=0.0))
    if (off <= tolerance).all():
        return off.max(initial=0.0), ""
    at = np.unravel_index(np.argmax(off), off.shape)
    digits = 6 if f"{found[at]:.6g}" != f"{wanted[at]:.6g}" else 17
    entry = f", entry {tuple(map(int, at))}" if at else ""
    note = f"{what} is {found[at]:.{digits}g}{where and f' {where}'}{entry}; it should be {wanted[at]:.{digits}g}"
    return np.nan_to_num(off[at], nan=np.inf), note


def holds(so, fault):
    """The finding that something is so."""
    return (0.0, "") if so else (np.inf, fault)


def unchanged(names, before, after, during):
    """Findings that arrays are, to the last bit, what they were."""
    for name, one, other in zip(names, before, after, strict=True):
        yield agrees(f"{name} after {during}", other, one, 0.0)
