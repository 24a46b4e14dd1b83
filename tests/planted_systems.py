"""Systems, cells and descriptions with a planted fault, and the sentence of `check` that catches each (`test_planted`)."""

import numpy as np
from planted_estimators import mutant

from nbt_edu import LSTM, LeakyRNN, SlidesRNN
from nbt_edu.measuring import check_system
from nbt_edu.measuring.trials import random
from nbt_edu.systems import Net
from nbt_edu.systems.gated import LSTMCell


def overwrites_a_row(self, w, tape, e):
    grown = Net.add_vjp_theta(self, w, tape, e)
    w[...] = 0.0
    Net.add_vjp_theta(self, w, tape, e)
    return grown


def overwrites_rows(self, G, tape):
    G[...] = 0.0
    Net.add_immediate(self, G, tape)


def overwrites_steps(self, w, tapes, e):
    w[...] = 0.0
    Net.add_vjps_theta(self, w, tapes, e)


def new_state_in_the_tape(self, h, x):
    h1, tape = Net.step(self, h, x)
    return h1, tape._replace(h=h1)


def next_input_in_the_tape(self, h, x):
    h1, tape = Net.step(self, h, x)
    return h1, tape._replace(x=(x + 1) % 3)


def its_own_start(self):
    return self.theta[-1]


def scales_u(self, tape, u):
    u *= 2.0
    return 0.5 * Net.jvp(self, tape, u)


def spoils_slope(self, tape, e):
    answer = Net.vjp(self, tape, e)
    tape.slope[...] = 1.0
    return answer


def rounds_theta(self, h, x):
    self.theta[...] = self.theta.astype(np.float32)
    return Net.step(self, h, x)


def other_gates(self, h, x):
    """What a fixed gate passes on is said to be twice as much; all products are right."""
    h1, tape = Net.step(self, h, x)
    return h1, tape._replace(D=2.0 * tape.D)


def halved(product):
    return lambda self, tape, *more: product(self, tape._replace(D=0.5 * tape.D), *more)


GATES = {name: halved(getattr(Net, name)) for name in ("jvp", "vjp", "jacobian", "local_jacobian")}


def net(cell=None, network=None, **methods):
    """The row of a network, leaky by default, some of whose methods, or whose cell, are replaced."""
    right = (network or LeakyRNN(3, 0.4)).build(0, 3, random(1))
    return check_system.row(mutant(Net, right.theta, 0, cell or right.cell, **methods), "planted")


class Lossy(LeakyRNN):
    """A description that does not tell its leak."""

    def fields(self):
        return {"units": self.units}


FAULTS = {
    "add_vjp_theta overwrites": (lambda: net(add_vjp_theta=overwrites_a_row), r"w after add_vjp_theta\(w, tape, e\) is"),
    "add_immediate overwrites": (lambda: net(add_immediate=overwrites_rows), r"what add_immediate\(G, tape\) adds to G is"),
    "add_vjps_theta overwrites": (lambda: net(add_vjps_theta=overwrites_steps), r"w after add_vjps_theta\(w, tapes, e\) is"),
    "the new state in the tape": (lambda: net(step=new_state_in_the_tape), "tape.h, the state before the step, is"),
    "another input in the tape": (lambda: net(step=next_input_in_the_tape), "tape.x, the input read, is"),
    "start is an array of the system's": (
        lambda: net(start=its_own_start),
        r"the number of answers of start\(\) that share memory is 1",
    ),
    "jvp changes u": (lambda: net(jvp=scales_u), r"u after jvp\(tape, u\) is"),
    "vjp changes the tape": (lambda: net(network=SlidesRNN(3, 0.4), vjp=spoils_slope), r"the tape after vjp\(tape, e\) is"),
    "step changes theta": (lambda: net(step=rounds_theta), r"theta after step\(h, x\) is"),
    "immediate alone is wrong": (
        lambda: net(immediate=lambda self, tape: 2.0 * Net.immediate(self, tape)),
        r"immediate\(tape\) w is",
    ),
    "D is not that of fixed gates": (lambda: net(step=other_gates, **GATES), "tape.D, dF/dh at fixed gates, is"),
    "a cell that reaches too far": (
        lambda: net(mutant(LSTMCell, 0.5, reach=lambda self: np.ones((2, 4))), LSTM(3, 0.5)),
        r"cell.reach\(\) is",
    ),
    "a cell that does not say what it reaches": (
        lambda: net(mutant(LSTMCell, 0.5, reach=lambda self: np.zeros((2, 4))), LSTM(3, 0.5)),
        r"where cell.reach\(\) is 0 is",
    ),
    "a description that forgets": (
        lambda: check_system.described(Lossy(3, 0.4), 0, "planted"),
        "the next state of the description",
    ),
}
