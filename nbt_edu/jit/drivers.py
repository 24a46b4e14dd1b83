"""Drivers, the loops over steps, become machine code, which is kept on the disk."""

import functools
import importlib.util
import numbers
import os

import numpy as np

KEEPS_NOTHING = numbers.Number, np.ndarray, np.generic, str, type(None)
PLAIN = {np.ndarray, int, float, bool, str, type(None)}  # nearly all that is met


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
    borrows them. Machine code is kept on the disk (`kept`), under a name that follows from all that it depends on, so that no
    edit can ever run stale code; where that cannot be written down, as of a class that reads a dictionary, it is made anew in
    each session. What cannot be compiled is a TypeError of one sentence, with file and line.
    """

    @functools.wraps(driver)
    def call(*args):
        if not available():
            return driver(*args)
        from . import connect, sentences

        connect.everything()
        try:
            classes = frozenset(_met(args))
            return _dispatcher(driver, classes, connect.version(classes))(*args)
        except Exception as error:
            if not sentences.compiling(error):
                raise
            sentence = sentences.explain(error, driver, args)
        raise TypeError(sentence)

    call.interpreted = driver
    return call


def look_again(*parts):
    """Before work begins: where methods of classes from outside now read other values than before, they are compiled anew."""
    if available():
        from . import connect

        connect.look_again(_met(parts))


def _met(value):
    """The NamedTuple classes that are met in a value, at any depth; and list, for what an array could be put into to keep."""
    if isinstance(value, tuple):
        if type(value) is not tuple:
            yield type(value)
        for one in value:
            if type(one) not in PLAIN:
                yield from _met(one)
    elif not isinstance(value, KEEPS_NOTHING):
        yield list


@functools.cache
def _dispatcher(driver, classes, version):
    import numba

    from . import kept, lean
    from .given import given
    from .lifetimes import Borrowing

    options = {"pipeline_class": Borrowing, "nogil": True, "error_model": "numpy", "_dbg_extend_lifetimes": True}
    made = numba.njit(**options)(driver)
    if list not in classes:  # a list keeps arrays, which are not counted where they are read of what was given
        plain = made.typeof_pyval
        made.typeof_pyval = lambda value: given(plain(value))
    made.compile = lean.only(driver)(made.compile)
    if kept.keepable(driver, classes):
        made._cache = kept.Kept(driver, classes)
    return made


def cache_folder():
    """Where machine code is kept. OSError where there is no place for it."""
    from . import kept

    return kept.folder()
