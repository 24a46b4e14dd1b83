"""An app's states, computed ahead: what stands behind the sliders of a page that has no kernel.

An app says in `telling` which dials are offered there and at which values, and in `telling_count` after how much work.
"""

import itertools
import math

from . import axes, narrow
from .thinning import plain, small

MOST = 50  # states of an app


def states(app):
    """The values that each told dial takes, {dial: values}, the app's own among them where there is room."""
    told = {name: list(values) for name, values in app.telling.items()}
    assert len(told) <= 2, f"{app.name()}.telling has more than two dials"
    assert math.prod(map(len, told.values())) <= MOST, f"{app.name()}.telling has more than {MOST} states"
    for name, values in told.items():
        own = getattr(app.dials, name)
        others = math.prod(len(some) for some in told.values()) // len(values)
        if own not in values and others * (len(values) + 1) <= MOST:
            values.append(own)
            if app.Dials.declared()[name].kind in ("whole", "real"):
                values.sort()
    return told


def computed(app, count=0, tell=lambda: None):
    """What a page needs of an app with the dials of `app`: its figure in every state, with sentence, state line and answers.

    count: units of work for an app that does not say `telling_count`. tell: called after each state.
    """
    told, count = states(app), app.telling_count or count
    snapshots = []
    for values in itertools.product(*told.values()):
        twin = app.twin()
        twin.set(**dict(zip(told, values, strict=True)))
        _worked(twin, count)
        snapshots.append(_snapshot(twin))
        tell()
    dials = [_dial(app, name, values) for name, values in told.items()]
    return _packed(app, snapshots, dials, answers(app))


def as_it_stands(app):
    """The same of an app as it stands: one state, no sliders."""
    return _packed(app, [_snapshot(app)], [], _answered(app))


def answers(app):
    """[(question, what holds, in words)] of what the app asks; "" where it is a curve, or where the run ended before."""
    twin = app.twin()
    last = max((one.at for one in app.asks), default=0)
    _worked(twin, last)
    return _answered(twin)


def _worked(app, count):
    """Do the work up to `count`, in parts that are too short for a progress bar of their own."""
    while app.count < count and not app.finished:
        app.step(min(10 * app.chunk, count - app.count))


def _answered(app):
    return [(one.question, _answer(one, app.guesses.truths)) for one in app.asks]


def _answer(one, truths):
    if one.kind == "curve" or one.name not in truths:
        return ""
    truth = truths[one.name]
    return str(one.options.get(truth, truth)) if one.kind == "choice" else f"{truth:,.4g} {one.unit}".rstrip()


def _snapshot(app):
    return {"figure": small(app.drawn()), "sentence": app.sentence(), "line": app.state(), "count": app.count}


def _dial(app, name, values):
    one, own = app.Dials.declared()[name], getattr(app.dials, name)
    start = values.index(own) if own in values else 0
    if own not in values and one.kind in ("whole", "real"):
        start = min(range(len(values)), key=lambda i: abs(values[i] - own))
    words = [str((one.options or {}).get(value, one.written(value))) for value in values]
    return {"label": one.label, "tip": one.tip, "values": words, "start": start}


def _packed(app, snapshots, dials, answers):
    """Plain data: the first state's figure, and of each state what differs from it."""
    figures = [one["figure"] for one in snapshots]
    axes.pin(figures)
    for figure in figures:
        figure["layout"] = {key: one for key, one in figure["layout"].items() if key not in ("width", "autosize")}
        figure["layout"]["narrow"] = narrow.stacked(figure["layout"])
    figures = [plain(figure) for figure in figures]
    first = figures[0]
    counted = (first["layout"].get("meta") or {}).get("count", [])
    packed = [
        {"data": [_beside(*pair) for pair in zip(first["data"], figure["data"], strict=True)],
         "layout": _beside(first["layout"], figure["layout"]),
         "sentence": one["sentence"], "line": one["line"], "count": one["count"]}
        for figure, one in zip(figures, snapshots, strict=True)
    ]  # fmt: skip
    about = {"title": app.title or app.name(), "unit": app.unit, "axes": counted, "dials": dials, "asks": answers}
    return about | {"figure": first, "states": packed}


def _beside(first, other):
    """What of `other` differs from `first`: None where it is not there."""
    return {key: other.get(key) for key in first.keys() | other.keys() if first.get(key) != other.get(key)}
