"""Files of text, read whole."""

from ..settings import path as existing
from ..settings import require


def read_text(path):
    """The text of a UTF-8 file. Raises ValueError when it is missing, cannot be read, is not text, or is empty."""
    path = existing("path", path, "an existing file of text")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"path {str(path)!r} cannot be read ({error.strerror}); check its permissions") from None
    where = data.find(b"\0")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = error.start
    require(where < 0, "path", str(path), f"a file of UTF-8 text (byte {max(where, 0):,} is not text)")
    require(text, "path", str(path), "a file with some text in it; this one is empty")
    return text
