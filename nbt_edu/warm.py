"""`python -m nbt_edu.warm`: make the race's machine code ahead of time, so that the first lesson does not wait for it."""

import functools
import os
import subprocess
import sys
import time

from . import jit
from .apps.race import METHODS, RaceModel


def warm():
    """Compile what the race needs; answers the seconds taken, 0 when there is no numba."""
    if not jit.available():
        return 0.0
    start = time.perf_counter()
    race = RaceModel()
    race.step(2)
    for name in METHODS:
        race.speed(name, 2)
    _mark().touch()
    return time.perf_counter() - start


def needed():
    """Whether machine code is wanted and was not made yet, for these sources."""
    return jit.available() and not _mark().exists()


@functools.cache
def elsewhere():
    """Begin to compile in another process, once; answers the process, which may have ended."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-P", "-m", "nbt_edu.warm"], env=os.environ | _path(), **quiet)


def _path():
    """The other process finds the very package that this one runs, wherever it is started."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}


def _mark():
    return jit.cache_folder() / "race"


if __name__ == "__main__":
    print("compiling (once) ...", flush=True)
    print(f"ready in {warm():.0f} s; machine code is in {jit.cache_folder()}")
