"""The array primitives. The numpy form is what Python runs and people read; the loop form is what compiled code runs.

In loop forms, index by plain loop variables (take a slice first): a computed index, i * n + j, stops vectorisation.
"""

from .networks import add_immediate, add_outer, back, immediate_norm2, jacobian, pull, push, through
from .vectors import add, add_product, assign, norm2, product_norm, softmax, tanh, with_one

__all__ = [
    "add", "add_immediate", "add_outer", "add_product", "assign", "back", "immediate_norm2", "jacobian", "norm2",
    "product_norm", "pull", "push", "softmax", "tanh", "through", "with_one",
]  # fmt: skip
