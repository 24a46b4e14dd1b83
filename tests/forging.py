"""Saved files with something changed in them, as an adversary or a bad disk would: the harness of `test_saves`."""

import io
import json
import zipfile

import numpy as np

WHOLE = [-1, 0, 1, 2, 63, 10**6, -(2**63), 2**63 - 1]
REAL = [np.nan, np.inf, -np.inf, -1.0, 0.0, 1e308, 5e-324, 1e15]
PLAIN = [-1, 0, 1, 1.5, float("nan"), float("inf"), 10**18, 2**70, "", "x" * 300, None, [], {}, True, [[-1]], {"class": "SGD"}]


def parts(data):
    """{name: array} of a saved file."""
    return dict(np.load(io.BytesIO(data)))


def packed(arrays):
    """The bytes of a file of such arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def entries(data, rng):
    """Some numbers of one array are others."""
    arrays = parts(data)
    name = rng.choice([name for name in arrays if name != "head" and arrays[name].size])
    array = arrays[name].copy()
    pool = [one for one in WHOLE if array.dtype != np.int8 or abs(one) < 128] if array.dtype.kind in "iu" else REAL
    where = rng.integers(array.size, size=rng.integers(1, 4))
    array.reshape(-1)[where] = rng.choice(np.array(pool, array.dtype), size=len(where))
    return packed(arrays | {name: array})


def shapes(data, rng):
    """One array is of another shape or kind, or is that of another name."""
    arrays = parts(data)
    name, other = rng.choice(list(arrays), 2)
    array = arrays[name]
    choices = [array.astype(np.float32), array[..., None], array.astype(">f8"), np.zeros(0), np.array("text"), arrays[other],
               np.zeros((3, 0, 2)), array.astype(complex), np.array(0)]  # fmt: skip
    return packed(arrays | {name: choices[rng.integers(len(choices))]})


def words(data, rng):
    """One word or number of the head is another, or is missing."""
    arrays = parts(data)
    head = json.loads(arrays["head"].tobytes())
    place = head
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = keys[rng.integers(len(keys))]
        inner = place[key]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.9:
            place = inner
            continue
        if rng.random() < 0.15 and isinstance(place, dict):
            del place[key]
        else:
            place[key] = PLAIN[rng.integers(len(PLAIN))]
        return packed(arrays | {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)})


def flipped(data, rng):
    """Some bits are others."""
    changed = bytearray(data)
    for place in rng.integers(len(data), size=rng.integers(1, 5)):
        changed[place] ^= 1 << rng.integers(8)
    return bytes(changed)


def cut(data, rng):
    """The file ends early, or lacks a piece."""
    first, last = sorted(rng.integers(len(data), size=2))
    return data[:first] if rng.random() < 0.5 else data[:first] + data[last:]


def headers(data, rng):
    """An array says that it is larger than it is, or smaller."""
    file, changed = io.BytesIO(), io.BytesIO()
    file.write(data)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = names[rng.integers(len(names))]
        for name in names:
            content = old.read(name)
            if name == chosen:
                array = np.load(io.BytesIO(content))
                header = io.BytesIO()
                shape = [(10**12,), (-5,), (2**62, 4), (1, 1), (array.size + 1,)][rng.integers(5)]
                about = {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(header, about)
                content = header.getvalue() + array.tobytes()
            new.writestr(name, content)
    return changed.getvalue()


KINDS = {one.__name__: one for one in (entries, shapes, words, flipped, cut, headers)}
