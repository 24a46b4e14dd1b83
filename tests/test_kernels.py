"""Each array primitive has two forms, numpy to read and loops to compile: they answer the same."""

import functools

import numpy as np
import pytest

from nbt_edu import jit, kernels
from nbt_edu.estimators import kfrtrl, metric, nobacktrack, reduced, reduction, rflo
from nbt_edu.jit import registry
from nbt_edu.kernels import Kronecker, vectors
from nbt_edu.learning import score as instruments
from nbt_edu.optimizers import adam, kalman

M = 3  # symbols, or components of a signal
SIZES = [(1, 1, 1), (4, 1, 1), (7, 1, 1), (6, 2, 4)]  # units, state components, gates: the last as in an LSTM


def connections(n, g):
    """Two connections for each gate, or one where there is one unit: (k, g n)."""
    return np.stack([np.roll(np.tile(np.arange(n), g), j) for j in range(min(n, 2))])


ARGUMENTS = {  # primitive: its arguments from normal(*shape), for n units, c state components, g gates
    kernels.tanh: lambda a, n, c, g: (3 * a(n),),
    kernels.softmax: lambda a, n, c, g: (3 * a(n),),
    kernels.assign: lambda a, n, c, g: (a(c, g, n), a(c, g, n)),
    kernels.add: lambda a, n, c, g: (a(n), a(n)),
    kernels.sigmoid: lambda a, n, c, g: (3 * a(n),),
    kernels.dots: lambda a, n, c, g: (a(c, n), a(g, n + 2)),
    kernels.combine: lambda a, n, c, g: (a(n), -0.7, a(n), a(n), a(n)),
    kernels.power: lambda a, n, c, g: (a(n) ** 2, 0.25),
    kernels.raised: lambda a, n, c, g: (abs(float(a(1)[0])), 0.5 if n % 2 else 0.3),
    vectors._largest: lambda a, n, c, g: (a(n),),
    kernels.norm2: lambda a, n, c, g: (a(n),),
    kernels.with_one: lambda a, n, c, g: (a(n),),
    kernels.push: lambda a, n, c, g: (a(n + M + 1, g * n), a(n)),
    kernels.affine: lambda a, n, c, g: (a(n + M + 1, g * n), a(n), M - 1),
    kernels.pull: lambda a, n, c, g: (a(n + M + 1, g * n), a(g * n), n),
    kernels.through: lambda a, n, c, g: (a(c, c, n), a(c * n), a(c, g, n), a(g * n)),
    kernels.back: lambda a, n, c, g: (a(c, g, n), a(c * n)),
    kernels.jacobian: lambda a, n, c, g: (a(c, c, n), a(c, g, n), a(n + M + 1, g * n), a(n)),
    kernels.immediate_norms2: lambda a, n, c, g: (a(c, g, n), 2.5),
    kernels.add_outer: lambda a, n, c, g: (a(n + M + 1, g * n), a(n), M - 1, a(g * n)),
    kernels.add_product: lambda a, n, c, g: (a(c, g * n), -0.3, a(c, n), a(n, g * n)),
    kernels.add_immediate: lambda a, n, c, g: (a(c * n, (n + M + 1) * g * n), a(c, g, n), a(n), 0),
    kernels.immediate_gram: lambda a, n, c, g: (a(c, g, n), 2.5),
    kernels.immediate_jvp: lambda a, n, c, g: (a(c, g, n), a(n), 0, a(n + M + 1, g * n)),
    kernels.gather: lambda a, n, c, g: (a(2 + M, g * n), connections(n, g), a(n)),
    kernels.spread: lambda a, n, c, g: (a(2 + M, g * n), connections(n, g), n),
    kernels.scatter: lambda a, n, c, g: (a(2 + M, g * n), connections(n, g), a(g * n), n),
    kernels.add_gathered: lambda a, n, c, g: (a(3 + M, g * n), connections(n, g), a(n), M - 1, a(g * n)),
    kernels.add_gathered_rows: lambda a, n, c, g: (
        a(c * n, (min(n, 2) + M + 1) * g * n), a(c, g, n), connections(n, g), a(n), 0,
    ),
    kernels.affine_gathered: lambda a, n, c, g: (a(min(n, 2) + M + 1, g * n), connections(n, g), a(n), 1),
    kernels.input_columns: lambda a, n, c, g: (a(n + M, g * n), n, M - 1),
    kernels.add_input: lambda a, n, c, g: (a(n + M, g * n), n, M - 1, a(g * n)),
    kernels.input_norm2: lambda a, n, c, g: (2,),
    kernels.add_input_entries: lambda a, n, c, g: (a((n + M) * g), n, g, g - 1, M - 1, 0.7),
    kernels.local_jacobian: lambda a, n, c, g: (a(c, c, n), a(c, g, n), a(n + M + 1, g * n), a(n)),
    kernels.noise_products: lambda a, n, c, g: (a(n + 1, M), a(n), a(M) ** 2, a(M) ** 2, a(g, c * n)),
    kernels.noise_rows: lambda a, n, c, g: (a(n + 1, M), a(n), a(M) ** 2, a(n)),
    kernels.diagonal_step: lambda a, n, c, g: (
        1 + a(g * n) ** 2, a(g * n), 0.9, 0.1, a(c, n), a(n), a(n, g * n), 0.3,
    ),
    kernels.diagonal_outer_step: lambda a, n, c, g: (
        1 + a(n, M) ** 2, a(n, M), 0.9, 0.1, a(M) ** 2, a(n), a(M), 0.3,
    ),
    kernels.product: lambda a, n, c, g: (a(c, n), a(n, g * n)),
    kernels.product_norm: lambda a, n, c, g: (a(c, n), a(n, g * n)),
    kernels.triangle: lambda a, n, c, g: (a(2 * n + 1, n),),
    nobacktrack.averaged: lambda a, n, c, g: (a(1 + c, g), a(g)),
    kfrtrl.add_by_units: lambda a, n, c, g: (a(c * n, g * n), 0.7, a(c, g, n)),
    kfrtrl.balance: lambda a, n, c, g: (a(n), a(g * n)),
    metric.length2: lambda a, n, c, g: (a(c, g * n), a(c, g * n) ** 2),
    metric.lengths2: lambda a, n, c, g: (a(c, g, n), a(g * n) ** 2),
    rflo.fade: lambda a, n, c, g: (a(c, M, g * n), a(c, c, n)),
    adam.scaled_step: lambda a, n, c, g: (
        a(c, n), a(c, n), a(c, n), a(c, n) ** 2, 0.1, (0.9, 0.8), (0.5, 0.4), 1e-8,
    ),
    reduction.shares: lambda a, n, c, g: (np.sort(np.exp(a(n)))[::-1].copy(), min(n, 3)),
    reduction.frame: lambda a, n, c, g: (reduction.shares(np.sort(np.exp(a(n)))[::-1].copy(), min(n, 3)), min(n, 3)),
    kalman.root: lambda a, n, c, g: (a(1 + c, n),),
    kalman.evidence: lambda a, n, c, g: (a(1 + c, n), a(n, g * n), 1.7),
    kalman.directed: lambda a, n, c, g: (a(1 + c, n), a(n, g * n), 1.7),
    kalman.update: lambda a, n, c, g: (a(n, n + M), a(1 + c, 1 + c), a(1 + c, n), n - 1, 0.3, 1.1),
    kernels.seen: lambda a, n, c, g: (a(n, n + M), a(c, n)),
    kernels.reflections: lambda a, n, c, g: (1.1, a(c, n), a(1 + c, c), 0.3, a(n)),
    kernels.reflect_once: lambda a, n, c, g: (1.1, a(n), -0.7, 1.3, 0.3, a(n)),
    kernels.turn: lambda a, n, c, g: (a(n, n + M), 1.1, a(1 + c, n + M), a(2, n + M), a(1 + c)),
    instruments.measure: lambda a, n, c, g: (a(1, g * n), a(c + 1, g * n), a(5)),
}
SIGNALS = {  # the same where the input is a signal (M,)
    kernels.affine: lambda a, n, c, g: (a(n + M + 1, g * n), a(n), a(M)),
    kernels.add_outer: lambda a, n, c, g: (a(n + M + 1, g * n), a(n), a(M), a(g * n)),
    kernels.add_immediate: lambda a, n, c, g: (a(c * n, (n + M + 1) * g * n), a(c, g, n), a(n), a(M)),
    kernels.immediate_jvp: lambda a, n, c, g: (a(c, g, n), a(n), a(M), a(n + M + 1, g * n)),
    kernels.add_gathered: lambda a, n, c, g: (a(min(n, 2) + M + 1, g * n), connections(n, g), a(n), a(M), a(g * n)),
    kernels.add_gathered_rows: lambda a, n, c, g: (
        a(c * n, (min(n, 2) + M + 1) * g * n), a(c, g, n), connections(n, g), a(n), a(M),
    ),
    kernels.affine_gathered: lambda a, n, c, g: (a(min(n, 2) + M + 1, g * n), connections(n, g), a(n), a(M)),
    kernels.input_columns: lambda a, n, c, g: (a(n + M, g * n), n, a(M)),
    kernels.add_input: lambda a, n, c, g: (a(n + M, g * n), n, a(M), a(g * n)),
    kernels.input_norm2: lambda a, n, c, g: (a(M),),
    kernels.add_input_entries: lambda a, n, c, g: (a((n + M) * g), n, g, g - 1, a(M), 0.7),
}  # fmt: skip
FACTORED = {  # and where a gradient's B is factors
    kernels.add_product: lambda a, n, c, g: (a(c, M * g * n), -0.3, a(c, n), Kronecker(a(M), a(n, g * n))),
    kernels.product: lambda a, n, c, g: (a(c, n), Kronecker(a(M), a(n, g * n))),
    kernels.product_norm: lambda a, n, c, g: (a(c, n), Kronecker(a(M), a(n, g * n))),
    kalman.evidence: lambda a, n, c, g: (a(1 + c, n), Kronecker(a(M), a(n, g * n)), 1.7),
    kernels.diagonal_step: lambda a, n, c, g: (
        1 + a(M * g * n) ** 2, a(M * g * n), 0.9, 0.1, a(c, n), a(n), Kronecker(a(M), a(n, g * n)), 0.3,
    ),
}  # fmt: skip
ROWS = [*ARGUMENTS.items(), *SIGNALS.items(), *FACTORED.items()]
# Below, and by whole estimators.
ELSEWHERE = {vectors._exp, reduced.spectrum, reduced.replace, reduced.least, rflo.add_own, rflo.spread}
ELSEWHERE.add(nobacktrack.limits)
# The argument that is written and never read; evidence: whose first row is not asked for; frame: its p comes with a sigma
# that has the same NaN.
UNREAD = {kernels.assign: 0, kernels.combine: 0, instruments.measure: 2, kalman.root: 0, kalman.evidence: 0, reduction.frame: 0}
UNREAD[kernels.input_columns] = 0  # the rows of the units
PAIRED = kernels.diagonal_step, kernels.diagonal_outer_step  # one division serves two parameters: NaN in one is NaN in both
by_name = pytest.mark.parametrize("kernel, arguments", ROWS, ids=lambda part: getattr(part, "__name__", ""))


