"""Faults planted in right parts: each must be caught by a row of `check`, with a sentence that says what is wrong.

A table of them; the sentence beside each is how the row's note goes. (Those of optimizers, readouts and tasks stand in
`test_check_parts`, wrong products of a system in `test_check`.)
"""

import inspect
import re
from typing import NamedTuple

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu import GRU, LSTM, LeakyRNN, SlidesRNN, SnAp1, catalogue, kernels, protocols
from nbt_edu.estimators import oracles, rflo
from nbt_edu.implements import implements
from nbt_edu.jit import loops
from nbt_edu.measuring import check_compiled, check_estimator, check_optimizer, check_readout, check_system, check_task
from nbt_edu.measuring.check_estimator import Claim
from nbt_edu.measuring.trials import built, random
from nbt_edu.optimizers import Kalman
from nbt_edu.readouts import Softmax, SoftmaxReadout
from nbt_edu.systems import Linear, Net
from nbt_edu.systems.gated import LSTMCell

SYSTEMS = {row.name: row for row in catalogue.SYSTEMS}


def mutant(kind, *settings, **methods):
    """A shipped class some of whose methods are replaced."""
    return type("Mutant", (kind,), methods)(*settings)


def proved(estimator, claim="unbiased", expected=oracles.exact, system="leaky RNN"):
    """The row of an estimator on a shipped system."""
    return check_estimator.row(SYSTEMS[system], estimator, Claim(claim, expected))


def described(network):
    return check_system.row(network.build(0, 3, random(1)), "planted")


# --- faults of estimators ---


def doubles_in_place(self, state, system, Q):
    Q *= 2.0
    return nbt.RTRL.gradient(self, state, system, Q)


def turns_q_over(self, state, system, Q):
    answers = nbt.NoBackTrack.gradient(self, state, system, Q)
    Q *= -1.0
    return answers


def first_row_alone(self, state, system, Q):
    A, B = nbt.NoBackTrack.gradient(self, state, system, Q)
    A[1:] = 0.0
    return A, B


def one_row(self, state, system, Q):
    A, B = nbt.RTRL.gradient(self, state, system, Q)
    return A[:1], B


def other_rows_in_turn(self, state, system, Q):
    return nbt.RTRL.gradient(self, state, system, np.concatenate((Q[:1], Q[:0:-1])))


def forty_two(self, state, system, Q):
    return np.full((len(Q), 1), 42.0), np.ones((1, system.theta.size))


def unreached(self, state, system, tape, noise):
    """SnAp-1 that keeps, of an LSTM's output gates, what they did to the cell's memory through the unit itself."""
    rflo.fade(state.B, system.local_jacobian(tape))
    rflo.add_own(state.B, system, tape)


def a_little_more(self, state, system, Q):
    A, B = nbt.NoBackTrack.gradient(self, state, system, Q)
    return 1.000001 * A, B


def scales_with_its_signs(self, state, system, tape, noise):
    """lambda_0 of these signs: E v w^T is not G."""
    nbt.UORO.advance(self, state, system, tape, noise)
    state.v[...] *= 1.0 + 0.1 * noise[0, 0]
    state.w[...] *= 1.0 + 0.1 * noise[0, -1]


def draws_for_itself(self, state, system, tape, noise):
    nbt.NoBackTrack.advance(self, state, system, tape, np.random.default_rng().choice([-1, 1], noise.shape))


def spends_the_noise(self, state, system, tape, noise):
    nbt.NoBackTrack.advance(self, state, system, tape, noise)
    noise *= -1


def moves_theta(self, state, system, tape, noise):
    system.theta[...] *= 1.0 + 1e-9
    nbt.RTRL.advance(self, state, system, tape, noise)


def spoils_the_tape(self, state, system, tape, noise):
    nbt.RTRL.advance(self, state, system, tape, noise)
    tape.D[...] *= 0.5


