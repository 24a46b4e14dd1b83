"""A bad argument gives one clear sentence that names it; a good one becomes Python's own number."""

import json
import math
import os

import numpy as np
import pytest
from table import ESTIMATORS, SYSTEMS, learner, same

from nbt_edu import BPTT, RTRL, SGD, AnBn, LeakyRNN, NoBackTrack, SlidesRNN, Text
from nbt_edu.settings import from_dict, to_dict

NEVER_NUMBERS = (math.nan, None, "3", True, [1, 2], 1j)
NEVER_WHOLE = (*NEVER_NUMBERS, math.inf, 1.5, -1, 0, 10**9)

BAD = [  # who is called, with which argument, with which bad values
    (LeakyRNN, "units", NEVER_WHOLE),
    (SlidesRNN, "units", NEVER_WHOLE),
    (lambda leak: LeakyRNN(2, leak), "leak", (math.nan, None, "0.5", True, 0, -0.1, 1.1, math.inf, [0.5] * 3, [])),
    (lambda leak: LeakyRNN(2, leak), "leak", ([0.5, math.nan], [0.5, 2.0], ["a", "b"], [[0.5], [0.5, 0.5]])),
    (BPTT, "window", NEVER_WHOLE),
    (NoBackTrack, "rank", NEVER_WHOLE),
    (lambda beta: NoBackTrack(1, beta), "beta", (*NEVER_NUMBERS, -0.1, 1.1, math.inf)),
    (RTRL, "discount", (*NEVER_NUMBERS, 0, -1, 1.1, math.inf)),
    (SGD, "rate", (*NEVER_NUMBERS, -0.1, math.inf)),
    (lambda decay: SGD(0.1, decay), "decay", (*NEVER_NUMBERS, -0.1, math.inf)),
    (lambda clip: SGD(0.1, clip=clip), "clip", (*NEVER_NUMBERS, 0, -1)),
    (AnBn, "N", (*NEVER_WHOLE, 1)),
    (Text, "text", (None, 5, b"bytes", ["a", "b"], "", "a", "aaa")),
    (lambda seed: learner(seed=seed), "seed", (*NEVER_NUMBERS, math.inf, 1.5, -1)),
    (lambda replicas: learner(replicas=replicas), "replicas", (*NEVER_WHOLE, 1)),
    (lambda chars: learner().run(chars), "chars", NEVER_WHOLE[:-1]),
    (lambda rank: NoBackTrack()._replace(rank=rank), "rank", (0, 1.5)),
]
CASES = [(make, name, value) for make, name, values in BAD for value in values]


@pytest.mark.parametrize("make, name, value", CASES, ids=[f"{name}={value!r}" for _, name, value in CASES])
def test_bad_argument(make, name, value):
    """ValueError, one line, beginning with the argument's name."""
    with pytest.raises(ValueError, match=rf"^{name} must be ") as caught:
        make(value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "made, meant",
    [
        (NoBackTrack(np.int64(2), np.float32(0.5)), NoBackTrack(2, 0.5)),
        (NoBackTrack(2.0, 1), NoBackTrack(2, 1.0)),
        (SGD(1, 0, math.inf), SGD(1.0)),
        (BPTT(np.float64(4)), BPTT(4)),
        (LeakyRNN(np.int32(2), np.array([0.5, 1])), LeakyRNN(2, (0.5, 1.0))),
        (LeakyRNN(2, [0.5]), LeakyRNN(2, 0.5)),
        (AnBn(np.int64(5)), AnBn(5)),
    ],
    ids=lambda one: str(one),
)
def test_numbers_become_pythons_own(made, meant):
    """Equal settings are equal in type too: numba would compile a second time for an int where a float was."""
    assert repr(made) == repr(meant) and made == meant


def test_settings_of_two_classes_are_never_equal():
    """BPTT(window=1) is not RTRL(discount=1), though both are a tuple of one 1."""
    assert BPTT(1) != RTRL(1.0)
    assert len({BPTT(1), RTRL(1.0)}) == 2
    assert BPTT(1) == BPTT(1) and BPTT(1) != BPTT(2)


SETTINGS = [AnBn(7), Text("ab\n☃"), SGD(0.1, 0.5, math.inf), *(system(3) for system in SYSTEMS.values())]
SETTINGS += [row.estimator for row in ESTIMATORS.values()]


@pytest.mark.parametrize("one", SETTINGS, ids=str)
def test_through_text_and_back(one):
    """What is saved as JSON comes back as the same settings, of the same class."""
    back = from_dict(json.loads(json.dumps(to_dict(one))), {type(one) for one in SETTINGS})
    assert type(back) is type(one) and back == one


def test_unknown_class():
    """A saved class that is not known is named, with the remedy."""
    with pytest.raises(ValueError, match=r"^class must be one of BPTT, RTRL \(pass your own in `classes`\), not 'SGD'$"):
        from_dict(to_dict(SGD(0.1)), [RTRL, BPTT])


def test_too_large_for_this_machine():
    """RTRL's n^3 numbers do not fit: one sentence, at once, instead of a machine that stands still."""
    with pytest.raises(ValueError, match="^units = 5000 needs more memory than this machine has: choose less$"):
        learner(estimator=RTRL(), network=LeakyRNN(5000))


@pytest.mark.parametrize("change", [NoBackTrack(4000), RTRL()], ids=str)
def test_a_refused_change_leaves_the_learner_as_it_was(monkeypatch, change):
    """When the new setting would not fit, the learner goes on with the old one."""
    one, alone = learner(network=LeakyRNN(40)), learner(network=LeakyRNN(40))
    for run in one, alone:
        run.run(10)
    with monkeypatch.context() as small:
        small.setattr(os, "sysconf", lambda name: 1000)  # a page of 1000 bytes, 1000 pages
        with pytest.raises(ValueError, match=r"^estimator = .* needs more memory than this machine has: choose less$"):
            one.set(estimator=change, optimizer=SGD(0.0))
    for run in one, alone:
        run.run(10)
    same(one, alone)
