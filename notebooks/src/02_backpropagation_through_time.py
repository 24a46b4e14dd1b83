# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Backpropagation through time
#
# **Goals.** Choose how far a gradient looks back, and see where it then goes. Say exactly what "truncated" means. Store fewer
# states than steps.
#
# **45 minutes** · needs: lesson 01 (a row travels back through a product of matrices) · slides: "Why backpropagation through
# time?", and the line "Backprop through time (T-truncated)" of "Algorithms to train dynamical systems". Run cell by cell.

# %%
import inspect

import numpy as np

import nbt_edu as nbt
from nbt_edu import balancing
from nbt_edu.apps.strip import shares

print("nbt_edu is ready")

# %% [markdown]
# ## How far back?
# A system has *one* parameter θ, and each step pays a loss. The three balls below start at the same θ and go down *the same
# loss*, each by its own gradient. **RTRL** (exact) and **NoBackTrack** (exact on average, noisy) miss nothing. **BPTT-T**,
# truncated backpropagation through time, looks back $T$ steps and ignores what θ did before.
#
# The *strip* shows what BPTT credits: bar $k$ is what θ did $k$ steps ago to the state of now. The dashed ball follows the sum
# of the bars.
#
# **Predict:** with $T = 20$, is it nearer to the goal after 2,000 steps? If not, from which $T$ on does it roll
# the right way? Seal both guesses, then **Run**; afterwards move *look back T* while it runs.

# %%
app = nbt.apps.Strip()
app.pace, app.pause_at = 1000, 2000  # steps a second
app

# %% [markdown]
# Left below: the loss against θ; an arrow points where the gradient leads on average (the root of its length). A ball that
# has left the picture waits at its edge. Right: θ against steps. When yours has paused, run the next cell.

# %% tags=["folded"]
print("The same run from Python:")
strip = nbt.apps.Strip()
strip.guess(ball="nearer", turn=10)
strip.step(2000)
print(*strip.guesses.verdicts().values(), strip.sentence(), sep="\n")
strip.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# The dashed ball climbs. With $T = 40$ it still does, slowly; with 41 it turns, slowly; with 60 it runs beside RTRL. Here the
# recent past says the opposite of the whole. (NoBackTrack wanders at first; run on to 10,000, and it arrives.)
# </details>
#
# ## More memory
# Credit is the sum of the first $T$ bars; the whole past gives −6.
#
# **Predict:** with $T = 1$ the credit is +1. What is it with 10, with 20? Does each further step bring it nearer to −6?

