r"""Ends predicted right: the share of a^n b^n sequences whose end a learner foresees. It needs memory, and no nicety of odds.

The floor in bits is mostly paid for the a's, which nobody can foresee: a predictor without memory is told from a perfect one by
a few tenths of a bit. This share is 1 for the one, and for the other about that of the short sequences it can see whole.

A sequence's end is **predicted right** when, of all its b's and the newline after them, each read in its turn, the newline is
what the learner deems likeliest at that newline, and at none of the b's.
"""

import itertools

import numpy as np

from ..learning.loop import predict_chunk
from ..learning.precision import exact_parts
from ..learning.streams import Examples
from ..settings import require, whole
from ..tasks import AnBn
from .path import a_learner


def share(learner, chars=20_000):
    """Of the sequences in so many fresh characters, the share whose end a learner of a^n b^n predicts right, from 0 to 1.

    theta stays as it is, and the network begins afresh: the characters are those of `learner.evaluate(learner.task, chars)`.
    Raises ValueError for another task than AnBn, and where no sequence ends in so few characters.
    """
    task = a_learner("learner", learner).task
    require(isinstance(task, AnBn), "learner", task.name, "one whose task is AnBn: its sequences have ends to be predicted")
    piece = Examples(task, learner.seed, "evaluation").ahead(whole("chars", chars, 1, 10**7))
    losses, predictions = np.empty(len(piece.targets)), np.empty((len(piece.targets), task.outputs))
    system, readout, _ = exact_parts(learner)
    run = predict_chunk if learner.compiled else predict_chunk.interpreted
    with np.errstate(all="ignore"):
        run(system, readout, system.start(), piece.inputs, piece.targets, losses, predictions)
    found = predicted_right(piece.targets, predictions)
    require(found.size, "chars", chars, f"larger: no sequence ends in so few characters, and one may have {2 * task.N + 2}")
    return float(found.mean())


def predicted_right(targets, predictions):
    """Of each sequence that ends in targets (T,), symbols of AnBn, whether its end is predicted right: (count,) of bool.

    predictions (T, 3): what each target was expected to be. Sequences without the newline before their b's are left out.
    """
    b, newline = AnBn.alphabet.index("b"), AnBn.alphabet.index("\n")
    right = (predictions.argmax(1) == newline) == (targets == newline)
    pairs = itertools.pairwise(np.flatnonzero(targets == newline))
    return np.array([right[start + 1 : end + 1].all() for start, end in pairs if targets[end - 1] == b], bool)
