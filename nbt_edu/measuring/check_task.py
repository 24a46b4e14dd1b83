"""Proofs that a task is what `protocols.Task` says: of one shape throughout, the same from the same seed, saved and made again.

And that its floor is one (`floors`): a simple predictor does not go below it.
"""

import itertools
import json
import numbers

import numpy as np

from ..learning.streams import Examples
from ..settings import from_dict, to_dict
from . import floors
from .report import agrees, holds, proof

MEASURED = 20_000  # steps
SHORT = 5000
PIECES = 1, 7, 300, 2, 1500, 1, 1024, 900


def rows(task):
    """Every proof of a task, a `Row` each. A stream that ends is checked up to its end."""
    proofs = [
        ("names and sizes", "its attributes", _sizes(task)),
        ("blocks of one kind", f"{MEASURED:,} steps", _blocks(task)),
        ("the seed alone decides", "other numbers drawn meanwhile", _repeats(task)),
        ("streams do not meet", "two alive at once", _apart(task)),
        ("any pieces give the same", f"pieces of {min(PIECES)} to {max(PIECES):,}", _pieces(task)),
        ("is made again from its fields", "JSON", _again(task)),
        ("references and floor are numbers", "its attributes", _numbers(task)),
        ("its floor is not beaten", "contexts" if _symbols(task) else "autoregression", _floor(task)),
    ]
    return [proof("task", str(task.name), *one) for one in proofs]


def _symbols(task):
    return task.alphabet is not None


def _rng(seed):
    return np.random.default_rng((20151207, seed))


# --- what it says of itself ---


def _sizes(task):
    yield holds(isinstance(task.name, str) and task.name, f"name is {task.name!r}; it should be a string")
    for what, size in ("inputs", task.inputs), ("outputs", task.outputs):
        fits = isinstance(size, numbers.Integral) and size >= 1
        yield holds(fits, f"{what} is {size!r}; it should be a whole number from 1")
    if _symbols(task):
        count, different = len(task.alphabet), len(set(task.alphabet))
        yield holds(isinstance(task.alphabet, str), f"alphabet is {task.alphabet!r}; it should be a string, or None (a signal)")
        yield holds(different == count, f"alphabet has {count} symbols, only {different} of them different")
        yield holds(task.inputs == count, f"inputs is {task.inputs}; it should be {count}, the symbols of the alphabet")
        yield holds(task.outputs == count, f"outputs is {task.outputs}; it should be {count}, the symbols of the alphabet")


def _numbers(task):
    for label, value in task.references.items():
        yield holds(isinstance(label, str), f"references has the label {label!r}; it should be a string")
        yield holds(np.isfinite(value) and value >= 0, f"references[{label!r}] is {value}; it should be finite and not below 0")
    rate = task.entropy_rate
    if rate is not None:
        yield holds(np.isfinite(rate), f"entropy_rate is {rate}; it should be finite, or None")
        yield holds(not _symbols(task) or rate >= 0, f"entropy_rate is {rate:.6g}; of symbols it should not be below 0")


def _again(task):
    made = from_dict(json.loads(json.dumps(to_dict(task))), [type(task)])
    fault = f"a task made of fields() has the fields {_brief(made)}; it should have {_brief(task)}"
    yield holds(made.fields() == task.fields(), fault)
    for what in "name", "alphabet", "inputs", "outputs", "entropy_rate":
        found, wanted = getattr(made, what), getattr(task, what)
        yield holds(found == wanted, f"{what} of the task made again is {found!r}; it should be {wanted!r}")
    found, wanted = (_read(one.stream(_rng(0)), SHORT) for one in (made, task))
    yield from _same("the stream of the task made again", found, wanted)


def _brief(task):
    text = str(task.fields())
    return text if len(text) <= 80 else f"{text[:80]} ..."


# --- its stream ---


def _blocks(task):
    for number, block in enumerate(_started(task.stream(_rng(0)), MEASURED)):
        where = f"of block {number}"
        if _symbols(task):
            yield from _block_of_symbols(block, where, len(task.alphabet))
        else:
            pair = isinstance(block, tuple) and len(block) == 2
            yield holds(pair, f"the type {where} is {type(block).__name__}; it should be a pair of arrays")
            yield from _block_of_values(block[0], f"inputs {where}", (len(block[0]), task.inputs))
            yield from _block_of_values(block[1], f"targets {where}", (len(block[0]), task.outputs))


