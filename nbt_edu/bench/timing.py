"""Timing in turns: the cases of one network, round after round, with its forward pass among them.

A ratio is the median of the rounds' own ratios, so that what slows the machine for a while slows both sides of it. Everything
is warm, and on one core. Characters are uniformly random: their cost is that of any text.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import numpy as np

from ..implements import begun, begun_both
from ..kernels import owned
from ..learning.loop import LearnerState, predict_chunk, run_chunk
from ..learning.precision import cast
from ..readouts import Softmax, SquaredError
from ..systems import LeakyRNN
from .cases import SGD, SIGNAL, SYSTEMS

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
CHARS, SECONDS = 20_000, 0.01  # at most so many characters, and about so long, in a turn


class Work:
    """A network, and a case that learns on it: `turn()` reads a stretch of random text and answers the microseconds a step."""

    def __init__(self, kind, units, inputs, estimator=None, optimizer=None, dtype="float64", interpreted=False):
        rng, self.chars, most = np.random.default_rng(0), 64, CHARS  # 64: BPTT's windows end within a turn
        signal = kind == SIGNAL
        system = SYSTEMS.get(kind, LeakyRNN)(units).build(np.zeros(inputs) if signal else 0, inputs, rng)
        readout = (SquaredError() if signal else Softmax()).build(units, inputs)
        system, readout = owned(cast((system, readout), dtype))
        x = rng.normal(size=(CHARS + 1, inputs)) if signal else rng.integers(inputs, size=CHARS + 1)
        bits, nothing = np.empty(CHARS), np.empty((CHARS, 0))
        self.bits = bits
        if estimator is None:
            run, h, self.kept = predict_chunk, system.start(), ()
            self.args = lambda T: (system, readout, h, x[:T], x[1 : T + 1], bits[:T], nothing)
        else:
            signs = estimator.noise_vectors(), system.start().size
            most = min(CHARS, 64 * (2**18 // (1 + signs[0] * signs[1])))
            noise = 2 * rng.integers(2, size=(most, *signs), dtype=np.int8) - 1
            memories = begun_both(optimizer, system.theta, readout.theta)
            state = LearnerState(system.start(), begun(estimator, system), *memories, np.zeros(1, np.int64))
            run, self.kept = run_chunk, state[1:4]
            parts = system, readout, estimator, optimizer, state
            self.args = lambda T: (*parts, x[:T], x[1 : T + 1], noise[:T], bits[:T], nothing)
        self.run = run.interpreted if interpreted else run
        self.turn()  # compiles
        wanted = SECONDS * 1e6 / min(self.turn() for _ in range(2))
        self.chars = int(np.clip(64 * round(wanted / 64), 64 if wanted > 10 else 3, most))

    def turn(self):
        args = self.args(self.chars)
        self.bits[self.chars - 1] = np.nan  # the last loss is written, unless the run diverges
        start = time.perf_counter()
        self.run(*args)
        seconds = time.perf_counter() - start
        if not np.isfinite(self.bits[self.chars - 1]):
            raise ArithmeticError(f"{args[2]!r} diverged, so that its speed says nothing")
        return 1e6 * seconds / self.chars


def ratios(works, rounds):
    """Medians of microseconds and of ratios to the first of the works, taken in turns, and the spread of the ratios."""
    with np.errstate(all="ignore"):
        times = np.array([[work.turn() for work in works] for _ in range(rounds)])
    relative = times / times[:, :1]
    middle = np.median(relative, 0)
    spread = (np.quantile(relative, 0.75, 0) - np.quantile(relative, 0.25, 0)) / middle
    return np.median(times, 0), middle, spread


def by_units(estimators, units=(8, 16, 32, 64), m=32, rounds=5):
    """{label: (units, ratios)}: time of a step of learning over that of running a leaky network, reading m symbols.

    Takes seconds once everything is compiled. To be drawn: `figures.costs`.
    """
    works = [[Work("leaky RNN", n, m), *(Work("leaky RNN", n, m, one, SGD) for one in estimators)] for n in units]
    found = np.array([ratios(of, rounds)[1] for of in works])
    return {one.label(): (units, found[:, i]) for i, one in enumerate(estimators, 1)}


def cold_start():
    """Seconds to import the package, and to the first character: compiled first, then with machine code from the disk."""
    made = (
        "import nbt_edu as nbt\n"
        "one = nbt.Learner(nbt.AnBn(8), nbt.LeakyRNN(10), nbt.NoBackTrack(), nbt.SGD(0.001), compiled=True)"
    )
    with tempfile.TemporaryDirectory() as folder:
        return {
            "import": _seconds("", "import nbt_edu"),
            "first_compile": _seconds(made, "next(one)", XDG_CACHE_HOME=folder),
            "from_cache": _seconds(made, "next(one)", XDG_CACHE_HOME=folder),
        }


def _seconds(first, then, **environment):
    """Seconds that `then` takes after `first`, in a new process."""
    code = f"import time\n{first}\nstart = time.perf_counter()\n{then}\nprint(time.perf_counter() - start)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return float(done.stdout)


def machine():
    """What this was measured on."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    packages = ", ".join(f"{package} {version(package)}" for package in ("numpy", "numba"))
    return f"{name}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, {packages}"
