"""Results and verdicts in, plotly figures out: curves of all seeds, claims beside their margins, maps. No widgets."""

import numpy as np
import plotly.graph_objects as go

from ..experiments.claims import Claim
from ..experiments.results import Results
from ..experiments.statistics import Estimate, estimate
from ..experiments.verdicts import WORDS, Verdict, holds, told
from ..settings import require, word
from .marks import listed
from .style import REFERENCE, escaped, framed, style

VERDICTS = {True: "#009E73", False: "#D55E00", None: "#767676"}  # holds, fails, open: the words stand beside
DASHES = "dash", "dot", "dashdot"
BELOW = Estimate(-99.0, -99.0, -99.0, (), 0)  # what lies left of every margin
SEEN = 8.0  # bits per character: what is above stands for a run that diverged, and is not drawn


def contest(results, methods=None, less=None):
    """How a contest went: of each method the median curve over seeds, every seed's curve thin behind it.

    less: a method whose curve is taken from all others, seed by seed; what the text does to all of them is then gone.
    """
    require(isinstance(results, Results), "results", results, "results of a contest, such as nbt.experiments.shipped() has")
    few = methods is None or (isinstance(methods, list | tuple) and methods)
    require(few, "methods", methods, "a list of the contest's methods, or None for all")
    names = [*results.methods] if methods is None else [word("each of methods", one, results.methods) for one in methods]
    base = 0.0 if less is None else results.bits(word("less", less, results.methods))
    end = {name: float(np.median(results.bits(name) - base)) for name in names}
    least, most = min(end, key=end.get), max(end, key=end.get)
    sign = "" if less is None else "+"
    rest = f", {most} most, {end[most]:{sign}.2f}" if len(names) > 1 else ""
    figure = framed(go.Figure(), 860, escaped(f"At the end {least} pays least, {end[least]:{sign}.2f}{rest}"))
    for name in names:
        curves = _curves(results, name, less)
        curves = np.where(curves < SEEN, curves, np.nan)
        gaps = np.concatenate((curves, np.full((len(curves), 1), np.nan)), 1).ravel()
        x = np.tile(np.append(results.x, np.nan), len(curves))
        figure.add_scatter(x=x, y=gaps, mode="lines", showlegend=False, hoverinfo="skip", opacity=0.25,
                           line={**style(name), "width": 0.7, "dash": "solid"})  # fmt: skip
    lines = _lines(names)
    for name in names:
        middle = np.median(_curves(results, name, less), axis=0)
        y = np.where(middle < SEEN, middle, np.nan)
        figure.add_scatter(x=results.x, y=y, mode="lines", name=escaped(name), line=lines[name])
    label, level = ("floor", results.settings["floor"]) if less is None else (escaped(less), 0.0)
    if level is not None:
        figure.add_scatter(x=results.x[[0, -1]], y=[level] * 2, mode="lines", name=label, line=REFERENCE)
    across = "characters read (thick: the median over seeds; thin: every seed)"
    up = "bits per character" if less is None else escaped(f"bits per character, less {less}'s")
    figure.update_xaxes(title=across, rangemode="tozero").update_yaxes(title=up)
    return listed(figure)


def _curves(results, name, less):
    """The curves of a method, less those of another."""
    return results.curves(name) - (0.0 if less is None else results.curves(less))


def _lines(names):
    """{name: its line}: where two of a method would look alike, other ranks say, the later ones are dashed."""
    found, taken = {}, []
    for name in names:
        look = style(name)
        dashes = dict.fromkeys((look.get("dash", "solid"), *DASHES))
        found[name] = next((one for dash in dashes if (one := {**look, "dash": dash}) not in taken), look)
        taken.append(found[name])
    return found


