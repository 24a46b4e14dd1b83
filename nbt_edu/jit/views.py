"""Another shape for an array that lies in one piece, as `reshape`, without numba's call that looks whether it does.

Imported with numba only.
"""

from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic
from numba.np import arrayobj


def _view(context, builder, kind, value, made, shape):
    """The same numbers as an array of the type `made`, of this shape."""
    array, size = context.make_array(kind)(context, builder, value), context.get_constant(types.intp, 1)
    strides = []
    for length in reversed(shape):
        strides.insert(0, builder.mul(size, array.itemsize))
        size = builder.mul(size, length)
    view = context.make_array(made)(context, builder)
    rest = {"itemsize": array.itemsize, "meminfo": array.meminfo, "parent": array.parent}
    arrayobj.populate_array(view, data=array.data, shape=shape, strides=strides, **rest)
    return impl_ret_borrowed(context, builder, made, view._getvalue())


def _viewed(array, ndim):
    return types.Array(array.dtype, ndim, "C", readonly=not array.mutable)


@intrinsic
def flat_view(typing_context, array):
    """All numbers of an array (C order) in a row: (size,)."""

    def generate(context, builder, signature, args):
        source = context.make_array(array)(context, builder, args[0])
        return _view(context, builder, array, args[0], signature.return_type, [source.nitems])

    return _viewed(array, 1)(array), generate


@intrinsic
def rows_view(typing_context, array):
    """A row for each entry along the first axis of an array (C order): (len, size of an entry)."""

    def generate(context, builder, signature, args):
        source = context.make_array(array)(context, builder, args[0])
        first, *others = cgutils.unpack_tuple(builder, source.shape)
        width = context.get_constant(types.intp, 1)
        for length in others:
            width = builder.mul(width, length)
        return _view(context, builder, array, args[0], signature.return_type, [first, width])

    return _viewed(array, 2)(array), generate
