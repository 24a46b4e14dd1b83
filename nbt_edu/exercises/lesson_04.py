"""Lesson 04, the rank-one trick: one's own, for matrices and for products of three; and how many draws it takes."""

import numpy as np

from .checking import Exercise


class Terms:
    """Terms of a sum, one a row: V (m, 3) and W (m, 4), and U (m, 2) for products of three.

    `toss()` gives m fresh signs, `toss(k)` m fresh k-th roots of unity (complex for k > 2).
    """

    def __init__(self, m):
        rng = np.random.default_rng((5, m))
        self.V, self.W, self.U = (np.exp(rng.normal(size=(m, 1))) * rng.normal(size=(m, size)) for size in (3, 4, 2))
        self._rng = rng

    def __repr__(self):
        return f"{len(self.V)} terms"

    def toss(self, k=2):
        turns = self._rng.integers(k, size=len(self.V))
        return 1.0 - 2 * turns if k == 2 else np.exp(2j * np.pi * turns / k)


def scale(terms):
    """lambda (m,) that makes the two vectors of each term equally long."""
    return np.sqrt(np.linalg.norm(terms.W, axis=1) / np.linalg.norm(terms.V, axis=1))


def product(of_v, of_w):
    """The function of terms that answers v w^T; of_v and of_w (signs, lam, terms) answer the weights of the terms."""

    def answer(terms):
        signs, lam = terms.toss(), scale(terms)
        return np.outer(of_v(signs, lam, terms) @ terms.V, of_w(signs, lam, terms) @ terms.W)

    return answer


def triple(*weights):
    """The function of terms that answers u x v x w, its real part; a weight (roots, terms) for each of u, v, w; k-th roots."""

    def with_roots(k, part=np.real):
        def answer(terms):
            eps = terms.toss(k)
            sums = [weight(eps, terms) @ rows for weight, rows in zip(weights, (terms.U, terms.V, terms.W), strict=True)]
            return part(np.einsum("i,j,k->ijk", *sums))

        return answer

    return with_roots


same = triple(*3 * [lambda eps, _: eps])
CASES = Terms(3), Terms(4), Terms(6)

ROWS = {
    "04 draws": Exercise(
        truth=lambda one, off: (one / off) ** 2,
        cases=((6.0, 1.0), (2.0, 0.1), (0.5, 0.01)),
        wrong={
            "the distance does not fall like the number of draws: twice as many do not halve it": lambda one, off: one / off,
            "what is wanted was squared, and what one draw has was not": lambda one, off: one / off**2,
            "what one draw has was squared, and what is wanted was not": lambda one, off: one**2 / off,
            "a root, where the root has to be undone": lambda one, off: (one / off) ** 0.5,
        },
    ),
    "04 rank_one": Exercise(
        truth=product(lambda signs, lam, _: signs * lam, lambda signs, lam, _: signs / lam),
        cases=CASES,
        wrong={
            "v and w have signs of their own: then a term meets itself with + as often as with -, and the mean is zero": (
                product(lambda signs, lam, _: signs * lam, lambda signs, lam, terms: terms.toss() / lam)
            ),
            "the signs stand on v only: then the mean is zero": (
                product(lambda signs, lam, _: signs * lam, lambda signs, lam, _: 1 / lam)
            ),
            "the signs stand on w only: then the mean is zero": product(
                lambda signs, lam, _: lam, lambda signs, lam, _: signs / lam
            ),
            "no signs: all products of different terms stay": product(lambda signs, lam, _: lam, lambda signs, lam, _: 1 / lam),
            "λ is missing: right in the mean, but noisier": product(lambda signs, *_: signs, lambda signs, *_: signs),
            "λ stands on one side only: what is not taken back on the other changes the mean": (
                product(lambda signs, lam, _: signs * lam, lambda signs, *_: signs)
            ),
            "λ on both sides: it has to be taken back on one of them": (
                product(lambda signs, lam, _: signs * lam, lambda signs, lam, _: signs * lam)
            ),
            "λ is upside down: right in the mean, but the longer one is made longer": (
                product(lambda signs, lam, _: signs / lam, lambda signs, lam, _: signs * lam)
            ),
            "λ lacks its root: right in the mean, but the lengths are exchanged, not made equal": (
                product(lambda signs, lam, _: signs * lam**2, lambda signs, lam, _: signs / lam**2)
            ),
            "this is the sum itself: one product of two vectors is asked for": lambda terms: terms.V.T @ terms.W,
        },
    ),
    "04 cube": Exercise(
        truth=same(3),
        cases=CASES,
        wrong={
            "these are signs: what is the third power of a sign, and its mean?": same(2),
            "fourth roots: the third power of one of them is one of them again, and the mean is zero": same(4),
            "sixth roots: the third power is minus one as often as it is one": same(6),
            "each vector has roots of its own: then a term does not meet itself": (
                triple(lambda eps, _: eps, lambda eps, terms: terms.toss(3), lambda eps, terms: terms.toss(3))(3)
            ),
            "one of the three is conjugate: then two of them cancel, and one is left, with mean zero": (
                triple(lambda eps, _: eps, lambda eps, _: eps, lambda eps, _: eps.conj())(3)
            ),
            "the absolute value is not the real part: it has no mean of zero where it should": same(3, np.abs),
            "this is the sum itself: one product of three vectors is asked for": (
                lambda terms: np.einsum("mi,mj,mk->ijk", terms.U, terms.V, terms.W)
            ),
        },
    ),
}
