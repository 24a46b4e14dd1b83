"""Machine code for apps: loaded when it was made before, else made by another process while the app runs interpreted.

A *program* is the name of a combination of classes, one word; each combination is compiled once and kept on the disk.
"""

import functools
import os
import subprocess
import sys

from .. import jit

LOADED = set()  # programs that this process has in memory


def kept(program):
    """Whether machine code of a program is on the disk, for these sources."""
    return _mark(program).exists()


def keep(program):
    """Note that it is."""
    _mark(program).touch()


@functools.lru_cache(maxsize=64)
def elsewhere(program, line):
    """Begin to compile in another process the app of a state line, once; answers the process, which may have ended."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-P", "-m", "nbt_edu.warm", line], env=os.environ | _path(), **quiet)


def _path():
    """The other process finds the very package that this one runs, wherever it is started."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}


def _mark(program):
    return jit.cache_folder() / f"ready {program}"
