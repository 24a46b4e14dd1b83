"""A forged or damaged save is refused in one sentence, or is a run like any other: no crash, no endless loop, no bomb."""

import io
import json
import os
import subprocess
import sys
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from forging import KINDS, packed, parts
from table import learner

from nbt_edu import (
    BPTT,
    LSTM,
    RTRL,
    SGD,
    Adam,
    CheckpointedBPTT,
    Kalman,
    Learner,
    MemoryNoBackTrack,
    NoBackTrack,
    Oscillator,
    Record,
    Signal,
    SlidingBPTT,
    SlidingMemoryNoBackTrack,
)  # fmt: skip
from nbt_edu.learning.archive import HEAD
from nbt_edu.measuring.study import Study, study

MADE = {  # whatever keeps an index, a count or a place in a ring
    "RTRL": lambda: learner(RTRL()),
    "BPTT": lambda: learner(BPTT(4), optimizer=Adam(0.01), compare=[NoBackTrack(2), SlidingBPTT(3)]),
    "checkpointed": lambda: learner(CheckpointedBPTT(5), optimizer=Kalman()),
    "memory": lambda: learner(MemoryNoBackTrack(4, 2), network=LSTM(2), compare=[SlidingMemoryNoBackTrack(3)]),
    "signal": lambda: learner(SlidingBPTT(3), task=Oscillator(), optimizer=SGD(0.01)),
    "own signal": lambda: learner(BPTT(3), task=Signal(np.sin(np.arange(60.0)), np.cos(np.arange(60.0))), optimizer=SGD(0.01)),
}


def saved(one, path, steps=17):
    """The bytes of its file."""
    one.run(steps)
    one.save(path)
    return path.read_bytes()


