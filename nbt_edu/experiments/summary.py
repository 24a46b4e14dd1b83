"""All that was found, as a page of Markdown: `docs/verdicts.md` is this, of what is shipped (`make verdicts`)."""

import numpy as np

from .verdicts import WORDS, holds, judge, mapped

HEAD = """# Does it work? The slides' claims, tried

Made by `make verdicts` from the results that the package brings along; `nbt-edu experiment all` computes them anew. How: every
method chooses among as many settings of its optimizer, by the least median over 5 seeds; what it then pays is measured on fresh
seeds (1000 and on), in bits per character over the last eighth of the run. Differences are paired by seed; [ ] is the 95 %
bootstrap interval of their median; p is Wilcoxon's signed-rank test with Holm's correction over all claims. A claim *holds*
where interval and test lie on its side of its margin, *fails* where they lie on the other, else it is *open*. Runs that
diverged count 10 bits. Notebooks 08 to 10 draw all this, and run any of it again.
"""


def page(results):
    """The page, for {name: Results}."""
    parts = [HEAD, "## Verdicts", _table(["", "claim", "asks", "verdict", "median [95 %]", "seeds", "p"], [
        [one.claim.key, one.claim.says, one.claim.asks(), f"**{WORDS[one.holds]}**", one.found.signed(),
         str(one.found.seeds), f"{one.p:.2g}"] for one in judge(results)])]  # fmt: skip
    for title, rows in mapped(results).items():
        if rows:
            parts += [f"## {title}", f"Margin {rows[0][0].margin:+g} bits/char; ours less theirs.", _map(rows)]
    said = "Median over seeds (quartiles), bits per character; \\*: the chosen setting is at an end of the grid."
    parts += ["## What each method paid", said]
    for one in results.values():
        about = one.settings
        rows = []
        for method in one.methods:
            low, middle, high = np.quantile(one.bits(method), [0.25, 0.5, 0.75])
            ends = one.ends(method)
            optimizer = one.optimizer(method).label() + " \\*" * one.at_edge(method)
            rows.append([method, f"{middle:.3f} ({low:.3f} to {high:.3f})", f"{np.median(ends):.2f}" if ends.any() else "",
                         optimizer, str(one.diverged(method) or ""), f"{1e6 * one.pace(method):.3g}"])  # fmt: skip
        floor = f", floor {about['floor']:.3f}" if about["floor"] else ""
        sizes = f"{about['chars']:,} characters, {about['seeds']} seeds, tuned on {about['tuned']:,}{floor}."
        head = ["method", "bits/char", "ends right", "optimizer", "diverged", "µs/char"]
        parts += [f"### {one.name}", sizes, _table(head, rows)]
    return "\n\n".join(parts) + "\n"


def _map(rows):
    """A row for each claim; of aⁿbⁿ a square of N and T."""
    pairs = [claim.says.split(", ") for claim, _ in rows]
    if not all(len(pair) == 2 and pair[0].startswith("N =") for pair in pairs):
        return _table(["", "", "median [95 %]"], [[claim.says, WORDS[holds(claim, found)], found.signed()]
                                                  for claim, found in rows])  # fmt: skip
    down, across = (list(dict.fromkeys(pair[i] for pair in pairs)) for i in (0, 1))
    cells = {tuple(pair): f"{WORDS[holds(claim, found)]} {found.signed()}"
             for pair, (claim, found) in zip(pairs, rows, strict=True)}  # fmt: skip
    return _table(["", *across], [[y, *(cells.get((y, x), "") for x in across)] for y in down])


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
