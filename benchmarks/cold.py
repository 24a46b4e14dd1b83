"""What waiting for the compiler costs: twelve combinations in one fresh session with nothing kept, then the same from the disk.

    python benchmarks/cold.py

Seconds, and multiples of a yardstick: what numba takes, in the same session, for a fixed function of two loops. The second
part edits an estimator (a comment), one from outside (a constant), and a task, and times the next run.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
SESSION = """
import json, sys, time
import nbt_edu as nbt
import numba, numpy as np

def yardstick(x):
    total = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total += np.tanh(x[i, j]) * x[j, i]
    return total

start = time.perf_counter()
numba.njit(yardstick)(np.ones((3, 3)))
found = {"yardstick": time.perf_counter() - start}
SGD, KALMAN, LEAKY = nbt.SGD(0.01), nbt.DiagonalKalman(1.0, 0.0, 0.001, 30.0), nbt.LeakyRNN(5, 0.3)
ROWS = [(nbt.NoBackTrack(), SGD, LEAKY), (nbt.RTRL(), SGD, LEAKY), (nbt.BPTT(4), SGD, LEAKY),
        (nbt.NoBackTrack(), KALMAN, LEAKY),
        (nbt.RTRL(), KALMAN, LEAKY), (nbt.BPTT(4), KALMAN, LEAKY), (nbt.NoBackTrack(), nbt.Adam(0.01), LEAKY),
        (nbt.MemoryNoBackTrack(4), SGD, LEAKY), (nbt.UORO(), SGD, LEAKY), (nbt.ReducedNoBackTrack(2), SGD, LEAKY),
        (nbt.NoBackTrack(), SGD, nbt.GRU(5)), (nbt.NoBackTrack(), SGD, nbt.LSTM(5))]
for estimator, optimizer, network in ROWS:
    learner = nbt.Learner(nbt.AnBn(4), network, estimator, optimizer)
    start = time.perf_counter()
    next(learner)
    name = f"{type(network).__name__}, {estimator.label()}, {type(optimizer).__name__}"
    found[name] = time.perf_counter() - start
print(json.dumps(found))
"""
OWN = """
import time
from typing import NamedTuple
import numpy as np
import nbt_edu as nbt
SCALE = %s
class Count(NamedTuple):
    count: np.ndarray
@nbt.implements(nbt.protocols.Estimator)
class Mine:
    def begin(self, system):
        return Count(np.zeros(1))
    def advance(self, state, system, tape, noise):
        state.count[0] += 1.0
    def gradient(self, state, system, Q):
        return np.ones((1, 1)), np.full((1, system.theta.size), SCALE)
learner = nbt.Learner(nbt.AnBn(4), nbt.LeakyRNN(5, 0.3), Mine(), nbt.SGD(0.01))
start = time.perf_counter()
next(learner)
print(time.perf_counter() - start)
"""


def python(code, cache, package=ROOT):
    """What a fresh Python prints, with this cache and this copy of the package."""
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    environment = os.environ | one | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(package)}
    command = [sys.executable, "-P", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def main():
    """Print both tables."""
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = (json.loads(python(SESSION, cache)) for _ in range(2))
    unit = cold["yardstick"]
    print(f"yardstick: {unit:.2f} s\n\n| combination, in this order | nothing kept, s | yardsticks | from the disk, s |")
    print("|---|---|---|---|")
    for name in list(cold)[1:]:
        print(f"| {name} | {cold[name]:.2f} | {cold[name] / unit:.1f} | {warm[name]:.3f} |")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run(["cp", "-r", ROOT / "nbt_edu", folder], check=True)
        python(SESSION, folder)
        print("\n| after an edit of | next run of NoBackTrack, s |\n|---|---|")
        for file in "tasks/anbn.py", "apps/race.py", "estimators/rtrl.py", "estimators/nobacktrack.py", "kernels/vectors.py":
            with open(folder / "nbt_edu" / file, "a") as source:
                source.write("# a comment\n")
            found = json.loads(python(SESSION, folder, folder))
            print(f"| {file} | {list(found.values())[1]:.2f} |")
    with tempfile.TemporaryDirectory() as cache:
        times = [float(python(OWN % scale, cache)) for scale in (1.0, 1.0, 2.0, 1.0)]
    words = "first", "again", "another constant", "the first constant"
    print("\nan estimator from outside:", ", ".join(f"{word} {one:.2f} s" for word, one in zip(words, times, strict=True)))


if __name__ == "__main__":
    main()
