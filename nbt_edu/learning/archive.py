"""Saved files: plain data and arrays in one .npz, read back with one clear sentence for whatever is wrong.

A file may be damaged, or made by someone who means harm. So nothing is read before it is known how large it must be, and no
number goes further than its shape, its kind and its range allow (`sound`).
"""

import contextlib
import json
import math
import zipfile

import numpy as np

from ..output import shortened, write_whole
from ..settings import UnknownClass, require
from ..settings import path as existing

HEAD = 2**28  # bytes of plain data, at most: a text is part of it


def write_archive(path, head, arrays):
    """Write plain data and {name: array} to a file."""
    data = np.frombuffer(json.dumps(head).encode(), np.uint8)
    require(data.size <= HEAD, "task", f"{data.size:,} bytes", f"of at most {HEAD:,}, with its text, to be saved")
    write_whole(path, lambda file: np.savez_compressed(file, head=data, **arrays))


@contextlib.contextmanager
def read_archive(path, expected):
    """A file saved here, as an `Archive` that is open. One clear ValueError for whatever is wrong with it."""
    path = existing("path", path)
    try:
        with zipfile.ZipFile(path) as file:
            archive = Archive(file)
            found = archive.head.pop("format")
            if found != expected:
                raise ValueError(f"it is a {shortened(found)!r}, and read is a {expected!r} only")
            yield archive
    except UnknownClass:
        raise
    except Exception as error:
        why = str(error).partition("\n")[0][:100] if isinstance(error, ValueError) else type(error).__name__
        message = f"path {shortened(path)!r} is damaged, or is not a file saved by this method ({why}): save it anew"
        raise ValueError(message) from error


class Archive:
    """The members of an open .npz file. head: its plain data."""

    def __init__(self, file):
        self._file = file
        shape, kind = self.about("head")
        if kind.kind not in "uU" or kind.itemsize * math.prod(shape) > HEAD:
            raise ValueError("its head is too long")
        data = self._read("head")
        self.head = json.loads(data.item() if kind.kind == "U" else data.tobytes())  # older files have it as a text

    def about(self, name):
        """(shape, dtype) of an array, from its header: ValueError unless it is just as long as that."""
        with self._file.open(f"{name}.npy") as member:
            version = np.lib.format.read_magic(member)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
            if read is None:
                raise ValueError(f"{name} is of an unknown version")
            shape, _, kind = read(member)
            size = member.tell() + kind.itemsize * math.prod(shape)
        fits = not kind.hasobject and min(shape, default=0) >= 0 and size == self._file.getinfo(f"{name}.npy").file_size
        if not fits:
            raise ValueError(f"{name} is not as long as it says")
        return shape, kind

    def fill(self, name, array):
        """Copy an array of the file into one of exactly its shape and kind."""
        shape, kind = self.about(name)
        if (shape, kind) != (array.shape, array.dtype):
            raise ValueError(f"{name} is {kind}{shape} where {array.dtype}{array.shape} belongs")
        array[...] = self._read(name)

    def vector(self, name, kind, most):
        """An array (T,) of at most `most` numbers, of this kind."""
        shape, found = self.about(name)
        if len(shape) != 1 or shape[0] > most or found != kind:
            raise ValueError(f"{name} is {found}{shape} where at most {most} of {np.dtype(kind)} belong")
        return self._read(name)

    def _read(self, name):
        with self._file.open(f"{name}.npy") as member:
            return np.lib.format.read_array(member, allow_pickle=False)