def silent_by_chance(self, state, system, Q):
    A, B = nbt.NoBackTrack.gradient(self, state, system, Q)
    return (A, B) if state.v[0, 0] > 0 else (A[:, :0], B[:0])


KEPT = []


def one_for_all(self, system):
    fresh = nbt.RTRL.begin(self, system)
    shape = fresh.G.shape
    if len(KEPT) == 0 or KEPT[0].G.shape != shape:
        KEPT[:] = [fresh]
    KEPT[0].G.fill(0.0)
    KEPT[0].now.fill(0)
    return KEPT[0]


TAPES = []


class Hoarding(nbt.BPTT):
    """BPTT that keeps the tapes themselves, outside its state, instead of copies."""

    def begin(self, system):
        TAPES.clear()
        return super().begin(system)

    def advance(self, state, system, tape, noise):
        TAPES.append(tape)
        state.count[0] += 1

    def gradient(self, state, system, Q):
        for t, tape in enumerate(TAPES[-self.window :]):
            kernels.store(state.tapes, t, tape)
        return super().gradient(state, system, Q)


class Hidden(NamedTuple):
    """BPTT over six steps whose settings do not say so."""

    def noise_vectors(self):
        return 0

    def noise_kinds(self, size):
        return []

    def begin(self, system):
        return nbt.BPTT(self.length).begin(system)

    def advance(self, state, system, tape, noise):
        nbt.BPTT(self.length).advance(state, system, tape, noise)

    def gradient(self, state, system, Q):
        return nbt.BPTT(self.length).gradient(state, system, Q)

    def resume(self, before, state, system):
        return self.begin(system)

    def label(self):
        return "hidden"


class SixSteps(Hidden):
    length = 6


class TwentySteps(Hidden):
    length = 20


class ResetState(NamedTuple):
    pairs: NamedTuple
    count: np.ndarray


class Reset(nbt.NoBackTrack):
    """NoBackTrack that begins anew every fifth step."""

    def begin(self, system):
        return ResetState(super().begin(system), np.zeros(1, np.int64))

    def advance(self, state, system, tape, noise):
        if state.count[0] % 5 == 0:
            state.pairs.v.fill(0.0)
            state.pairs.w.fill(0.0)
        super().advance(state.pairs, system, tape, noise)
        state.count[0] += 1

    def gradient(self, state, system, Q):
        return super().gradient(state.pairs, system, Q)

    def resume(self, before, state, system):
        return self.begin(system)


def forgets_the_scale(self, before, state, system):
    return nbt.NoBackTrack.resume(self, before, state, system)._replace(scale=np.ones(self.rank))


def drops_pairs(self, before, state, system):
    return type(state)(*(field[: self.rank].copy() for field in state))._replace(scale=state.scale[: self.rank] / before.rank)


def takes_the_state_itself(self, before, state, system):
    return state


def clears_what_was(self, before, state, system):
    new = nbt.RTRL.resume(self, before, state, system)
    state.G.fill(0.0)
    return new


def wrong_row(self, before, state, system):
    state = nbt.RFLO.resume(self, before, state, system)
    state.B[...] *= 0.5
    return state