def _block_of_symbols(block, where, count):
    kind = getattr(block, "dtype", type(block))
    fits = isinstance(block, np.ndarray) and block.dtype.kind in "iu"
    yield holds(fits, f"the type {where} is {kind}; it should be an array of integers")
    yield holds(np.ndim(block) == 1, f"the shape {where} is {np.shape(block)}; it should be (T,)")
    wrong = [symbol for symbol in np.unique(block).tolist() if not 0 <= symbol < count]
    yield holds(not wrong, f"a symbol {where} is {wrong and wrong[0]}; it should be from 0 to {count - 1}")


def _block_of_values(values, what, shape):
    kind = getattr(values, "dtype", type(values))
    fits = isinstance(values, np.ndarray) and values.dtype.kind == "f"
    yield holds(fits, f"{what} are {kind}; they should be an array of floats")
    yield holds(np.shape(values) == shape, f"{what} have the shape {np.shape(values)} instead of {shape}")
    bad = np.sum(~np.isfinite(values))
    yield holds(not bad, f"{what} have {bad} values that are not finite")


def _repeats(task):
    before = np.random.get_state()  # noqa: NPY002
    try:
        runs = [_read(task.stream(_rng(1)), SHORT, lambda s=seed: np.random.seed(s)) for seed in (1, 2)]  # noqa: NPY002
    finally:
        np.random.set_state(before)  # noqa: NPY002
    yield from _same("the stream of the same seed", *reversed(runs))


def _apart(task):
    alone = [_read(task.stream(_rng(seed)), SHORT) for seed in (1, 2)]
    turns = itertools.zip_longest(*(_copies(task.stream(_rng(seed)), SHORT) for seed in (1, 2)))
    blocks = list(zip(*turns, strict=True)) or [(), ()]
    for number, (found, wanted) in enumerate(zip(blocks, alone, strict=True)):
        together = _joined([block for block in found if block is not None], SHORT)
        yield from _same(f"stream {number + 1}, while another is alive,", together, wanted)


def _pieces(task):
    whole = Examples(task, 0).ahead(sum(PIECES))
    examples, pieces = Examples(task, 0), []
    for count in PIECES:
        ahead = examples.peek(count)
        pieces.append(examples.ahead(count))
        for name, found, wanted in zip(ahead._fields, pieces[-1], ahead, strict=True):
            yield agrees(f"{name} read, after they were peeked at,", found, wanted, 0.0)
    for name, wanted, *found in zip(whole._fields, whole, *pieces, strict=True):
        yield agrees(f"{name} read in pieces", np.concatenate(found), wanted, 0.0)


def _same(what, found, wanted):
    yield agrees(f"the number of arrays of {what}", len(found), len(wanted), 0.0)
    names = ("inputs", "targets") if len(wanted) == 2 else ("symbols",)
    for name, one, other in zip(names, found, wanted, strict=False):
        yield agrees(f"{what} ({name})", one, other, 0.0)


def _started(stream, steps):
    """The first blocks of a stream, up to so many steps or blocks."""
    length = 0
    for block in itertools.islice(stream, steps):
        yield block
        length += len(block[0] if isinstance(block, tuple) else block)
        if length >= steps:
            return


def _read(stream, steps, meanwhile=lambda: None):
    """Symbols, or inputs and targets, of the first steps: a list of arrays. `meanwhile` is called before each block."""
    blocks = []
    meanwhile()
    for block in _copies(stream, steps):
        blocks.append(block)
        meanwhile()
    return _joined(blocks, steps)


def _copies(stream, steps):
    """The first blocks, each a list of arrays, apart from what the stream does with its own later."""
    return ([np.array(part) for part in (block if isinstance(block, tuple) else (block,))] for block in _started(stream, steps))


def _joined(blocks, steps):
    return [np.concatenate(parts)[:steps] for parts in zip(*blocks, strict=True)]


def _floor(task):
    read, rate = _read(task.stream(_rng(0)), MEASURED), task.entropy_rate
    if read and not _symbols(task):
        yield from floors.of_signals(*read, rate, getattr(task, "bounds", dict)())
    elif read and rate is not None:
        yield from floors.of_symbols(*read, len(task.alphabet), rate)
