"""How long things live in compiled code: what a driver and its steps call borrows, and what a step makes ends with it.

numba counts who holds an array. Here an owner is known without counting: the driver owns its arguments, a step what it makes.
"""

from llvmlite import ir as llvm
from numba.core import cgutils, ir, types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions
from numba.extending import intrinsic

from . import arena
from .given import SpreadWhole, uncounted
from .pipeline import Extended, add_call

READING = ("getattr", "getitem", "static_getitem", "exhaust_iter")  # of an attribute, an entry, a tuple that is unpacked


@intrinsic
def borrowed(typing_context, value):
    """The same value, whose arrays are no more counted: for what its owner keeps longer anyway."""
    return value(value), lambda context, builder, signature, args: uncounted(context, builder, value, args[0])


@intrinsic
def opened(typing_context):
    """A step begins: what it takes of the arena, it takes from here on."""

    def generate(context, builder, signature, args):
        if not _understood(context):
            return context.get_constant(types.int64, 0)
        return _call(builder, arena.MARK, llvm.IntType(64), [])

    return types.int64(), generate


@intrinsic
def closed(typing_context, mark, answer):
    """A step that answers a number, or nothing, ends: the arena is as it was."""

    def generate(context, builder, signature, args):
        if _understood(context) and isinstance(answer, types.Number | types.Boolean | types.NoneType):
            _call(builder, arena.RELEASE, llvm.VoidType(), args[:1])
        return context.get_dummy_value()

    return types.none(mark, answer), generate


def _understood(context):
    return getattr(context.codegen()._library_class, "marks", False)


def _call(builder, name, answer, args):
    kind = llvm.FunctionType(answer, [one.type for one in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@register_pass(mutates_CFG=False, analysis_only=False)
class BorrowArguments(FunctionPass):
    """In a driver and in its steps, a.f(b) becomes borrowed(a).f(borrowed(b)), and so with a[i] and with `a, b = c`.

    Reading an array out of a NamedTuple costs two atomic operations otherwise; a step of a small network, read by an
    estimator, has a hundred of them, dearer than its arithmetic. Safe where what is called may hand on parts of its arguments
    (a tape holds the state) only to what ends before they do: hence `_dbg_extend_lifetimes`, by which whatever is made lives
    to the end of its block of lines. So there is no branch between making a thing and its last use: a branch goes into a step
    of its own (`learning.loop`). Where something is given in which an array could be put to keep, such as a list, all is
    counted as numba does.
    """

    _name = "nbt_edu_borrow_arguments"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        if not all(map(_keeps_nothing, state.args)):
            return False
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
        return add_call(body, scope, borrowed, (argument,), where)


@register_pass(mutates_CFG=False, analysis_only=False)
class Scopes(FunctionPass):
    """A driver, or a step, marks the arena where it begins, and releases what was taken since before it returns.

    Nor does one that is given a list: a driver that marks nothing gets no arena.
    """

    _name = "nbt_edu_scopes"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        if not all(map(_keeps_nothing, state.args)):
            return False
        blocks = state.func_ir.blocks
        first = blocks[min(blocks)]
        begin = sum(isinstance(line, ir.Assign) and isinstance(line.value, ir.Arg) for line in first.body)
        opening = []
        mark = add_call(opening, first.scope, opened, (), first.loc)
        first.body[begin:begin] = opening
        for block in blocks.values():
            if isinstance(end := block.body[-1], ir.Return):
                closing = []
                add_call(closing, block.scope, closed, (mark, end.value), end.loc)
                block.body[-1:-1] = closing
        state.func_ir._definitions = build_definitions(blocks)
        return True


def _keeps_nothing(kind):
    """Whether nothing can be put into what is of this type: numbers, texts, arrays (of numbers), and tuples of them."""
    if isinstance(kind, types.BaseTuple):
        return all(map(_keeps_nothing, kind))
    return isinstance(kind, types.Array | types.Number | types.Boolean | types.NoneType | types.UnicodeType | types.Literal)


class Borrowing(Extended):
    """The compiler of drivers and steps."""

    added = SpreadWhole, BorrowArguments, Scopes
