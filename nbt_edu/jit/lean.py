"""Less work for the compiler: native code for a driver alone, not for each function that is linked into it.

numba makes native code of every function that a driver calls, though only the driver is ever called, and optimises each by
itself, though methods are inlined and optimised there again. Within `only(driver)` what is linked into the driver stays in
LLVM's intermediate form, and methods are left to the driver's own optimisation. This leans on numba's insides: where they look
otherwise than in the versions that were tried, everything is compiled as numba does.
"""

import contextlib

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from . import arena

NEEDED = ("_finalize_final_module", "_optimize_final_module", "_finalize_dynamic_globals", "get_pointer_to_function")
INLINED = "alwaysinline"


@contextlib.contextmanager
def only(driver):
    """While a driver is compiled: native code for it alone."""
    codegen = cpu_target.target_context.codegen()
    known = all(hasattr(JITCodeLibrary, name) for name in NEEDED) and getattr(codegen, "_library_class", None) is JITCodeLibrary
    if not known:
        yield
        return
    environments, set_env = [], codegen.set_env

    class Linked(JITCodeLibrary):
        """The code of one function: native only of the driver."""

        marks = True  # those of where steps begin and end will be understood (`lifetimes`)

        def _optimize_final_module(self):
            if self.name == driver.__qualname__:
                self._final_module = arena.given(self._final_module)
                super()._optimize_final_module()
            elif not self._inlined():
                super()._optimize_final_module()

        def _finalize_final_module(self):
            if self.name == driver.__qualname__:
                super()._finalize_final_module()
            else:
                self._finalize_dynamic_globals()
                self._finalized = True

        def get_pointer_to_function(self, name):
            return super().get_pointer_to_function(name) if self.name == driver.__qualname__ else 0

        def _inlined(self):
            return any(INLINED in str(attributes) for function in self.get_defined_functions()
                       for attributes in function.attributes)  # fmt: skip

    def later(name, environment):
        environments.append((name, environment))

    with global_compiler_lock:
        codegen._library_class, codegen.set_env = Linked, later
        try:
            yield
        finally:
            codegen._library_class = JITCodeLibrary
            del codegen.set_env
    for name, environment in environments:  # they have an address now that the driver is loaded, if they are in it
        if codegen._engine.get_global_value_address(name):
            set_env(name, environment)
