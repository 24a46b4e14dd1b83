"""Faults planted in right parts: each must be caught by a row of `check`, with a sentence that says what is wrong.

The tables stand in `planted_estimators` and `planted_systems`; those of optimizers, readouts and tasks in `test_check_parts`,
wrong products of a system in `test_check`.
"""

import inspect
import re

import numpy as np
import planted_estimators
import planted_systems
import pytest
from planted_estimators import SYSTEMS, forty_two, mutant, proved
from planted_systems import net

import nbt_edu as nbt
from nbt_edu import GRU, LeakyRNN, SnAp1, protocols
from nbt_edu.estimators import oracles
from nbt_edu.implements import implements
from nbt_edu.jit import loops
from nbt_edu.measuring import check_compiled, check_optimizer, check_readout, check_system, check_task
from nbt_edu.measuring.trials import built
from nbt_edu.optimizers import Kalman
from nbt_edu.readouts import Softmax, SoftmaxReadout
from nbt_edu.systems import Linear
from nbt_edu.systems.gated import LSTMCell

ALL = planted_estimators.FAULTS | planted_systems.FAULTS


@pytest.mark.parametrize("fault", ALL)
def test_a_planted_fault_is_caught(fault):
    make, note = ALL[fault]
    row = make()
    assert not row.passed and re.search(note, row.note), row


def test_what_the_faults_are_planted_in_is_right():
    """The same classes without the fault pass."""
    for kind in nbt.RTRL, nbt.NoBackTrack, nbt.UORO:
        row = proved(mutant(kind), "exact" if kind is nbt.RTRL else "unbiased")
        assert row.passed, row
    assert proved(mutant(SnAp1), "biased", oracles.reached_in_a_step, "LSTM").passed
    assert net().passed and net(network=GRU(3)).passed and check_system.described(LeakyRNN(3, 0.4), 0, "right").passed
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


def test_what_is_not_compiled_is_skipped_with_a_sentence():
    linear, undeclared = SYSTEMS["linear"], type("Plain", (), {})()
    row = check_compiled.estimator(linear, SnAp1())
    assert (row.how, row.note, row.passed) == ("skipped", "it needs units, which this has not", True)
    assert check_compiled.system(undeclared, "plain").note == "this system runs interpreted only"


def test_no_machine_code_is_told(monkeypatch):
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    for door in (lambda: nbt.check.run(compiled=True), lambda: nbt.check.system(LeakyRNN(2), compiled=True)):
        with pytest.raises(ValueError, match="^compiled must be False where numba is not installed, or NBT_EDU_JIT is 0"):
            door()


# --- nothing is left out ---


PROOFS = {  # a protocol: a class that fulfils it, and the proof of it
    protocols.Estimator: (nbt.NoBackTrack, lambda: proved(nbt.NoBackTrack())),
    protocols.System: (Linear, lambda: check_system.row(built(SYSTEMS["linear"], 3), "linear")),
    protocols.Network: (LeakyRNN, lambda: check_system.described(LeakyRNN(3), 0, "leaky")),
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
