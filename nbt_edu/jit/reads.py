"""All that a driver, or a class's methods, are made of, as a digest: code, constants, and every value that they read.

For what is written outside the package, in a notebook say, whose source alone says little: the same lines may read another
constant of a closure. What cannot be written down so is told by `Unknown`; so is a function of one's own that is called: two of
them, of one name and of two sessions, machine code could not tell apart, while a class defined anew has another name.
"""

import builtins
import hashlib
import importlib.metadata
import inspect
import sys
import types

import numpy as np

from .places import PACKAGE
from .registry import classes

PLAIN = (type(None), type(...), bool, int, float, complex, str, bytes, np.generic, np.dtype)
KNOWN = ("numpy", "math", "numba", "builtins", "typing", "collections")  # modules that change with their versions alone


class Unknown(Exception):
    """Something is read that cannot be written down."""


class Reader:
    """Reads things one after the other. modules: those of the package that were met, which count by their sources."""

    def __init__(self):
        self.found, self.modules, self._seen = hashlib.sha256(), set(), {}

    def read(self, thing):
        """Take a thing down: a value, function, class or module."""
        if isinstance(thing, PLAIN):
            self._note(type(thing).__name__, repr(thing))
        elif isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
            self._note("array", thing.dtype.descr, thing.shape, hashlib.sha256(np.ascontiguousarray(thing)).hexdigest())
        elif isinstance(thing, types.ModuleType):
            self._module(thing.__name__)
        elif self._ours(thing):
            self._note("ours", thing.__module__, getattr(thing, "__qualname__", ""))
        elif id(thing) in self._seen:  # a class whose method names it
            self._note("again", self._seen[id(thing)])
        else:
            self._seen[id(thing)] = len(self._seen)
            self._compound(thing)

    def _compound(self, thing):
        if isinstance(thing, types.CodeType):
            self._code(thing)
        elif isinstance(thing, type):
            self._class(thing)
        elif isinstance(thing, tuple | list | frozenset):
            parts = sorted(thing, key=repr) if isinstance(thing, frozenset) else thing
            self._note(type(thing).__name__, len(thing))
            if type(thing) not in (tuple, list, frozenset):
                self.read(type(thing))
            for one in parts:
                self.read(one)
        elif callable(thing) and not isinstance(thing, types.MethodType):  # a library's function
            self._module(getattr(thing, "__module__", None) or type(thing).__module__)
            self._note("named", getattr(thing, "__qualname__", None) or repr(thing))
        else:
            raise Unknown(type(thing).__name__)

    def function(self, function):
        """Take down a driver or a method, with what it reads."""
        if self._ours(function):
            return self.read(function)
        self._code(function.__code__)
        for part in function.__defaults__ or (), tuple((function.__kwdefaults__ or {}).items()):
            self.read(part)
        read = inspect.getclosurevars(function)
        for name in sorted(_names(function.__code__)):
            for scope in read.nonlocals, function.__globals__, vars(builtins):
                if name in scope:
                    self._note(name)
                    self.read(scope[name])
                    break
        return None

    def _code(self, code):
        self._note("code", code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, code.co_argcount)
        for one in code.co_consts:
            self.read(one)

    def _class(self, cls):
        if cls.__module__.partition(".")[0] in KNOWN and _stands(cls):
            return self._module(cls.__module__), self._note(cls.__qualname__)
        if not issubclass(cls, tuple) or not hasattr(cls, "_fields"):
            raise Unknown(cls.__name__)
        self._note("class", cls.__qualname__, cls._fields)
        for name, method in sorted(classes.get(cls, {}).items()):
            self._note(name)
            self.function(method)
        return None

    def _module(self, name):
        top = name.partition(".")[0]
        if top == PACKAGE.name:
            self.modules.add(name)
        elif top not in KNOWN:
            raise Unknown(name)
        else:
            self._note("module", name, _version(top))

    def _ours(self, thing):
        module = thing.__module__ if isinstance(thing, type) else None
        if isinstance(thing, types.FunctionType):
            module = thing.__globals__.get("__name__")  # `functools.wraps` makes another of __module__
        ours = isinstance(module, str) and module.partition(".")[0] == PACKAGE.name
        if ours:
            self.modules.add(module)
        return ours

    def _note(self, *words):
        self.found.update(repr(words).encode())


def _stands(cls):
    """Whether a class is the one of its name in its module: one that `exec` made says "builtins"."""
    return getattr(sys.modules.get(cls.__module__), cls.__qualname__.partition(".")[0], None) is not None


def _names(code):
    """Every name that a code object reads, at any depth."""
    found = {*code.co_names, *code.co_freevars}
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            found |= _names(one)
    return found


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
