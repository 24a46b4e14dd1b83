# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Dynamical systems
#
# **Goals.** See a gradient as one long product of matrices. Find out what the order of multiplication changes, and what it does
# not. Test a derivative by moving a parameter.
#
# **45 minutes** · needs: matrix products, the chain rule; lesson 00 helps · slides: "Recurrent networks as dynamical systems",
# "Simple strategy: online gradient descent", "Why backpropagation through time?".

# %%
import functools

import numpy as np

import nbt_edu as nbt
from nbt_edu.measuring.walk import read

print("nbt_edu is ready")

# %% [markdown]
# ## Where do you begin?
# A network has a state ($n$ numbers) and $p$ parameters. How does a loss *now* depend on what the parameters did $T$ steps ago?
# The answer, a gradient of $p$ numbers, is a product: a row of $n$ numbers, $T$ matrices $n\times n$, a slab $n\times p$.
#
# $$\text{row}\times J_T\times\dots\times J_1\times\text{slab}$$
#
# $(AB)C=A(BC)$: it is the same from either end. Below, the upper lane begins at the left, the lower at the right. Both make
# $T+1$ products, at the same pace: so many multiplications a second.
#
# **Predict:** which lane has the gradient first, and how many times as many multiplications does the other need? Run the
# cell, choose under *Guess first*, **Seal**, **Run**.
#
# Top: the factors (blue below zero, orange above); framed: what each lane carries. Bottom: products done.

# %%
app = nbt.apps.Chain()
app.pace = 1000  # multiplications a second
print(f"n = {app.B.shape[0]}, T = {len(app.J)}, p = {app.B.shape[1]}")
app

# %% [markdown]
# The same run from Python (put in your own guess):

# %% tags=["folded"]
print("The same run from Python:")
same = nbt.apps.Chain()
same.guess(first="neither", ratio=2)
same.step(6000)
early = same.picture()
same.step(20_000)  # to the end
print(*same.guesses.verdicts().values(), same.sentence(), sep="\n")
early

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# From the left a *row* is carried: 64 multiplications for each of 4 matrices, then 8 × 88 = 704 where it meets the slab. From the
# right the *slab* is carried: 64 × 88 for each of 4 matrices, then 704 where it meets the row. The answer is the same; the work
# is not. In the lower lane the slab's empty places fill up: the slides say "any sparsity is lost". (The grey block that stays
# belongs to a symbol that was not read. All is counted as full matrices; whoever skips the zeros of the first slab saves once.)
# </details>

# %% [markdown]
# ## State, parameter, loss
# A **dynamical system** has a *state* $h$ ($n$ numbers), reads an *input* $x(t)$, and goes on by a fixed function with a
# *parameter* $\theta$ ($p$ numbers). Along its *trajectory* $h(0), h(1), \dots$ it pays *losses*:
#
# $$h(t+1)=F(h(t),x(t),\theta),\qquad\ell_t=\ell_t(h(t)).$$
#
# A recurrent network is one. Ours (with $h'$ for $h(t+1)$) is $h'=(1-\alpha)h+\alpha\tanh(Wh+Rx+b)$. The *leak*
# $\alpha$ is how much of the state is renewed; $\theta = (W, R, b)$; for a symbol, $x$ has a single 1.

# %%
n, T, symbols = 8, 4, 2
rng = np.random.default_rng(1)
system = nbt.LeakyRNN(units=n, leak=0.5).build(0, symbols, rng)  # 0: such inputs it will read
h = system.start()
for x in 0, 1, 1:
    h, tape = system.step(h, x)  # the tape keeps what derivatives need
print("state:", h.size, "numbers; parameter:", n * n, "in W,", n * symbols, "in R,", n, "in b:", system.theta.size)
print("after three inputs, the first unit is at", h[0].round(4))

# %% [markdown]
# A **Jacobian** is a matrix of derivatives. Each step has two: $J=\partial F/\partial h$ ($n\times n$), what the state does to
# the next state, and $B=\partial F/\partial\theta$ ($n\times p$), what $\theta$ does *at once*. The loss has one,
# $q=\partial\ell/\partial h$, a row. Use $\theta$ in one step, and let $T$ steps follow: the state changes by $B$, each step
# passes that on by its $J$, and the loss feels it by $q$. So the chain rule says
#
# $$q\,J_T\cdots J_1\,B:$$
#
# $q$ is the row, $B$ the slab. Below, a *readout* predicts from the state; a loss compares with a target.

