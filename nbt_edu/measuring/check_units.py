"""What a system offers besides products, proved: its blocks within the units, psi, and the derivatives that its cell supplies.

The cell is asked again at the gates' own inputs a, which a spy in its place takes down; at fixed a its next state moves with
h alone (D), at fixed h with a alone (S).
"""

import numpy as np

from .report import LEAST

STEP = 1e-5  # of central differences


class Spy:
    """A cell that remembers the a it was given."""

    def __init__(self, cell):
        self.cell = cell

    def __getattr__(self, name):
        return getattr(self.cell, name)

    def activate(self, h, a):
        self.a = a.copy()
        return self.cell.activate(h, a)


def offered(system, tape, h, x, B, where):
    """(name, direction, what it answers, what it should) of what is offered at a step from h; B (c n, P) is dF/dtheta."""
    offers = getattr(system, "offers", ())
    if "units" in offers:
        n = tape.D.shape[2]
        blocks = system.jacobian(tape).reshape(len(tape.D), n, len(tape.D), n)[:, range(n), :, range(n)].transpose(1, 2, 0)
        yield "local_jacobian(tape)", where, system.local_jacobian(tape), blocks
        yield from _cell(system, tape, h, x, where)
    if "psi" in offers:
        blocks = np.einsum("cgi,s,ij->cisgj", tape.S, system.psi(tape), np.eye(tape.S.shape[2]))
        yield "S (x) psi(tape)", where, blocks.reshape(B.shape), B


def _cell(system, tape, h, x, where):
    c, g, n = tape.S.shape
    cell, spy = system.cell, Spy(system.cell)
    system._replace(cell=spy).step(h, x)
    yield "cell.shape()", where, cell.shape(), (c, g)
    yield "tape.D, dF/dh at fixed gates,", where, tape.D, _by(lambda h: cell.activate(h, spy.a)[0], h, c, n)
    yield "tape.S, dF/da,", where, tape.S, _by(lambda a: cell.activate(h, a)[0], spy.a, g, n)
    reach = np.asarray(cell.reach(), float)
    yield "tape.S where cell.reach() is 0", where, tape.S * (reach[:, :, None] == 0), np.zeros(tape.S.shape)
    yield "cell.reach()", where, reach, np.abs(tape.S).max(2) > LEAST * 1e-6
    source, slope = cell.emit(h[:n])
    slopes = [(cell.emit(h[:n] + sign * STEP)[0]) for sign in (1, -1)]
    yield "the slope of cell.emit(h)", where, slope, (slopes[0] - slopes[1]) / (2 * STEP)
    yield "tape.slope", where, tape.slope, slope
    yield "tape.source", where, tape.source, source


def _by(function, at, parts, n):
    """Derivatives (c, parts, n), unit by unit, of a function of (parts n,): all units are moved at once."""
    found = []
    for part in range(parts):
        step = np.zeros(at.size)
        step[part * n : part * n + n] = STEP
        found.append(((function(at + step) - function(at - step)) / (2 * STEP)).reshape(-1, n))
    return np.array(found).swapaxes(0, 1)
