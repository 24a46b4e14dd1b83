"""The array primitives. The numpy form is what Python runs and people read; the loop form is what compiled code runs.

In loop forms, index by plain loop variables (take a slice first): a computed index, i * n + j, stops vectorisation.
"""

from .connections import add_gathered, add_gathered_rows, gather, scatter, spread
from .networks import (
    add_immediate,
    add_outer,
    along_immediate,
    back,
    immediate_gram,
    immediate_norm2,
    jacobian,
    pull,
    push,
    through,
)  # fmt: skip
from .vectors import add, add_product, assign, dots, norm2, product_norm, sigmoid, softmax, tanh, with_one

__all__ = [
    "add", "add_gathered", "add_gathered_rows", "add_immediate", "add_outer", "add_product", "along_immediate", "assign",
    "back", "dots", "gather", "immediate_gram", "immediate_norm2", "jacobian", "norm2", "product_norm", "pull", "push",
    "scatter", "sigmoid", "softmax", "spread", "tanh", "through", "with_one",
]  # fmt: skip
