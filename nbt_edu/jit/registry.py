"""What was decorated, for `connect` to tell numba of: classes with their methods, and functions with their compiled forms."""

import inspect

# Reassociation and contraction let loops become vector instructions; NaN and infinity keep their meaning,
# because a diverging run must be seen. error_model: Python's zero-division check is a branch that stops vectorisation.
# The methods are inlined into the driver, so that the arrays' shapes and reference counts are seen through; not the loops,
# which become vector instructions on their own. No function but a driver is ever called from outside.
INNER = {"error_model": "numpy", "no_cfunc_wrapper": True}
METHOD = INNER | {"forceinline": True}
LOOP = INNER | {"fastmath": {"reassoc", "contract", "arcp", "nsz", "afn"}}
SCALAR = INNER | {"fastmath": {"contract"}}  # argument reduction relies on the order of operations
STEP = METHOD | {"_dbg_extend_lifetimes": True}  # see `lifetimes.BorrowArguments`

classes = {}  # NamedTuple class -> {method name: function}
functions = {}  # numpy function -> Form
_names_taken = {}  # class name -> the classes of that name


class Form:
    """A function's compiled form: pick(*types of the arguments) answers the Python function to compile."""

    def __init__(self, pick, options, borrows=False):
        self.pick, self.options, self.borrows = pick, options, borrows


def register(cls, methods):
    """Let compiled code call these methods {name: function} of a NamedTuple class, on its instances and no others.

    A class defined anew under a name already taken is renamed `Name_2`: numba tells machine code by the names of types, and
    would run that of the first.
    """
    namesakes = _names_taken.setdefault(cls.__name__, [])
    namesakes.append(cls)
    if len(namesakes) > 1:
        cls.__name__ += f"_{len(namesakes)}"
    classes[cls] = methods


def loops(function, vector=None):
    """Register the decorated loop form of a numpy primitive. Plain Python keeps the numpy form.

    vector: the name of an argument that may be an array or a number. Then this form is for the array; the one for the
    number is registered without it.
    """
    place = None if vector is None else list(inspect.signature(function).parameters).index(vector)

    def register_form(loop_form):
        if place is None and function in functions:
            raise TypeError(f"{function.__name__} has a loop form already")
        if place is None:
            functions[function] = Form(lambda *types: loop_form, LOOP)
        else:
            number = functions[function].pick
            functions[function] = Form(
                lambda *types: loop_form if hasattr(types[place], "ndim") else number(*types), LOOP
            )
        return function

    return register_form


def scalar(function):
    """Mark a function, of numbers or of loops over them, that is its own loop form."""
    functions[function] = Form(lambda *types: function, SCALAR)
    return function


def single(function):
    """Register the decorated form of a `scalar` function for a first argument of float32."""
    double = functions[function].pick

    def register_form(form):
        functions[function] = Form(lambda *types: form if types[0].name == "float32" else double(*types), SCALAR)
        return function

    return register_form


def generated(function):
    """Register the maker of a function's compiled form: maker(*numba types of the arguments) -> a Python function."""

    def register_maker(maker):
        functions[function] = Form(maker, METHOD)
        return function

    return register_maker


def step(function):
    """Mark the heart of a driver: what it makes lives until it ends, and what it calls borrows that."""
    functions[function] = Form(lambda *types: function, STEP, borrows=True)
    return function
