r"""State lines: an app's dials as one short line to copy, and back.

    race rate=0.01 rank=4 methods=RTRL+NoBackTrack text="two\nlines"

Only what differs from the defaults is written. A text longer than LONG is named by its digest and given beside the line.
"""

import functools
import hashlib
import json
import re

from ..settings import require, string

LONG = 300  # characters of a text that a line holds
WORD = re.compile(r"[\w.+\-]+")
PAIR = re.compile(r'\s+(\w+)=("[^"\\]*(?:\\.[^"\\]*)*"|[^\s"]+)')
LACKS = "  # lacks "
DIGEST = re.compile(r"sha256:[0-9a-f]{16}")


@functools.lru_cache(maxsize=8)
def digest(text):
    """A long text's name in a line."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_line(app, dials):
    """The line of an app's name and its dials' values."""
    texts = [f"{name}={_word(dials.declared()[name].written(value))}" for name, value in dials.changed().items()]
    return " ".join([app, *texts])


def read_line(line, app, dials, given=()):
    """The dials of a line: those of `app`'s class `dials`. given: {name: a long text that the line names by its digest}.

    Raises ValueError when the line cannot be read, or when a text that it names is not given.
    """
    name, pairs = split_line(line)
    require(LACKS not in pairs, "state", _short(line), f"complete, and this line lacks {pairs.get(LACKS)}")
    known, given = dials.declared(), dict(given)
    fits = name == app and all(word in known for word in pairs)
    require(fits, "state", _short(line), f'a line as copied from the app, such as "{app} seed=3"')
    values = {word: _value(word, text, known[word], given) for word, text in pairs.items()}
    return dials().replaced(**{**given, **values})


def split_line(line):
    """(name of the app, {dial: text}) of a line, LACKS: what it says it cannot hold; (None, {}) of what is no state line."""
    line = string("line", line, 'a line as copied from the app, such as "race seed=3"').strip()
    head = re.match(r"\w+", line)
    at, pairs = head.end() if head else len(line), {}
    while at < len(line):
        pair = PAIR.match(line, at)
        if line[at:].startswith(LACKS):
            return head and head[0], pairs | {LACKS: line[at:].removeprefix(LACKS)}
        if not pair or pair[1] in pairs:
            return None, {}
        pairs[pair[1]], at = pair[2], pair.end()
    return head and head[0], pairs


def _word(text):
    if len(text) > LONG:
        return digest(text)
    return text if WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _value(name, text, one, given):
    if DIGEST.fullmatch(text):
        beside = given.pop(name, None)
        wanted = f"given beside the line, from_state(line, {name}=…): it is too long to stand in it, and has the digest {text}"
        require(isinstance(beside, str) and digest(beside) == text, name, _short(beside), wanted)
        return beside
    if text.startswith('"'):
        try:
            text = json.loads(text, strict=False)
        except ValueError:
            require(False, name, _short(text), "written as the app writes it, in double quotes")
    return one.read(name, text)


def _short(value):
    return value if not isinstance(value, str) or len(value) <= 60 else value[:60] + "…"
