"""What an app owes, looked at once a class: a forgotten name is told in a sentence instead of an empty panel."""

from .dials import Dials

SEEN = set()


def look_over(app, scene):
    """Raise TypeError where the parts of an app do not fit each other. scene: its figure, as plain data."""
    kind = type(app)
    if kind in SEEN:
        return
    traces, arrays, layout = [trace.get("name") for trace in scene["data"]], [*app.arrays()], scene["layout"]
    _require(kind, len({*traces}) == len(traces) and None not in traces, f"names its traces {traces}: each needs its own name")
    lost = sorted({*arrays} - {*traces})
    _require(kind, not lost, f"has arrays {lost} for which figure() has no trace of that name")
    empty = sorted({*traces} - {*arrays})
    _require(kind, not empty, f"has traces {empty} for which arrays() answers no points of that name")
    lost = [axis for axis in layout.get("meta", {}).get("count", []) if axis.replace("x", "xaxis", 1) not in layout]
    _require(kind, not lost, f"counts along {lost}, layout.meta of its figure says: name axes that it has, such as x or x2")
    lost = [one.trace for one in kind.asks if one.trace and one.trace not in traces]
    _require(kind, not lost, f"asks for curves over {lost}: name traces of its figure")
    lost = sorted(kind.telling.keys() - kind.Dials.declared().keys())
    _require(kind, not lost, f"tells of {lost}: name its dials")
    SEEN.add(kind)


def look_over_class(kind):
    """Raise TypeError where a class lacks what every app owes."""
    for name in "build", "proceed", "figure", "arrays", "sentence":
        _require(kind, callable(getattr(kind, name, None)), f"lacks the method {name}: see nbt_edu/apps/app.py")
    _require(kind, issubclass(kind.Dials, Dials), "needs Dials that derive from nbt_edu.apps.Dials")


def _require(kind, condition, what):
    if not condition:
        raise TypeError(f"app {kind.__name__} {what}")
