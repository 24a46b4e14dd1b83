"""A system's derivatives, proved: all its products against central differences of its own `step`, and among themselves."""

import numpy as np

from ..kernels import buffer, load, store
from .report import Row

STEP = 1e-5  # of central differences
CLOSE = 1e-6  # agreement with them, relative


def generator(seed):
    """Random numbers of the proofs: the same on every machine."""
    return np.random.default_rng((20151207, seed))


def row(system, name, inputs=3):
    """All products that a system answers with, against differences of its own `step` and among themselves."""
    worst, note = 0.0, ""
    for product, direction, found, wanted in _products(system, inputs):
        found, wanted = np.asarray(found, float), np.asarray(wanted, float)
        if found.shape != wanted.shape:
            return Row(name, "derivatives", "exact", "differences", np.inf, False,
                       f"{product} has the shape {found.shape} instead of {wanted.shape}")  # fmt: skip
        off = np.abs(found - wanted)
        deviation = off.max() / max(1e-3, np.abs(wanted).max())
        if not deviation <= CLOSE and not note:  # NaN too; what comes later may follow from it
            at = np.unravel_index(np.argmax(off), off.shape)
            note = f"{product} is {found[at]:.6g} {direction}, entry {tuple(map(int, at))}; it should be {wanted[at]:.6g}"
        worst = max(worst, deviation) if deviation == deviation else np.inf
    return Row(name, "derivatives", "exact", "differences", float(worst), not note, note)


def _products(system, inputs):
    """(name, direction, what it answers, what it should) of every product, along three steps."""
    rng, h = generator(2), system.start() + 0.3 * generator(3).normal(size=system.start().shape)
    tapes, rows, total, expected = buffer(system, 3), rng.normal(size=(3, h.size)), np.zeros_like(system.theta), 0.0
    for t in range(3):
        x = t % inputs if np.ndim(system.x0) == 0 else rng.normal(size=np.shape(system.x0))
        before = h.copy()
        h1, tape = system.step(h, x)
        u, w, e = rng.normal(size=h.shape), rng.normal(size=system.theta.shape), rows[t]
        moved = _slope(lambda h, x=x: system.step(h, x)[0], h, u)
        where = f"at step {t}, in random direction {t}"
        yield "h after step(h, x)", where, h, before
        yield "the number of states that share memory after step(h, x)", where, np.shares_memory(h1, h), 0
        yield "jvp(tape, u)", where, system.jvp(tape, u), moved
        yield "jacobian(tape) u", where, system.jacobian(tape) @ u, moved
        yield "vjp(tape, e) . u", where, system.vjp(tape, e) @ u, e @ moved
        along = _slope_by_theta(system, h, x, w)
        yield "jvp_theta(tape, w)", where, system.jvp_theta(tape, w), along
        row, G = np.zeros_like(system.theta), np.zeros((h.size, system.theta.size))
        grown = system.add_vjp_theta(row, tape, e)
        system.add_immediate(G, tape)
        yield "add_vjp_theta(0, tape, e) . w", where, (row * w).sum(), e @ along
        yield "the answer of add_vjp_theta(0, tape, e)", where, grown, (row**2).sum()
        before, after = (w**2).sum(), ((w + row) ** 2).sum()
        yield "the answer of add_vjp_theta(w, tape, e)", where, system.add_vjp_theta(w.copy(), tape, e), after - before
        yield "add_immediate(0, tape) w", where, G @ w.ravel(), along
        yield "immediate_norms2(tape)", where, system.immediate_norms2(tape), (G**2).sum(1)
        if "units" in getattr(system, "offers", ()):
            n = tape.D.shape[2]
            blocks = system.jacobian(tape).reshape(len(tape.D), n, len(tape.D), n)[:, range(n), :, range(n)].transpose(1, 2, 0)
            yield "local_jacobian(tape)", where, system.local_jacobian(tape), blocks
        if "psi" in getattr(system, "offers", ()):
            blocks = np.einsum("cgi,s,ij->cisgj", tape.S, system.psi(tape), np.eye(tape.S.shape[2]))
            yield "S (x) psi(tape)", where, blocks.reshape(G.shape), G
        yield "immediate_gram(tape)", where, system.immediate_gram(tape), G @ G.T
        store(tapes, t, tape)
        expected = expected + row
        h = h1
    system.add_vjps_theta(total, tapes, rows)
    yield "add_vjps_theta(0, tapes, e)", "after three steps", total, expected
    yield "jvp of a tape stored and loaded", "at the last step", system.jvp(load(tapes, 2), u), system.jvp(tape, u)


def _slope(function, at, direction):
    return (function(at + STEP * direction) - function(at - STEP * direction)) / (2 * STEP)


def _slope_by_theta(system, h, x, w):
    """How the next state moves with theta, which is moved in place and put back to the last bit."""
    theta, ends = system.theta.copy(), []
    for sign in 1, -1:
        system.theta[...] = theta + sign * STEP * w
        ends.append(np.array(system.step(h, x)[0]))
    system.theta[...] = theta
    return (ends[0] - ends[1]) / (2 * STEP)
