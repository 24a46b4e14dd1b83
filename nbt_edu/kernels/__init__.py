"""The array primitives. The numpy form is what Python runs and people read; the loop form is what compiled code runs.

In loop forms, index by plain loop variables (take a slice first): a computed index, i * n + j, stops vectorisation.
May be imported here: jit.
"""

from .connections import add_gathered, add_gathered_rows, affine_gathered, gather, scatter, spread
from .factors import Kronecker, add_product, product, product_norm
from .inputs import add_input, add_input_entries, input_columns, input_norm2
from .jacobians import jacobian, local_jacobian
from .networks import (
    add_immediate,
    add_outer,
    affine,
    back,
    immediate_gram,
    immediate_jvp,
    immediate_norms2,
    pull,
    push,
    through,
)  # fmt: skip
from .precisions import diagonal_outer_step, diagonal_step, noise_products, noise_rows
from .roots import reflect_once, reflections, seen, turn
from .stacks import nth, stack
from .tapes import buffer, load, store
from .triangle import triangle
from .vectors import add, assign, combine, dots, norm2, power, raised, sigmoid, softmax, tanh, with_one
from .views import aligned, flat, owned, rows, shared

__all__ = [
    "Kronecker", "add", "add_gathered", "add_gathered_rows", "add_immediate", "add_input", "add_input_entries", "add_outer",
    "add_product", "affine", "affine_gathered", "aligned", "assign", "back", "buffer", "combine", "diagonal_outer_step",
    "diagonal_step", "dots", "flat", "gather", "immediate_gram", "immediate_jvp", "immediate_norms2", "input_columns",
    "input_norm2", "jacobian", "load", "local_jacobian", "noise_products", "noise_rows", "norm2", "nth", "owned", "power",
    "product", "product_norm", "pull", "push", "raised", "reflect_once", "reflections", "rows", "scatter", "seen", "shared",
    "sigmoid", "softmax", "spread", "stack", "store", "tanh", "through", "triangle", "turn", "with_one",
]  # fmt: skip