TIMED = "it answers at the steps .* it should at"
NUMBERS = "parameter .* has the mean gradient .*; it should be"
ESTIMATORS = {  # fault: a row of check, the sentence
    "a doubled gradient, in place": (lambda: proved(mutant(nbt.RTRL, gradient=doubles_in_place), "exact"), "Q after gradient, at step 1, is|it changes Q"),
    "Q with the other sign afterwards": (lambda: proved(mutant(nbt.NoBackTrack, gradient=turns_q_over)), "Q after gradient|it changes Q"),
    "42 for BPTT": (lambda: proved(mutant(nbt.RTRL, gradient=forty_two), "biased", oracles.slid(2)), f"{NUMBERS}|answers? "),
    "SnAp-1, an LSTM's output gates": (
        lambda: proved(mutant(SnAp1, advance=unreached), "biased", oracles.reached_in_a_step, "LSTM"), NUMBERS),
    "zeros for the rows of a filter": (lambda: proved(mutant(nbt.NoBackTrack, gradient=first_row_alone)), "answer to row 2"),
    "the rows of a filter in another order": (lambda: proved(mutant(nbt.RTRL, gradient=other_rows_in_turn), "exact"), "answer to row 2"),
    "one row at every step": (lambda: proved(mutant(nbt.RTRL, gradient=one_row), "exact"), "it answers 1 of the 3 rows"),
    "an exact window, once": (lambda: proved(SixSteps(), "exact"), NUMBERS),
    "a window longer than half of the walk": (lambda: proved(TwentySteps(), "exact"), "it answered once in 24 steps"),
    "a window that forgets nothing": (lambda: proved(nbt.MemoryNoBackTrack(2), "biased", oracles.windowed(2)), NUMBERS),
    "windowed, said to be exact": (lambda: proved(nbt.BPTT(2), "exact", oracles.windowed(2)), NUMBERS),
    "another window": (lambda: proved(nbt.BPTT(3), "biased", oracles.windowed(2)), TIMED),
    "a millionth too much": (lambda: proved(mutant(nbt.NoBackTrack, gradient=a_little_more)), NUMBERS),
    "scales that see the present signs": (lambda: proved(mutant(nbt.UORO, advance=scales_with_its_signs)), NUMBERS),
    "begins anew every fifth step": (lambda: proved(Reset()), NUMBERS),
    "signs of its own": (lambda: proved(mutant(nbt.NoBackTrack, advance=draws_for_itself)), "an answer at step|parameter"),
    "noise changed": (lambda: proved(mutant(nbt.NoBackTrack, advance=spends_the_noise)), "noise after advance, at step 1, is"),
    "fewer signs said than used": (
        lambda: proved(mutant(nbt.NoBackTrack, noise_kinds=lambda self, size: [("signs", 1)])), NUMBERS),
    "more vectors used than said": (
        lambda: proved(mutant(nbt.NoBackTrack, 2, noise_kinds=lambda self, size: [("signs", size)])), r"noise_kinds\(\d\) is|IndexError"),
    "theta moved": (lambda: proved(mutant(nbt.RTRL, advance=moves_theta), "exact"), "theta after advance, at step 1, is"),
    "tape changed": (lambda: proved(mutant(nbt.RTRL, advance=spoils_the_tape), "exact"), "the tape's array . after advance, at step 1, is"),
    "an answer or none, by chance": (lambda: proved(mutant(nbt.NoBackTrack, gradient=silent_by_chance)), "depends on its random numbers"),
    "one state for all": (lambda: proved(mutant(nbt.RTRL, begin=one_for_all), "exact"), "two states share memory"),
    "tapes kept, not copied": (lambda: proved(Hoarding(2), "biased", oracles.windowed(2)), "when the arrays of earlier steps are lost"),
    "resume without the scale": (lambda: proved(mutant(nbt.NoBackTrack, resume=forgets_the_scale)), NUMBERS),
    "resume that drops pairs": (lambda: proved(mutant(nbt.NoBackTrack, 1, resume=drops_pairs)), NUMBERS),
    "resume with the state itself": (
        lambda: proved(mutant(nbt.RTRL, resume=takes_the_state_itself), "exact"), "states before and after resume share memory"),
    "resume that clears what was": (lambda: proved(mutant(nbt.RTRL, resume=clears_what_was), "exact"), "the state before after resume is"),
    "resume with half of RFLO's traces": (
        lambda: proved(mutant(nbt.RFLO, resume=wrong_row), "biased", oracles.at_fixed_gates), f"after resume {NUMBERS}"),
}  # fmt: skip


# --- faults of systems ---


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


