"""Where a line of code is, in few words: a file as one calls it from here, or a notebook's cell."""

import inspect
import os
import pathlib
import sys
import time

PACKAGE = pathlib.Path(__file__).parent.parent
BEGAN = time.time()  # when the first of the package's modules was read


def place(thing):
    """File and line where a class or function was written, as far as Python knows."""
    try:
        return spot(inspect.getsourcefile(thing), inspect.getsourcelines(thing)[1])
    except (OSError, TypeError):
        methods = [one for one in vars(thing).values() if inspect.isfunction(one) and one.__module__ == thing.__module__]
        code = thing.__code__ if inspect.isfunction(thing) else methods[0].__code__ if methods else None
        return spot(code.co_filename, code.co_firstlineno) if code else "a class without a source file"


def name_of(cls):
    """The name that a class was given in its source. (`registry` renames a class that is defined anew.)"""
    return cls.__qualname__.rpartition(".")[2]


def spot(path, line):
    """"mine.py, line 3": relative to the current folder, by its name where it is elsewhere, or "cell In[2], line 3"."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cell = shell and hasattr(shell.compile, "format_code_name") and shell.compile.format_code_name(str(path))
    near = pathlib.Path(os.path.relpath(path)) if os.path.isabs(path) else pathlib.Path(path)
    name = f"cell {cell[1]}" if cell else near.name if ".." in near.parts else str(near)
    return f"{name}, line {line}"


def foreign(path):
    """Whether a file is of the user's: neither of this package, nor of numba, nor made up."""
    return not (path.endswith(("<string>", "(built from string?)")) or _numbas(path) or PACKAGE in pathlib.Path(path).parents)


def _numbas(path):
    return "numba" in pathlib.Path(path).parts and "site-packages" in pathlib.Path(path).parts
