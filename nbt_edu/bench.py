"""What a step costs, as ratios to running the network: `nbt-edu bench`, or `python -m nbt_edu.bench` on one thread.

Every row is machine code, warm, on one core. The cases of one network are timed in turns, round after round, with its forward
pass (state and softmax readout, no learning) among them; a ratio is the median of the rounds' own ratios, so that what slows
the machine for a while slows both sides of it. Characters are uniformly random: their cost is that of any text.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from . import estimators as es
from . import optimizers as op
from . import systems
from .guards import leaves
from .jit import available, borrowed, compiled
from .learn import State, run_chunk
from .readout import Softmax

ONE_CORE = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
CHARS, SECONDS = 20_000, 0.01  # at most so many characters, and about so long, in a turn
SGD = op.SGD(1e-5)
KALMAN = {"fading": 1e-3, "prior": 100.0}
SYSTEMS = {"leaky RNN": systems.LeakyRNN, "GRU": systems.GRU, "LSTM": systems.LSTM}
CASES = [  # estimator, optimizer, largest leaky network, largest gated network
    (es.NoBackTrack(), SGD, 512, 128),
    (es.NoBackTrack(4), SGD, 256, 0),
    (es.NoBackTrack(16), SGD, 256, 0),
    (es.NoBackTrack(), op.DiagonalKalman(**KALMAN), 512, 128),
    (es.NoBackTrack(), op.BlockKalman(**KALMAN), 128, 0),
    (es.ReducedNoBackTrack(4), SGD, 128, 0),
    (es.UORO(), SGD, 512, 0),
    (es.BPTT(16), SGD, 512, 128),
    (es.BPTT(64), SGD, 512, 0),
    (es.CheckpointedBPTT(64), SGD, 256, 0),
    (es.RFLO(), SGD, 512, 0),
    (es.RTRL(), SGD, 128, 32),
]
QUICK = [CASES[0], CASES[3], CASES[7], CASES[11]]


class Row(NamedTuple):
    """One case on one network. spread: the middle half of the rounds' ratios, as a part of their median."""

    system: str
    estimator: str
    optimizer: str
    units: int
    inputs: int
    us_per_step: float
    ratio_to_forward: float
    spread: float
    kilobytes: float  # what the estimator and the optimizer keep


@compiled
def run_forward(system, readout, h, symbols, bits):
    """The network alone, and the loss of each prediction in bits: symbols (T + 1,), bits (T,) filled."""
    system, readout, symbols = borrowed((system, readout, symbols))
    n = readout.theta.shape[0] - 1
    for t in range(symbols.size - 1):
        h, _ = system.step(h, symbols[t])
        bits[t] = -np.log2(readout.probabilities(h[:n])[symbols[t + 1]])


