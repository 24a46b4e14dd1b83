"""All that was found, as a page of Markdown: `docs/verdicts.md` is this, of what is shipped (`make verdicts`)."""

from ..tasks import Music
from .claims import PLAIN, RANK4, REDUCED, afterthoughts
from .elsewhere import KINDS, longer, spans
from .shipped import MADE
from .summary_records import edges, grids, paces, paid, table, versions
from .verdicts import WORDS, judge, mapped, told

HEAD = """# Does it work? The slides' claims, tried

Made by `make verdicts` from the results that the package brings along; `nbt-edu experiment all` computes them anew. Notebooks
08 to 10 draw all this, and run any of it again.

**How.** Every method of a contest chooses among the same settings of its optimizer, by the least median over 5 seeds; what it
then pays is measured on fresh seeds (1000 and on), in bits per character over the last eighth of the run. Differences are
paired by seed; [ ] is the 95 % bootstrap interval of their median; p is Wilcoxon's signed-rank test with Holm's correction over
the claims of a table. Runs that diverged count 10 bits.

**Words.** A claim *holds* where interval and test lie on its side of its margin, *fails* where both lie on the other, else it
is *open*. Maps have intervals only, uncorrected (one in twenty misses), and so other words: *ahead*, *not ahead*; *no worse*,
*worse*; *near*, *apart*; or *unclear*.

**Margins** are choices, made before looking. 0.05 bits is what an eye sees in such a curve (an axis of 2 bits, ten centimetres
high: 2.5 mm). 0.02 bits, for "clearly better", is less than any step of the ladder of aⁿbⁿ (what the best predictors with 2, 4,
8, … characters pay) up to N = 16, and more than the first steps at N = 32 (0.007, 0.015): there it asks for more than a rung.
(f) asks for the direction only: 0."""

LATE = """A distance is a delay, too. By *roughness* (the standard deviation of the difference of the curves over the parts of
the last eighth) the same three claims, judged apart:"""

LIMITS = """## What this does not show

* **Small networks**, 10 and 20 units: the exact gradient is cheap there, so (g) is untested where it matters.
* **One text of Shakespeare**, read from its start by all seeds: what is inferred is about other weights and signs, not about
  other texts. RTRL did not run there.
* **BPTT-T moves θ once in T characters**, and its credit reaches T/2 characters back on average. A BPTT that slides, and
  moves θ after each, was not tried.
* **The tuning is held fixed** in all intervals, and the bootstrap of a median of 10 seeds may cover less than 95 %.
* **Stuck is not diverged**: see the column *worst*. At music's large rate two of twenty runs of NoBackTrack end above 2.6 bits.
* **Rank on Shakespeare** ran with Adam, rank on aⁿbⁿ with the Kalman filter. Its rate is 1, but where a contest says
  x0.1 or x0.3.
* **Reduced rank 4** has no row in equal time: stopped early it would stand at an easier or harder passage than its rival."""


def page(results):
    """The page, for {name: Results}."""
    parts = [HEAD, "## Verdicts", "(a) to (e) are the slides', (f) to (h) ours.", _verdicts(results), _beside(results)]
    parts += [_grid(results), "## Thought of after looking", LATE, _late(results)]
    parts += [f"{LIMITS}\n{edges(judge(results))}\n{paces(results)}", "## Elsewhere"]
    for title, rows in mapped(results).items():
        parts += [f"### {title}", f"Margin {rows[0][0].margin:+g} bits/char; ours less theirs.", _map(rows)]
    parts += ["## What each method paid", f"{MADE} {versions(results)}", grids(results)]
    return "\n\n".join([*parts, *paid(results)]) + "\n"


def _verdicts(results):
    """The claims, with what became of them by a quarter, a half, and the end of the runs."""
    parts, rows = [judge(results, None, part) for part in (1 / 4, 1 / 2, 1.0)], []
    for early, middle, one in zip(*parts, strict=True):
        pays = " / ".join(f"{one.figures[who]['bits']:.3f}" for who in ("ours", "theirs"))
        sooner = (f"{WORDS[it.holds]} {it.found.median:+.3f}" for it in (early, middle))
        rows.append([one.claim.key, one.claim.says, one.claim.asks(), f"**{WORDS[one.holds]}**", one.found.signed(), pays,
                     f"{one.found.seeds}, {one.p:.2g}", *sooner])  # fmt: skip
    return table(["", "claim", "asks", "verdict", "median [95 %]", "they pay", "seeds, p", "at 1/4", "at 1/2"], rows)


def _late(results):
    rows = [[one.claim.key, one.claim.contest, one.claim.asks().split(": ")[1], f"**{WORDS[one.holds]}**", one.found.signed(),
             f"{one.found.seeds}, {one.p:.2g}"] for one in judge(results, afterthoughts())]  # fmt: skip
    return table(["", "contest", "asks", "verdict", "median [95 %]", "seeds, p"], rows)


def _beside(results):
    """What a verdict alone does not tell: how far the exact gradient has come where it is tracked, and what a tie costs."""
    found, said = judge(results), []
    if slow := [one for one in found if one.claim.key == "b"]:
        pays = ", ".join(f"{one.figures['theirs']['bits']:.2f} ({one.claim.contest.split()[-1]})" for one in slow)
        music = Music()
        said.append(f"(b) By then the exact gradient itself pays {pays}; the floor is {music.entropy_rate:.2f}, the best "
                    f"reader of one character pays {music.ladder((1,))[1]:.2f}. To track one who stands still is easy.")
    for one in found:
        if one.claim.ours == REDUCED:
            ours, theirs = (1e6 * one.figures[who]["seconds_per_char"] for who in ("ours", "theirs"))
            said.append(f"(d) {REDUCED} takes {ours:.0f} µs a character, {one.claim.theirs} {theirs:.1f}.")
    said.append("(g) hangs on setting and optimizer: see *In equal time*, below.")
    return "\n\n".join(said)


def _grid(results):
    """(e) as the slides word it: for every N and T of the map with spans that exceed the truncation, Holm over these."""
    said = []
    for kind in KINDS:
        for ours in PLAIN, RANK4:
            found = judge(results, [row for row in spans(kind, ours) if longer(row)])
            count = {word: [one.claim.says for one in found if WORDS[one.holds] == word] for word in WORDS.values()}
            if found:
                fails = f" ({'; '.join(count['fails'])})" if count["fails"] else ""
                said.append(f"* {ours}, {kind}: holds in {len(count['holds'])}, fails in {len(count['fails'])}{fails}, open in "
                            f"{len(count['open'])} of {len(found)}.")  # fmt: skip
    lead = ("(e) is one cell of a grid. The slides say it of *every* span that exceeds the truncation; so worded it is false "
            "wherever a cell fails. Cells with 2N + 1 > T, corrected over them:")  # fmt: skip
    return "\n".join([lead, "", *said]) if said else ""


def _map(rows):
    """A row for each claim; of aⁿbⁿ a square of N and T."""
    pairs = [claim.says.split(", ") for claim, _ in rows]
    if not all(len(pair) == 2 and pair[0].startswith("N =") for pair in pairs):
        return table(["", "", "median [95 %]"], [[claim.says, told(claim, found), found.signed()] for claim, found in rows])
    down, across = (list(dict.fromkeys(pair[i] for pair in pairs)) for i in (0, 1))
    cells = {tuple(pair): f"{told(claim, found)} {found.signed()}" for pair, (claim, found) in zip(pairs, rows, strict=True)}
    return table(["", *across], [[y, *(cells.get((y, x), "") for x in across)] for y in down])
