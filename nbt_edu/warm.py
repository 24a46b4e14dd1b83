"""`python -m nbt_edu.warm [STATE LINE]`: make machine code ahead of time, so that no lesson waits for it.

Without a line: that of every app as it opens. With one, as `App.program` answers it: that of this app.
"""

import sys
import time

from . import apps, jit
from .apps.lines import split_line


def warm(line=None):
    """Compile what apps need; answers the seconds taken, 0 when there is no numba."""
    if not jit.available():
        return 0.0
    start = time.perf_counter()
    made = [apps.find(split_line(line)[0]).from_state(line)] if line else [apps.find(name)() for name in apps.ALL]
    for app in made:
        app.compile()
    return time.perf_counter() - start


if __name__ == "__main__":
    print("compiling (once) ...", flush=True)
    print(f"ready in {warm(*sys.argv[1:2]):.0f} s; machine code is in {jit.cache_folder()}")
