"""What a driver is given is passed on as an address: a NamedTuple of arrays is one word, not some ten for each array.

numba passes a tuple on by passing on all that is in it, and takes it apart and puts it together again at each call. A network,
its estimator and their state are some two hundred words, and most of the compiler's work was on them. But tuples never change,
and a driver owns what it is given. So they are written down once, where Python calls the driver, and read from there. Nothing
ever writes there, which LLVM is told of each reading: it may do it early, and once. (So it may not see where the writing was:
the address is handed to it by a line of assembler, empty.) Nor are arrays counted that are read there: the driver keeps them.
"""

from llvmlite import ir as llvm
from numba.core import cgutils, ir, types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.datamodel.models import PrimitiveModel
from numba.core.imputils import impl_ret_borrowed
from numba.core.ir_utils import build_definitions
from numba.extending import NativeValue, intrinsic, lower_builtin, lower_cast, lower_getattr_generic, register_model, unbox

from .pipeline import add_call

ADDRESS = cgutils.voidptr_t


class Given(types.NamedTuple):
    """The type of a NamedTuple that a driver was given. whole: the type of the same, passed on as numba does."""

    def __init__(self, parts, cls, whole):
        super().__init__(parts, cls)
        self.name, self.whole = self.name.replace("(", "(given: ", 1), whole

    def __reduce__(self):
        return given, (self.whole,)

    def can_convert_to(self, context, other):
        return None if isinstance(other, Given) else context.can_convert(self.whole, other)

    def unify(self, context, other):
        """What the branches of an `if` answer, one of them something given and one something made."""
        return self.whole if other == self.whole else None


def given(kind):
    """The type of a value that a driver is given, of a type of numba's."""
    if not isinstance(kind, types.NamedTuple):
        return kind
    make = getattr(type(kind), "given", Given)  # of a registered class its own (`connect`)
    return make([given(one) for one in kind.types], kind.instance_class, kind)


@register_model(Given)
class Address(PrimitiveModel):
    """One word."""

    def __init__(self, manager, kind):
        super().__init__(manager, kind, ADDRESS)


@unbox(Given)
def _(kind, thing, c):
    native = c.unbox(kind.whole, thing)
    place = cgutils.alloca_once_value(c.builder, native.value)

    def let_go():
        if native.cleanup:
            native.cleanup()
        c.context.nrt.decref(c.builder, kind.whole, native.value)

    hidden = llvm.InlineAsm(llvm.FunctionType(ADDRESS, [ADDRESS]), "", "=r,0,~{memory}", side_effect=True)
    address = c.builder.call(hidden, [c.builder.bitcast(place, ADDRESS)])
    return NativeValue(address, native.is_error, let_go)


@lower_getattr_generic(Given)
def _(context, builder, kind, value, name):
    return _read(context, builder, kind, value, kind.fields.index(name))


@lower_builtin("static_getitem", Given, types.IntegerLiteral)
def _(context, builder, signature, args):
    return _read(context, builder, signature.args[0], args[0], args[1] % len(signature.args[0]))


def _read(context, builder, kind, value, place):
    """Field number `place`."""
    whole = builder.bitcast(value, context.get_value_type(kind.whole).as_pointer())
    at = cgutils.gep_inbounds(builder, whole, 0, place)
    if isinstance(kind.types[place], Given):
        return builder.bitcast(at, ADDRESS)
    read = builder.load(at)
    read.set_metadata("invariant.load", builder.module.add_metadata([]))
    return uncounted(context, builder, kind.types[place], read)


def uncounted(context, builder, kind, value):
    """A value whose arrays are not counted any more, for who is sure that their owner keeps them: LLVM's words for it."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple) and not isinstance(kind, Given):
        parts = zip(kind, cgutils.unpack_tuple(builder, value), strict=True)
        return context.make_tuple(builder, kind, [uncounted(context, builder, *part) for part in parts])
    context.nrt.incref(builder, kind, value)  # a text stays counted, here once more; a number is not, nor what was given
    return value


@lower_cast(Given, types.NamedTuple)
def _(context, builder, kind, whole, value):
    fields = [_read(context, builder, kind, value, place) for place in range(len(kind))]
    return context.make_tuple(builder, whole, [context.cast(builder, *one) for one in zip(fields, kind, whole, strict=True)])


@intrinsic
def whole(typing_context, value):
    """The same value, as numba passes it on."""
    if not isinstance(value, Given):
        return value(value), lambda context, builder, signature, args: impl_ret_borrowed(context, builder, value, args[0])
    return value.whole(value), lambda context, builder, signature, args: context.cast(builder, args[0], value, value.whole)


@register_pass(mutates_CFG=False, analysis_only=False)
class SpreadWhole(FunctionPass):
    """f(*a) becomes f(*whole(a)): numba takes a tuple that is spread apart by itself."""

    _name = "nbt_edu_spread_whole"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        changed = False
        for block in state.func_ir.blocks.values():
            body = []
            for line in block.body:
                made = line.value if isinstance(line, ir.Assign) and isinstance(line.value, ir.Expr) else None
                if made and made.op == "call" and made.vararg:
                    made.vararg = add_call(body, block.scope, whole, (made.vararg,), line.loc)
                    changed = True
                body.append(line)
            block.body = body
        if changed:
            state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return changed
