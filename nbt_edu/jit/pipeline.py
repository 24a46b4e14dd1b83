"""numba's own compiler with passes of ours, before types are known."""

from numba.core import ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.untyped_passes import FixupArgs


class Extended(CompilerBase):
    """added: the passes, in their order."""

    added = ()

    def define_pipelines(self):
        passes, before = DefaultPassBuilder.define_nopython_pipeline(self.state), FixupArgs
        for one in self.added:
            passes.add_pass_after(one, before)
            before = one
        passes.finalize()
        return [passes]


def add_call(body, scope, function, args, where):
    """Lines that call a function, added to those of a block; answers the variable of what it answers."""
    name, made = scope.redefine(f"${function.__name__}", where), scope.redefine("$made", where)
    body.append(ir.Assign(ir.Global(function.__name__, function, where), name, where))
    body.append(ir.Assign(ir.Expr.call(name, args, (), where), made, where))
    return made