# %% tags=["folded"]
print("  T   credit   after 10,000 steps")
sums = balancing.truncated_influence(100)
for T in 1, 10, 19, 21, 40, 41, 60, 100:
    theta = balancing.descend(nbt.SlidingBPTT(T), nbt.SGD(1e-5), 10_000)[-1]
    print(f"{T:3}  {sums[T - 1]:7.2f}   theta = {theta:.3f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# More memory is *worse first*: the credit grows to +16.5 at $T = 19$ and 20, and so does the speed the wrong way. Then the older steps
# outweigh it: 0.57 at 40, −0.22 at 41. The sign flips between these two, nothing warns you before, and
# the goal is θ* = −1/6.
# </details>
#
# ## The system
# Twenty-three components in a line, $s_i \leftarrow \frac12 s_i + \frac12 s_{i+1} \pm \theta$: plus in the first ten, minus in the
# other thirteen. The loss is $\frac12 (s_1 - 1)^2$. What θ does far down the line arrives *late*: this is *influence balancing*,
# made by the authors of UORO (arXiv:1702.05043), so that truncation fails. In the end $s_1 = -6\,\theta$.

# %%
bars = shares(100)
print("bars 1 to 5:  ", bars[:5].round(2))
print("bars 31 to 35:", bars[30:35].round(2))
print(f"all of them: {bars.sum():.4f}")

# %% [markdown]
# ## Exercise 1: where the sign turns
# Given a list of bars, the latest first: the least $T$ for which the sum of the first $T$ has the sign of the sum of all.


# %% tags=["stub"]
def turn(shares):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def turn(shares):
    sums = np.cumsum(shares)
    return int(np.argmax(sums * sums[-1] > 0)) + 1


# %%
nbt.exercises.check(turn, "02 turn")

# %% [markdown]
# ## Unrolling
# Write the $T$ steps of a window below each other, as one deep network with the same θ in each layer: that is *unrolling*. The row
# $e$ of lesson 01 travels back through the layers. The library's own lines; a *tape* is what a step keeps for its derivatives:

# %%
print(inspect.getsource(nbt.BPTT.gradient))

# %% [markdown]
# `vjp` is $e\,J$: no matrix–matrix product anywhere. But to go back, all tapes of the window had to be kept.
#
# ## What "truncated" means exactly
# *Sliding*: at every step, the loss of that step travels back $T$ steps. Each step costs $T$ products $eJ$. *Once a window*, as
# above and as most people do it: wait for $T$ steps, then go back once: cost of two products a step. There the window's last loss
# looks back $T$ steps, its first only one. (The app's *credit*.)
#
# ## Exercise 2: credit once a window
# Given the bars of a window (as many as it has steps): the mean, over the window's losses, of what each credits.


# %% tags=["stub"]
def credit(shares):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def credit(shares):
    return float(np.mean(np.cumsum(shares)))


# %%
nbt.exercises.check(credit, "02 credit")

# %% [markdown]
# **Predict:** sliding turns at 41. From which $T$ on does a window turn?

# %% tags=["folded"]
print("Mean credit once a window:")
means = np.cumsum(sums := balancing.truncated_influence(200)) / np.arange(1, 201)
for T in 41, 60, 80, 109, 110, 200:
    print(f"T = {T:3}: sliding {sums[T - 1]:6.2f}, once a window {means[T - 1]:6.2f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# From 110 on: its early losses, which look back too little, go on pulling the wrong way. The bias dies out like $1/T$, not
# with the bars.
# </details>
#
# ## Without looking back
# RTRL and NoBackTrack have no $T$. NoBackTrack's noise is large; where the loss is zero the noise is zero too.

# %%
print("theta after 20,000 steps, goal -0.167:")
for seed in 100, 101, 102:
    theta = balancing.descend(nbt.NoBackTrack(), nbt.SGD(1e-5), 20_000, seed)
    print(f"NoBackTrack, seed {seed}: furthest {abs(theta).max():.2f}, at last {theta[-1]:.3f}")
print(f"RTRL: at last {balancing.descend(nbt.RTRL(), nbt.SGD(1e-5), 20_000)[-1]:.3f}")

# %% [markdown]
# **Predict:** at ten times the rate, $10^{-4}$, who arrives?

# %% tags=["folded"]
print("The same at rate 0.0001:")
for name, method in ("RTRL", nbt.RTRL()), ("BPTT-60", nbt.SlidingBPTT(60)), ("NoBackTrack", nbt.NoBackTrack()):
    run = balancing.Descent(method, nbt.SGD(1e-4), seed=100)
    run.go(20_000)
    print(f"{name:11}", "diverged" if run.diverged else f"at last {run.theta:.3f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Noise wants small steps: at $10^{-4}$ NoBackTrack diverges on all 20 seeds that we tried, at $10^{-5}$ it arrives on nearly all.
# Bias is not cured by small steps: BPTT-40 goes the wrong way at any rate, only more slowly.
# </details>
#
# ## What is stored
# BPTT keeps $T$ tapes. *Checkpointing* keeps the state at the start of each of $\sqrt T$ blocks only; at the window's end it
# runs each block again, the last block first, and goes back through it. One more forward pass: about 3 products a step instead of 2.
#
# ## Exercise 3: how many?
# States (or tapes) kept at the same time, for a window of $T$, a square number, in blocks of $\sqrt T$.


# %% tags=["stub"]
def stored(T):
    raise NotImplementedError


# %% tags=["answer"]
def stored(T):
    return 2 * round(T**0.5)


# %%
nbt.exercises.check(stored, "02 stored")

# %% [markdown]
# The numbers are the same, on a real network (a leaky one, 8 units, 100 symbols):

# %%
rng = np.random.default_rng(0)
network = nbt.LeakyRNN(units=8, leak=0.5).build(0, 3, rng)
walk = nbt.check.Walk(network, rng.integers(3, size=100), rng.normal(size=(100, 8)))
plain, thrifty = (walk.answers(one, np.zeros((100, 0, 8)))[-1] for one in (nbt.BPTT(100), nbt.CheckpointedBPTT(100)))
print("same to 1e-12:", np.allclose(plain, thrifty, rtol=1e-12, atol=1e-12))
print("what the library keeps, in numbers:")
for one in nbt.BPTT(100), nbt.CheckpointedBPTT(100):
    state = one.begin(network)
    print(f"{one.label():22}", sum(part.size for part in state.tapes) + state.e.size, "in tapes and rows")

# %% [markdown]
# It still keeps past *data*, $T$ inputs, and θ still moves once in $T$ steps.
#
# ## For the class
# 1. *More memory made BPTT worse. How can that be?*
# 2. *A colleague: "my loss goes down, so my T is long enough." Is it?*
# 3. *Checkpointing in* three *levels: how many states?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "rounding errors, or gradients that explode". It is exact; the recent past alone says the opposite.
# 2. Wrong answer: "yes". The loss may go down by what the recent past teaches, and miss what it does not. Double $T$ and compare.
# 3. Wrong answer: "$2\sqrt T$ again". About $3\,T^{1/3}$, at one more forward pass; and so on, to $\log T$.
# </details>
#
# **Where next:** lesson 03 goes the other way, and needs no past at all: it carries the slab.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 10 minutes to the first pause, 10 with *look back T* (go 20, 40, 41, 60 while it runs), 15 for the exercises,
# 10 for the questions. Nearly all say that T = 20 goes the right way. Usual misunderstanding: "biased means a bit off": here it
# is the sign. To paste: `strip window=40`, `strip window=41`, `strip update=window window=80`.