def outcome(path, load=Learner.restore, compiled=False):
    """"refused", in one sentence that names the path; or "runs"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = load(path)
        except ValueError as error:
            message = str(error)
            assert message.startswith(("path ", "class ")) and "\n" not in message and len(message) < 1000, message
            return "refused"
        if load == Learner.restore:
            found.compiled = compiled
            found.run(20)
            repr(found.record), found.record.sentence()
        else:
            repr(found), found.sentence()
        return "runs"


@pytest.mark.parametrize("kind", list(MADE))
def test_whatever_is_changed_it_is_refused_or_runs(kind, tmp_path):
    """Six kinds of changes, 25 of each, of six learners (the oscillator takes its time, 5): no other error, no endless loop."""
    each = 5 if kind == "signal" else 25
    path, rng = tmp_path / "x.npz", np.random.default_rng(list(MADE).index(kind))
    data, found = saved(MADE[kind](), path), {}
    assert outcome(path) == "runs"
    for name, forge in KINDS.items():
        for _ in range(each):
            path.write_bytes(forge(data, rng))
            result = outcome(path)
            found[name, result] = found.get((name, result), 0) + 1
    assert found["headers", "refused"] == each and found["words", "refused"] > 0


@pytest.mark.parametrize("kind", ["record", "study"])
def test_records_and_studies_too(kind, tmp_path):
    path, rng = tmp_path / "x.npz", np.random.default_rng(7)
    one = learner(BPTT(4), compare=[NoBackTrack(2)])
    one.run(17)
    made = one.record if kind == "record" else study(one, [BPTT(3), NoBackTrack()], chars=7, draws=8)
    made.save(path)
    data, load = path.read_bytes(), Record.load if kind == "record" else Study.load
    assert outcome(path, load) == "runs"
    for forge in KINDS.values():
        for _ in range(40):
            path.write_bytes(forge(data, rng))
            outcome(path, load)


def places(one):
    """{name of the array in the file: the state's field}: all that are of whole numbers."""
    arrays = one._arrays()
    return [f"array {i}" for i, array in enumerate(arrays) if array.dtype.kind in "iu"]


@pytest.mark.parametrize("kind", list(MADE))
@pytest.mark.parametrize("value", [-1, -100, 2**62, 2**63 - 1, -(2**63)])
def test_no_index_and_no_count_is_beyond_its_range(kind, value, tmp_path):
    """Each array of whole numbers of each learner, one by one: refused, before machine code could read with it."""
    one, path = MADE[kind](), tmp_path / "x.npz"
    data = saved(one, path)
    found = places(one)
    assert found
    for name in found:
        arrays = parts(data)
        if arrays[name].dtype != np.int8:
            arrays[name].reshape(-1)[0] = value
            path.write_bytes(packed(arrays))
            assert outcome(path) == "refused", name


def test_which_of_the_two_is_zero_or_one(tmp_path):
    """RTRL's `now`, 2 of which read beyond its matrices in machine code."""
    one, path = learner(RTRL()), tmp_path / "x.npz"
    data = saved(one, path)
    name = next(f"array {i}" for i, array in enumerate(one._arrays()) if array is one._state.estimate.now)
    path.write_bytes(packed(parts(data) | {name: np.array([2])}))
    with pytest.raises(ValueError, match=r"^path .* is damaged.*RTRLState.now is not of whole numbers from 0 to 1"):
        Learner.restore(path)


@pytest.mark.parametrize(("key", "value"), [
    ("read", -1), ("read", 10**18), ("read", 2000), ("replicas", -1), ("seed", -1), ("length", -1), ("length", 10**18),
    ("stride", 0), ("stride", 3), ("stride", 2), ("seconds", float("nan")), ("measure", "x"), ("events", [[-1, "x"]]),
])  # fmt: skip
def test_counts_of_the_head(key, value, tmp_path):
    """Negative ones looped for ever."""
    path = tmp_path / "x.npz"
    arrays = parts(saved(learner(), path))
    head = json.loads(arrays["head"].tobytes())
    if key in ("length", "stride"):
        head["record"]["curves"]["losses"][key == "length"] = value
    else:
        (head["record"] if key in head["record"] else head)[key] = value
    path.write_bytes(packed(arrays | {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}))
    assert outcome(path) == "refused"


def test_more_was_read_than_there_is(tmp_path):
    path = tmp_path / "x.npz"
    arrays = parts(saved(learner(BPTT(3), task=Signal(np.sin(np.arange(40.0))), optimizer=SGD(0.01)), path))
    head = json.loads(arrays["head"].tobytes()) | {"read": 100}
    path.write_bytes(packed(arrays | {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}))
    assert outcome(path) == "refused"


def bomb(data, name, size):
    """A file whose member `name` is `size` zeros, a thousandth as long when packed."""
    old, file = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            with new.open(member, "w", force_zip64=True) as to:
                if member == f"{name}.npy":
                    kind = np.dtype(np.uint8 if name == "head" else float)
                    about = {"descr": kind.str, "fortran_order": False, "shape": (size // kind.itemsize,)}
                    np.lib.format.write_array_header_1_0(to, about)
                    for _ in range(size >> 20):
                        to.write(bytes(1 << 20))
                else:
                    to.write(old.read(member))
    return file.getvalue()


@pytest.mark.parametrize(("name", "load"), [
    ("head", Learner.restore), ("array 0", Learner.restore), ("losses sums", Learner.restore), ("losses sums", Record.load),
    ("0", Study.load), ("head", Study.load),
])  # fmt: skip
def test_a_zip_bomb_is_not_unpacked(name, load, tmp_path):
    """300 MB of zeros in 300 kB: refused, in little memory."""
    one, path = learner(), tmp_path / "x.npz"
    one.run(5)
    made = {Learner.restore: one, Record.load: one.record}.get(load) or study(one, [NoBackTrack()], chars=2, draws=2)
    made.save(path)
    path.write_bytes(bomb(path.read_bytes(), name, (HEAD >> 20) + 32 << 20))
    tracemalloc.start()
    try:
        assert outcome(path, load) == "refused"
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_another_version_is_named(tmp_path):
    path = tmp_path / "x.npz"
    arrays = parts(saved(learner(), path))
    head = arrays["head"].tobytes().replace(b"nbt_edu learner 3", b"nbt_edu learner 2")
    path.write_bytes(packed(arrays | {"head": np.frombuffer(head, np.uint8)}))
    with pytest.raises(ValueError, match="it is a 'nbt_edu learner 2', and read is a 'nbt_edu learner 3' only"):
        Learner.restore(path)


COMPILED = """
import sys, warnings, numpy as np
sys.path.insert(0, sys.argv[2])
warnings.simplefilter("ignore")
from pathlib import Path
from forging import entries, words
from nbt_edu import BPTT, RTRL, SGD, AnBn, CheckpointedBPTT, LeakyRNN, Learner
import test_saves
path, rng, ran = Path(sys.argv[1]), np.random.default_rng(3), 0
for estimator in RTRL(), CheckpointedBPTT(5):
    one = Learner(AnBn(5), LeakyRNN(3, 0.4), estimator, SGD(0.1, 0.1, 1.0), compiled=True)
    data = test_saves.saved(one, path)
    for i in range(300):
        path.write_bytes((words if i % 3 == 0 else entries)(data, rng))
        try:
            found = Learner.restore(path)
        except ValueError as error:
            assert str(error).startswith(("path ", "class ")), error
        else:
            if found.estimator == one.estimator:  # nothing else is compiled here
                found.run(20)
                ran += 1
print(ran)
"""


@pytest.mark.slow  # two combinations are compiled
def test_machine_code_never_crashes_on_what_is_restored(tmp_path):
    """In a process of its own, since a crash would end it: 600 forged files, restored and run as machine code."""
    pytest.importorskip("numba")
    command = [sys.executable, "-c", COMPILED, str(tmp_path / "x.npz"), os.path.dirname(__file__)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 50
