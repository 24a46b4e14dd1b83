"""What numba must know: a type for each class, whose methods are its own; and the loop forms.

Imported with the first driver.
"""

import collections
import contextlib
import functools
import inspect

from numba.core import types
from numba.extending import models, overload, overload_method, register_model, typeof_impl

from .given import Address, Given
from .lifetimes import Borrowing
from .places import PACKAGE
from .reads import Reader, Unknown
from .registry import METHOD, classes, functions
from .weak import Weak

_connected = set()  # functions that numba knows of
_versions, _read = collections.Counter(), {}  # of classes from outside: how often they have changed, what they read last


class Declared(types.NamedTuple):
    """The type of a registered class: of its own for each, so that methods and fields of different classes never meet."""

    def __reduce__(self):
        return _type_of, (self.instance_class, self.types)

    def __bool__(self):
        """True without fields too: numba asks so whether a method is called of anything."""
        return True


class GivenDeclared(Given):
    """The same of one that a driver was given."""

    def __bool__(self):
        return True


def _type_of(cls, fields):
    return numba_type(cls)(fields, cls)


def look_again(met):
    """Count those of the classes met whose methods read other values than when they were last looked at."""
    for cls in {*met} & classes.keys():
        if not cls.__module__.startswith(f"{PACKAGE.name}."):
            reader = Reader()
            with contextlib.suppress(Unknown, OSError, ValueError):  # what comes behind cannot be told
                reader.read(cls)
            found = reader.found.digest()
            _versions[cls] += _read.setdefault(cls, found) != found
            _read[cls] = found


def version(met):
    """How often any of the classes met have changed."""
    return sum(_versions[cls] for cls in met)


def numba_type(cls):
    """The numba type of a registered class as it now is."""
    return _numba_type(cls, _versions[cls])


@functools.cache
def _numba_type(cls, version):
    """It, made and told to numba when it is first met."""
    made = type(cls.__name__, (Declared,), {"given": type(cls.__name__, (GivenDeclared,), {})})
    register_model(made)(models.TupleModel)
    register_model(made.given)(Address)
    for name, method in classes[cls].items():
        options = METHOD | {"pipeline_class": Weak}
        for one in made, made.given:
            overload_method(one, name, jit_options=options)(_forwarder(method, "method", {"method": method}))
    return made


def everything():
    """Tell numba of what was registered since the last call."""
    for cls in classes.keys() - _connected:
        typeof_impl.register(cls)(lambda value, context, cls=cls: _type_of(cls, [typeof_impl(one, context) for one in value]))
        _connected.add(cls)
    for function in functions.keys() - _connected:
        form = functions[function]
        options = form.options | {"pipeline_class": Borrowing if form.borrows else Weak}
        names = ", ".join(inspect.signature(function).parameters)
        overload(function, jit_options=options)(_forwarder(function, f"pick({names})", {"pick": form.pick}))
        _connected.add(function)


def _forwarder(function, body, scope):
    """numba wants an overload to carry the very argument names and defaults of the function that it answers with."""
    exec(f"def forward({', '.join(inspect.signature(function).parameters)}): return {body}", scope)
    forward = scope["forward"]
    forward.__name__, forward.__defaults__ = function.__name__, function.__defaults__
    return forward
