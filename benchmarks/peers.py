"""The same work by others, timed in turns with ours on one core: loops in C, a bare matrix product, PyTorch, JAX, plain numpy.
Beside the block filter and many pairs stand their bounds: memory that cannot but be read and written.

    python benchmarks/peers.py [--json] [--units 16 32 64 128]

needs a C compiler for the yardstick and, for PyTorch and JAX, `pip install -e '.[bench]'`. What is missing is left out, and
said. C's losses are held against ours before anything is timed. m = 32 symbols; descent at one rate for all
parameters, but for the filter.
"""

import argparse
import ctypes
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ |= ONE_CORE | {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

import numpy as np

import nbt_edu as nbt
from nbt_edu.bench.cases import KALMAN
from nbt_edu.bench.timing import Work, machine, ratios
from nbt_edu.kernels import owned
from nbt_edu.learning.loop import LearnerState, run_chunk
from nbt_edu.readouts import SoftmaxReadout

M, RATE, WINDOW, MANY = 32, 1e-5, 16, 16
CASES = [(one, nbt.SGD(RATE)) for one in (nbt.NoBackTrack(), nbt.BPTT(WINDOW), nbt.RTRL())]
CASES += [(nbt.NoBackTrack(MANY), nbt.SGD(RATE)), (nbt.NoBackTrack(), nbt.BlockKalman(**KALMAN))]


class Peer:
    """`run(chars)` does the work on so many characters; turned like our own `Work`."""

    def __init__(self, run, chars):
        self.run, self.chars = run, chars
        self.run(chars)  # compiles

    def turn(self):
        start = time.perf_counter()
        self.run(self.chars)
        return 1e6 * (time.perf_counter() - start) / self.chars


def scene(n):
    """theta, readout's theta, random text and signs: the same for everyone."""
    rng = np.random.default_rng(0)
    theta, x = nbt.LeakyRNN(n).build(0, M, rng).theta, rng.integers(M, size=20_001)
    return *owned((theta, np.zeros((n + 1, M)))), x, 2 * rng.integers(2, size=(20_000, n), dtype=np.int8) - 1


def yardstick():
    """The functions of yardstick.c; None without a C compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        return None
    source, made = pathlib.Path(__file__).with_name("yardstick.c"), pathlib.Path(tempfile.mkdtemp()) / "yardstick.so"
    flags = "-O3 -march=native -ffast-math -fopenmp-simd -shared -fPIC"
    subprocess.run([compiler, *flags.split(), source, "-o", made, "-lmvec", "-lm"], check=True)
    library = ctypes.CDLL(str(made))
    L, real = ctypes.c_long, ctypes.c_double
    doubles, longs, bytes_ = (np.ctypeslib.ndpointer(kind, flags="C") for kind in (np.float64, np.int64, np.int8))
    library.forward.argtypes = [L, L, L, doubles, doubles, doubles, longs]
    library.nobacktrack.argtypes = [L, L, L, doubles, doubles, doubles, longs, bytes_, real]
    library.bptt.argtypes = [L, L, L, L, doubles, doubles, doubles, longs, real]
    library.pairs.argtypes, library.pairs.restype = [L, L, doubles], real
    library.blocks.argtypes, library.blocks.restype = [L, L, L, doubles, doubles], None
    for function in library.forward, library.nobacktrack, library.bptt:
        function.restype = real
    return library


def in_c(library, name, n, rate=RATE):
    """One of C's functions, on copies of its own; answers the bits lost."""
    theta, readout, x, signs = scene(n)
    h = np.zeros(n)
    return {
        "forward": lambda T: library.forward(n, M, T, theta, readout, h, x),
        "nobacktrack": lambda T: library.nobacktrack(n, M, T, theta, readout, h, x, signs, rate),
        "bptt": lambda T: library.bptt(n, M, T, WINDOW, theta, readout, h, x, rate),
    }[name], 5008  # 313 windows


def blocks_once(library, n):
    """The bound of a filter of blocks, recurrent and the readout's: each number of them read and written once a character."""
    recurrent, readout = np.ones((n, n + M + 1, n + M + 1)), np.ones((M, n + 1, n + 1))
    library.blocks(n, M, 1, recurrent, readout)
    if (recurrent != -1).any() or (readout != -1).any():
        raise ArithmeticError("C did not write each number of the blocks once")
    return lambda T: library.blocks(n, M, T, recurrent, readout), max(3, 10**7 // (recurrent.size + readout.size))


def pairs_once(library, n):
    """The bound of a descent along many pairs: each number of their w written once a character, and read once more."""
    w = np.ones(MANY * (n + M + 1) * n)
    if library.pairs(w.size, 1, w) != -w.size:
        raise ArithmeticError("C did not write each number of the pairs once")
    return lambda T: library.pairs(w.size, T, w), max(3, 10**7 // w.size)


def agree(library, n=20, chars=320, rate=0.003):
    """C and the library lose the same number of bits, at a rate at which a difference would show."""
    for name, estimator in ("nobacktrack", nbt.NoBackTrack()), ("bptt", nbt.BPTT(WINDOW)):
        theta, readout, x, signs = scene(n)
        net, optimizer, bits = nbt.LeakyRNN(n).build(0, M, np.random.default_rng(0)), nbt.SGD(rate), np.empty(chars)
        memories = optimizer.begin_both(theta, readout)
        state = LearnerState(net.start(), estimator.begin(net), *memories, np.zeros(1, np.int64))
        noise = signs[:chars, None][:, : estimator.noise_vectors()].copy()
        parts = net, SoftmaxReadout(readout), estimator, optimizer, state
        run_chunk(*parts, x[:chars], x[1 : chars + 1], noise, bits, np.empty((chars, 0)))
        found = in_c(library, name, n, rate)[0](chars)
        if not np.isclose(found, bits.sum(), rtol=1e-9):
            raise ArithmeticError(f"{estimator.label()}: C lost {found} bits, the library {bits.sum()}")


def in_torch(n):
    """BPTT by autograd, an update per window."""
    import torch

    torch.set_num_threads(1)
    theta, readout, x, _ = (torch.from_numpy(one) for one in scene(n))
    theta, readout, state = theta.requires_grad_(), readout.requires_grad_(), [torch.zeros(n, dtype=torch.float64)]

    def run(chars):
        for start in range(0, chars, WINDOW):
            h, loss = state[0].detach(), 0.0
            for t in range(start, start + WINDOW):
                h = torch.tanh(h @ theta[:n] + theta[n + x[t]] + theta[-1])
                loss = loss - torch.log_softmax(h @ readout[:n] + readout[n], 0)[x[t + 1]]
            grads = torch.autograd.grad(loss, (theta, readout))
            with torch.no_grad():
                for part, gradient in zip((theta, readout), grads, strict=True):
                    part -= RATE * gradient
            state[0] = h

    return run, 20 * WINDOW


def in_jax(n, exact=False):
    """NoBackTrack of rank 1, or RTRL, as a compiled scan in double precision."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    theta, readout, x, signs = (jnp.asarray(one) for one in scene(n))

    def forward(h, symbol, theta):
        return jnp.tanh(h @ theta[:n] + theta[n + symbol] + theta[-1])

    def loss(h, symbol, readout):
        return -jax.nn.log_softmax(h @ readout[:n] + readout[n])[symbol]

    def step(carry, given):
        h, theta, readout, G = carry
        symbol, following, signs = given
        psi, h1 = jnp.append(h, 1.0), forward(h, symbol, theta)
        slope = 1 - h1 * h1
        q, dreadout = jax.grad(loss, (0, 2))(h1, following, readout)
        if exact:
            J = slope[:, None] * theta[:n].T
            G = (J @ G.reshape(n, -1)).reshape(G.shape)
            rows = jnp.zeros((n, *theta.shape)).at[jnp.arange(n), :n, jnp.arange(n)].set(slope[:, None] * h)
            rows = rows.at[jnp.arange(n), n + symbol, jnp.arange(n)].set(slope).at[jnp.arange(n), -1, jnp.arange(n)].set(slope)
            G = G + rows
            gradient = jnp.tensordot(q, G, 1)
        else:
            v, w = G
            Jv = slope * (v @ theta[:n])
            size = jnp.sqrt(jnp.abs(slope) * jnp.sqrt(psi @ psi + 1) + 1e-12)
            lam = jnp.sqrt((jnp.linalg.norm(w) + 1e-12) / (jnp.linalg.norm(Jv) + 1e-12))
            v, w, d = lam * Jv + signs * size, w / lam, slope * signs / size
            w = w.at[:n].add(jnp.outer(h, d)).at[n + symbol].add(d).at[-1].add(d)
            G, gradient = (v, w), (q @ v) * w
        return (h1, theta - RATE * gradient, readout - RATE * dreadout, G), None

    @jax.jit
    def scan(carry, x, signs):
        return jax.lax.scan(step, carry, (x[:-1], x[1:], signs))[0]

    chars = 20 if exact else 2000
    signs = signs[:chars]
    begun = jnp.zeros((n, *theta.shape)) if exact else (jnp.zeros(n), jnp.zeros_like(theta))
    carry = [(jnp.zeros(n), theta, readout, begun)]

    def run(chars):
        carry[0] = jax.block_until_ready(scan(carry[0], x[: chars + 1], signs))

    return run, chars


def bare_product(n):
    """The product J G of RTRL alone, by numpy."""
    P = (n + M + 1) * n
    J, G, out = np.ones((n, n)), np.ones((n, P)), np.empty((n, P))

    def run(chars):
        for _ in range(chars):
            np.dot(J, G, out=out)

    return run, 3


def peers_of(estimator, optimizer, n, library):
    """{name: (run, chars)} of those that do the work of an estimator and an optimizer and are there."""
    if isinstance(optimizer, nbt.BlockKalman):
        return {"its blocks read and written once": blocks_once(library, n)} if library else {}
    if estimator == nbt.NoBackTrack(MANY):
        return {"its w written once, and read": pairs_once(library, n)} if library else {}
    has = {name for name in ("torch", "jax") if importlib.util.find_spec(name)}
    found = {}
    if isinstance(estimator, nbt.RTRL):
        found["product J G alone"] = bare_product(n)
    if library and isinstance(estimator, nbt.NoBackTrack):
        found |= {"C, forward pass": in_c(library, "forward", n), "C": in_c(library, "nobacktrack", n)}
    if library and isinstance(estimator, nbt.BPTT):
        found["C"] = in_c(library, "bptt", n)
    if "torch" in has and isinstance(estimator, nbt.BPTT):
        found["PyTorch autograd"] = in_torch(n)
    if "jax" in has and not isinstance(estimator, nbt.BPTT):
        found["JAX scan"] = in_jax(n, exact=isinstance(estimator, nbt.RTRL))
    return found


def compare(units):
    """Rows: our microseconds and the peer's, and ours as a multiple of the peer's, each pair in turns of its own."""
    library, rows = yardstick(), []
    if library:
        agree(library)
    for n in units:
        for estimator, optimizer in CASES:
            case = "leaky RNN", n, M, estimator, optimizer
            peers = {name: Peer(*one) for name, one in peers_of(estimator, optimizer, n, library).items()}
            ours, descent = Work(*case), isinstance(optimizer, nbt.SGD)
            if descent and estimator not in (nbt.RTRL(), nbt.NoBackTrack(MANY)):
                peers["numpy, interpreted"] = Work(*case, interpreted=True)
            for name, peer in peers.items():
                times, middle, spread = (np.round(one, 4).tolist() for one in ratios([peer, ours], 15))
                work = estimator.label() if descent else f"{estimator.label()}, {optimizer.label().partition(' rate')[0]}"
                row = {"work": work, "peer": name, "units": n, "us_per_step": times[1]}
                rows.append(row | {"peer_us_per_step": times[0], "ratio": middle[1], "spread": spread[1]})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--units", type=int, nargs="+", default=[16, 32, 64, 128])
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("torch", "jax"):
        if not importlib.util.find_spec(name):
            print(f"without {name}: pip install -e '.[bench]'", file=sys.stderr)
    if not shutil.which("cc"):
        print("without the yardstick: there is no C compiler", file=sys.stderr)
    rows = compare(options.units)
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows}, indent=2, ensure_ascii=False))
        return
    print(f"{machine()}; one core, m = {M}\n")
    print(f"{'':74}{'units':>6}{'ours, µs':>10}{'theirs, µs':>12}{'ours / theirs':>15}{'theirs / ours':>15}")
    for row in rows:
        name, ratio = f"{row['work']} beside {row['peer']}", f"{row['ratio']:.2f} ±{50 * row['spread']:.0f}%"
        times = f"{row['us_per_step']:>10.2f}{row['peer_us_per_step']:>12.2f}"
        print(f"{name:74}{row['units']:>6}{times}{ratio:>15}{1 / row['ratio']:>15.1f}")


if __name__ == "__main__":
    main()