def net(cell=None, network=LeakyRNN(3, 0.4), **methods):
    """The row of a network some of whose methods, or whose cell, are replaced."""
    right = network.build(0, 3, random(1))
    return check_system.row(mutant(Net, right.theta, 0, cell or right.cell, **methods), "planted")


class Lossy(LeakyRNN):
    """A description that does not tell its leak."""

    def fields(self):
        return {"units": self.units}


SYSTEM_FAULTS = {
    "add_vjp_theta overwrites": (lambda: net(add_vjp_theta=overwrites_a_row), r"w after add_vjp_theta\(w, tape, e\) is"),
    "add_immediate overwrites": (lambda: net(add_immediate=overwrites_rows), r"what add_immediate\(G, tape\) adds to G is"),
    "add_vjps_theta overwrites": (lambda: net(add_vjps_theta=overwrites_steps), r"w after add_vjps_theta\(w, tapes, e\) is"),
    "the new state in the tape": (lambda: net(step=new_state_in_the_tape), "tape.h, the state before the step, is"),
    "another input in the tape": (lambda: net(step=next_input_in_the_tape), "tape.x, the input read, is"),
    "start is an array of the system's": (lambda: net(start=its_own_start), r"the number of answers of start\(\) that share memory is 1"),
    "jvp changes u": (lambda: net(jvp=scales_u), r"u after jvp\(tape, u\) is"),
    "vjp changes the tape": (lambda: net(network=SlidesRNN(3, 0.4), vjp=spoils_slope), r"the tape after vjp\(tape, e\) is"),
    "step changes theta": (lambda: net(step=rounds_theta), r"theta after step\(h, x\) is"),
    "immediate alone is wrong": (lambda: net(immediate=lambda self, tape: 2.0 * Net.immediate(self, tape)), r"immediate\(tape\) w is"),
    "D is not that of fixed gates": (lambda: net(step=other_gates, **GATES), "tape.D, dF/dh at fixed gates, is"),
    "a cell that reaches too far": (
        lambda: net(mutant(LSTMCell, 0.5, reach=lambda self: np.ones((2, 4))), LSTM(3, 0.5)), r"cell.reach\(\) is"),
    "a cell that does not say what it reaches": (
        lambda: net(mutant(LSTMCell, 0.5, reach=lambda self: np.zeros((2, 4))), LSTM(3, 0.5)), r"where cell.reach\(\) is 0 is"),
    "a description that forgets": (lambda: check_system.description(Lossy(3, 0.4), "planted"), "the next state of the description"),
}  # fmt: skip


@pytest.mark.parametrize("fault", [*ESTIMATORS, *SYSTEM_FAULTS])
def test_a_planted_fault_is_caught(fault):
    make, note = (ESTIMATORS | SYSTEM_FAULTS)[fault]
    KEPT.clear()
    row = make()
    print(fault, "|", row.note)
    assert not row.passed and re.search(note, row.note), row


def test_what_the_faults_are_planted_in_is_right():
    """The same classes without the fault pass."""
    for kind in nbt.RTRL, nbt.NoBackTrack, nbt.UORO:
        row = proved(mutant(kind), "exact" if kind is nbt.RTRL else "unbiased")
        assert row.passed, row
    assert proved(mutant(SnAp1), "biased", oracles.reached_in_a_step, "LSTM").passed
    assert net().passed and net(network=GRU(3)).passed and check_system.description(LeakyRNN(3, 0.4), "right").passed
    assert check_system.row(built(SYSTEMS["linear"], 3), "right").passed


