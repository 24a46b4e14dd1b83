"""`python -m nbt_edu.warm`: make machine code ahead of time, so that the first lesson does not wait for it."""

import time

from . import jit
from .race import METHODS, Race


def warm():
    """Compile what the race needs; answers the seconds taken, 0 when there is no numba."""
    if not jit.available():
        return 0.0
    start = time.perf_counter()
    race = Race()
    race.step(2)
    for name in METHODS:
        race.speed(name, 2)
    return time.perf_counter() - start


if __name__ == "__main__":
    print("compiling (once) ...", flush=True)
    print(f"ready in {warm():.0f} s; machine code is in {jit.cache_folder()}")
