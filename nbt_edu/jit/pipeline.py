"""numba's own compiler with passes of ours, before types are known."""

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
