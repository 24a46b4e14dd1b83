"""How long a close look takes: `nbt.study.study` of ten estimators, 1000 draws over 60 steps of a leaky network, warm.

    python benchmarks/studies.py [--units 12] [--draws 1000]

Seconds by the clock and of the processor's work (they differ where others use the machine), for all ten together and for each.
"""

import argparse
import os
import time

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import nbt_edu as nbt

TEN = [
    nbt.RTRL(), nbt.BPTT(16), nbt.SlidingBPTT(8), nbt.RFLO(), nbt.SnAp1(),
    nbt.NoBackTrack(), nbt.NoBackTrack(4), nbt.UORO(), nbt.KFRTRL(), nbt.MemoryNoBackTrack(16),
]  # fmt: skip


def seconds(learner, estimators, draws):
    """By the clock and of work: the least of three studies, after one that compiles."""
    found = []
    for _ in range(4):
        start = time.perf_counter(), time.process_time()
        nbt.study.study(learner, estimators, chars=60, draws=draws)
        found.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return map(min, zip(*found[1:], strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=12)
    parser.add_argument("--draws", type=int, default=1000)
    options = parser.parse_args()
    learner = nbt.Learner(nbt.AnBn(8), nbt.LeakyRNN(options.units, 0.5), nbt.RTRL(), nbt.SGD(0.1))
    learner.run(300)
    cases = {"all ten": TEN} | {one.label(): [one] for one in [*TEN, nbt.ReducedNoBackTrack(4)]}
    for name, estimators in cases.items():
        clock, work = seconds(learner, estimators, options.draws)
        print(f"{name:32} {clock:6.2f} s by the clock, {work:6.2f} s of work")


if __name__ == "__main__":
    main()
