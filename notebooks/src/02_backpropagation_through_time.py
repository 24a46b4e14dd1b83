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
# **50 minutes** · needs: lesson 01 (a row travels back through a product of matrices) · slides: "Why backpropagation through
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
# A system has *one* parameter θ, and each step pays a loss; the *goal* is the θ of least loss. Three balls start at the same θ and
# go down *the same loss*, each by its own gradient. **RTRL** (exact) and **NoBackTrack** (exact on average, noisy) miss nothing.
# **BPTT-T**, truncated backpropagation through time, looks back $T$ steps and ignores what θ did before.
#
# The *strip* shows what BPTT credits: bar $k$ is what θ, moved $k$ steps ago, does to the state of now. BPTT's ball (blue, its
# curve dashed) follows the sum of the $T$ bars that it sees; you do not know the older ones yet.
#
# **Predict:** with $T = 20$, is it nearer to the goal after 2,000 steps, or farther? From which $T$ on does it roll towards the
# goal (1, if always)? Seal both guesses, then **Run**; afterwards move *look back T* while it runs.

# %%
app = nbt.apps.Strip()
app.pace, app.pause_at = 1000, 2000  # steps a second
app

# %% [markdown]
# Left below: the loss against θ; an arrow points where a ball is led on average. At rest all balls coincide; one that has
# left the picture waits at its edge. Right: θ against steps. When yours has paused, run the next cell.

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
# BPTT's ball climbs. With $T = 40$ it still does, slowly; with 41 it turns, slowly; with 60 it runs beside RTRL. Here the
# recent past says the opposite of the whole. (NoBackTrack is right on *average*: in this run it stands farther from the goal
# after 2,000 steps than at the start. Run on to 10,000, and it arrives.)
# </details>
#
# ## More memory
# *Credit* is the sum of the first $T$ bars: +1 for $T = 1$, 16.48 for 20, −6 for the whole past.
#
# **Predict:** at which $T$ is the credit farthest from −6? (The bars' shape tells.)

