# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 · The rank-one trick
#
# **Goals.** Put *one* product of two vectors in the place of a sum of many, and find out when that is right. Prove it by
# trying everything there is. Make its noise as small as it gets, and carry the trick over to products of three.
#
# **40 minutes** · needs: matrix products, means; lesson 03 · slides: "The rank-one trick" (both). Run cell
# by cell (Shift + Enter).

# %%
import inspect

import numpy as np

import nbt_edu as nbt

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")

# %% [markdown]
# ## One product in the place of many
# RTRL (lesson 03) carries a matrix that is too large to keep; each character adds to it a sum of products of two vectors:
#
# $$A = \sum_{i=1}^d v_i w_i^\top .$$
#
# Here $d = 6$ and $A$ is 12 × 12. Keep one product instead, of **rank one**: all its rows are multiples of a single row. Give
# each term a *sign* $\varepsilon_i = \pm1$, and add up:
#
# $$\bar v = \textstyle\sum_i \varepsilon_i v_i, \qquad \bar w = \sum_i \varepsilon_i w_i \qquad\text{(the same signs)}.$$
#
# $\bar v \bar w^\top$ is a **draw**. Six signs can be chosen in $2^6 = 64$ ways. $|A|$ is the root of the sum of the squares of
# all entries; distances are measured so, too.
#
# **Predict**, under *Guess first*: how far from $A$ is one draw? And the mean of several: is it ever $A$ itself? **Seal** both,
# then **Run**: eight draws a second, all choices in turn; it pauses at 64.

# %%
app = nbt.apps.Signs()
app.pace, app.pause_at = 8, 64
app

# %% [markdown]
# Left to right: the present draw, the mean of all so far, and $A$; red: minus, blue: plus. Below: the present signs. Right:
# distance of the mean from $A$; both axes go in powers of ten. When it has paused, run the next cell. (There, somebody guesses 1
# and "no".)

# %% tags=["folded"]
print("The same run from Python:")
signs = nbt.apps.Signs()
signs.guess(one=1, ever="no")
for n in 31, 1, 1, 31:
    signs.step(n)
    print(signs.sentence())
print(*signs.guesses.verdicts().values(), sep="\n")
signs.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# One draw is hopeless: several times as far from $A$ as $A$ is long (on 20 of 20 fresh seeds, 100 to 119, more than three
# times). And yet the mean is $A$, not nearly but *exactly*: at draw 64, when all choices have come, and already at 32. In
# between it is off again: "more draws" is not what makes it right.
# </details>
#
# ## Why it works
# Multiply out: $\bar v \bar w^\top = \sum_i \varepsilon_i^2\, v_i w_i^\top + \sum_{i \ne j} \varepsilon_i \varepsilon_j\, v_i
# w_j^\top$. The first sum is $A$, for $\varepsilon_i^2 = 1$. The second consists of 30 **cross terms**.
#
# **Predict:** over all 64 choices, what is the mean of $\varepsilon_i\varepsilon_j$? Of $\varepsilon_i$ alone? Which must
# vanish? And how does the draw of $\varepsilon$ differ from that of $-\varepsilon$?

# %% tags=["folded"]
print("Means over choices of signs:")
every, V, W, A = nbt.rank_one.all_roots(6, 2).real, signs.V, signs.W, signs.A  # signs are the square roots of 1
for some in 31, 32, 64:
    eps = every[:some]
    pairs = (eps.T @ eps / some)[~np.eye(6, dtype=bool)]
    print(f"first {some}: largest pair {np.abs(pairs).max():.3f}, largest single sign {np.abs(eps.mean(0)).max():.3f}")
plus, minus = (np.outer(*nbt.rank_one.draw(V, W, eps)) for eps in (every[5], -every[5]))
print("the draws of ε and -ε are the same:", np.array_equal(plus, minus))

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Both are 0 over all; but pairs must vanish, singles need not: among the first 32 choices the first sign is always +1. The
# other 32 are their negatives, and $(-\bar v)(-\bar w)^\top$ is the same draw: half of the choices have all there is.
# </details>
#
# The trick's real source, and its proof, the mean over every choice (`lam` is 1 for now):

# %%
for function in nbt.rank_one.draw, nbt.rank_one.expectation:
    print(inspect.getsource(function))
mean, variance = nbt.rank_one.expectation(V, W)
print("mean is A, to rounding:", np.allclose(mean, A, rtol=0, atol=1e-12))
print(f"variance {variance / np.sum(A**2):.2f} |A|²: one draw is {np.sqrt(variance) / np.linalg.norm(A):.2f} |A| away")

# %% [markdown]
# ## At random
# With a thousand terms nobody can try all choices. So signs are *tossed*. The mean over all that might have come is $A$: such
# a draw is called **unbiased**, and the mean of its squared distance from $A$ is its **variance**.
#
# **Predict:** after 64 tossed draws, how far is their mean from $A$? After 6,400? Then set **signs** to *at random* in the app,
# and clear *pause at*.

