"""The records as tables of Markdown: what was to choose from, what was chosen, what each method paid, and what made it."""

import math

import numpy as np

MARK = "\\*"


def versions(results):
    """What the records were made with, in a sentence."""
    made = {json(one["versions"]) for about in results.values() for one in about.methods.values()}
    return f"Versions: {'; '.join(sorted(made))}. Digests of the sources stand in the records."


def json(found):
    """Versions in words."""
    return ", ".join(f"{name} {number}" for name, number in found.items() if number)


def grids(results):
    """What there was to choose from: a line for each grid."""
    lines = {}
    for name, one in results.items():
        lines.setdefault(_grid(one.settings["grid"]), []).append(name)
    few = [f"* {said} ({'all other contests' if len(lines) > 1 and len(names) == most else ', '.join(names)})."
           for most in [max(map(len, lines.values()), default=0)] for said, names in lines.items()]  # fmt: skip
    star = f"{MARK}: the least or the greatest value tried, so a better one may lie beyond. Of the prior only two were tried."
    return "\n".join(["The grids, eight settings each:", "", *few, "", star])


def _grid(grid):
    """A grid in words: its class, the fields that vary with their values, and those that do not."""
    fields = {name: list(dict.fromkeys(one[name] for one in grid)) for name in grid[0] if name != "class"}
    varied = [f"{name} {', '.join(f'{value:g}' for value in sorted(some))}" for name, some in fields.items() if len(some) > 1]
    fixed = [f"{name} {values[0]:g}" for name, values in fields.items() if len(values) == 1 and isinstance(values[0], float)]
    return f"{grid[0]['class']}: {' × '.join(varied)}" + f"; {', '.join(fixed)}" * bool(fixed)


def edges(verdicts):
    """Which of the methods that are judged chose an edge, of a field of which more than two values were tried."""
    found = {}
    for one in verdicts:
        for who in "ours", "theirs":
            about = one.figures[who]
            if {*about["at_edge"]} - {"prior"}:
                found.setdefault(one.claim.contest, {})[about["method"]] = None
    many = "; ".join(f"{contest}: {', '.join(methods)}" for contest, methods in found.items()) or "none"
    return f"* **Choices at an edge** of the fadings or rates tried lie on the winning and on the losing side alike ({many})."


def paces(results):
    """How far the times of one method on one task, network and kind of optimizer lie apart."""
    found = {}
    for name, one in results.items():
        about = one.settings
        for method in one.methods:
            key = about["task"]["class"], str(about["network"]), type(one.optimizer(method)).__name__, method
            found.setdefault(key, []).append((1e6 * one.pace(method), name))
    worst = max(found.values(), key=lambda some: max(some)[0] / min(some)[0], default=None)
    if worst is None or len(worst) == 1:
        return "* **Times** were measured once each."
    (least, at), (most, there) = min(worst), max(worst)
    return (f"* **Times** (µs/char, on which (g) rests) were measured once, each alone on a core: those of one\n"
            f"  method differ up to {most / least:.1f} times ({least:.3g} in *{at}*, {most:.3g} in *{there}*).")  # fmt: skip


def paid(results):
    """Of each contest a heading, its sizes, and a table of its methods."""
    parts = ["Median over seeds (quartiles; worst seed), bits per character."]
    for one in results.values():
        about, rows = one.settings, []
        for method in one.methods:
            low, middle, high, worst = np.quantile(one.bits(method), [0.25, 0.5, 0.75, 1.0])
            ends = float(np.median(one.ends(method)))
            bits, right = f"{middle:.3f} ({low:.3f} to {high:.3f}; {worst:.2f})", "–" if math.isnan(ends) else f"{ends:.2f}"
            rows.append([method, bits, right, _chosen(one, method), str(one.diverged(method)), f"{1e6 * one.pace(method):.3g}"])
        if all(row[2] == "–" for row in rows):
            rows = [[*row[:2], *row[3:]] for row in rows]
        floor = f", floor {about['floor']:.3f}" if about["floor"] else ""
        leader = f" All at the setting of {about['leader']}, its rate times {about['scale']:g}." if about["leader"] else ""
        sizes = f"{about['chars']:,} characters, {about['seeds']} seeds, tuned on {about['tuned']:,}{floor}.{leader}"
        head = ["method", "bits/char", *["ends right"] * (len(rows[0]) == 6), "optimizer", "diverged", "µs/char"]
        parts += [f"### {one.name}", sizes, table(head, rows)]
    return parts


def table(head, rows):
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _chosen(one, method):
    """The optimizer in words, a star at each value that is the least or the greatest tried."""
    words = one.optimizer(method).label().split()
    return " ".join(word + MARK * (word.partition("=")[0] in one.at_edge(method)) for word in words)