# %% tags=["folded"]
print("  T   credit   after 10,000 steps, from 0.5 (goal -0.167)")
sums = balancing.truncated_influence(100)
for T in 1, 10, 15, 20, 25, 30, 40, 41, 60, 100:
    theta = balancing.descend(nbt.SlidingBPTT(T), nbt.SGD(1e-5), 10_000)[-1]
    print(f"{T:3}  {sums[T - 1]:7.2f}   theta = {theta:.3f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# At 20 (19 is as far): each bar above zero adds to the credit, and bar 20 is zero. So more memory is *worse first*, and the speed the
# wrong way grows with it. Then the older steps outweigh the recent ones: 0.57 at 40, −0.22 at 41. The sign flips between these
# two, and nothing warns you before.
# </details>
#
# ## The system
# Twenty-three components in a line, $s_i \leftarrow \frac12 s_i + \frac12 s_{i+1} \pm \theta$ (and $s_{24} = 0$): plus in the first
# ten, minus in thirteen. The loss is $\frac12 (s_1 - 1)^2$. This is *influence balancing* (Tallec and Ollivier,
# arXiv:1702.05043), made so that truncation fails. Once settled, $s_i = s_{i+1} \pm 2\theta$: so $s_1=2\theta(10-13)=-6\theta$, and the
# goal is $\theta^*=-1/6$.
#
# **Predict:** at each step half of what a component holds moves one place up. How far is a push after $k$ steps? So why is bar 20
# zero, and which bar is back at $-\frac12$?

# %% tags=["folded"]
print("  k   bar k")
bars = shares(100)
for k in (1, *range(10, 71, 5)):
    print(f"{k:3}  {bars[k - 1]:6.3f}")
print("nearest to -1/2 on the way back: bar", 31 + np.abs(bars[30:] + 0.5).argmin())
print(f"all of them: {bars.sum():.4f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# About $k/2$ places, as heads among so many tosses of a coin. Bar 20 is what comes to $s_1$ after 19 tosses: as often from the ten
# that say plus (up to 9 heads) as from those that say minus. Bar 46 has 45 tosses: half of them reach beyond the 23rd component,
# where nothing is.
# </details>
#
# ## Exercise 1: where the sign turns
# Write `turn(bars)`, bar 1 first: the least $T$ for which the sum of the first $T$ bars has the sign of the sum of all.


# %% tags=["stub"]
def turn(bars):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def turn(bars):
    sums = np.cumsum(bars)
    return int(np.argmax(sums * sums[-1] > 0)) + 1


# %%
nbt.exercises.check(turn, "02 turn")

# %% [markdown]
# ## Unrolling
# *Unrolling*: write a *window*, $T$ steps in a row, as one deep network with the same θ in each layer. The row $e$ of lesson 01
# travels back through the layers. In the library's lines `q[t]` is step $t$'s $\partial\ell/\partial h$; a *tape* is what a step keeps
# for its derivatives. Which line is $eJ$, which adds up all $eB$?

# %%
print(inspect.getsource(nbt.BPTT.gradient))

# %% [markdown]
# <details><summary>Which lines?</summary>
#
# `vjp` is $e\,J$, in the loop from the last step to the first; `add_vjps_theta` then adds up all $e\,B$. (The first `return`: as long
# as the window is not full, there is no gradient.)
# </details>
#
# No matrix–matrix product anywhere. But all tapes of the window had to be kept.
#
# ## What "truncated" means exactly
# *Sliding*, as in the app so far: at every step, its loss travels back $T$ steps, $T$ products $eJ$. *Once a window*, as above and
# as most people do it: wait for $T$ steps, then go back once: one product $eJ$ a step. There the window's last loss looks back $T$
# steps, its first only one. (The app's dial *credit* chooses.)
#
# ## Exercise 2: credit once a window
# Write `credit(bars)`, for a window of as many steps: the mean, over its losses, of what each credits.


# %% tags=["stub"]
def credit(bars):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def credit(bars):
    return float(np.mean(np.cumsum(bars)))


# %%
nbt.exercises.check(credit, "02 credit")

# %% [markdown]
# **Predict:** sliding turns at 41. From which $T$ on does a window turn? *Hint: sketch the sums: 16 at 20, zero at 41, about −6
# from 60 on.*

# %% tags=["folded"]
print("Mean credit once a window, and how far from -6:")
means = np.cumsum(sums := balancing.truncated_influence(440)) / np.arange(1, 441)
first = 1 + np.flatnonzero(means < 0)[0]
for T in 41, 60, first - 1, first, 2 * first, 4 * first:
    print(f"T = {T:3}: sliding {sums[T - 1]:6.2f}, once a window {means[T - 1]:6.2f}, {means[T - 1] + 6:5.2f} away")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# From 110 on: its early losses, which look back too little, go on pulling the wrong way. Twice the window halves the bias: it
# dies out like $1/T$, not with the bars.
# </details>
#
# ## Without looking back
# RTRL and NoBackTrack have no $T$. NoBackTrack's gradient is $s_1 - 1$ times a noisy number, right on average.
#
# **Predict:** at the rate of the app, does it shake about the goal, or settle there?

# %% tags=["folded"]
print("theta after 20,000 steps, goal -0.167:")
arrived = 0
for seed in range(100, 120):
    theta = balancing.Descent(nbt.NoBackTrack(), nbt.SGD(1e-5), seed).go(20_000)
    arrived += abs(theta[-1] - balancing.BEST) < 0.01
    if seed < 103:
        print(f"NoBackTrack, seed {seed}: furthest {abs(theta).max():.2f}, at last {theta[-1]:.3f}")
print("arrived:", arrived, "of 20 seeds")
print(f"RTRL: at last {balancing.descend(nbt.RTRL(), nbt.SGD(1e-5), 20_000)[-1]:.3f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# It settles: at the goal $s_1 - 1$ is zero, and so is the noise. (Where no θ makes all losses zero, noise stays.)
# </details>
#
# **Predict:** at ten times the rate, $10^{-4}$: which of RTRL, BPTT-60 and NoBackTrack arrive?

# %% tags=["folded"]
print("The same at rate 0.0001:")
for name, method, seeds in ("RTRL", nbt.RTRL(), 1), ("BPTT-60", nbt.SlidingBPTT(60), 1), ("NoBackTrack", nbt.NoBackTrack(), 20):
    runs = [balancing.Descent(method, nbt.SGD(1e-4), 100 + seed) for seed in range(seeds)]
    for run in runs:
        run.go(20_000)
    arrived, lost = sum(abs(run.theta - balancing.BEST) < 0.01 for run in runs), sum(run.diverged for run in runs)
    print(f"{name:11}  of {seeds:2} runs arrived: {arrived:2}, diverged: {lost:2}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Noise wants small steps: at $10^{-4}$ NoBackTrack diverges on every seed, at $10^{-5}$ it arrived on every one.
# Bias is not cured by small steps: BPTT-40 goes the wrong way at any rate, only more slowly.
# </details>
#
# ## What is stored
# BPTT keeps $T$ tapes. *Checkpointing* keeps the state at the start of each of $\sqrt T$ blocks only; at the window's end it
# runs each block again, the last block first, and goes back through it: three passes (forward, again, back) instead of two.
#
# ## Exercise 3: how many?
# Write `stored(T)`: states and tapes, when most are kept, for a window of $T$, a square number.


# %% tags=["stub"]
def stored(T):
    raise NotImplementedError


# %% tags=["answer"]
def stored(T):
    return 2 * round(T**0.5)


# %%
nbt.exercises.check(stored, "02 stored")

# %% [markdown]
# The gradient is the same, on the network of lesson 01 (8 units, a window of 100 steps):

# %%
rng = np.random.default_rng(0)
network = nbt.LeakyRNN(units=8, leak=0.5).build(0, 3, rng)
walk = nbt.check.Walk(network, rng.integers(3, size=100), rng.normal(size=(100, 8)))
plain, thrifty = (walk.answers(one, np.zeros((100, 0, 8)))[-1] for one in (nbt.BPTT(100), nbt.CheckpointedBPTT(100)))
print("same to 1e-12:", np.allclose(plain, thrifty, rtol=1e-12, atol=1e-12))
print("what the library keeps:")
for one in nbt.BPTT(100), nbt.CheckpointedBPTT(100):
    state = one.begin(network)
    starts = getattr(state, "h", ())  # of the blocks
    print(f"{one.label():21} {len(state.tapes.h):3} tapes, {len(starts):2} states")

# %% [markdown]
# It still keeps past *data*, $T$ inputs and `q`s, and θ still moves once in $T$ steps.
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
# **Where next:** lesson 03 goes the other way, and needs no past: it carries the slab.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 10 minutes to the first pause, 10 with *look back T* (20, 40, 41, 60, while it runs), 20 for the exercises,
# 10 for the questions. Nearly all say that T = 20 goes the right way. Usual misunderstanding: "biased means a bit off": here it
# is the sign. To paste: `strip window=41`, `strip update=window window=80`.
