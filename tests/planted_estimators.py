"""Estimators with a planted fault, and the sentence of `check` that catches each (`test_planted`)."""

from typing import NamedTuple

import numpy as np

import nbt_edu as nbt
from nbt_edu import SnAp1, catalogue, kernels
from nbt_edu.estimators import oracles, rflo
from nbt_edu.measuring import check_estimator
from nbt_edu.measuring.check_estimator import Claim

SYSTEMS = {row.name: row for row in catalogue.SYSTEMS}


def mutant(kind, *settings, **methods):
    """A shipped class some of whose methods are replaced."""
    return type("Mutant", (kind,), methods)(*settings)


def proved(estimator, claim="unbiased", expected=oracles.exact, system="leaky RNN"):
    """The row of an estimator on a shipped system."""
    return check_estimator.row(SYSTEMS[system], estimator, Claim(claim, expected))


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


def spoils_the_tape_at_times(self, state, system, tape, noise):
    nbt.UORO.advance(self, state, system, tape, noise)
    if (noise == -1).all():
        tape.D[...] *= 1.0 + 1e-13


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

    def heed(self, state, optimizer, memory):
        """It does not."""

    def advance(self, state, system, tape, noise):
        nbt.BPTT(self.length).advance(state, system, tape, noise)

    def gradient(self, state, system, Q):
        return nbt.BPTT(self.length).gradient(state, system, Q)

    def gradient_for(self, state, system, optimizer, readout, outcome):
        return self.gradient(state, system, optimizer.cotangents(readout, outcome))

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


def answers_in_the_metric(self, state, system, Q):
    A, B = nbt.MetricNoBackTrack.gradient(self, state, system, Q)
    return A, B * state.M.ravel() ** 0.01


def takes_the_filter_over(self, state, optimizer, memory):
    memory.precision[0] *= 2.0


def half_for_filters(self, state, system, optimizer, readout, outcome):
    A, B = nbt.NoBackTrack.gradient_for(self, state, system, optimizer, readout, outcome)
    return 0.5 * A, B


def a_filter_s_rows_always(self, state, system, optimizer, readout, outcome):
    A, B = nbt.NoBackTrack.gradient_for(self, state, system, nbt.DiagonalKalman(), readout, outcome)
    return A, B


TIMED = "it answers at the steps .* it should at"
NUMBERS = "parameter .* has the mean gradient .*; it should be"
FAULTS = {  # fault: a row of check, the sentence
    "a doubled gradient, in place": (
        lambda: proved(mutant(nbt.RTRL, gradient=doubles_in_place), "exact"),
        "Q after gradient, at step 1, is|it changes Q",
    ),
    "Q with the other sign afterwards": (
        lambda: proved(mutant(nbt.NoBackTrack, gradient=turns_q_over)),
        "Q after gradient|it changes Q",
    ),
    "42 for BPTT": (lambda: proved(mutant(nbt.RTRL, gradient=forty_two), "biased", oracles.slid(2)), f"{NUMBERS}|answers? "),
    "SnAp-1, an LSTM's output gates": (
        lambda: proved(mutant(SnAp1, advance=unreached), "biased", oracles.reached_in_a_step, "LSTM"),
        NUMBERS,
    ),
    "zeros for the rows of a filter": (lambda: proved(mutant(nbt.NoBackTrack, gradient=first_row_alone)), "answer to row 2"),
    "a shortcut to something else": (
        lambda: proved(mutant(nbt.NoBackTrack, gradient_for=half_for_filters)),
        "gradient_for, for what .* asks, is .*; it should be",
    ),
    "a shortcut for filters alone": (
        lambda: proved(mutant(nbt.NoBackTrack, gradient_for=a_filter_s_rows_always)),
        "gradient_for answers 4 rows, where SGD asks for 1",
    ),
    "the rows of a filter in another order": (
        lambda: proved(mutant(nbt.RTRL, gradient=other_rows_in_turn), "exact"),
        "answer to row 2",
    ),
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
        lambda: proved(mutant(nbt.NoBackTrack, noise_kinds=lambda self, size: [("signs", 1)])),
        NUMBERS,
    ),
    "more vectors used than said": (
        lambda: proved(mutant(nbt.NoBackTrack, 2, noise_kinds=lambda self, size: [("signs", size)])),
        r"noise_kinds\(\d\) is|IndexError",
    ),
    "a mean that knows the filter": (lambda: proved(mutant(nbt.MetricNoBackTrack, gradient=answers_in_the_metric)), NUMBERS),
    "a look that changes the filter": (
        lambda: proved(mutant(nbt.RTRL, heed=takes_the_filter_over), "exact"),
        "heed changes the optimizer's state",
    ),
    "theta moved": (lambda: proved(mutant(nbt.RTRL, advance=moves_theta), "exact"), "theta after advance, at step 1, is"),
    "tape changed": (
        lambda: proved(mutant(nbt.RTRL, advance=spoils_the_tape), "exact"),
        "the tape's array . after advance, at step 1, is",
    ),
    "tape changed under some signs": (
        lambda: proved(mutant(nbt.UORO, advance=spoils_the_tape_at_times)),
        "it changes theta, or the tapes, under some of its signs",
    ),
    "an answer or none, by chance": (
        lambda: proved(mutant(nbt.NoBackTrack, gradient=silent_by_chance)),
        "depends on its random numbers",
    ),
    "one state for all": (lambda: proved(mutant(nbt.RTRL, begin=one_for_all), "exact"), "two states share memory"),
    "tapes kept, not copied": (
        lambda: proved(Hoarding(2), "biased", oracles.windowed(2)),
        "when the arrays of earlier steps are lost",
    ),
    "resume without the scale": (lambda: proved(mutant(nbt.NoBackTrack, resume=forgets_the_scale)), NUMBERS),
    "resume that drops pairs": (lambda: proved(mutant(nbt.NoBackTrack, 1, resume=drops_pairs)), NUMBERS),
    "resume with the state itself": (
        lambda: proved(mutant(nbt.RTRL, resume=takes_the_state_itself), "exact"),
        "states before and after resume share memory",
    ),
    "resume that clears what was": (
        lambda: proved(mutant(nbt.RTRL, resume=clears_what_was), "exact"),
        "the state before after resume is",
    ),
    "resume with half of RFLO's traces": (
        lambda: proved(mutant(nbt.RFLO, resume=wrong_row), "biased", oracles.at_fixed_gates),
        f"after resume {NUMBERS}",
    ),
}
