"""All of Shakespeare once, from the first character to the last: `python benchmarks/shakespeare.py`.

Vanilla network of 64 units, NoBackTrack of rank 1, diagonal Kalman filter. Needs the extra `shakespeare`.
"""

import time

import nbt_edu as nbt


def main():
    task = nbt.Shakespeare()
    learner = nbt.Learner(task, nbt.LeakyRNN(64), nbt.NoBackTrack(), nbt.DiagonalKalman(fading=1e-4, prior=200), seed=0)
    next(learner)  # compiles
    start = time.perf_counter()
    record = learner.run(len(task.text) - 2)
    seconds = time.perf_counter() - start
    print(record.sentence())
    print(f"{seconds:.1f} s, {record.chars / seconds:,.0f} characters/s")
    for last in 1_000_000, 100_000:
        print(f"last {last:,} characters: {record.bits_per_char(last=last):.3f} bits/char")


if __name__ == "__main__":
    main()