# %%
readout = nbt.Softmax().build(n, symbols)
readout.theta[...] = rng.normal(size=readout.theta.shape)  # else no loss depends on h
inputs, targets = rng.integers(symbols, size=(2, T + 1))
walk = read(system, readout, inputs, targets)  # all derivatives of T + 1 steps
q, J, B = walk.q[-1], walk.J[1:], walk.B[0]  # B of the first step, J of those that follow, q of the last loss
row, slab = q, B
for k in range(T):
    row, slab = row @ J[T - 1 - k], J[k] @ slab
print("shapes:", q.shape, J.shape, B.shape)
print("same to 1e-12:", np.allclose(row @ B, q @ slab, rtol=1e-12, atol=1e-12))

# %% [markdown]
# ## The bracket may stand anywhere
# Take $m$ matrices from the right into the slab, the others from the left into the row; then row × slab.
#
# **Predict:** which $m$, from 0 to $T$, is cheapest? Is there a best place in the middle? (The app's dial: *from the right*.)

# %% tags=["folded"]
print("m  multiplications")
for m in range(T + 1):
    print(m, f"{nbt.apps.Chain(right=m).totals()['right']:8,}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# $m = 0$: each matrix that goes into the slab costs $n^2 p$ instead of $n^2$, wherever the others go. There is no best place in
# the middle, as one end is thin and the other is wide.
# </details>
#
# ## Exercise 1: from the left
# How many multiplications, with a row of $n$, $T$ matrices $n\times n$, a slab $n\times p$?
#
# *Hint: $(a\times b)$ times $(b\times c)$ costs $abc$.*


# %% tags=["stub"]
def left(n, p, T):
    raise NotImplementedError


# %% tags=["answer"]
def left(n, p, T):
    return T * n**2 + n * p


# %%
nbt.exercises.check(left, "01 left")

# %% [markdown]
# ## Exercise 2: from the right
# And from the other end, until the gradient ($p$ numbers) is there?


# %% tags=["stub"]
def right(n, p, T):
    raise NotImplementedError


# %% tags=["answer"]
def right(n, p, T):
    return T * n**2 * p + n * p


# %%
nbt.exercises.check(right, "01 right")

# %% [markdown]
# **Predict:** the right lane's work over the left's was 24 for 8 units and 4 steps. What does it become with twice the
# *units*, and what with many *steps*? (For this network $p=n^2+3n$. You may use your `left` and `right`.)

# %% tags=["folded"]
print("units  steps  from the left  from the right  ratio")
for units, steps in (8, 4), (16, 4), (8, 64), (16, 64):
    trial = nbt.apps.Chain(units=units, length=steps, right=steps)
    done = trial.totals()
    print(f"{units:5}  {steps:5}  {done['left']:13,}  {done['right']:14,}  {trial.ratio():5.1f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Twice the units: at 4 steps a little more than twice, at 64 steps about three times. Many steps: it grows towards $p$ (88 and
# 304 here), as the one product row × slab no longer counts, and every other one costs $n^2$ or $n^2 p$.
# </details>
#
# ## θ acts at every step
# So far only the *first* use of $\theta$ counted. The gradient of the last loss is a sum of such products, one for each step. Either
# way collects it in one sweep, with the $J$ and $B$ of each step it passes:
#
# - **BPTT** (backpropagation through time), from the left: the row $e$ begins as $q$; add $eB$ to a sum, then $e\leftarrow eJ$;
# - **RTRL** (real-time recurrent learning), from the right: the slab $G$ begins as 0; $G\leftarrow JG+B$; at the end, $q\,G$.

# %%
nothing = np.zeros((T + 1, 0, n))  # methods of later lessons need random numbers here, these two none
exact = walk.exact()[-1]  # the gradient of the last loss, written out
rtrl = walk.answers(nbt.RTRL(), nothing)[-1]
bptt = walk.answers(nbt.SlidingBPTT(T + 1), nothing)[-1]
print("RTRL is right to 1e-12:", np.allclose(rtrl, exact, rtol=1e-12, atol=1e-12))
print("BPTT is right to 1e-12:", np.allclose(bptt, exact, rtol=1e-12, atol=1e-12))
print(f"length of the first step's part, of the whole gradient's: {np.linalg.norm(row @ B) / np.linalg.norm(exact):.3f}")

# %% [markdown]
# So why not always from the left? Because the left end is the *last* step. BPTT has to wait for it, keep all states, and go
# **back in time**. The slab can be carried along *as you go*; but it is wide. That is what this course is about.
#
# ## Exercise 3: is it right? Move θ and see
# Take $h(0)=0$, $h(t+1)=\tanh(\theta\,h(t)+x(t))$, and the loss $\ell=h(T)^2/2$ at the end. Write `slope(theta, x)`, its
# derivative by $\theta$, by *finite differences*:
# $\big(\ell(\theta+\varepsilon)-\ell(\theta-\varepsilon)\big)/2\varepsilon$, $\varepsilon=10^{-5}$, for a tuple $x$ of $T$ inputs.


# %% tags=["stub"]
def slope(theta, x):
    raise NotImplementedError


# %% tags=["answer"]
import math


def slope(theta, x, eps=1e-5):
    def loss(theta):
        h = 0.0
        for one in x:
            h = math.tanh(theta * h + one)
        return h**2 / 2

    return (loss(theta + eps) - loss(theta - eps)) / (2 * eps)


# %%
nbt.exercises.check(slope, "01 slope")

# %% [markdown]
# The library tests each system's $J$ and $B$ so, on symbols and on signals.

# %%
report = nbt.check.system(nbt.LeakyRNN(units=3, leak=0.5))
print(str(report).splitlines()[-1])

# %% [markdown]
# ## The same picture elsewhere
# In a **hidden Markov model**, something unseen jumps at random among $n$ places; each jump shows you an observation. How probable
# is all that you saw? $\pi\,M_1\cdots M_T\mathbf{1}$: a row $\pi$ (where it starts), for each observation a matrix $M_t$ (how
# probable each jump is, and what it shows), a column of ones (wherever it ends).
#
# **Predict:** which end is cheaper there?

# %% tags=["folded"]
print("A hidden Markov model of 8 states, 100 observations:")
pi, ones = np.full(8, 1 / 8), np.ones(8)
M = rng.dirichlet(ones, size=(100, 8)) * rng.uniform(size=(100, 1, 8))  # jumps, times how likely what was seen is
forward, backward = functools.reduce(np.matmul, M, pi), functools.reduce(lambda carried, one: one @ carried, M[::-1], ones)
print(f"log-likelihood forward {np.log(forward @ ones):.6f}, backward {np.log(pi @ backward):.6f}")
print("multiplications of either way:", M.size + 8)
J, jump, move = ([(name, 8, 8)] * 3 for name in ("J", "M", "P"))
chains = {"network: gradient": [("row", 1, 8), *J, ("slab", 8, 88)], "Markov model: likelihood": [("π", 1, 8), *jump, ("1", 8, 1)]}
chains["Bellman: value"] = [*move, ("r", 8, 1)]
nbt.figures.Picture(nbt.figures.products(chains), "One picture three times: only the network's has a wide end.")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Neither: both ends are thin, and a vector is carried either way. So one goes forward, as the observations come, and that costs
# nothing extra. Only *learning* makes one end wide: to fit such a model one must know how often *each* jump was made (EM,
# expectation–maximisation), as the gradient needs *each* parameter; hence its forward–backward passes. **Bellman's equation**, for a reward to
# come, is such a product too: discounted jumps $P$, and a column of rewards $r$.
# </details>

# %% [markdown]
# ## For the class
# 1. *Both lanes make five products. Why is one so much dearer?*
# 2. *Give the lower lane a faster machine (dial* speed*). How fast until it keeps up?*
# 3. *A system with one parameter: is there still a wide end?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "the matrices are larger". They are the same; what is *carried* is larger.
# 2. Wrong answer: "twice". 24.2 times here, and $p$ times for long chains. (The slab's columns could be done side by side.)
# 3. Wrong answer: "yes, $n \times p$ is a matrix". With $p = 1$ the slab is one column: forward is as cheap as backward.
# </details>
#
# **Where next:** lesson 02 goes backwards, and asks what happens if you stop early; lesson 03 carries the slab.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 8 minutes to the end of the app (at pace 1000 the upper lane takes 1 second, the lower 23: let them wait),
# 15 for the two costs, 10 for `slope`. Most guess 2 to 8. In exercise 3 many replay stored states with another θ. To
# paste: `chain right=1`, `chain units=16`, `chain speed=24.2`.
