"""All of Shakespeare once, from the first character to the last: `python benchmarks/shakespeare.py [--dtype float32]`.

Vanilla network of 64 units, NoBackTrack of rank 1, diagonal Kalman filter. Needs the extra `shakespeare`.
"""

import argparse
import time

import nbt_edu as nbt


def main():
    parser = argparse.ArgumentParser(description="All of Shakespeare once, from the first character to the last.")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64", help="precision of all parameters")
    dtype = parser.parse_args().dtype
    task, optimizer = nbt.Shakespeare(), nbt.DiagonalKalman(fading=1e-4, prior=200)
    learner = nbt.Learner(task, nbt.LeakyRNN(64), nbt.NoBackTrack(), optimizer, seed=0, dtype=dtype)
    next(learner)  # compiles
    start = time.perf_counter()
    record = learner.run(len(task.text) - 2)
    seconds = time.perf_counter() - start
    print(record.sentence())
    print(f"{seconds:.1f} s in {dtype}, {record.chars / seconds:,.0f} characters/s")
    for last in 1_000_000, 100_000:
        print(f"last {last:,} characters: {record.bits_per_char(last=last):.3f} bits/char")


if __name__ == "__main__":
    main()