class Work:
    """A network, and a case that learns on it: `turn()` reads a stretch of random text and answers the microseconds a step."""

    def __init__(self, kind, units, inputs, estimator=None, optimizer=None, interpreted=False):
        rng, self.chars = np.random.default_rng(0), 100
        net, readout = SYSTEMS[kind](units).build(inputs, rng), Softmax(np.zeros((units + 1, inputs)))
        symbols, bits = rng.integers(inputs, size=CHARS + 1), np.empty(CHARS)
        if estimator is None:
            run, self.args, self.kept = run_forward, lambda T: (net, readout, net.start(), symbols[: T + 1], bits), ()
        else:
            noise = 2 * rng.integers(2, size=(CHARS // 4, estimator.draws(), net.start().size), dtype=np.int8) - 1
            memories = [optimizer.prepare(part.theta) for part in (net, readout)]
            state = State(net.start(), estimator.begin(net), *memories, np.zeros(1, np.int64))
            run, self.kept = run_chunk, state[1:4]
            self.args = lambda T: (net, readout, estimator, optimizer, state, symbols[: T + 1], noise[:T], bits)
            self.chars = 64  # BPTT's windows end within a turn
        self.run = run.interpreted if interpreted else run
        self.turn()  # compiles
        wanted = SECONDS * 1e6 / min(self.turn() for _ in range(2))
        self.chars = int(np.clip(64 * round(wanted / 64), 64 if wanted > 10 else 3, CHARS // 4))

    def turn(self):
        args = self.args(self.chars)
        start = time.perf_counter()
        self.run(*args)
        seconds = time.perf_counter() - start
        if not np.isfinite(args[-1][self.chars - 1]):
            raise ArithmeticError(f"{args[2]!r} diverged, so that its speed says nothing")
        return 1e6 * seconds / self.chars


def ratios(works, base, rounds):
    """Medians of microseconds and of ratios to works[base], taken in turns, and the spread of the ratios."""
    with np.errstate(all="ignore"):
        times = np.array([[work.turn() for work in works] for _ in range(rounds)])
    relative = times / times[:, [base]]
    middle = np.median(relative, 0)
    spread = (np.quantile(relative, 0.75, 0) - np.quantile(relative, 0.25, 0)) / middle
    return np.median(times, 0), middle, spread


def plan(quick=False):
    """(system, units, inputs, [(estimator, optimizer)]) in the order measured; the first case is always the forward pass."""
    for kind in SYSTEMS:
        for inputs in (32,) if quick or kind != "leaky RNN" else (32, 80):
            for units in (16, 32) if quick else (16, 32, 64, 128, 256, 512):
                largest = [case[2] if kind == "leaky RNN" else case[3] for case in CASES]
                chosen = [case[:2] for case, top in zip(CASES, largest, strict=True)
                          if units <= top and (not quick or case in QUICK) and (inputs == 32 or units <= 256)]  # fmt: skip
                if chosen:
                    yield kind, units, inputs, chosen


def measure(quick=False, progress=lambda: None):
    """All rows of a plan."""
    rows = []
    for kind, units, inputs, cases in plan(quick):
        works = [Work(kind, units, inputs)]
        works += [Work(kind, units, inputs, *case) for case in cases]
        names = [("forward pass", ""), *((estimator.label(), optimizer.label()) for estimator, optimizer in cases)]
        times, middle, spread = ratios(works, 0, 5 if quick else 15)
        for name, work, *numbers in zip(names, works, times, middle, spread, strict=True):
            kilobytes = sum(leaf.nbytes for leaf in leaves(work.kept)) / 1024
            rows.append(Row(kind, *name, units, inputs, *(round(float(number), 4) for number in numbers), round(kilobytes, 1)))
        progress()
    return rows


def growth(rows):
    """How time grows with the units, as an exponent between the two largest networks of each case with 32 symbols."""
    cases = {}
    for row in rows:
        if row.inputs == 32:
            cases.setdefault((row.system, row.estimator, row.optimizer), []).append((row.units, row.us_per_step))
    ends = {case: found[-2:] for case, found in cases.items() if len(found) > 1}
    return [dict(zip(("system", "estimator", "optimizer", "from", "to", "exponent"), (*case, n0, n1, round(math.log(t1 / t0, n1 / n0), 2)),
                     strict=True)) for case, ((n0, t0), (n1, t1)) in ends.items()]  # fmt: skip


def cold_start():
    """Seconds to import the package, and to the first character: compiled first, and with machine code from the disk."""
    def run(code, **environment):
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                                env=os.environ | environment)  # fmt: skip
        return float(answer.stdout)

    def timed(first, then):
        return f"import time\n{first}\nstart = time.perf_counter()\n{then}\nprint(time.perf_counter() - start)"

    made = "import nbt_edu as nbt; one = nbt.Learner(nbt.AnBn(8), nbt.LeakyRNN(10), nbt.NoBackTrack(), nbt.SGD(0.001), compiled=True)"
    code = timed(made, "next(one)")
    with tempfile.TemporaryDirectory() as folder:
        importing = run(timed("", "import nbt_edu"))
        return {"import": importing, "first_compile": run(code, XDG_CACHE_HOME=folder), "from_cache": run(code, XDG_CACHE_HOME=folder)}


def machine():
    """What this was measured on."""
    from importlib.metadata import version

    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    packages = ", ".join(f"{package} {version(package)}" for package in ("numpy", "numba"))
    return f"{name}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, {packages}"


def table(rows):
    """The ratios, a line for each case and a column for each size of network."""
    sizes = sorted({(row.inputs, row.units) for row in rows})
    cells = {(row[:3], row.inputs, row.units): row for row in rows}
    lines = [f"{'':<64}" + "".join(f"{f'n={units}' if inputs == 32 else f'n={units}, m={inputs}':>13}" for inputs, units in sizes)]
    for case in dict.fromkeys(row[:3] for row in rows):
        found = [cells.get((case, *size)) for size in sizes]
        own = f"{case[0]}: {case[1]}" + (f", {case[2].partition(' rate')[0]}" if case[2] else ", µs")
        show = [(f"{row.ratio_to_forward:.1f}×±{50 * row.spread:.0f}%" if case[2] else f"{row.us_per_step:.2f}") if row else ""
                for row in found]  # fmt: skip
        lines.append(f"{own:<64}" + "".join(f"{cell:>13}" for cell in show))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="nbt-edu bench", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--quick", action="store_true", help="few cases, small networks")
    options = parser.parse_args()
    if not available():
        print("nbt-edu: bench measures machine code: install numba, and do not set NBT_EDU_JIT=0", file=sys.stderr)
        return 2
    try:
        with tqdm(total=len(list(plan(options.quick))), disable=not sys.stderr.isatty(), leave=False) as bar:
            bar.set_description("compiling (once) and measuring")
            rows = measure(options.quick, bar.update)
        found = {"machine": machine(), "rows": [row._asdict() for row in rows], "growth": growth(rows), "seconds": cold_start()}
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print(f"{found['machine']}\n\nTime of a step as a multiple of the forward pass, ± half the middle half of the rounds; m = 32 symbols\n")
    print(table(rows))
    print("\nGrowth with n: " + ", ".join(f"{one['estimator']} n^{one['exponent']:.1f}" for one in found["growth"] if one["system"] == "leaky RNN"))
    print("Seconds: " + ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in found["seconds"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
