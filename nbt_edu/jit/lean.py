"""Less work for the compiler: only what a driver needs is made, and of that only what makes it fast.

numba makes native code of every function that a driver calls, and a wrapper for Python's and one for C's calls of it, though
only the driver is ever called; and it optimises each by itself, though methods are written out in the driver and optimised
there again. Within `only(driver)`

    what is linked into the driver stays in LLVM's intermediate form, without wrappers                        (1)
    each function is simplified lightly, once, for the driver to be put together of less                     (2)
    the driver's small arrays lie in an arena (`arena`), its large functions stay apart (`pieces`)           (3)
    Python's collector of rubbish is off                                                                     (4)

The driver itself is optimised as numba does, and its steps are as fast as if all were. This leans on numba's insides: where
they look otherwise than in the versions that were tried, everything is compiled as numba does.
"""

import contextlib
import gc
import sys

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import _DispatcherBase
from numba.core.registry import cpu_target

from . import arena, pieces

NEEDED = ("finalize", "_optimize_final_module", "_optimize_functions", "_finalize_dynamic_globals", "get_pointer_to_function",
          "get_defined_functions", "_get_module_for_linking", "_linking_libraries", "_reload_init",
          "_final_module")  # fmt: skip
WRAPPERS = "create_cpython_wrapper", "create_cfunc_wrapper"
INLINED = "alwaysinline"


class Part(JITCodeLibrary):
    """The code of a function that a driver calls. What it calls itself is linked into the driver, not into it."""

    _whole = None  # with what it calls, where somebody else asks for that

    def _optimize_functions(self, module):
        module.data_layout = self._codegen._data_layout
        for function in module.functions:
            if not function.is_declaration:
                passes, builder = self._codegen._function_pass_manager(opt=1)  # (2)
                passes.run(function, builder)

    def finalize(self):
        if not any(INLINED in str(one) for function in self.get_defined_functions() for one in function.attributes):
            self._optimize_final_module()
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name):
        return 0

    def alone(self):
        """The module as it is."""
        return super()._get_module_for_linking()

    def _get_module_for_linking(self):
        if self._whole is None:
            self._whole = self.alone().clone()
            _link(self._whole, self)
        return self._whole


class Driver(Part):
    """The code of a driver: the only one that becomes native code."""

    def finalize(self):
        _link(self._final_module, self)
        self._linking_libraries = []
        JITCodeLibrary.finalize(self)

    def get_pointer_to_function(self, name):
        return JITCodeLibrary.get_pointer_to_function(self, name)

    def _optimize_final_module(self):
        text, name = str(self._final_module), self._final_module.name
        self._final_module = llvm.parse_assembly(pieces.apart(arena.equipped(text)))  # (3)
        self._final_module.name = name
        super()._optimize_final_module()

    def _get_module_for_linking(self):
        return self.alone()


class Libraries:
    """In the place of numba's class of libraries, while a driver of this name is compiled or read from the disk."""

    marks = True  # those of where steps begin and end will be understood (`lifetimes`)

    def __init__(self, name):
        self.name = name

    def __call__(self, codegen, name):
        return (Driver if name == self.name else Part)(codegen, name)

    def _unserialize(self, codegen, state):
        return Driver._unserialize(codegen, state)


def _link(module, library):
    """Into a module, each function that a library calls, however far away: those that call, first.

    (LLVM links such a function only if something that is there already calls it.)
    """
    seen, last_first = {library}, []

    def visit(caller):
        for one in caller._linking_libraries:
            if one not in seen:
                seen.add(one)
                visit(one)
                last_first.append(one)

    visit(library)
    for one in reversed(last_first):
        library._reload_init.update(one._reload_init)
        module.link_in(one.alone() if isinstance(one, Part) else one._get_module_for_linking(), preserve=True)


@contextlib.contextmanager
def only(driver):
    """While a driver is compiled: what it needs, and no more."""
    context = cpu_target.target_context
    codegen = context.codegen()
    known = getattr(codegen, "_library_class", None) is JITCodeLibrary
    known = known and all(hasattr(JITCodeLibrary(codegen, "looked at"), name) for name in NEEDED)
    if not (known and hasattr(codegen, "_function_pass_manager") and all(name in vars(type(context)) for name in WRAPPERS)):
        yield
        return
    environments, set_env, wrap = [], codegen.set_env, type(context).create_cpython_wrapper
    others, add = [], _DispatcherBase.add_overload  # the user's own compiled functions, which Python may call as well

    def met(self, made):
        module = sys.modules.get(self.py_func.__module__)
        if getattr(module, self.py_func.__name__, None) is self:
            others.append(self)
        add(self, made)

    def later(name, environment):
        environments.append((name, environment))

    def from_python(self, library, *about, **more):  # (1)
        if isinstance(library, Driver):
            wrap(self, library, *about, **more)

    def from_c(self, *about, **more):
        """Nobody calls it."""

    with global_compiler_lock, _uncollected(), contextlib.ExitStack() as after:
        after.enter_context(_with(codegen, _library_class=Libraries(driver.__qualname__), set_env=later))
        after.enter_context(_with(type(context), create_cpython_wrapper=from_python, create_cfunc_wrapper=from_c))
        after.enter_context(_with(_DispatcherBase, add_overload=met))
        yield
    for one in others:
        one.recompile()
    for name, environment in environments:  # they have an address now that the driver is loaded, if they are in it
        if codegen._engine.get_global_value_address(name):
            set_env(name, environment)


@contextlib.contextmanager
def _with(thing, **attributes):
    """While a thing has these attributes, instead of its own or of those of its class."""
    own = {name: vars(thing)[name] for name in attributes if name in vars(thing)}
    for name, value in attributes.items():
        setattr(thing, name, value)
    try:
        yield
    finally:
        for name in attributes:
            delattr(thing, name)
        for name, value in own.items():
            setattr(thing, name, value)


@contextlib.contextmanager
def _uncollected():
    """(4): so much is made, and kept, that looking for rubbish takes a twentieth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
