"""What travels to the page as bytes: the points of a frame, and plotly.js itself."""

import functools
import gzip
import importlib.resources
import pathlib

import numpy as np

PAGE = pathlib.Path(__file__).with_name("page")
SCRIPTS = ("parts", "library", "look", "figure", "dials", "bar", "guess", "panels", "app")  # one namespace, in this order


def packed(arrays):
    """{trace: {part: values}} with numbers as float32 bytes and their shape; texts stay as they are."""
    return {name: {part: _packed(values) for part, values in parts.items()} for name, parts in arrays.items()}


def _packed(values):
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        return values.tolist()
    with np.errstate(over="ignore"):  # what float32 cannot hold is a gap
        return {"data": np.ascontiguousarray(values, np.float32).tobytes(), "shape": list(values.shape)}


@functools.cache
def plotly_js():
    """plotly.js as plotly's Python package carries it, compressed: 1.5 MB instead of 4.8."""
    return gzip.compress(importlib.resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes(), 6)


def script():
    """The page's JavaScript, one module."""
    return "\n".join((PAGE / f"{name}.js").read_text("utf-8") for name in SCRIPTS)


def styles():
    """The page's style sheet."""
    return (PAGE / "app.css").read_text("utf-8")
