"""What numba must know: a type for each class, whose methods are its own; and the loop forms.

Imported with the first driver.
"""

import functools
import inspect

from numba.core import types
from numba.extending import models, overload, overload_method, register_model, typeof_impl

from .given import Address, Given
from .lifetimes import Borrowing
from .registry import METHOD, classes, functions
from .weak import Weak

_connected = set()  # functions that numba knows of


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


@functools.cache
def numba_type(cls):
    """The numba type of a registered class, made and told to numba when it is first met."""
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
