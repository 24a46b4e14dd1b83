"""What numba must know: a type for each class, whose methods are its own; the loop forms; and borrowed arguments.

Imported with the first driver, and the only module that imports numba.
"""

import functools
import inspect

from numba.core import cgutils, ir, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions
from numba.core.untyped_passes import FixupArgs
from numba.extending import intrinsic, models, overload, overload_method, register_model, typeof_impl

from .registry import METHOD, classes, functions

_connected = set()  # functions that numba knows of


class Declared(types.NamedTuple):
    """The type of a registered class: of its own for each, so that methods and fields of different classes never meet."""

    def __reduce__(self):
        return _type_of, (self.instance_class, self.types)

    def __bool__(self):
        """True without fields too: numba asks so whether a method is called of anything."""
        return True


def _type_of(cls, fields):
    return numba_type(cls)(fields, cls)


@functools.cache
def numba_type(cls):
    """The numba type of a registered class, made and told to numba when it is first met."""
    made = type(cls.__name__, (Declared,), {})
    register_model(made)(models.TupleModel)
    for name, method in classes[cls].items():
        overload_method(made, name, jit_options=METHOD)(_forwarder(method, "method", {"method": method}))
    return made


def everything():
    """Tell numba of what was registered since the last call."""
    for cls in classes.keys() - _connected:
        typeof_impl.register(cls)(lambda value, context, cls=cls: _type_of(cls, [typeof_impl(one, context) for one in value]))
        _connected.add(cls)
    for function in functions.keys() - _connected:
        form = functions[function]
        options = form.options | ({"pipeline_class": Borrowing} if form.borrows else {})
        names = ", ".join(inspect.signature(function).parameters)
        overload(function, jit_options=options)(_forwarder(function, f"pick({names})", {"pick": form.pick}))
        _connected.add(function)


def _forwarder(function, body, scope):
    """numba wants an overload to carry the very argument names and defaults of the function that it answers with."""
    exec(f"def forward({', '.join(inspect.signature(function).parameters)}): return {body}", scope)
    forward = scope["forward"]
    forward.__name__, forward.__defaults__ = function.__name__, function.__defaults__
    return forward


# --- borrowed arguments ---

READING = ("getattr", "getitem", "static_getitem", "exhaust_iter")  # of an attribute, an entry, a tuple that is unpacked


@intrinsic
def borrowed(typing_context, value):
    """The same value, whose arrays are no more counted: for what its owner keeps longer anyway."""
    return value(value), lambda context, builder, signature, args: _uncounted(context, builder, value, args[0])


def _uncounted(context, builder, kind, value):
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts = zip(kind, cgutils.unpack_tuple(builder, value), strict=True)
        return context.make_tuple(builder, kind, [_uncounted(context, builder, *part) for part in parts])
    context.nrt.incref(builder, kind, value)  # a text or a list stays counted, here once more; a number is not
    return value


@register_pass(mutates_CFG=False, analysis_only=False)
class BorrowArguments(FunctionPass):
    """In a driver and in its steps, a.f(b) becomes borrowed(a).f(borrowed(b)), and so with a[i] and with `a, b = c`.

    Reading an array out of a NamedTuple costs two atomic operations otherwise; a step of a small network, read by an
    estimator, has a hundred of them, dearer than its arithmetic. Safe where what is called may hand on parts of its arguments
    (a tape holds the state) only to what ends before they do: hence `_dbg_extend_lifetimes`, by which whatever is made lives
    to the end of its block of lines. So there is no branch between making a thing and its last use: a branch goes into a step
    of its own (`learning.loop`).
    """

    _name = "nbt_edu_borrow_arguments"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        names = {line.target.name for block in state.func_ir.blocks.values() for line in block.body
                 if isinstance(line, ir.Assign) and isinstance(line.value, ir.Global | ir.FreeVar)}  # fmt: skip
        for block in state.func_ir.blocks.values():
            body = []
            for line in block.body:
                made = line.value if isinstance(line, ir.Assign) and isinstance(line.value, ir.Expr) else None
                if made and made.op == "call" and not made.kws and not made.vararg:
                    made.args = [self._borrow(body, block.scope, one, line.loc) for one in made.args]
                elif made and made.op in READING and made.value.name not in names:
                    made.value = self._borrow(body, block.scope, made.value, line.loc)
                body.append(line)
            block.body = body
        state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return True

    def _borrow(self, body, scope, argument, where):
        function, taken = scope.redefine("$borrowed", where), scope.redefine("$taken", where)
        body.append(ir.Assign(ir.Global("borrowed", borrowed, where), function, where))
        body.append(ir.Assign(ir.Expr.call(function, (argument,), (), where), taken, where))
        return taken


class Borrowing(CompilerBase):
    """numba's own compiler, with `BorrowArguments`."""

    def define_pipelines(self):
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(BorrowArguments, FixupArgs)
        passes.finalize()
        return [passes]
