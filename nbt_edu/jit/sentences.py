"""What could not be compiled, in one sentence: where, what is not understood (`mistakes`), and what to write instead.

numba's messages nest: each call within a call quotes the message of the inner one, which comes first. So the first line of
the user's own that is named is the deepest, and what was not understood stands before it.
"""

import inspect
import linecache
import os
import re
import traceback

from .mistakes import MISTAKES
from .places import foreign, name_of, place, spot
from .registry import classes, functions

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FILE = re.compile(r'File "([^"]+)", line (\d+)(?::\s*def (\w+))?')
AT = re.compile(r"(?:at|from) (/[^\n]*?|[\w.][^\n() ]*) \((\d+)\)")
CALLEE = re.compile(r"resolving callee type: (?:Function\(<[\w ]*?([\w.]+)(?: at \w+)?>\)|BoundFunction\(\(.*?, '(\w+)'\))")
METHOD = re.compile(r"BoundFunction\(\(<class '(?:abc\.)?(\w+)'>, '(\w+)'\)")
ARGUMENTS = re.compile(r"missing a required argument: '\w+'|too many positional arguments|unexpected keyword argument '\w+'")
NOISE = re.compile(r"^(Failed in|- |None$|There are|Overload|With argument|Rejected|raised from|During|>>>)")
LONGEST = 350


def compiling(error):
    """Whether an error comes of compiling, not of the numbers that machine code met. (Reshaping is refused as late as that.)"""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    of_numba = any(os.path.join("numba", "core") in one for one in frames)
    return isinstance(error, NotImplementedError) or (of_numba and not isinstance(error, OSError))


def explain(error, driver, args):
    """The sentence for an error of compiling a driver for its arguments."""
    text = COLOURS.sub("", str(error))
    where, before = _where(text, error, driver, args)
    where, what, remedy = (where, *_what(before, args)) if where else _misfit(text, driver, args)
    end = f": {remedy}; or pass compiled=False"
    start = f"{where} cannot be compiled: "
    room = LONGEST - len(start) - len(end)
    return start + (what if len(what) <= room else what[: room - 1] + "…") + end


# --- where ---


def _where(text, error, driver, args):
    """The deepest line of the user's own, with its function; and what the message says up to there."""
    for match in FILE.finditer(text):
        path, line, function = match.groups()
        path = path if path.startswith("<") else os.path.abspath(path)  # a cell of IPython's has no file
        if foreign(path):
            function = function or _function_at(path, int(line), driver)
            return f"{function} ({spot(path, line)})", text[: match.start()]
    for match in AT.finditer(text):
        if foreign(match[1]):
            return f"{_function_at(match[1], int(match[2]), driver)} ({spot(*match.groups())})", text
    for frame, _ in traceback.walk_tb(error.__traceback__):
        at = getattr(frame.f_locals.get("self"), "loc", None)
        if at and foreign(getattr(at, "filename", "<string>")):
            return f"{_function_at(at.filename, at.line, driver)} ({spot(at.filename, at.line)})", text
    for name, method in METHOD.findall(text):
        cls = _named().get(name)
        if cls and _is_foreign(cls) and "NameError" in text:
            return f"{name_of(cls)}.{method} ({place(classes[cls][method])})", text
    return None, text


def _function_at(path, line, driver):
    """The name of the method that was written around a line, or else of the driver."""
    methods = [one.__code__ for cls in classes for one in classes[cls].values()]
    starts = [(one.co_firstlineno, one.co_name) for one in methods if one.co_filename == path and one.co_firstlineno <= line]
    return max(starts)[1] if starts else driver.__name__


def _whose(driver, args):
    """The user's own classes among the arguments, where numba names no line of theirs; or the driver."""
    own = [type(one) for one in args if isinstance(one, tuple) and type(one) is not tuple and _is_foreign(type(one))]
    return " or ".join(f"{name_of(cls)} ({place(cls)})" for cls in dict.fromkeys(own)) or f"{driver.__name__} ({place(driver)})"


# --- what ---


def _what(before, args):
    """What was not understood at the user's line, and the remedy."""
    callees = CALLEE.findall(before.rstrip()[-400:])
    callee = callees[-1][0] or callees[-1][1] if callees else ""
    start = before.find(f">>> {callee}(") if callee else before.rfind("Failed in nopython")
    own = before[max(start, 0) :]
    call = _clean(own.split("\n")[0].removeprefix(">>> ").strip())
    wrong = ARGUMENTS.search(own)
    wrong = f" ({wrong[0]})" if wrong else ""
    if callee in _library():
        return f"{call} cannot be called so{wrong}", _usage(callee)
    found = _row(own)
    if found:
        match, what, remedy = found
        return what, _instead(match, args) or remedy
    if callee:
        return f"{call} is not understood{wrong}", "write it with loops, or use the primitives of nbt_edu.kernels"
    return _last(own), "write it with numbers, arrays, `if` and `for`"


