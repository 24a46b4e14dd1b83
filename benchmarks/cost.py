"""What a step costs: time, beside a step of the network alone, and its growth with the network; peak memory of long runs.

    python benchmarks/cost.py [--units 16 32 64 128] [--chars 10000]

One core, warm; medians of five runs. Run it on a quiet machine.
"""

import argparse
import os
import resource
import subprocess
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

import nbt_edu as nbt
from nbt_edu.guards import leaves

M = 32  # symbols of the text
CASES = [  # name, estimator, optimizer, largest network
    ("reading alone, tapes kept", nbt.BPTT(1_000_000), nbt.SGD(0.0), 10_000),
    ("NoBackTrack rank 1", nbt.NoBackTrack(), nbt.SGD(1e-4), 10_000),
    ("NoBackTrack rank 4", nbt.NoBackTrack(4), nbt.SGD(1e-4), 10_000),
    ("NoBackTrack rank 1, Kalman diagonal", nbt.NoBackTrack(), nbt.DiagonalKalman(fading=1e-3, prior=100), 10_000),
    ("NoBackTrack rank 1, Kalman block", nbt.NoBackTrack(), nbt.BlockKalman(fading=1e-3, prior=100), 64),
    ("UORO rank 1", nbt.UORO(), nbt.SGD(1e-4), 10_000),
    ("NoBackTrack reduced rank 4", nbt.ReducedNoBackTrack(4), nbt.SGD(1e-4), 10_000),
    ("BPTT-16", nbt.BPTT(16), nbt.SGD(1e-4), 10_000),
    ("BPTT checkpointed-16", nbt.CheckpointedBPTT(16), nbt.SGD(1e-4), 10_000),
    ("BPTT sliding-16", nbt.SlidingBPTT(16), nbt.SGD(1e-4), 10_000),
    ("RFLO", nbt.RFLO(), nbt.SGD(1e-4), 10_000),
    ("RTRL", nbt.RTRL(), nbt.SGD(1e-4), 64),
    ("RTRL, Kalman full", nbt.RTRL(), nbt.Kalman(prior=100), 16),
]


def text(chars=50_000):
    """Characters drawn uniformly: their cost is that of any other text."""
    alphabet = "".join(chr(ord("0") + i) for i in range(M))
    return nbt.Text("".join(np.random.default_rng(0).choice(list(alphabet), chars)), "random")


def microseconds(task, estimator, optimizer, units, chars):
    """Per character: the median of five runs, and (longest - shortest) / median."""
    if isinstance(estimator, nbt.RTRL):
        chars = max(50, chars * 16**3 // (20 * units**3))
    learner = nbt.Learner(task, nbt.LeakyRNN(units, 0.3), estimator, optimizer, compiled=True)
    learner.read(50)
    times = []
    for _ in range(5):
        start = learner.record.seconds, learner.chars
        learner.read(chars)
        times.append((learner.record.seconds - start[0]) / (learner.chars - start[1]))
    memory = sum(leaf.nbytes for leaf in leaves(learner.parts()[2]))
    return 1e6 * np.median(times), np.ptp(times) / np.median(times), memory


def peak(chars):
    """Peak memory, in MB, of a process that trains NoBackTrack over so many characters."""
    code = (
        "import sys, resource, nbt_edu as nbt\n"
        "one = nbt.Learner(nbt.AnBn(8), nbt.LeakyRNN(10, 0.3), nbt.NoBackTrack(), nbt.SGD(0.001), compiled=True)\n"
        f"one.read({chars})\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=[16, 32, 64, 128])
    parser.add_argument("--chars", type=int, default=10_000)
    options = parser.parse_args()
    task, alone = text(), {}
    print(f"microseconds a character (times reading and learning the readout alone), m = {M}; growth as n^x between the "
          f"two largest; numbers kept at n = {options.units[0]}\n")  # fmt: skip
    print(f"{'':38}" + "".join(f"{f'n = {n}':>17}" for n in options.units) + f"{'x':>7}{'kB':>9}")
    for name, estimator, optimizer, largest in CASES:
        cells, found, kept = [], [], None
        for units in options.units:
            if units > largest:
                cells.append("")
                continue
            forward = name.startswith("reading")
            own = nbt.BPTT(6 * options.chars) if forward else estimator
            median, spread, memory = microseconds(task, own, optimizer, units, options.chars)
            alone.setdefault(units, median)
            kept = kept or (0 if forward else memory)
            found.append((units, median))
            cells.append(f"{median:.1f}±{50 * spread:.0f}% ({median / alone[units]:.1f}×)")
            time.sleep(0.1)
        (n0, t0), (n1, t1) = found[-2:] if len(found) > 1 else (found[0], found[0])
        growth = f"{np.log(t1 / t0) / np.log(n1 / n0):.1f}" if n1 > n0 else ""
        print(f"{name:38}" + "".join(f"{cell:>17}" for cell in cells) + f"{growth:>7}{kept / 1024:9.0f}", flush=True)
    short, long = peak(10_000), peak(1_000_000)
    print(f"\npeak memory of NoBackTrack over 10^4 characters {short:.1f} MB, over 10^6 {long:.1f} MB; "
          f"this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
