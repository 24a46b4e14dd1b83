"""The product of two matrices by BLAS, as `np.dot(A, B, out=Y)`, without the dozen functions that numba compiles for it.

Imported with numba only.
"""

from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import linalg


@intrinsic
def gemm(typing_context, A, B, Y):
    """Y <- A B, for contiguous matrices of one dtype, none of them empty. Their shapes are not checked."""

    def generate(context, builder, signature, args):
        parts = []
        for kind, value in zip(signature.args, args, strict=True):
            array = context.make_array(kind)(context, builder, value)
            parts += [kind, cgutils.unpack_tuple(builder, array.shape), array.data]
        linalg.call_xxgemm(context, builder, *parts)
        return context.get_dummy_value()

    return types.none(A, B, Y), generate
