"""Machine code for apps: loaded when it was made before, else made by another process while the app runs interpreted.

A *program* is the state line of the smallest app that runs a combination of classes; each combination is compiled once and
kept on the disk.
"""

import contextlib
import functools
import os
import subprocess
import sys

from .. import jit
from ..jit import sources
from .lines import digest

LOADED = set()  # programs that this process has in memory


def kept(program):
    """Whether machine code of a program is on the disk, for these sources."""
    with contextlib.suppress(OSError):  # there is no place to keep it
        return mark(program).exists()
    return False


def keep(program):
    """Note that it is, where the disk has room for a note."""
    with contextlib.suppress(OSError):
        mark(program).touch()


@functools.lru_cache(maxsize=64)
def elsewhere(program):
    """Begin to compile a program in another process, once; answers the process, which may have ended."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-P", "-m", "nbt_edu.warm", program], env=os.environ | _path(), **quiet)


def _path():
    """The other process finds the very package that this one runs, wherever it is started."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}


def mark(program):
    """The file that says so, of the package as it is."""
    return jit.cache_folder() / f"ready-{sources.whole()}-{digest(program).partition(':')[2]}"


class Compiled:
    """The part of `App` that cares for machine code."""

    patient = False  # whether its first step waits for machine code: one whose very numbers count
    _waits = False

    def recompiled(self):
        """`self.compiled` has changed: the work goes on with machine code, or interpreted."""

    def program(self):
        """The state line of the smallest app that runs the same combination of classes; None where nothing is compiled."""

    def parts_of_work(self):
        """Functions whose calls, in any order, do a little of all work: each needs machine code of its own."""
        return [lambda: self.proceed(2)]

    def compile(self):
        """Load machine code for the program at hand, or make it, once: here and now."""
        program = self.program() if self._wanted else None
        if program is not None and program not in LOADED:
            self.tell("loading machine code…" if kept(program) else "compiling (once)…", stays=True)
            self.publish()
            twin = self.twin()  # whose work nobody waits for: dials can be moved meanwhile
            twin.compiled = True
            twin.recompiled()
            for part in twin.parts_of_work():
                part()
            LOADED.add(program)
            if not self.unwritten():
                keep(program)
            self.tell("")
        self._use(self._wanted)

    def _prepare(self):
        """The same where it is quick; else the work goes on interpreted, or waits, while another process compiles."""
        if self._at_hand() or elsewhere(self.program()).poll() is not None:
            self._waits = False
            self.compile()
        else:
            self._waits = self.patient and not self.count
            self._use(False)
            self.tell(f"compiling (once), some ten seconds: {'begins' if self._waits else 'slow until'} then…", stays=True)

    def _at_hand(self):
        """Whether machine code for the program is there, or nothing else can make it."""
        program = self.program() if self._wanted else None
        return program is None or program in LOADED or kept(program) or bool(self.unwritten())

    def _as_it_stands(self):
        """After dials were moved: go on interpreted where machine code is lacking, until it was prepared."""
        if not self._at_hand():
            self._use(False)

    def _ready(self):
        """Wait for the other process, where the first step is to wait for it."""
        if self._waits:
            self.publish(now=True)
            elsewhere(self.program()).wait()
            self._prepare()

    def _use(self, compiled):
        if self.compiled != compiled:
            with self.player.between():
                self.compiled = compiled
                self.recompiled()
                self.player.carefully()