def verdicts(found):
    """Each claim's median over seeds with its interval and every seed, against its margin."""
    fits = isinstance(found, list) and found and all(isinstance(one, Verdict) for one in found)
    require(fits, "found", found, "verdicts, such as nbt.experiments.judge(...) answers")
    holding, failing, unclear = (sum(one.holds is kind for one in found) for kind in WORDS)
    title = f"Holding: {holding}, failing: {failing}, open: {unclear}. Bars: intervals; dotted: the margins; dots: seeds"
    figure = framed(go.Figure(), 900, title)
    labels = [f"({one.claim.key}) {escaped(one.claim.ours)} / {escaped(one.claim.theirs)}<br>{escaped(one.claim.contest)}, "
              f"{one.claim.how()}" for one in found]  # fmt: skip
    for kind in True, False, None:
        rows = [i for i, one in enumerate(found) if one.holds is kind]
        if rows:
            name = WORDS[kind]
            look = {"color": VERDICTS[kind], "width": 4}
            x = [value for i in rows for value in (found[i].found.low, found[i].found.high, None)]
            y = [-i for i in rows for _ in range(3)]
            figure.add_scatter(x=x, y=y, mode="lines", name=name, line=look)
            figure.add_scatter(x=[found[i].found.median for i in rows], y=[-i for i in rows], mode="markers", showlegend=False,
                               marker={"color": VERDICTS[kind], "size": 11, "symbol": "diamond"})  # fmt: skip
            seeds = [(value, -i) for i in rows for value in found[i].values]
            figure.add_scatter(x=[value for value, _ in seeds], y=[y - 0.25 for _, y in seeds], mode="markers", opacity=0.6,
                               marker={"color": VERDICTS[kind], "size": 4}, showlegend=False)  # fmt: skip
    for i, one in enumerate(found):
        for margin in {one.claim.margin, -one.claim.margin} if one.claim.side == "within" else {one.claim.margin}:
            figure.add_shape(type="line", line={**REFERENCE, "width": 2}, x0=margin, x1=margin, y0=-i - 0.45, y1=-i + 0.45)
    ticks = {"tickvals": [-i for i in range(len(found))], "ticktext": labels, "range": [-len(found) + 0.4, 0.6]}
    figure.update_yaxes(**ticks).update_xaxes(title="bits per character")
    return figure.update_layout(height=120 + 46 * len(found), margin={"l": 300})


def verdict_map(rows):
    """A map: of each claim in [(claim, estimate)] the median difference with its interval, coloured by what it says."""
    pairs = isinstance(rows, list) and rows and all(isinstance(row, tuple) and len(row) == 2 for row in rows)
    fits = pairs and all(isinstance(claim, Claim) for claim, _ in rows)
    require(fits, "rows", rows, "[(claim, estimate)], such as nbt.experiments.mapped(...) answers")
    words = dict.fromkeys(told(claim, found) for claim, found in rows)
    figure = framed(go.Figure(), 860, f"Wholly left of the dotted margin: {told(rows[0][0], BELOW)}")
    for name in words:
        some = [(i, found) for i, (claim, found) in enumerate(rows) if told(claim, found) == name]
        if some:
            kind = holds(*rows[some[0][0]])
            x = [value for _, found in some for value in (found.low, found.high, None)]
            figure.add_scatter(x=x, y=[-i for i, _ in some for _ in range(3)], mode="lines", name=name,
                               line={"color": VERDICTS[kind], "width": 3})  # fmt: skip
            figure.add_scatter(x=[found.median for _, found in some], y=[-i for i, _ in some], mode="markers", showlegend=False,
                               marker={"color": VERDICTS[kind], "size": 8, "symbol": "diamond"})  # fmt: skip
    margin = rows[0][0].margin
    figure.add_shape(type="line", line={**REFERENCE, "width": 2}, x0=margin, x1=margin, yref="y domain", y0=0, y1=1)
    ticks = {"tickvals": [-i for i in range(len(rows))], "ticktext": [escaped(claim.says) for claim, _ in rows]}
    figure.update_yaxes(**ticks, range=[-len(rows) + 0.4, 0.6]).update_xaxes(title=f"{rows[0][0].how()}, bits per character")
    return figure.update_layout(height=120 + 22 * len(rows), margin={"l": 280})


def ranks(results):
    """Bits per character of each rank at the end, at equal characters and at equal compute, every seed, against the rank."""
    require(isinstance(results, Results), "results", results, "results of a contest of ranks")
    of = {name: getattr(results.estimator(name), "rank", None) for name in results.methods}
    require(None not in of.values(), "results", results, "results of a contest of ranks, such as 'anbn ranks'")
    figure = framed(go.Figure(), 640, "Falling: what a larger rank buys")
    kinds = ("equal characters", lambda k: 1.0, "solid"), ("equal compute", lambda k: 1 / k, "dot")
    for label, share, dash in kinds:
        found = {k: results.bits(name, share(k)) for name, k in of.items()}
        about = {k: estimate(one) for k, one in found.items()}
        error = {"type": "data", "symmetric": False, "array": [one.high - one.median for one in about.values()],
                 "arrayminus": [one.median - one.low for one in about.values()]}  # fmt: skip
        figure.add_scatter(x=[*about], y=[one.median for one in about.values()], error_y=error, name=label,
                           mode="lines+markers", line={**style("NoBackTrack"), "dash": dash})  # fmt: skip
    figure.update_xaxes(title="rank k", type="log", tickvals=[*of.values()]).update_yaxes(title="bits per character")
    return listed(figure)
