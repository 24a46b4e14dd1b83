"""Which source files a result hangs on: those of the classes that made it, and of all that these name, however far away.

Followed are the names that a file imports, to the file where each is written: `from ..kernels import add` leads to the file of
`add` and not to its neighbours. A package's own `__init__` counts only where it is imported as a whole.
"""

import ast
import contextlib
import functools
import hashlib
import importlib.util
import pathlib

from .places import BEGAN, PACKAGE


def digest(*things):
    """16 hexadecimal digits that change with any source that `files(*things)` names, and with no other of the package."""
    return _read(files(*things))


@functools.cache
def whole():
    """The same of all sources of the package."""
    return _read(sorted(PACKAGE.rglob("*.py")))


def _read(paths):
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def edited(*things):
    """Whether a source was written, or put there, since the package was read: what runs may be what the file no longer says."""
    return any(max(path.stat().st_mtime, path.stat().st_ctime) > BEGAN for path in files(*things))


def files(*things):
    """The source files, sorted. things: classes; or names of modules, "learning.loop".

    A class from outside the package counts with its own file and with what this imports from here. Raises ValueError for one
    of a notebook or a script, whose edits no file tells.
    """
    modules = {module for one in things for module in ([one] if isinstance(one, str) else [c.__module__ for c in one.__mro__])}
    if "__main__" in modules:
        raise ValueError("a class of one's own must stand in a file, so that an edit of it is seen: import it from there")
    start = {one for one in map(_full, modules) if one and _file(one)}
    done = set()
    while start:
        name = start.pop()
        done.add(name)
        start |= {one for one in _imported(name) if _file(one)} - done
    return sorted({_file(name) for name in done})


def _full(module):
    """A module's full name; None for one of Python's own, or of another library."""
    inside = f"{PACKAGE.name}.{module}"
    if module.partition(".")[0] == PACKAGE.name:
        return module
    if _file(inside):
        return inside
    known = importlib.util.find_spec(module) if module not in ("builtins", "__main__") else None
    own = known and known.origin and "site-packages" not in known.origin and known.origin.endswith(".py")
    return module if own and pathlib.Path(known.origin).is_file() and not _standard(known.origin) else None


def _standard(origin):
    return pathlib.Path(ast.__file__).parent in pathlib.Path(origin).parents


@functools.cache
def _file(name):
    """The file of a module, or None."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        known = importlib.util.find_spec(name)
        return pathlib.Path(known.origin) if known and known.origin else None
    path = PACKAGE.joinpath(*parts[1:])
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def _tree(text):
    """What `ast.parse` makes of it. In Python 3.11 two threads that parse at once can disturb each other (its issue 106905)."""
    for _ in range(9):
        with contextlib.suppress(SystemError):
            return ast.parse(text)
    return ast.parse(text)


@functools.cache
def _names(name):
    """{name in a module: (the module it comes from, its name there)}, of what is imported from modules of the package."""
    path = _file(name)
    here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = {}
    for node in ast.walk(_tree(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            if source.partition(".")[0] == PACKAGE.name:
                found |= {alias.asname or alias.name: (source, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            ours = [alias for alias in node.names if alias.name.partition(".")[0] == PACKAGE.name]
            found |= {alias.asname or alias.name: (alias.name, "") for alias in ours}
    return found


def _imported(name):
    """The modules where what a module imports is written."""
    return {_written(*source) for source in _names(name).values()}


def _written(module, name):
    """The module in which `name`, imported from `module`, is written."""
    if name and _file(f"{module}.{name}"):
        return f"{module}.{name}"
    further = _names(module).get(name) if _file(module).name == "__init__.py" else None
    return _written(*further) if further else module
