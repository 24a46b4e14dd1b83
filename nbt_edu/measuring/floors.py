"""Whether a floor is one: no predictor needs fewer bits than the entropy rate, or errs less than a bound.

Two kinds of simple predictors learn as they go: of symbols, by how often each has followed the last few; of signals, an
autoregression, the code of a signal being that of a Gaussian. The mean over batches of the stream, plus 6 standard errors, must
not be below the floor.
"""

import math

import numpy as np

from ..tasks.references import autoregression

CONTEXTS = 0, 1, 2, 4  # symbols that a predictor looks back
BATCHES = 20
FEWEST = 5  # batches, without which nothing is said
ERRORS = 6


def of_symbols(symbols, count, rate):
    """Findings about an entropy rate, from symbols (T,), `count` of them different."""
    for order in CONTEXTS:
        batches = np.array_split(context_code(symbols, count, order), BATCHES)
        bits = np.array([batch.mean() for batch in batches if batch.size])
        yield _not_below("entropy_rate", "bits a character", rate, bits, f"a context of {order}")


def of_signals(inputs, targets, rate, bounds):
    """Findings about an entropy rate, or None, and bounds {name: root-mean-square error}; inputs (T, m), targets (T, k)."""
    squares, predictor = _autoregressions(inputs, targets), "an autoregression"
    if rate is not None:
        bits = targets.shape[1] / 2 * np.log2(2 * np.pi * np.e * squares)
        yield _not_below("entropy_rate", "bits a step", rate, bits, predictor)
    for name, bound in bounds.items():
        yield _not_below(f"the square of the bound {name!r}", "of squared error", bound**2, squares, predictor)


def context_code(symbols, count, order):
    """The bits of each symbol, by how often it has followed the last `order` ones so far: (seen + 1/2) / (total + m/2)."""
    seen, totals, bits, symbols = {}, {}, np.empty(len(symbols)), symbols.tolist()
    for t, symbol in enumerate(symbols):
        context = tuple(symbols[max(0, t - order) : t])
        times, total = seen.get((context, symbol), 0), totals.get(context, 0)
        bits[t] = math.log2((total + count / 2) / (times + 0.5))
        seen[context, symbol], totals[context] = times + 1, total + 1
    return bits


def _autoregressions(x, y):
    """Mean squared errors of an autoregression that begins anew in each batch; none of batches too short for one."""
    batches = zip(np.array_split(x, BATCHES), np.array_split(y, BATCHES), strict=True)
    errors = np.array([autoregression(*batch) for batch in batches if len(batch[0])])
    return errors[errors > 0] ** 2  # NaN where it was too short


def _not_below(what, unit, floor, batches, predictor):
    """The finding that a floor is not above what a predictor attains, by its batches."""
    if len(batches) < FEWEST:
        return 0.0, ""
    mean, error = batches.mean(), batches.std(ddof=1) / math.sqrt(len(batches))
    if floor <= mean + ERRORS * error:
        return 0.0, ""
    note = f"{what} is {floor:.6g}, but {predictor} attains {mean:.6g} ± {error:.2g} {unit}; it should not be above that"
    return (floor - mean) / max(abs(mean), 1e-3), note
