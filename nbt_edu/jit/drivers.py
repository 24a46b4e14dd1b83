"""Drivers, the loops over steps, become machine code, kept on disk in a folder named by a digest of the sources."""

import functools
import hashlib
import importlib.util
import os
import pathlib
import tempfile

from .places import PACKAGE


def available():
    """True when numba is installed and not switched off."""
    return os.environ.get("NBT_EDU_JIT", "1") != "0" and _found() is not None


def _found():
    return importlib.util.find_spec("numba")


def chosen(compiled):
    """Whether to run machine code: as `compiled` says, or where it is None, wherever it can be. Else ValueError."""
    if compiled is None or compiled is False:
        return available() and compiled is None
    if compiled is not True:
        raise ValueError(f"compiled must be True, False, or None for wherever it can be, not a {type(compiled).__name__}")
    if not available():
        why = "numba is not installed" if _found() is None else "the environment variable NBT_EDU_JIT=0 forbids machine code"
        raise ValueError(f"compiled must be None or False here, not True: {why}")
    return True


def compiled(driver):
    """Compile a driver. It is called as before; `driver.interpreted` is the plain Python function.

    Where machine code is not `available` it is that function itself. A driver owns its arguments until it ends: what it calls
    borrows them. Machine code is kept in a folder named by a digest of the package's sources, so that an edit anywhere can
    never run stale code; where it cannot be kept, and for drivers that meet a class from outside the package, it is made anew
    in each session. What cannot be compiled is a TypeError of one sentence, with file and line.
    """

    @functools.wraps(driver)
    def call(*args):
        if not available():
            return driver(*args)
        from . import connect, sentences

        connect.everything()
        try:
            try:
                return _dispatcher(driver, all(map(_is_shipped, args)))(*args)
            except OSError:  # it cannot be kept, on a full disk say: it is made for this session alone
                return _dispatcher(driver, False)(*args)
        except Exception as error:
            if not sentences.compiling(error):
                raise
            sentence = sentences.explain(error, driver, args)
        raise TypeError(sentence)

    call.interpreted = driver
    return call


def _is_shipped(value):
    """True unless a NamedTuple class from outside this package is met, at any depth."""
    if not isinstance(value, tuple):
        return True
    ours = type(value) is tuple or type(value).__module__.partition(".")[0] == PACKAGE.name
    return ours and all(map(_is_shipped, value))


@functools.cache
def _dispatcher(driver, on_disk):
    import numba

    from .connect import Borrowing

    options = {"pipeline_class": Borrowing, "nogil": True, "error_model": "numpy", "_dbg_extend_lifetimes": True}
    if not on_disk:
        return numba.njit(**options)(driver)
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(cache_folder())
    try:
        return numba.njit(cache=True, **options)(driver)
    finally:
        numba.config.CACHE_DIR = before


@functools.cache
def cache_folder():
    """Where machine code is kept: one folder per state of the package's sources, under the user's cache folder."""
    digest = hashlib.sha256()
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.read_bytes())
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    for root in base, pathlib.Path(tempfile.gettempdir()):
        folder = root / "nbt_edu" / digest.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError(f"no place to keep machine code: {base} is not writable; set XDG_CACHE_HOME to a folder that is")
