"""The slides' comparisons wherever they can be made: what a map shows, an interval each, and no test.

A 95 % interval misses once in twenty, and a map has many: it says "ahead" or "worse", where a verdict says "holds" or "fails".
"""

from ..estimators import BPTT
from . import suite
from .claims import BPTT16, CLEAR, CONTROL, EXACT, MEMORY, NOISE, PLAIN, RANK4, REDUCED, Claim, loss, noise, seconds

KINDS = "kalman", "adam"


def maps(results):
    """{title: claims} of what was played, among {name: results}."""
    found = {}
    for title, rows in _all(results):
        found.setdefault(title, []).extend(row for row in rows if row.played(results))
    return found


def spans(kind, ours=PLAIN):
    """(e) for every N and T, with one kind of optimizer: is ours clearly ahead of BPTT-T?"""
    return [Claim("e", f"N = {N}, T = {T}", f"anbn {N} {kind}", ours, BPTT(T).label(), loss, "less", -CLEAR)
            for N in suite.SPANS for T in suite.WINDOWS]  # fmt: skip


def longer(claim):
    """Whether spans exceed the truncation in a row of `spans`: 2 N + 1 > T."""
    N, T = (int(part.split(" = ")[1]) for part in claim.says.split(", "))
    return 2 * N + 1 > T


def _short(method):
    return method.removeprefix("NoBackTrack ")


def _all(results):
    for kind in KINDS:
        for ours in PLAIN, RANK4:
            yield f"aⁿbⁿ: {ours} against BPTT-T, {kind}", spans(kind, ours)
    for contest in "anbn 8 kalman", "anbn 8 adam":
        rows = [Claim("e", f"{contest}: {one.label()}", contest, PLAIN, one.label(), loss, "less", NOISE)
                for one in suite.RELATIVES]  # fmt: skip
        yield f"Is {PLAIN} no worse than its relatives?", rows
    for N in suite.SPANS:
        rows = [Claim("h", f"N = {N}, {kind}: against {rival}", f"anbn {N} {kind}", MEMORY, rival, loss, "less", NOISE)
                for rival in (PLAIN, BPTT16) for kind in KINDS]  # fmt: skip
        yield "aⁿbⁿ: is NoBackTrack with memory no worse than both its parents?", rows
    for contest in "anbn ranks", "shakespeare ranks":
        rows = []
        for k in 1, 2, 4, 8:
            pair = f"NoBackTrack rank {2 * k}", f"NoBackTrack rank {k}"
            rows.append(Claim("f", f"{contest}: {2 * k} pairs for {k}", contest, *pair, loss, "less", 0.0))
        yield "What each doubling of the rank buys, at equal characters", rows
    for contest in sorted(results):
        if contest.startswith("shakespeare "):
            rows = [Claim("d", f"{contest[12:]}: {_short(ours)}", contest, ours, BPTT16, loss, "less", NOISE)
                    for ours in (PLAIN, RANK4, REDUCED, MEMORY, CONTROL)]  # fmt: skip
            yield "Shakespeare: no worse than BPTT-16?", rows
    for contest in sorted(results):
        if contest.startswith("music ") and results[contest].settings["leader"]:
            rows = [Claim("a", f"{contest[6:]}: {_short(ours)}", contest, ours, EXACT, noise, "less", NOISE)
                    for ours in (PLAIN, RANK4)]  # fmt: skip
            yield "Music: how far from the exact gradient's curve, at its setting?", rows
    for contest in sorted(name for name, one in results.items() if one.settings["scale"] == 1):  # at a rate that somebody chose
        rows = [Claim("g", contest, contest, PLAIN, EXACT, seconds, "less", -CLEAR)]
        yield f"In equal time: is {PLAIN} clearly ahead of the exact gradient?", rows