# %% tags=["folded"]
print("Tossed signs:")
tossed = nbt.apps.Signs(order="random")
for n in 64, 6400 - 64:
    tossed.step(n)
    print(tossed.sentence())

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Variances of independent draws add up, so the mean of $N$ is about one draw's distance$/\sqrt N$ away (dotted): a hundred
# times as many draws, a tenth of the distance. On 20 of 20 seeds it is within a factor 2 of that at 64. Cross terms still
# cancel, but never quite.
# </details>
#
# ## Exercise 1: how many draws?
# One draw is `one` away from $A$. How many tossed draws must be averaged until the mean is `off` away?


# %% tags=["stub"]
def draws(one, off):
    raise NotImplementedError


# %% tags=["answer"]
def draws(one, off):
    return (one / off) ** 2


# %%
nbt.exercises.check(draws, "04 draws")

# %% [markdown]
# ## A number that changes nothing, and helps
# $v_i w_i^\top = (\lambda_i v_i)(w_i/\lambda_i)^\top$ for any $\lambda_i > 0$: $A$ stays, the draws change. In the app some
# $v_i$ are much longer than others, and their $w_i$ shorter. Make the two equally long:
#
# $$\lambda_i = \left(|w_i| / |v_i|\right)^{\beta/2}, \qquad \beta = 1 .$$
#
# **Predict:** how many times fewer draws does it take then? If $\beta = 1$ is good, is $\beta = 2$ better? Then move **λ
# exponent β** while the app runs.

# %% tags=["folded"]
print("Formula, and all 64 draws:")
for beta in 0, 0.5, 1, 1.5, 2:
    lam = nbt.rank_one.scales(V, W) ** beta
    mean, variance = nbt.rank_one.expectation(V, W, lam)
    formula, tried = np.sqrt([nbt.rank_one.variance(V, W, lam), variance]) / np.linalg.norm(A)
    print(f"β = {beta:3}: one draw is {formula:.2f} |A| away, tried {tried:.2f}; for 0.1 |A|: {100 * formula**2:5,.0f} draws;",
          "mean is A:", np.allclose(mean, A, rtol=0, atol=1e-12))  # fmt: skip

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Ten times fewer here (2.5 to 12 times on the fresh seeds), and all are unbiased. The formula:
#
# $$\text{variance} = \sum_{i\ne j} \left(\tfrac{\lambda_i}{\lambda_j}\right)^2 |v_i|^2 |w_j|^2 + (v_i\cdot v_j)(w_i\cdot w_j) .$$
#
# Only the first part depends on λ. $\beta$ and $2-\beta$ give the very same: the roles of $v$ and $w$ are exchanged. So the least is in
# the middle, at equal lengths: "very important in practice", say the slides. (Least for one step; over many, see 06.)
# </details>
#
# ## Exercise 2: your own
# `terms.V` and `terms.W` have a term in each row; `terms.toss()` gives a sign for each. Answer *one draw* $\bar v\bar w^\top$, a
# matrix, with $\lambda_i$, $\beta = 1$.


# %% tags=["stub"]
def rank_one(terms):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def rank_one(terms):
    signs, V, W = terms.toss(), terms.V, terms.W
    lam = np.sqrt(np.linalg.norm(W, axis=1) / np.linalg.norm(V, axis=1))
    return np.outer((signs * lam) @ V, (signs / lam) @ W)


# %%
nbt.exercises.check(rank_one, "04 rank_one")

# %% [markdown]
# **Predict:** somebody tosses signs for $v$, and *other* signs for $w$. What is the mean over all choices? And without signs?

# %% tags=["folded"]
print("Mean over all choices, distance from A:")
v, w = nbt.rank_one.draw(V, W, every)
means = {
    "the same signs": v.T @ w / 64,
    "signs of their own": np.outer(v.mean(0), w.mean(0)),
    "no signs": np.outer(V.sum(0), W.sum(0)),
}
for name, mean in means.items():
    print(f"{name}: {np.linalg.norm(mean - A) / np.linalg.norm(A):.2f} |A|; is it 0?", np.allclose(mean, 0, rtol=0, atol=1e-12))

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Over 64 × 64 choices $\varepsilon_i\varepsilon'_j$ is + as often as −, for $i = j$ too: all vanishes, $A$ with it. Without signs
# nothing does. The shared sign is what lets a term *meet itself*.
# </details>
#
# ## What it saves
# **Predict:** in lesson 03, 1,000 units made a matrix of 1,000 rows and 1,081,000 columns; each character adds 1,000 products.
# How many times fewer numbers does a draw keep? How many times fewer multiplications make it?

