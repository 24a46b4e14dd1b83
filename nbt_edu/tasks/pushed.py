"""A stream of your own: a task without data, whose steps are pushed to the learner one by one."""

from dataclasses import dataclass, field

from ..settings import require, whole
from .base import Signals
from .signal import online


@dataclass(frozen=True)
class Stream(Signals):
    """What will come: symbols, Stream(alphabet="abc"), or signals, Stream(inputs=2, outputs=1).

    Without `outputs` the next value of every input is predicted. `standardise`, of signals: "online", or None when they are of
    order 1. Raises ValueError for neither or both of alphabet and inputs, and for bad ones.
    """

    alphabet: str | None = None
    inputs: int | None = None
    outputs: int | None = None
    standardise: str | None = "online"
    next_value: bool = field(init=False, repr=False, default=False)

    name = "own stream"

    def __post_init__(self):
        own, alphabet, sizes = object.__setattr__, self.alphabet, (self.inputs, self.outputs)
        symbols = alphabet is not None
        wanted = "given, or else inputs, and not both, as in Stream(alphabet='abc') or Stream(inputs=2, outputs=1)"
        require(sizes == (None, None) if symbols else self.inputs is not None, "alphabet", alphabet, wanted)
        standardise = online(self.standardise) and not symbols
        if symbols:
            fits = isinstance(alphabet, str) and len(set(alphabet)) == len(alphabet) > 1
            require(fits, "alphabet", alphabet, "a string of two or more characters, each of them once")
            sizes = len(alphabet), len(alphabet)
        elif self.outputs is None:
            own(self, "next_value", True)
            sizes = self.inputs, self.inputs
        for name, size in zip(("inputs", "outputs"), sizes, strict=True):
            own(self, name, whole(name, size, 1, 2**21))
        own(self, "standardise", standardise)

    def fields(self):
        """The arguments that make this task, as plain data."""
        if self.alphabet is not None:
            return {"alphabet": self.alphabet}
        outputs = None if self.next_value else self.outputs
        return {"inputs": self.inputs, "outputs": outputs, "standardise": "online" if self.standardise else None}

    @property
    def references(self):
        """None: nothing is known of what will come."""
        return {}

    def stream(self, rng):
        """Nothing."""
        return iter(())
