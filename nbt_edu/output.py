"""What leaves the library. Files are written whole or not at all: beside the old one, to the disk, only then under their name.

Whatever ends the writing, a full disk, Ctrl-C, `kill -9`, a power cut, what stood under that name before is still there, whole.
A writer that was killed leaves at most its unfinished file beside, whose name ends in `.part`. Results are printed, if need be
on standard error.
"""

import contextlib
import errno
import os
import pathlib
import secrets
import stat
import sys

from .settings import file_name, require

REMEDIES = {
    errno.ENOENT: "make its folder first",
    errno.ENOTDIR: "name a file in a folder",
    errno.EISDIR: "name a file in this folder",
    errno.EEXIST: "another file has its name",
    errno.ENOSPC: "make room, what stood there before is kept",
    errno.EDQUOT: "make room, what stood there before is kept",
    errno.EFBIG: "make room, what stood there before is kept",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_whole(path, write, name="path"):
    """Write a file: write(file) is given one that is open for bytes. Answers its path.

    Raises ValueError with a sentence that names the argument (`name`) and what is wrong, the old file untouched.
    """
    path = file_name(name, path)
    with _told(path, name, "a file"):
        if path.exists() and not path.is_file():  # a device or a pipe is written to as it is; a folder refuses that itself
            with open(path, "wb") as file:
                write(file)
        else:
            _replace(pathlib.Path(os.path.realpath(path)), write)
    return path


def check_place(path, name="path"):
    """Raise now, before long work, what `write_whole` would raise after it, but for a disk that is full by then."""
    path = file_name(name, path)
    with _told(path, name, "a file"):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not path.exists() or path.is_file():
            with _beside(pathlib.Path(os.path.realpath(path))):
                pass


def make_folder(path, name="directory"):
    """Make a folder and those that it is in, where they are not there yet; answers its path. The same sentences."""
    path = file_name(name, path)
    with _told(path, name, "a folder"):
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def _told(path, name, what):
    """An OSError as a sentence."""
    try:
        yield
        return
    except OSError as error:
        why, remedy = error.strerror or error, REMEDIES.get(error.errno, f"name {what} in a folder of yours")
    require(False, name, shortened(path), f"{what} that can be written ({why}): {remedy}")


def shortened(path):
    """A path's last 60 characters."""
    text = str(path)
    return text if len(text) <= 60 else f"…{text[-60:]}"


def write_text(path, text, name="path"):
    """The same for a text, in UTF-8; half a character becomes a question mark."""
    return write_whole(path, lambda file: file.write(text.encode("utf-8", "replace")), name)


def _replace(target, write):
    with _beside(target) as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        if target.exists():
            os.chmod(file.name, stat.S_IMODE(target.stat().st_mode))
        os.replace(file.name, target)
    _sync_folder(target.parent)


@contextlib.contextmanager
def _beside(target):
    """A new file in a target's folder, removed in the end if it is still there."""
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    beside = target.with_name(f".nbt-edu-{secrets.token_hex(8)}.part")
    try:
        with open(beside, "xb") as file:
            yield file
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _sync_folder(folder):
    """The new name too is to be on the disk, where a folder can be asked for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def give(result):
    """Print a result, which may have taken hours: on standard error where standard output is full; ValueError says so."""
    try:
        print(result, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more when it ends
        if not isinstance(error, BrokenPipeError):  # whoever reads a pipe has read enough, as `head` does
            print(result, file=sys.stderr)
            why = f"standard output cannot be written ({error.strerror})"
            raise ValueError(f"{why}: the result stands above, on standard error") from None
