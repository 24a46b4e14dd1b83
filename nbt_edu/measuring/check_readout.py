"""Proofs that a readout's derivatives are those of its loss, and that all it answers with is of one piece.

Derivatives are held against central differences of the loss, the curvature N^T N against differences of dl/da, along the
outputs a = psi theta: these are moved by the biases, the last row of theta.
"""

import copy

import numpy as np

from ..learning.guards import leaves
from .report import agrees, holds, proof, unchanged

UNITS, OUTPUTS, STEPS = 4, 3, 3
STEP = 1e-5  # of central differences
CLOSE = 1e-6  # agreement with central differences, relative
ARRAYS = ("p", "psi", "error", "q")


def rows(description, targets=None):
    """Every proof of the readout that `description.build(units, outputs)` makes, a `Row` each.

    targets: what is to be predicted, three of them: symbols 0, 1, 2, or vectors (3,). By default symbols, unless its
    loss takes none.
    """
    proofs = [
        ("sees h, answers p", "shapes, predict", _answers),
        ("error and q are the loss's derivatives", "differences of the loss", _derivatives),
        ("N^T N is the loss's curvature", "differences of the error", _curvature),
        ("its rows are made of N", "N written out", _made_of),
        ("leaves what it is given", "to the last bit", _leaves),
    ]
    name = type(description).__name__
    return [proof("readout", name, claim, how, _along(description, targets, check)) for claim, how, check in proofs]


def _along(description, targets, check):
    """The findings of a check at each of a few steps, between which the readout adapts."""
    rng = np.random.default_rng(20151207)
    readout = description.build(UNITS, OUTPUTS)
    yield agrees("theta's shape, as it is built,", np.shape(readout.theta), (UNITS + 1, OUTPUTS))
    readout.theta[...] = rng.normal(size=(UNITS + 1, OUTPUTS))
    states, values = rng.normal(size=(STEPS, 2 * UNITS)), rng.normal(size=(STEPS, OUTPUTS))  # half of a state is visible
    if targets is None:
        targets = range(STEPS) if _takes_symbols(readout, states[0]) else values
    for t, (h, y) in enumerate(zip(states, targets, strict=True)):
        for deviation, fault in check(readout, h, y):
            yield deviation, fault and f"at step {t + 1} {fault}"
        readout.adapt(readout.loss(h, y)[1])


def _takes_symbols(readout, h):
    try:
        readout.loss(h, 0)
    except (TypeError, IndexError):
        return False
    return True


# --- at one step ---


def _answers(readout, h, y):
    loss, outcome = readout.loss(h, y)
    yield holds(np.isfinite(loss), f"the loss is {loss}; it should be finite")
    sizes = OUTPUTS, UNITS + 1, OUTPUTS, UNITS
    for name, array, size in zip(ARRAYS, outcome, sizes, strict=True):
        yield holds(np.shape(array) == (size,), f"outcome.{name} has the shape {np.shape(array)} instead of {(size,)}")
    yield agrees("outcome.psi", outcome.psi, [*h[:UNITS], 1.0])
    yield agrees("predict(h)", readout.predict(h), outcome.p)
    yield agrees("loss(h, y), asked again,", readout.loss(h, y)[0], loss, 0.0)


def _derivatives(readout, h, y):
    _, outcome = readout.loss(h, y)
    slopes = _slopes(lambda: readout.loss(h, y)[0], h)
    yield agrees("outcome.q, dl/dh,", outcome.q, slopes[:UNITS], CLOSE)
    yield agrees("the loss's slope along what is hidden of h", slopes[UNITS:], np.zeros(UNITS), CLOSE)
    gradient = _slopes(lambda: readout.loss(h, y)[0], readout.theta)
    yield agrees("outcome.psi (x) outcome.error, dl/dtheta,", np.outer(outcome.psi, outcome.error), gradient, CLOSE)


def _curvature(readout, h, y):
    N = readout.curvature(readout.loss(h, y)[1])
    yield agrees("N^T N, d2l/da2,", N.T @ N, _slopes(lambda: readout.loss(h, y)[1].error, readout.theta[-1]), CLOSE)


def _made_of(readout, h, y):
    _, outcome = readout.loss(h, y)
    N, theta, psi = readout.curvature(outcome), readout.theta[:UNITS], outcome.psi
    gradient, variances = np.outer(psi, outcome.error).ravel(), np.diagonal(N.T @ N)
    yield agrees("curvature_rows", readout.curvature_rows(outcome), [outcome.q, *(N @ theta.T)])
    V = 1.0 / np.add.outer(np.arange(1, 3), np.arange(UNITS + 1))  # one more than is visible
    yield agrees("curvature_products", readout.curvature_products(outcome, V), readout.curvature_rows(outcome) @ V[:, :UNITS].T)
    yield agrees("variances, the diagonal of N^T N,", readout.variances(outcome), variances)
    yield agrees("output_rows", readout.output_rows(outcome), [gradient, *(np.outer(psi, row).ravel() for row in N)])
    yield agrees("column_rows", readout.column_rows(outcome), [gradient, np.outer(psi, np.sqrt(variances)).ravel()])


def _leaves(readout, h, y):
    own = [f"the readout's array {i}" for i in range(len(leaves(readout)))]
    given, before = [*leaves(readout), h, y], copy.deepcopy([*leaves(readout), h, y])
    readout.predict(h)
    yield from unchanged([*own, "h", "y"], before, given, "predict")
    _, outcome = readout.loss(h, y)
    yield from unchanged([*own, "h", "y"], before, given, "loss")
    found = copy.deepcopy([*outcome])
    for method in "curvature", "curvature_rows", "variances", "output_rows", "column_rows":
        getattr(readout, method)(outcome)
        yield from unchanged([*own, *ARRAYS], [*before[:-2], *found], [*given[:-2], *outcome], method)
    adapted = copy.deepcopy(readout)
    adapted.adapt(outcome)
    yield from unchanged(["theta", *ARRAYS], [readout.theta, *found], [adapted.theta, *outcome], "adapt")


def _slopes(function, at):
    """Central differences of a function of nothing by each entry of an array, moved in place and put back to the last bit."""
    found, kept = [], at.copy()
    for entry in np.ndindex(at.shape):
        ends = []
        for sign in 1, -1:
            at[entry] = kept[entry] + sign * STEP
            ends.append(np.array(function()))
        at[entry] = kept[entry]
        found.append((ends[0] - ends[1]) / (2 * STEP))
    return np.array(found).reshape(at.shape + np.shape(found[0]))
