"""Machine code on the disk: a file a combination, named by a digest of all that it was made of, and sealed.

What it was made of: the sources of the driver and of every class that it meets (`sources`), of one from outside the package
besides all that it reads (`reads`), the versions of numba and Python, the processor. So an edit makes anew what depends on it
and nothing else, and nothing stale is ever run. Nothing here stops a run: what cannot be read, is damaged (its seal is broken)
or cannot be written is made anew, in memory if need be. Two processes at once write the same file, each of them whole.
"""

import contextlib
import functools
import hashlib
import io
import os
import pathlib
import pickle
import platform
import secrets
import tempfile
import time

import numba
from numba.core.compiler import CompileResult
from numba.core.serialize import NumbaPickler

from . import sources
from .reads import Reader, Unknown

COMPILER = tuple(f"jit.{one}" for one in ("drivers", "connect", "registry", "lifetimes", "lean"))  # what all of it goes through
SEAL = 32  # bytes of SHA-256 at the beginning of a file
OLD = 3600  # seconds, of what no process can still be writing


class Kept:
    """What numba asks of a cache, for one driver and the classes that it meets."""

    cache_path = None

    def __init__(self, driver, classes):
        self.name, self.classes = driver.__name__, sorted(classes, key=_name)
        self._made_of = made_of(driver, *self.classes)

    def load_overload(self, signature, target):
        """Machine code for these types, or None: then it is made."""
        target.refresh()
        with contextlib.suppress(Exception):  # of a damaged file anything may come
            sealed = self._path(signature, target.codegen()).read_bytes()
            if hashlib.sha256(sealed[SEAL:]).digest() == sealed[:SEAL]:
                found = _Reader(io.BytesIO(sealed[SEAL:]), self.classes).load()
                made = CompileResult._rebuild(target, *found)
                return made if made.signature.args == signature else None
        return None

    def save_overload(self, signature, made):
        """Keep it, where that can be done."""
        if made.lifted or made.library.has_dynamic_globals:
            return
        with contextlib.suppress(Exception):  # what cannot be pickled, a full disk, a home that is read-only
            data = io.BytesIO()
            _Writer(data, self.classes).dump(made._reduce())
            path = self._path(signature, made.codegen)
            beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
            try:
                beside.write_bytes(hashlib.sha256(data.getvalue()).digest() + data.getvalue())
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)

    def flush(self):
        """Nothing is held."""

    def _path(self, signature, codegen):
        of = self._made_of, str(signature), codegen.magic_tuple(), numba.__version__, platform.python_version()
        return folder() / f"{self.name.strip('<>')}-{hashlib.sha256(repr(of).encode()).hexdigest()[:32]}.code"


class _Writer(NumbaPickler):
    """The classes that a driver meets are named by their place: one of a notebook is found again in the next session."""

    def __init__(self, file, classes):
        super().__init__(file, protocol=5)
        self._classes = classes

    def persistent_id(self, thing):
        return self._classes.index(thing) if isinstance(thing, type) and thing in self._classes else None


class _Reader(pickle.Unpickler):
    def __init__(self, file, classes):
        super().__init__(file)
        self._classes = classes

    def persistent_load(self, place):
        return self._classes[place]


def keepable(driver, classes):
    """Whether all that machine code depends on can be written down."""
    names = [*map(_name, classes)]
    with contextlib.suppress(Unknown, OSError, ValueError, SyntaxError):
        return len(set(names)) == len(names) and bool(made_of(driver, *sorted(classes, key=_name)))
    return False


def made_of(driver, *classes):
    """A digest of all that a driver and the classes that it meets are made of."""
    reader = Reader()
    reader.function(driver)
    for one in classes:
        reader.read(one)
    if sources.edited(*reader.modules, *COMPILER):
        raise Unknown("a source was edited after it was imported")
    return reader.found.hexdigest() + _sources(frozenset(reader.modules))


@functools.cache
def _sources(modules):
    """A digest of the sources of modules of the package, and of what they import by name."""
    return sources.digest(*sorted(modules), *COMPILER)


def _name(cls):
    return cls.__module__, cls.__qualname__


@functools.cache
def folder():
    """Where machine code is kept: under the user's cache folder, or where that cannot be written, the one for passing files."""
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    for root in base, pathlib.Path(tempfile.gettempdir()):
        place = root / "nbt_edu" / "code"
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            _tidy(place)
            return place
    raise OSError(f"no place to keep machine code: {base} is not writable; set XDG_CACHE_HOME to a folder that is")


def _tidy(place):
    """Without what a process that was killed had begun to write."""
    for part in place.glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > OLD:
                part.unlink()
