"""Machine code ahead of time, so that no lesson waits for it: `nbt-edu warm`, and behind `nbt-edu lab`.

What is made is that of every app as it opens, one program after the other. `python -m nbt_edu.warm LINE` makes that of one app,
of the state line that `App.program` answers.
"""

import contextlib
import os
import subprocess
import sys
import time

from . import apps, jit
from .apps.compiling import kept
from .apps.lines import split_line

POLITE = 15  # of `nice`: behind a notebook that is being read


def warm(line=None, tell=lambda name, seconds: None):
    """Compile what apps need, or the app of a line; answers the seconds taken, 0 when there is no numba.

    tell: called after each app with its name and the seconds that it took.
    """
    if not jit.available():
        return 0.0
    start = time.perf_counter()
    made = [apps.find(split_line(line)[0]).from_state(line)] if line else [apps.find(name)() for name in apps.ALL]
    for app in made:
        before = time.perf_counter()
        app.compile()
        tell(app.name(), time.perf_counter() - before)
    return time.perf_counter() - start


def status():
    """{app: whether machine code for it, as it opens, is on the disk}, for apps that have any; {} where there is no numba."""
    if not jit.available():
        return {}
    programs = {app.name(): app.program() for app in (apps.find(name)() for name in apps.ALL)}
    return {name: kept(program) for name, program in programs.items() if program is not None}


def behind():
    """Do it in a process of low priority behind this one; answers the process, or None where there is nothing to do."""
    if not jit.available():
        return None
    with contextlib.suppress(OSError):  # no room for another process: apps compile when they are opened
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([sys.executable, "-P", "-m", "nbt_edu.warm", "--polite"], start_new_session=True, **quiet)
    return None


def told(found):
    """A status in words."""
    if not found:
        return "nothing is compiled here: numba is not installed, or switched off by NBT_EDU_JIT=0"
    lines = [f"{'ready  ' if ready else 'missing'}  {name}" for name, ready in found.items()]
    done = sum(found.values())
    lines.append(f"machine code of {done} of {len(found)} apps is on the disk" + ("" if done == len(found) else
                 "; what is missing is made when it is opened, or by nbt-edu warm"))  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:] == ["--polite"]:
        with contextlib.suppress(OSError, AttributeError):  # no priorities on this system
            os.nice(POLITE)
        warm()
    else:
        print("compiling (once) ...", flush=True)
        print(f"ready in {warm(*sys.argv[1:2]):.0f} s; machine code is in {jit.cache_folder()}")
