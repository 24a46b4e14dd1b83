"""A figure as plain data, and small: four digits of a number, at most 200 points of a curve, 64 rows of a heat map."""

import base64
import math

import numpy as np

DIGITS = 4
POINTS = 200
ROWS = 64


def small(figure):
    """A plotly figure as plain data whose arrays are numpy's, thinned: for `axes`, before `plain`."""
    data = _decoded(figure.to_plotly_json())
    data["data"] = [_thinned(trace) for trace in data["data"]]
    return data


def plain(value):
    """The same for JSON: arrays become lists of rounded numbers, None for what is not finite."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return rounded(value) if value.dtype.kind in "iuf" else plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def rounded(values):
    """Nested lists of numbers with DIGITS digits, more where the numbers differ by little: 100001, 100002 stay apart."""
    finite = values[np.isfinite(values)]
    span = float(np.ptp(finite)) if len(finite) else 0.0

    def short(value):
        if not math.isfinite(value):
            return None
        size = abs(value) / span if span else 1.0
        value = float(f"{value:.{DIGITS + min(6, max(0, math.ceil(math.log10(size)) if size else 0))}g}")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value

    def nested(some):
        return [nested(one) if isinstance(one, list) else short(one) for one in some]

    return nested(values.tolist())


def _decoded(value):
    """Plotly's own form of arrays, text of base 64, as arrays again; lists of numbers too."""
    if isinstance(value, dict):
        if "bdata" in value:
            shape = [int(n) for n in str(value.get("shape", "-1")).split(",")]
            return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).reshape(shape)
        known = {key: np.asarray(value[key]) for key in ("x", "y", "z") if _numbers(value.get(key))}
        return {key: _decoded(one) for key, one in value.items()} | known
    return [_decoded(one) for one in value] if isinstance(value, list | tuple) else value


def _numbers(some):
    if not (isinstance(some, list | tuple | np.ndarray) and len(some)):
        return False
    try:
        return np.asarray(some).dtype.kind in "iuf"
    except ValueError:  # rows of different lengths
        return False


def _thinned(trace):
    x, y, z = (trace.get(key) for key in "xyz")
    if isinstance(z, np.ndarray) and z.ndim == 2 and max(z.shape) > ROWS:
        rows, columns = (_even(n, ROWS) for n in z.shape)
        axes = {key: one[kept] for key, one, kept in (("x", x, columns), ("y", y, rows)) if one is not None}
        return trace | {"z": z[np.ix_(rows, columns)]} | axes
    if trace["type"] != "scatter" or not isinstance(y, np.ndarray) or len(y) <= POINTS:
        return trace
    x = np.arange(len(y)) if x is None else x
    if not (isinstance(x, np.ndarray) and np.isfinite(x).all()):
        return trace  # gaps in x part it into pieces, each of which counts
    kept = _peaks(y) if (np.diff(x) >= 0).all() else _even(len(y), POINTS)
    return _taken(trace | {"x": x}, kept, len(y))


def _even(n, most):
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))


def _peaks(y):
    """Places of the least and the greatest value in each of POINTS / 2 stretches: peaks survive; and both ends."""
    kept = {0, len(y) - 1}
    for part in np.array_split(np.arange(len(y)), POINTS // 2 - 1):
        known = part[np.isfinite(y[part])]
        kept |= {known[y[known].argmin()], known[y[known].argmax()]} if len(known) else {part[0]}
    return np.array(sorted(kept))


def _taken(value, kept, n):
    """All arrays of n in a trace (points, sizes, texts) at the places `kept`."""
    if isinstance(value, dict):
        return {key: _taken(one, kept, n) for key, one in value.items()}
    if isinstance(value, np.ndarray) and len(value) == n:
        return value[kept]
    return [value[i] for i in kept] if isinstance(value, list) and len(value) == n else value
