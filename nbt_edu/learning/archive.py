"""Saved files: plain data and arrays in one .npz, read back with one clear sentence for whatever is wrong."""

import contextlib
import json

import numpy as np

from ..settings import UnknownClass
from ..settings import path as checked


def write_archive(path, head, arrays):
    """Write plain data and {name: array} to a file."""
    with open(path, "wb") as file:
        np.savez_compressed(file, head=json.dumps(head), **arrays)


def read_archive(path, expected):
    """(plain data, {name: array}) of a file saved here. One clear ValueError for whatever is wrong with it."""
    path = checked("path", path)
    with whole_file(path):
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        head = json.loads(arrays.pop("head").item())
        if head.pop("format") != expected:
            raise KeyError("format")
    return head, arrays


@contextlib.contextmanager
def whole_file(path):
    """Whatever goes wrong within, reading a saved file, becomes one ValueError that names the file."""
    try:
        yield
    except UnknownClass:
        raise
    except Exception as error:
        kind = type(error).__name__
        message = f"path {str(path)!r} is damaged, or is not a file saved by this method ({kind}): save it anew"
        raise ValueError(message) from error


def fill(array, values):
    """Copy values into an array of exactly their shape and kind."""
    if array.shape != values.shape or array.dtype != values.dtype:
        raise ValueError(f"{values.dtype}{values.shape} where {array.dtype}{array.shape} belongs")
    array[...] = values