def _row(text):
    """The first row of the table that fits: its match, what was not understood, the remedy."""
    for pattern, what, remedy in MISTAKES:
        match = re.search(pattern, text)
        if match:
            return match, what.format(*[_clean(one) for one in match.groups() if one]), remedy
    return None


def _foreign_method(part, method):
    """Whose a method is that a protocol asks a foreign class for: its "own", or the protocol's ("follows"); else ""."""
    protocol = getattr(type(part), "protocol", None)
    if not hasattr(protocol, method) or not _is_foreign(type(part)):
        return ""
    return "follows" if getattr(type(part), method) is getattr(protocol, method) else "own"


def _misfit(text, driver, args):
    """Where no line is the user's: an answer of the user's class that does not fit where the package uses it."""
    roles, files = dict(zip(inspect.signature(driver).parameters, args, strict=False)), list(FILE.finditer(text))
    sources = [linecache.getline(os.path.abspath(one[1]), int(one[2])).strip() for one in files]
    calls = [(source, *call) for source in sources for call in re.findall(r"(\w+)\.(\w+)\(", source)]
    for _, role, method in calls:
        if _foreign_method(roles.get(role), method) == "follows":  # from others, which it calls
            roles["self"] = roles[role]
    for source, role, method in calls:
        part = roles.get(role)
        if _foreign_method(part, method) == "own":
            asked = getattr(part.protocol, method).__doc__.strip().split(".")[0]
            where = f"{name_of(type(part))}.{method} ({place(getattr(type(part), method))})"
            return where, f"what it answers does not fit `{source}`", f"answer {asked}"
    where, row = _whose(driver, args), None if files else _row(text)
    if row:
        return (where, *row[1:])
    own = [one for one in args if isinstance(one, tuple) and _is_foreign(type(one)) and hasattr(type(one), "protocol")]
    for field, value in (pair for one in own for pair in one._asdict().items()):
        if callable(value) and not isinstance(value, tuple):
            return where, f"its field {field} is a function", "write it as a method"
    wanted = f"nbt.protocols.{type(own[0]).protocol.__name__}" if own else "what it is made for"
    problem = _last(text[: files[0].start()] if files else text)
    return where, f"an answer of its methods does not fit ({problem})", f"compare the shapes and types with {wanted}"


def _instead(match, args):
    """Where a field is not known: those that are; or how to write what compiled code does not see of a class."""
    asked = re.match(r"Unknown attribute '(\w+)' of type (\w+)", match[0])
    cls = asked and (_named() | {one.__name__: one for one in _met(args)}).get(asked[2])
    if not cls:
        return ""
    thing = inspect.getattr_static(cls, asked[1], None)
    if isinstance(thing, staticmethod):
        return "write the staticmethod outside of the class, under @nbt.jit.scalar"
    if isinstance(thing, property):
        return f"write the property as a method, self.{asked[1]}()"
    if thing is not None and not callable(thing):
        return f"annotate it to make it a field, {asked[1]}: {type(thing).__name__} = ..."
    return "" if thing else f"its fields are {', '.join(cls._fields) or 'none'}"


def _usage(name):
    """How a function of the library, or a method, is called."""
    known = _library()[name]
    first = (known.__doc__ or "").strip().split("\n")[0].rstrip(".")
    return f"it is {name}{inspect.signature(known)}" + (f", {first}" if 0 < len(first) < 90 else "")


def _last(text):
    """The last meaningful line of a message, cleaned."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line and not NOISE.match(line) and not line.startswith(("File", "<source", "^", "def "))]
    return _clean(lines[-1]).rstrip(".") if lines else "its types"


def _clean(text):
    """Types as people write them."""
    text = re.sub(r"Literal\[(\w+)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"array\((\w+), (\d)d, \w+\)", r"\2d array of \1", text)
    text = re.sub(r"class\(<class '[\w.]*?(\w+)'>\)", r"\1", text).replace("unicode_type", "str")
    text = re.sub(r"<[\w ]*?(\w+) at 0x\w+>", r"\1", text)
    for _ in range(9):
        text = re.sub(r"\b([A-Z]\w*)\([^()]*\)", r"\1", text)
    named = _named()
    return re.sub(r"\b[A-Z]\w*_\d+\b", lambda found: name_of(named[found[0]]) if found[0] in named else found[0], text)


def _library():
    """What compiled code can call, by name: registered functions, and methods."""
    return {one.__name__: one for one in functions} | {name: one for own in classes.values() for name, one in own.items()}


def _named():
    """Classes by the names that numba tells them by: what was registered, and NamedTuples, whose name is of one class only."""
    tuples = [one for one in tuple.__subclasses__() if hasattr(one, "_fields")]
    names = [one.__name__ for one in tuples]
    return {one.__name__: one for one in tuples if names.count(one.__name__) == 1} | {one.__name__: one for one in classes}


def _met(value):
    """The NamedTuple classes met in a value, at any depth."""
    if not isinstance(value, tuple):
        return []
    return [type(value)] * hasattr(value, "_fields") + [cls for part in value for cls in _met(part)]


def _is_foreign(cls):
    return cls.__module__.partition(".")[0] != __name__.partition(".")[0]
