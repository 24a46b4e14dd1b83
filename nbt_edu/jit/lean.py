"""Less work for the compiler: only what a driver needs is made, and of that only what makes it fast.

numba makes native code of every function that a driver calls, and a wrapper for Python's and one for C's calls of it, though
only the driver is ever called; and it optimises each by itself, though methods are written out in the driver and optimised
there again. Within `only(driver)`

    what is linked into the driver stays in LLVM's intermediate form, without wrappers                        (1)
    each function is simplified lightly, once, for the driver to be put together of less                     (2)
    the driver's small arrays lie in an arena (`arena`), its large functions stay apart (`pieces`)           (3)
    LLVM optimises at level 2 of 3 and does not unroll loops, which it turns into vector instructions        (4)
    Python's collector of rubbish is off                                                                     (5)

Together that is a quarter of what numba takes, and the steps are as fast as with numba's own settings. This leans on numba's
insides: where they look otherwise than in the versions that were tried, everything is compiled as numba does.
"""

import contextlib
import gc

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from . import arena, pieces

NEEDED = ("finalize", "_optimize_final_module", "_optimize_functions", "_finalize_dynamic_globals", "get_pointer_to_function",
          "get_defined_functions")  # fmt: skip
WRAPPERS = "create_cpython_wrapper", "create_cfunc_wrapper"
INLINED = "alwaysinline"


@contextlib.contextmanager
def only(driver):
    """While a driver is compiled: what it needs, and no more."""
    context = cpu_target.target_context
    codegen = context.codegen()
    known = all(hasattr(JITCodeLibrary, name) for name in NEEDED) and getattr(codegen, "_library_class", None) is JITCodeLibrary
    if not (known and hasattr(codegen, "_pass_builder") and all(name in vars(type(context)) for name in WRAPPERS)):
        yield
        return
    environments, set_env, wrap = [], codegen.set_env, type(context).create_cpython_wrapper

    class Linked(JITCodeLibrary):
        """The code of one function: native only of the driver."""

        marks = True  # those of where steps begin and end will be understood (`lifetimes`)

        def _optimize_functions(self, module):
            module.data_layout = self._codegen._data_layout
            for function in module.functions:
                if not function.is_declaration:
                    passes, builder = self._codegen._function_pass_manager(opt=1)  # (2)
                    passes.run(function, builder)

        def finalize(self):
            if self.name == driver.__qualname__:
                self._linking_libraries = self._all_linked()
                super().finalize()
            else:
                if not self._inlined():
                    super()._optimize_final_module()
                self._finalize_dynamic_globals()
                self._finalized = True

        def _all_linked(self):
            """What it calls, and what that calls: each of them is linked once, into the driver; those that call, first.

            (LLVM links such a function only if something that is there already calls it.)
            """
            seen, last_first = {self}, []

            def visit(library):
                seen.add(library)
                for one in library._linking_libraries:
                    if one not in seen:
                        visit(one)
                last_first.append(library)

            for one in self._linking_libraries:
                if one not in seen:
                    visit(one)
            return last_first[::-1]

        def _optimize_final_module(self):
            text, name = str(self._final_module), self._final_module.name
            self._final_module = llvm.parse_assembly(pieces.apart(arena.given(text)))  # (3)
            self._final_module.name = name
            super()._optimize_final_module()

        def get_pointer_to_function(self, name):
            return super().get_pointer_to_function(name) if self.name == driver.__qualname__ else 0

        def _inlined(self):
            return any(INLINED in str(attributes) for function in self.get_defined_functions()
                       for attributes in function.attributes)  # fmt: skip

    def later(name, environment):
        environments.append((name, environment))

    def from_python(self, library, *about, **more):  # (1)
        if library.name == driver.__qualname__:
            wrap(self, library, *about, **more)

    def from_c(self, *about, **more):
        """Nobody calls it."""

    def passes(opt=3, loop_vectorize=True, slp_vectorize=False):  # (4)
        options = llvm.create_pipeline_tuning_options(speed_level=min(opt, 2))
        options.loop_vectorization, options.slp_vectorization = bool(loop_vectorize), bool(slp_vectorize)
        options.loop_unrolling = False
        return llvm.create_pass_builder(codegen._tm, options)

    with global_compiler_lock, _uncollected(), contextlib.ExitStack() as after:
        after.enter_context(_with(codegen, _library_class=Linked, set_env=later, _pass_builder=passes))
        after.enter_context(_with(type(context), create_cpython_wrapper=from_python, create_cfunc_wrapper=from_c))
        yield
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
            setattr(thing, name, own[name]) if name in own else delattr(thing, name)


@contextlib.contextmanager
def _uncollected():
    """(5): so much is made, and kept, that looking for rubbish takes a twentieth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