def test_biased_must_say_how():
    """Without an oracle any number would do: refused in a sentence. With one, what has no bias anywhere is not biased."""
    with pytest.raises(ValueError, match="^expected must be a function of a walk that says what a biased estimator's mean"):
        nbt.check.estimator(mutant(nbt.RTRL, gradient=forty_two), "biased", on=LeakyRNN(2, 0.4))
    report = nbt.check.estimator(nbt.RTRL(), "biased", on=LeakyRNN(2, 0.4), expected=oracles.exact)
    assert not any(row.passed for row in report.rows) and "no bias was found" in report.rows[0].note
    report = nbt.check.estimator(SnAp1(), "biased", on=nbt.IndRNN(3, 0.4))
    assert not any(row.passed for row in report.rows), "on this network it is exact"
    assert nbt.check.estimator(SnAp1(), "exact", on=nbt.IndRNN(3, 0.4)).passed


def test_a_window_too_long_to_be_proved_is_told():
    row = proved(nbt.BPTT(1000), "biased", oracles.windowed(1000))
    assert not row.passed and row.note.startswith("ValueError: window must be at most 100 to be proved")
    assert proved(nbt.BPTT(16), "biased", oracles.windowed(16)).how == "influence matrix, 48 steps"


# --- machine code ---


def twice(x):
    return 2.0 * x


@loops(twice)
def _(x):
    return 2.001 * x


@implements(protocols.Estimator)
class OtherMachineCode:
    """Exact where it is read, a thousandth off where it is compiled."""

    def begin(self, system):
        return nbt.RTRL().begin(system)

    def advance(self, state, system, tape, noise):
        old, new = state.G[state.now[0]], state.G[1 - state.now[0]]
        np.dot(system.jacobian(tape), old, out=new)
        system.add_immediate(new, tape)
        state.now[0] = 1 - state.now[0]

    def gradient(self, state, system, Q):
        return twice(0.5 * Q), state.G[state.now[0]][: Q.shape[1]]


def test_other_machine_code_is_caught():
    """Interpreted it passes; its compiled answers are a row of their own."""
    report = nbt.check.estimator(OtherMachineCode(), on=LeakyRNN(2, 0.4), compiled=True)
    assert [(row.claim, row.passed) for row in report.rows] == [("exact", True)] * 2 + [(check_compiled.CLAIM, False)] * 2
    assert re.match("the answer at step 1, compiled, is .*; it should be", report.rows[2].note)


def test_no_machine_code_is_told(monkeypatch):
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    for door in (lambda: nbt.check.run(compiled=True), lambda: nbt.check.system(LeakyRNN(2), compiled=True)):
        with pytest.raises(ValueError, match="^compiled must be False where numba is not installed, or NBT_EDU_JIT is 0"):
            door()


# --- nothing is left out ---


PROOFS = {  # a protocol: a class that fulfils it, and the proof of it
    protocols.Estimator: (nbt.NoBackTrack, lambda: proved(nbt.NoBackTrack())),
    protocols.System: (Linear, lambda: check_system.row(built(SYSTEMS["linear"], 3), "linear")),
    protocols.Network: (LeakyRNN, lambda: check_system.description(LeakyRNN(3), "leaky")),
    protocols.Cell: (LSTMCell, lambda: check_system.row(built(SYSTEMS["LSTM"], 3), "LSTM")),
    protocols.Optimizer: (Kalman, lambda: check_optimizer.rows(Kalman(), compiled=False)),
    protocols.Readout: (SoftmaxReadout, lambda: check_readout.rows(Softmax())),
    protocols.Task: (nbt.AnBn, lambda: check_task.rows(nbt.AnBn(3))),
}


@pytest.mark.parametrize("protocol", PROOFS, ids=lambda one: one.__name__)
def test_every_method_of_a_protocol_is_called_by_its_proof(protocol, monkeypatch):
    kind, proof = PROOFS[protocol]
    wanted = {name for name, method in vars(protocol).items() if inspect.isfunction(method) and name[0] != "_"}
    called = set()

    def told(name, method):
        return lambda *given: (called.add(name), method(*given))[1]

    for name in wanted:
        monkeypatch.setattr(kind, name, told(name, getattr(kind, name)))
    proof()
    assert called == wanted