# %% tags=["folded"]
print("d products of n and p numbers:")
for d, n, p in (6, 12, 12), (1000, 1000, 1_081_000):
    print(f"d = {d}: A keeps {n * p:,} numbers, a draw {n + p:,}: {n * p / (n + p):,.1f} times fewer")
    print(f"       A takes {d * n * p:,} multiplications, a draw {d * (n + p):,}: as many times fewer")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# 999 times, both: about the length of the shorter side. Signs cost nearly nothing. (These products are mostly zeros, which
# RTRL leaves out; but no sparsity saves it from keeping the $n \times p$ numbers.)
# </details>
#
# ## Products of three
# A **tensor** is a block of numbers with more indices: $A_{abc} = \sum_i u_{ia} v_{ib} w_{ic}$. A draw is $\bar u_a \bar v_b \bar
# w_c$. Now $\varepsilon_i^3$ stands before what is wanted.
#
# Signs are the *square* roots of 1. The $k$-th roots of 1 are $k$ complex numbers around the unit circle; their mean is 0.
#
# **Predict** for products of two, three, four: which roots give the right mean? Do more roots do no harm?

# %% tags=["folded"]
print("Mean over all choices, distance from A / |A|:")
rng = np.random.default_rng(0)
print("roots:         2      3      4      6")
for order in 2, 3, 4:
    factors = [rng.normal(size=(4, 3)) for _ in range(order)]  # four terms
    T = nbt.rank_one.tensor(factors)
    off = [np.linalg.norm(nbt.rank_one.tensor_expectation(factors, k) - T) / np.linalg.norm(T) for k in (2, 3, 4, 6)]
    print(f"products of {order}:", " ".join(f"{one:6.2f}" for one in off))

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Products of $k$ take $k$-th roots, neither fewer nor more. For three, signs fail: $\varepsilon^3 = \varepsilon$, with mean 0, so the
# mean of all draws is 0, off by 1.00. Sixth roots fail too: $\varepsilon^3$ is −1 as often as +1. For four, signs let too much
# through: $\varepsilon_i^2\varepsilon_j^2 = 1$, and cross terms stay.
# </details>
#
# ## Exercise 3: three
# `terms.U` holds the $u_i$ too; `terms.toss(k)` gives each term a $k$-th root of 1. Answer one draw, without λ:
# `np.einsum("i,j,k->ijk", …)` of three sums, and of that the real part, `.real`.


# %% tags=["stub"]
def cube(terms):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def cube(terms):
    eps = terms.toss(3)
    return np.einsum("i,j,k->ijk", eps @ terms.U, eps @ terms.V, eps @ terms.W).real


# %%
nbt.exercises.check(cube, "04 cube")

# %% [markdown]
# ## Are so many needed?
# Eight products: 256 choices, of which 128 suffice. **Predict:** if you may *choose* the signs, how few draws have $A$ as their
# mean? *Hint: a sum of N products has rank N at most.*

# %% tags=["folded"]
print("Chosen signs, eight products:")
eight, chosen = nbt.apps.Signs(d=8), np.ones((1, 1))
while len(chosen) < 8:
    chosen = np.block([[chosen, chosen], [chosen, -chosen]])
for name, eps in ("in turn", nbt.rank_one.all_roots(8, 2).real), ("chosen", chosen):
    for some in 7, 8:
        v, w = nbt.rank_one.draw(eight.V, eight.W, eps[:some])
        off = np.linalg.norm(v.T @ w / some - eight.A) / np.linalg.norm(eight.A)
        print(f"first {some} {name}: off by {off + 1e-12:.2f} |A|; rank {np.linalg.matrix_rank(v.T @ w)}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Eight. Only *pairs* must vanish, and the columns of `chosen` are at right angles. Fewer cannot do: $A$ has rank 8. Why toss at
# all, then? In lesson 05 new terms come at every step, and cross terms between steps must vanish as well; and there is one draw
# only.
# </details>
#
# ## For the class
# 1. *One draw is seven times as far off as* A *is long. What is it good for?*
# 2. *Might one fix* $\varepsilon_1 = +1$ *for good?*
# 3. *Does λ not favour some terms?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "nothing". Its *mean* is right, and whoever takes many small steps takes a mean.
# 2. Wrong answer: "no, then it is biased". Yes: a sign common to all changes no draw. NoBackTrack makes use of it.
# 3. Wrong answer: "yes, those with large λ count more". What is multiplied in $\bar v$ is divided in $\bar w$; only cross terms
#    change.
# </details>
#
# **Where next:** 05 does it at every step: RTRL's matrix kept as one product. To read: `nbt_edu/rank_one.py`.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 10 minutes to the verdicts (most say 1, and "nearer and nearer"), 10 each to Exercise 1, for λ, for the
# rest. Show **Step** with *terms d* 3: draw 4 is exact. Misunderstanding: "right because many". To paste: `signs d=3`.
