"""Whatever is given to a public door, it works, or one sentence says which argument to change: soon, and in little memory.

The table of arguments and of kinds of values is in `inputs`. Allowed are an answer, and a ValueError or TypeError of one line
of at most 300 characters that names the argument; nothing else, however strange the value.
"""

import contextlib
import io
import signal
import tracemalloc
import warnings

import inputs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs import ESTIMATOR

import nbt_edu as nbt
from nbt_edu.jit import drivers
from nbt_edu.settings import shown

SECONDS = 5  # of computing
MOST = 300  # characters of a sentence
MEMORY = 4 * 2**30  # bytes more than are in use


class Hang(BaseException):
    pass


@pytest.fixture(autouse=True, scope="module")
def interpreted():
    """Compiling would take the seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBT_EDU_JIT", "0")
        yield


def _ring(*_):
    raise Hang


@contextlib.contextmanager
def bounded():
    """Within it, time and memory are limited."""
    resource = pytest.importorskip("resource")
    before, limits = signal.signal(signal.SIGPROF, _ring), resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, limits[1]))
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)


def fault(row, value):
    """What is wrong with what a row does with a value, in words; "" where nothing is."""
    name = inputs.SAID.get(row) or row.partition("(")[2].partition(")")[0] or row.partition(".")[2]
    try:
        with bounded(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            inputs.ROWS[row](value)
    except Hang:
        return f"takes more than {SECONDS} s"
    except (ValueError, TypeError) as error:
        said = str(error)
        if "\n" in said or len(said) > MOST:
            return f"says {len(said)} characters: {said[:100]!r}"
        return "" if name in said else f"does not name {name}: {type(error).__name__}: {said}"
    except Exception as error:
        return f"raises {type(error).__name__}: {str(error)[:150]}"
    return ""


def faults(row):
    """{kind: what is wrong} of all kinds of values for a row."""
    meant = (inputs.LARGE if row in inputs.LONG else set()) | (inputs.CALLABLES if row in inputs.CALLED else set())
    return {kind: said for kind in inputs.KINDS if kind not in meant if (said := fault(row, inputs.KINDS[kind]()))}


@pytest.mark.parametrize("row", inputs.ROWS)
def test_it_works_or_one_sentence_says_which_argument(row):
    assert not faults(row)


LARGE = {  # (what asks for far too much, the argument that the sentence names; "" where it is done all the same)
    "roots": (lambda: nbt.rank_one.all_roots(10**12, 2), "m"),
    "terms": (lambda: nbt.rank_one.variance(np.ones((3000, 5)), np.ones((3000, 5))), ""),
    "draws of terms": (lambda: nbt.rank_one.expectation(np.ones((20, 500)), np.ones((20, 500))), "V, W"),
    "tensor": (lambda: nbt.rank_one.tensor([np.ones((2, 1000))] * 6), "factors"),
    "alphabet": (lambda: inputs.learner(task=nbt.Text("".join(map(chr, range(32, 50_000))) * 2)).run(2), ""),
    "components": (lambda: inputs.learner(task=nbt.Signal(np.random.default_rng(0).normal(size=(3000, 1000)))), ""),
    "sample": (lambda: nbt.sample(nbt.AnBn(), 10**12), "chars"),
    "ahead": (lambda: inputs.learner().ahead(10**12), "count"),
    "units": (lambda: inputs.learner(network=nbt.LeakyRNN(2000), estimator=nbt.RTRL()), "units"),
    "window": (lambda: inputs.learner(network=nbt.LeakyRNN(1000), estimator=nbt.BPTT(10**6)), "units"),
    "filter": (lambda: inputs.learner(network=nbt.LeakyRNN(300), estimator=ESTIMATOR).set(optimizer=nbt.Kalman()), "optimizer"),
    "draws": (lambda: nbt.study.study(inputs.learner(), [ESTIMATOR], draws=10**7), "draws"),
    "stretch": (lambda: nbt.study.study(inputs.learner(network=nbt.LeakyRNN(100)), [ESTIMATOR], chars=10**6), "chars"),
    "influence": (lambda: nbt.balancing.truncated_influence(10_000), ""),
    "proof": (lambda: nbt.check.system(nbt.LeakyRNN(1000)), "system"),
    "contexts": (lambda: nbt.AnBn(4).ladder(range(10**12)), "contexts"),
}


@pytest.mark.parametrize("what", LARGE)
def test_what_is_far_too_large_is_refused_with_a_sentence_or_takes_little(what):
    call, name = LARGE[what]
    with bounded():
        if name:
            with pytest.raises(ValueError, match=rf"^{name} "):
                call()
        else:
            call()


def test_a_text_is_held_in_a_few_bytes_a_character():
    """Beside the text itself a byte a character for an alphabet of up to 256, and what a piece takes."""
    task = nbt.Text(np.random.default_rng(0).integers(65, 125, 10**7, dtype=np.uint8).tobytes().decode())
    tracemalloc.start()
    try:
        _ = task.references
        assert next(task.stream(None)).dtype == np.int64
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 80e6  # measured: 37 MB; with 64-bit symbols of the whole text at once 260 MB
    assert task._symbols.itemsize == 1


def test_references_of_a_text_are_those_of_the_whole_table():
    task = nbt.Text("".join(np.random.default_rng(1).choice(list("abcdé€"), 5000)))
    pairs = np.zeros((6, 6))
    np.add.at(pairs, (task.symbols[:-1], task.symbols[1:]), 1)
    p, q = pairs / pairs.sum(), pairs.sum(1) / pairs.sum()
    bigram = (q * np.log2(q)).sum() - (p * np.log2(p)).sum()
    np.testing.assert_allclose([*task.references.values()][1], bigram, rtol=1e-12)


WORDS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=200)
    | st.binary()
    | st.fractions()
    | st.complex_numbers(),
    lambda more: st.lists(more) | st.dictionaries(st.text(max_size=9), more) | st.tuples(more, more),
    max_leaves=8,
)
QUICK = [row for row in inputs.ROWS if row not in inputs.LONG and not row.startswith(("check", "figures", "balancing"))]


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(QUICK), WORDS)
def test_so_does_whatever_is_thought_of(row, value):
    assert not fault(row, value)


def test_a_value_is_shown_in_eighty_characters():
    for value in (make() for make in inputs.KINDS.values()):
        said = shown(value)
        assert len(said) <= 80 and "\n" not in said and said.encode()


def test_machine_code_is_for_where_it_is_allowed(monkeypatch):
    """NBT_EDU_JIT=0 holds for every driver, and nobody is told a lie about what runs."""
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    monkeypatch.setattr(drivers, "_dispatcher", lambda *args: pytest.fail("machine code was asked for"))
    assert len(nbt.balancing.descend(nbt.RTRL(), nbt.SGD(1e-4), 3)) == 4
    assert len(nbt.balancing.Descent(nbt.RTRL(), nbt.SGD(1e-4)).go(3)) == 3
    assert inputs.learner(compiled=None).run(3).chars == 3
    for make in inputs.learner, nbt.apps.Race:
        with pytest.raises(ValueError, match="^compiled must be None or False here, not True: .* NBT_EDU_JIT=0"):
            make(compiled=True)
    monkeypatch.delenv("NBT_EDU_JIT")
    monkeypatch.setattr(drivers, "_found", lambda: None)
    with pytest.raises(ValueError, match="^compiled must be None or False here, not True: numba is not installed"):
        inputs.learner(compiled=True)
    assert not inputs.learner(compiled=None).compiled


def test_a_plain_class_that_lacks_what_follows_is_told_how_to_get_it():
    class Plain:
        begin = advance = gradient = lambda self, *args: None

    remedy = "put @nbt.implements.nbt.protocols.Estimator. above the class"
    with pytest.raises(TypeError, match=f"^estimator Plain .*test_inputs.py.* lacks gradient_for, heed, label, .*: {remedy}"):
        inputs.learner(estimator=Plain())
