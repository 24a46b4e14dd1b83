"""What a check answers: rows, and a table of them."""

import html
from typing import NamedTuple


class Row(NamedTuple):
    """One check. deviation: the largest difference found, relative to the largest entry of the oracle."""

    system: str
    estimator: str  # or "derivatives"
    claim: str  # exact, unbiased, biased; of derivatives: exact
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
