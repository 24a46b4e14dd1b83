"""Write once: the same source runs interpreted (short numpy, to read) and compiled (machine code, for live plots).

Three decorators, all of them no-ops without numba:

* `methods`  lets compiled code call the public methods of a NamedTuple class;
* `loops`    gives a numpy primitive a loop form, which compiled code uses in its place;
* `compiled` turns a driver (the loop over characters) into machine code, kept on disk between sessions.

Within a driver, `borrowed` and `hold` spare the counting of references.

This is the only module that imports numba, and only when the first driver is called: it costs half a second that
`import nbt_edu` need not pay. Set the environment variable NBT_EDU_JIT=0 to run everything interpreted.
"""

import functools
import hashlib
import importlib.util
import inspect
import os
import pathlib
import tempfile

# Reassociation and contraction let loops become vector instructions; NaN and infinity keep their meaning,
# because a diverging run must be seen. error_model: Python's zero-division check is a branch that stops vectorisation.
# The methods are inlined into the driver, so that the arrays' shapes and reference counts are seen through; not the loops,
# which become vector instructions on their own. No function but a driver is ever called from outside.
INNER_OPTIONS = {"error_model": "numpy", "no_cfunc_wrapper": True}
METHOD_OPTIONS = INNER_OPTIONS | {"forceinline": True}
LOOP_OPTIONS = INNER_OPTIONS | {"fastmath": {"reassoc", "contract", "arcp", "nsz", "afn"}}
SCALAR_OPTIONS = INNER_OPTIONS | {"fastmath": {"contract"}}  # argument reduction relies on the order of operations

_methods = {}  # method name -> (its argument names, {class: function})
_fields = set()  # the names of all their fields
_loop_forms = {}  # numpy function -> (loop form, options)
_names_taken = {}  # class name -> the classes of that name
_connected = set()  # the method names and numpy functions that numba knows of


def available():
    """True when numba is installed and not switched off."""
    return os.environ.get("NBT_EDU_JIT", "1") != "0" and importlib.util.find_spec("numba") is not None


def methods(cls):
    """Let compiled code call the public methods of this NamedTuple class (dispatch is on the class of the instance).

    A class defined anew under a name already taken is renamed `Name_2`: numba tells NamedTuples apart by name alone when it
    looks for machine code, and would run that of the first.
    """
    namesakes = _names_taken.setdefault(cls.__name__, [])
    namesakes.append(cls)
    if len(namesakes) > 1:
        cls.__name__ += f"_{len(namesakes)}"
    public = {name: value for name, value in vars(cls).items() if inspect.isfunction(value) and not name.startswith("_")}
    clash = (_fields | {*cls._fields}) & (_methods.keys() | public.keys())
    if clash:
        raise TypeError(f"{cls.__name__}: {min(clash)} names a field and a method, which compiled code confuses; rename one")
    _fields.update(cls._fields)
    for name, function in public.items():
        arguments = tuple(inspect.signature(function).parameters)
        expected, table = _methods.setdefault(name, (arguments, {}))
        if arguments != expected and name != "begin":  # never compiled
            raise TypeError(f"{cls.__name__}.{name}{arguments}: the protocol's arguments are {expected}; rename them")
        table[cls] = function
    return cls


def loops(function):
    """Register the decorated loop form of a numpy primitive. Plain Python keeps the numpy form."""

    def register(loop_form):
        _loop_forms[function] = loop_form, LOOP_OPTIONS
        return function

    return register


def scalar(function):
    """Mark a function, of numbers or of loops over them, that is its own loop form."""
    _loop_forms[function] = function, SCALAR_OPTIONS
    return function


def compiled(driver):
    """Compile a driver. It is called as before; `driver.interpreted` is the plain Python function.

    Machine code is kept in a folder named by a digest of the package's sources, so that an edit anywhere can never
    run stale code. Drivers that meet a class from outside the package are compiled anew in each session.
    """

    @functools.wraps(driver)
    def call(*args):
        from numba.core.errors import NumbaError

        _connect()
        try:
            return _dispatcher(driver, all(map(_is_shipped, args)))(*args)
        except NumbaError as error:
            first = str(error).strip().splitlines()[0]
            raise TypeError(
                f"{driver.__name__} could not be compiled ({first}). Run it interpreted to see where: "
                "Learner(..., compiled=False), or set NBT_EDU_JIT=0."
            ) from error

    call.interpreted = driver
    return call


def borrowed(value):
    """The same value. In compiled code, its arrays are no more counted: for what is kept anyway, by a caller or with `hold`.

    Reading an array out of a NamedTuple costs two atomic operations otherwise; a step of a small network, read by an
    estimator, has a hundred of them, dearer than its arithmetic.
    """
    return value


def hold(*values):
    """Nothing: a use of what was borrowed, which compiled code would otherwise free after its last use before this line."""


def _connect_borrowed():
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic, overload

    def uncounted(context, builder, kind, value):
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value)
            array.meminfo = cgutils.get_null_value(array.meminfo.type)
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):
            parts = zip(kind, cgutils.unpack_tuple(builder, value), strict=True)
            return context.make_tuple(builder, kind, [uncounted(context, builder, *part) for part in parts])
        return value

    @intrinsic
    def uncount(typing_context, value):
        return value(value), lambda context, builder, signature, args: uncounted(context, builder, value, args[0])

    overload(borrowed, jit_options=METHOD_OPTIONS)(lambda value: lambda value: uncount(value))
    overload(hold, jit_options=METHOD_OPTIONS)(lambda *values: lambda *values: None)


def _is_shipped(value):
    """True unless a NamedTuple class from outside this package is met, at any depth."""
    if not isinstance(value, tuple):
        return True
    ours = type(value) is tuple or type(value).__module__.partition(".")[0] == __package__
    return ours and all(map(_is_shipped, value))


@functools.cache
def _dispatcher(driver, on_disk):
    import numba

    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(cache_folder())
    try:
        return numba.njit(cache=on_disk, nogil=True, error_model="numpy")(driver)
    finally:
        numba.config.CACHE_DIR = before


@functools.cache
def cache_folder():
    """Where machine code is kept: one folder per state of the package's sources, under the user's cache folder."""
    here = pathlib.Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(here.rglob("*.py")):
        digest.update(source.read_bytes())
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    for root in base, pathlib.Path(tempfile.gettempdir()):
        folder = root / "nbt_edu" / digest.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError(f"no place to keep machine code: {base} is not writable; set XDG_CACHE_HOME to a folder that is")


def _connect():
    """Tell numba of what was registered since the last call. Tables are looked up late, so new classes join freely."""
    if len(_connected) == len(_methods) + len(_loop_forms):
        return
    from numba import types
    from numba.extending import overload, overload_method

    if not _connected:
        _connect_borrowed()
    for function in _loop_forms.keys() - _connected:
        form, options = _loop_forms[function]
        overload(function, jit_options=options)(_forwarder(_names(function), "form", {"form": form}))
        _connected.add(function)
    for name in _methods.keys() - _connected:
        arguments, table = _methods[name]
        found = _forwarder(arguments, f"table.get({arguments[0]}.instance_class)", {"table": table})
        overload_method(types.BaseNamedTuple, name, jit_options=METHOD_OPTIONS)(found)
        _connected.add(name)


def _names(function):
    return tuple(inspect.signature(function).parameters)


def _forwarder(arguments, body, scope):
    """numba matches overloads by argument name, so the forwarder carries the very names of the original."""
    exec(f"def forward({', '.join(arguments)}): return {body}", scope)
    return scope["forward"]
