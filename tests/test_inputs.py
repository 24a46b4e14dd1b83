"""Whatever is given to a public door, it works, or one sentence says which argument to change: soon, and in little memory.

The table of arguments and of kinds of values is in `inputs`. Allowed are an answer, and a ValueError or TypeError of one line
of at most 300 characters that names the argument; nothing else, however strange the value.
"""

import contextlib
import io
import signal
import warnings

import inputs
import pytest

SECONDS = 5
MOST = 300  # characters of a sentence
MEMORY = 4 * 2**30  # bytes more than are in use


class Hang(BaseException):
    pass


def _ring(*_):
    raise Hang


@contextlib.contextmanager
def bounded():
    """Within it, time and memory are limited."""
    resource = pytest.importorskip("resource")
    before, limits = signal.signal(signal.SIGALRM, _ring), resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, limits[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
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
