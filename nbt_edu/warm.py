"""Machine code ahead of time, so that no lesson waits for it: `nbt-edu warm`, and behind `nbt-edu lab`.

What is made is that of every app as it opens, then with each other choice of one of its dials, one program after the other.
`python -m nbt_edu.warm LINE` makes that of one app, of the state line that `App.program` answers, in two processes.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

from . import apps, jit
from .apps.compiling import kept
from .apps.lines import split_line

POLITE = 15  # of `nice`: behind a notebook that is being read


def programs(name):
    """State lines of the programs of an app, if it has any: as it opens, then with each other choice of one dial."""
    made = apps.find(name)
    options = {dial: about.options for dial, about in made.Dials.declared().items() if isinstance(about.default, str)}
    choices = [made(), *(made(**{dial: choice}) for dial, given in options.items() for choice in given or ())]
    return list(dict.fromkeys(filter(None, (app.program() for app in choices))))


def planned(names=apps.ALL):
    """State lines of the programs of these apps, those that open first."""
    lines = {name: programs(name) for name in names}
    return [line for found in lines.values() for line in found[:1]] + [line for found in lines.values() for line in found[1:]]


def warm(lines=None, tell=lambda line, seconds: None):
    """Compile what programs need, those of all apps by default; answers the seconds taken, 0 when there is no numba.

    tell: called after each program with its line and the seconds that it took.
    """
    if not jit.available():
        return 0.0
    start = time.perf_counter()
    for line in planned() if lines is None else lines:
        before = time.perf_counter()
        _made(line).compile()
        tell(line, time.perf_counter() - before)
    return time.perf_counter() - start


def warm_together(line):
    """The same of one program, by two processes where there can be two: the other one makes all parts but the first."""
    parts = _made(line).parts_of_work()
    if not jit.available() or not hasattr(os, "fork") or (os.cpu_count() or 1) < 2 or len(parts) < 2:
        return warm([line])
    other = os.fork()
    if not other:
        with contextlib.suppress(BaseException):
            for part in reversed(parts[1:]):
                part()
        os._exit(0)
    try:
        return warm([line])
    finally:
        os.kill(other, signal.SIGKILL)  # what it still does has been done
        os.waitpid(other, 0)


def _made(line):
    return apps.find(split_line(line)[0]).from_state(line)


def status():
    """{app: (programs whose machine code is on the disk, all of its programs)}, of apps that have any; {} without numba."""
    if not jit.available():
        return {}
    found = {apps.find(name).name(): programs(name) for name in apps.ALL}
    return {name: (sum(map(kept, lines)), len(lines)) for name, lines in found.items() if lines}


def behind(*names):
    """Do it for these apps, or all, in a process of low priority behind this one; answers the process, or None where there is
    nothing to do.
    """
    if not jit.available():
        return None
    with contextlib.suppress(OSError):  # no room for another process: apps compile when they are opened
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-P", "-m", "nbt_edu.warm", "--polite", *names]
        return subprocess.Popen(command, start_new_session=True, **quiet)
    return None


def told(found):
    """A status in words."""
    if not found:
        return "nothing is compiled here: numba is not installed, or switched off by NBT_EDU_JIT=0"
    lines = [f"{'ready  ' if ready == all_ else 'missing'}  {name}: {ready} of {all_}" for name, (ready, all_) in found.items()]
    ready, whole = (sum(one) for one in zip(*found.values(), strict=True))
    lines.append(f"machine code of {ready} of {whole} programs of the apps is on the disk" + ("" if ready == whole else
                 "; what is missing is made when it is needed, or by nbt-edu warm"))  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--polite"]:
        with contextlib.suppress(OSError, AttributeError):  # no priorities on this system
            os.nice(POLITE)
        warm(planned(sys.argv[2:] or apps.ALL))
    else:
        print("compiling (once) ...", flush=True)
        seconds = warm_together(sys.argv[1]) if sys.argv[1:] else warm()
        print(f"ready in {seconds:.0f} s; machine code is in {jit.cache_folder()}")