@functools.cache
def machine_code(kernel):
    def call(*args):
        return kernel(*args)

    return jit.compiled(call)


def both_forms(kernel, args):
    """For the numpy form and for the loops: what it returns, and the arguments that it changed in place."""
    for form in kernel, machine_code(kernel):
        own = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
        returned = form(*own)
        arrays = [(new, old) for new, old in zip(own, args, strict=True) if isinstance(old, np.ndarray)]
        changed = [new for new, old in arrays if new.tobytes() != old.tobytes()]
        made = [] if returned is None else [*returned] if type(returned) is tuple else [returned]
        yield [*made, *changed]


def test_every_loop_form_has_its_row():
    """A primitive cannot be added untested."""
    kinds = registry.LOOP, registry.SCALAR
    own = "nbt_edu.kernels", "nbt_edu.estimators", "nbt_edu.optimizers", "nbt_edu.learning"
    forms = {one for one, form in registry.functions.items() if form.options in kinds and one.__module__.startswith(own)}
    assert forms == {*ARGUMENTS, *ELSEWHERE}


@by_name
@pytest.mark.parametrize("n, c, g", SIZES)
def test_loops_are_numpy(kernel, arguments, n, c, g):
    """Same results, and the same changes in place, at sizes that leave remainders."""
    rng = np.random.default_rng(n)
    read, run = both_forms(kernel, arguments(lambda *shape: rng.normal(size=shape), n, c, g))
    for wanted, found in zip(read, run, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kernel", FACTORED, ids=lambda kernel: kernel.__name__)
def test_factors_are_the_product(kernel):
    """B as u (x) V, and the same B written out: equal answers and changes, both forms."""
    rng = np.random.default_rng(0)
    args = FACTORED[kernel](lambda *shape: rng.normal(size=shape), 6, 2, 4)
    dense = [np.array([np.outer(arg.u, row).ravel() for row in arg.V]) if isinstance(arg, Kronecker) else arg for arg in args]
    for factored, written in zip(both_forms(kernel, args), both_forms(kernel, dense), strict=True):
        for found, wanted in zip(factored, written, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rows", (0, 1, 3))
def test_a_product_of_matrices_however_they_lie(rows):
    """By rows, by columns, or with gaps; none, one, or several rows."""
    A, B = np.random.default_rng(0).normal(size=(2, 10, 10))
    for left in A[:rows, :6], A.T[:rows, :6], A[:rows, ::2], A[:rows, :6].copy("F"):
        for right in B[: left.shape[1], :4], B.T[: left.shape[1], :4], B[: left.shape[1]], B[: left.shape[1]].copy("F"):
            for found in both_forms(kernels.product, (left, right)):
                np.testing.assert_allclose(found[0], left @ right, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("shape", ((1, 1), (4, 1), (1, 4), (4, 4), (9, 4), (4, 0), (0, 4)))
def test_a_triangle_says_the_same_in_fewer_rows(shape):
    A = np.random.default_rng(0).normal(size=shape)
    for [R] in both_forms(kernels.triangle, (A,)):
        assert R.shape[1] == shape[1] and len(R) <= shape[1]
        np.testing.assert_allclose(R.T @ R, A.T @ A, rtol=1e-12, atol=1e-13)
    for [R] in both_forms(kernels.triangle, (np.zeros((5, 3)),)):
        assert not R.any()


@by_name
def test_nan_shows(kernel, arguments):
    """NaN in any argument that is read comes out of both forms in the same places: a diverged run must be seen."""
    rng = np.random.default_rng(0)
    args = arguments(lambda *shape: rng.normal(size=shape), 6, 2, 4)
    for i, arg in enumerate(args):
        if isinstance(arg, np.ndarray) and arg.dtype == float and UNREAD.get(kernel) != i:
            poisoned = [*args[:i], arg.copy(), *args[i + 1 :]]
            poisoned[i][(0,) * arg.ndim] = np.nan
            read, run = both_forms(kernel, poisoned)
            assert any(np.isnan(part).any() for part in read), f"argument {i}"
            for wanted, found in zip(read, run, strict=True):
                seen, shown = np.isnan(wanted), np.isnan(found)
                if kernel in PAIRED:
                    assert (shown >= seen).all() and shown.sum() <= 2 * seen.sum()
                else:
                    np.testing.assert_array_equal(shown, seen)


@pytest.mark.parametrize("a", [[-1e4, 0.0, 1e4], [-720.0, 0.0], [1e300, -1e300], [-np.inf, 2.0, 2.0], [5.0]], ids=str)
def test_softmax_at_any_spread(a):
    """No overflow: whatever the spread, probabilities that add up to 1."""
    wanted = np.exp(np.array(a) - max(a)) / np.exp(np.array(a) - max(a)).sum()
    for form in kernels.softmax, machine_code(kernels.softmax):
        p = np.array(a)
        form(p)
        np.testing.assert_allclose(p, wanted, atol=1e-300)
        assert p.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("a", [[np.inf, 0.0], [np.nan, 0.0], [0.0, np.nan]], ids=str)
def test_softmax_hides_no_overflow(a):
    """An infinite or missing number among the arguments leaves no probability that looks sound."""
    for form in kernels.softmax, machine_code(kernels.softmax):
        p = np.array(a)
        with np.errstate(invalid="ignore"):
            form(p)
        assert np.isnan(p).any()


def test_exp_to_three_units_in_the_last_place():
    """Our own exponential, read and run, over the whole range that is asked of it."""
    x = np.random.default_rng(0).uniform(-700, 700, 5000)
    exact = np.exp(x.astype(np.longdouble))
    for form in vectors._exp, machine_code(vectors._exp):
        y = np.array([form(value) for value in x])
        assert np.abs((y - exact) / np.spacing(y)).max() < 3


def test_tanh_saturates():
    """Far out tanh is 1 to the last bit, it is odd, and it keeps NaN, read and run."""
    x = np.array([0.0, 1e-9, 0.5, 19.0, 25.0, 1e4, np.inf])
    for form in kernels.tanh, machine_code(kernels.tanh):
        np.testing.assert_allclose(form(x), np.tanh(x), rtol=0, atol=2e-16)
        np.testing.assert_array_equal(form(-x), -form(x))
        np.testing.assert_array_equal(form(x)[-3:], 1.0)
        assert np.isnan(form(np.full(37, np.nan))).all()
