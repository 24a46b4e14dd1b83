"""Other shapes for the same numbers: nothing is copied where an array lies in one piece."""

import numpy as np

from ..jit import generated

LINE = 64  # bytes of a processor's cache line
LARGE = 2**24  # bytes of an array that are not copied for its place alone


def flat(x):
    """x, of any shape and in one piece (C order), in a row: (size,)."""
    return x.reshape(-1)


@generated(flat)
def _(x):
    from ..jit.views import flat_view

    return (lambda x: flat_view(x)) if x.layout == "C" else (lambda x: x.reshape(-1))


def rows(x):
    """x (k, ...), in one piece (C order), with a row for each of the k: (k, size of one)."""
    return x.reshape(len(x), -1)


@generated(rows)
def _(x):
    from ..jit.views import rows_view

    return (lambda x: rows_view(x)) if x.layout == "C" else (lambda x: x.reshape(len(x), -1))


def placed(array):
    """A copy (C order) that begins where a cache line does; so do its rows, where they are multiples of 64 bytes. Not compiled.

    No vector of such a row lies in two lines. Where arrays begin 16 bytes into a line, as numpy lays large ones, a step of
    NoBackTrack takes 4 to 27 % longer.
    """
    room = np.zeros(array.nbytes + LINE, np.uint8)  # zeros take no memory until they are written
    start = -room.ctypes.data % LINE
    made = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    if array.any():
        made[...] = array
    made.flags.writeable = array.flags.writeable
    return made


def aligned(state):
    """The arrays of a state so placed, but for large ones with numbers in them, which begin where they do. Not compiled.

    Where two share their memory, which copies would not, all are left as they are; so it is in `owned`.
    """
    return _apart(state, lambda one: one if _stands(one) or (one.nbytes > LARGE and one.any()) else placed(one))


def owned(part):
    """A part with placed copies of its arrays. Not compiled."""
    return _apart(part, placed)


def _stands(array):
    return array.base is None and array.flags.c_contiguous and array.ctypes.data % LINE == 0  # and is nobody else's


def shared(part):
    """Whether two of a part's arrays share their memory."""
    arrays = []
    _each(part, arrays.append)
    return any(np.may_share_memory(one, other) for i, one in enumerate(arrays) for other in arrays[:i])


def _apart(part, do):
    return part if shared(part) else _each(part, do)


def _each(part, do):
    """What `do` makes of each array of numbers, in tuples of any depth as they were."""
    if isinstance(part, tuple) and (type(part) is tuple or hasattr(part, "_make")):
        made = [_each(one, do) for one in part]
        return tuple(made) if type(part) is tuple else part._make(made)
    return do(part) if type(part) is np.ndarray and not part.dtype.hasobject else part
