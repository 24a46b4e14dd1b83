"""A system's derivatives, proved: all its products against central differences of its own `step`, and among themselves.

What adds is tried on arrays that are not zero; what is given is compared afterwards; a tape must redo its step.
"""

import copy
import itertools
import json

import numpy as np

from ..kernels import buffer, load, store
from ..learning.guards import leaves
from ..settings import from_dict, to_dict
from .check_units import offered
from .report import agrees, holds, proof
from .trials import random

STEP = 1e-5  # of central differences
CLOSE = 1e-6  # agreement with them, relative
STEPS = 3


def row(system, name, inputs=3):
    """All products that a system answers with, against differences of its own `step` and among themselves."""
    return proof(name, "derivatives", "exact", "differences", _findings(system, inputs))


def described(network, x0, name, inputs=3):
    """The row of a description: of the system that it builds, that it builds it twice alike, and again from its own fields."""
    system = network.build(x0, inputs, random(1))
    findings = itertools.chain(_findings(system, inputs), _made_again(network, x0, inputs))
    return proof(name, "derivatives", "exact", "differences", findings)


def _findings(system, inputs):
    for what, where, found, wanted, *tolerance in _products(system, inputs):
        yield agrees(what, found, wanted, tolerance[0] if tolerance else CLOSE, where)


def _products(system, inputs):
    """(name, direction, what it answers, what it should, and 0 where to the last bit) of every product, along three steps."""
    rng, h, first = random(2), system.start(), system.start()
    size, theta = h.size, system.theta.copy()
    yield "the number of answers of start() that share memory", "when it is asked twice", np.shares_memory(h, first), 0
    yield "the second answer of start()", "", first, h
    h = h + 0.3 * random(3).normal(size=size)
    tapes, rows, total = buffer(system, STEPS), rng.normal(size=(STEPS, size)), rng.normal(size=system.theta.shape)
    expected, kept = total.copy(), []
    for t in range(STEPS):
        x = t % inputs if np.ndim(system.x0) == 0 else rng.normal(size=np.shape(system.x0))
        before, where = h.copy(), f"at step {t}, in random direction {t}"
        h1, tape = system.step(h, x)
        yield "h after step(h, x)", where, h, before, 0.0
        yield "the number of states that share memory after step(h, x)", where, np.shares_memory(h1, h), 0
        yield "tape.h, the state before the step,", where, tape.h, h
        yield "tape.x, the input read,", where, tape.x, x
        yield "the step done again from tape.h and tape.x", where, system.step(tape.h, tape.x)[0], h1
        u, w, e = rng.normal(size=h.shape), rng.normal(size=system.theta.shape), rows[t]
        given = {"the tape": leaves(tape), "u": [u], "w": [w], "e": [e], "theta": [system.theta], "h": [h]}
        copies = copy.deepcopy(given)

        def untouched(product, where=where, given=given, copies=copies):
            for name, arrays in given.items():
                for one, other in zip(arrays, copies[name], strict=True):
                    yield f"{name} after {product}", where, one, other, 0.0

        moved, along = _slope(lambda h, x=x: system.step(h, x)[0], h, u), _slope_by_theta(system, h, x, w)
        yield "theta after step(h, x)", where, system.theta, theta, 0.0
        yield "jvp(tape, u)", where, system.jvp(tape, u), moved
        yield from untouched("jvp(tape, u)")
        yield "jacobian(tape) u", where, system.jacobian(tape) @ u, moved
        yield "vjp(tape, e) . u", where, system.vjp(tape, e) @ u, e @ moved
        yield from untouched("vjp(tape, e)")
        yield "jvp_theta(tape, w)", where, system.jvp_theta(tape, w), along
        yield from untouched("jvp_theta(tape, w)")
        B = system.immediate(tape)
        yield "immediate(tape) w", where, B @ w.ravel(), along
        yield "immediate_norms2(tape)", where, system.immediate_norms2(tape), (B**2).sum(1)
        yield "immediate_gram(tape)", where, system.immediate_gram(tape), B @ B.T
        yield from untouched("a product of matrices")
        yield from _additions(system, tape, w, e, B, along, where, rng)
        yield from untouched("what adds")
        yield from offered(system, tape, h, x, B, where)
        store(tapes, t, tape)
        kept.append((u, moved, where))
        expected = expected + (e @ B).reshape(total.shape)
        h = h1
    system.add_vjps_theta(total, tapes, rows)
    yield "w after add_vjps_theta(w, tapes, e)", "after three steps", total, expected
    for t, (u, moved, where) in enumerate(kept):
        yield "jvp of a tape stored and loaded", where, system.jvp(load(tapes, t), u), moved


def _additions(system, tape, w, e, B, along, where, rng):
    """What adds, on zeros and on what is not zero; B is dF/dtheta, along = B w."""
    row, into, G = np.zeros_like(system.theta), rng.normal(size=system.theta.shape), rng.normal(size=B.shape)
    grown = system.add_vjp_theta(row, tape, e)
    yield "add_vjp_theta(0, tape, e) . w", where, (row * w).sum(), e @ along
    yield "add_vjp_theta(0, tape, e)", where, row.ravel(), e @ B
    yield "the answer of add_vjp_theta(0, tape, e)", where, grown, (row**2).sum()
    wanted, before, start = into + row, (into**2).sum(), G.copy()
    grown = system.add_vjp_theta(into, tape, e)
    yield "w after add_vjp_theta(w, tape, e)", where, into, wanted
    yield "the answer of add_vjp_theta(w, tape, e)", where, grown, (wanted**2).sum() - before
    system.add_immediate(G, tape)
    yield "what add_immediate(G, tape) adds to G", where, G - start, B


def _made_again(network, x0, inputs):
    size = network.build(x0, inputs, random(1)).start().size
    yield holds(0 < network.units <= size, f"units is {network.units}; of {size} state components it should be 1 to {size}")
    builds = [one.build(x0, inputs, random(1)) for one in (network, network)]
    yield agrees("theta built again from the same seed", builds[1].theta, builds[0].theta, 0.0)
    yield holds(not np.shares_memory(builds[0].theta, builds[1].theta), "two systems that it builds share theta")
    try:
        data = to_dict(network)
    except ValueError:  # it says, in a sentence, that it cannot be saved
        return
    again = from_dict(json.loads(json.dumps(data)), [type(network)])
    yield agrees("units of the description made again", again.units, network.units, 0.0)
    made = again.build(x0, inputs, random(1))
    yield agrees("theta of the description made again", made.theta, builds[0].theta, 0.0)
    h = 0.3 * random(3).normal(size=size)
    yield agrees("the next state of the description made again", made.step(h, x0)[0], builds[0].step(h, x0)[0], 0.0)


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
