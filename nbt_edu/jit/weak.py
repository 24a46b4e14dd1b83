"""A number beside float32 arrays is float32, as in numpy: what compiled code needs to know of single precision.

In numpy a Python float is weak: `0.5 * x` has the type of x. numba takes it for a double, and where x is float32 the whole
loop is then done in double precision, at half the speed. So, in a function that is given anything of float32, a pass before
numba's own makes float32 of

    constants           0.5, and names of modules that are such (LN2, np.pi)                                 (1)
    scalars it is given, itself or in tuples: `rate`, `self.rate`, `weights[0]`                              (2)

Entries of float64 arrays stay what they are, as in numpy: a count of steps would stop at 2^24 else. Where everything is
float64 nothing is changed. Whole numbers are not looked at: numba makes a double of a number of float32 and one of them, so
a loop has 1.0 + x[i], not 1 + x[i].
"""

import types as python

import numpy as np
from numba.core import ir, types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions

from .given import SpreadWhole
from .pipeline import Extended


def holds_single(kind):
    """Whether there is anything of float32 in a type."""
    if isinstance(kind, types.BaseTuple):
        return any(map(holds_single, kind))
    return getattr(kind, "dtype", kind) == types.float32


@register_pass(mutates_CFG=False, analysis_only=False)
class WeakFloats(FunctionPass):
    """(1) and (2), in a function that is given anything of float32."""

    _name = "nbt_edu_weak_floats"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        if not any(map(holds_single, state.args)):
            return False
        known = {}  # name of a variable -> what `_kind` found of it
        for _, block in sorted(state.func_ir.blocks.items()):
            body = []
            for line in block.body:
                body.append(line)
                if isinstance(line, ir.Assign):
                    kind = known[line.target.name] = _kind(line.value, known, state.args)
                    if kind == types.float64:
                        line.value = _narrow(body, block.scope, line)
            block.body = body
        state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return True


def _kind(value, known, args):
    """What is known of a value: float64, of a constant and of what was given; the type of a tuple that was given; an index; a
    module. None of all that is computed.
    """
    if isinstance(value, ir.Arg):
        return args[value.index]
    if isinstance(value, ir.Const | ir.Global | ir.FreeVar):
        return _constant(value.value)
    if isinstance(value, ir.Var):
        kind = known.get(value.name)
        return None if kind == types.float64 else kind
    if not isinstance(value, ir.Expr) or value.op not in ("getattr", "getitem", "static_getitem", "exhaust_iter"):
        return None
    whole = known.get(value.value.name)
    if isinstance(whole, python.ModuleType) and value.op == "getattr":
        return _constant(getattr(whole, value.attr, None))
    if not isinstance(whole, types.BaseTuple):
        return None
    if value.op == "exhaust_iter":
        return whole
    if value.op == "getattr":
        return dict(zip(getattr(whole, "fields", ()), whole, strict=False)).get(value.attr)
    place = value.index if value.op == "static_getitem" else known.get(value.index.name)
    return whole[place] if isinstance(place, int) else None


def _constant(value):
    return types.float64 if isinstance(value, float) else value if isinstance(value, int | python.ModuleType) else None


def _narrow(body, scope, line):
    """(2): float32 of what a line assigns, which is put before it."""
    wide, narrow = scope.redefine("$wide", line.loc), scope.redefine("$narrow", line.loc)
    body.insert(-1, ir.Assign(line.value, wide, line.loc))
    body.insert(-1, ir.Assign(ir.Global("float32", np.float32, line.loc), narrow, line.loc))
    return ir.Expr.call(narrow, (wide,), (), line.loc)


class Weak(Extended):
    """The compiler of methods and kernels."""

    added = SpreadWhole, WeakFloats
