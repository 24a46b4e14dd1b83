# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Variance
#
# **Goals.** Spend the same work on less noise or on more text, and see what each buys. Find out what a scaling does to the
# noise in one step, and in many. Say when less noise is worth its price.
#
# **45 minutes** · needs: lessons 04 and 05 (or the three sentences below) · slides: *The rank-one trick (2)*, *NoBackTrack:
# variants*.

# %%
import numpy as np

import nbt_edu as nbt

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")

# %% [markdown]
# ## Eight times the text
# NoBackTrack carries one random *pair* of vectors $(v,w)$ from character to character; on average $v\,w^\top$ is the derivative
# $\partial h/\partial\theta$ of the state by the parameters, so its gradient of the loss is right on average, and noisy. At
# **rank** $k$ it averages $k$ pairs with independent random signs: $k$ times the work. So for the same work rank 1 can read
# eight times the text that rank 8 can. More text is better, is it not?


# %%
def learner(rank, rate, chars, seed=0):
    made = nbt.Learner(nbt.AnBn(4), nbt.LeakyRNN(units=10, leak=0.3), nbt.NoBackTrack(rank), nbt.SGD(rate), seed)
    made.read(chars)
    return made


for rank, chars in (8, 20_000), (1, 160_000):
    bits = learner(rank, 0.04, chars).record.score(chars // 4)
    print(f"rank {rank}: {chars:7,} characters read, {bits:.2f} bits per character in the last quarter")

# %% [markdown]
# The text is aⁿbⁿ: $n$ a's, a newline, $n$ b's, a newline, $n$ from 1 to 4; the best possible is 0.29 bits a character. Rank 1
# read eight times as much, and pays more than twice as much.
#
# So rank is what counts? Give rank 1 another chance: its learning rate η (how far a gradient moves the parameters) divided by
# $k=8$: smaller steps, on a gradient just as noisy.
#
# **Predict:** where is it after the same *work*, beside rank 8? And after the same *text*, the 20,000 characters that rank 8
# has read by then, who pays least? Run the cell, choose under *Guess first*, **Seal**, then **Run**.

# %%
lab = nbt.apps.Variance()
lab.pause_at = 160_000
lab

# %% [markdown]
# Bits per character: at the left against *work* (pairs × characters), at the right against *text*. When the lab has paused, run
# the next cell. (There, somebody else has guessed.)

# %% tags=["folded"]
print("The same run from Python:")
trial = nbt.apps.Variance()
trial.guess(twin="ahead", ahead="slow")
trial.step(160_000)
print(*trial.guesses.verdicts().values(), sep="\n")
print(trial.sentence())
trial.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# At the left rank 8, and rank 1 at an eighth of the rate, go down the same way (within 0.1 bits at the end on 19 of 20 fresh
# seeds, which nobody had looked at): **where text is free, rank is a learning rate in disguise.** At the right they are worlds
# apart: after 20,000 characters rank 8 is ahead on 20 of 20. Rank 1 at the full rate is thrown back by its noise: at the end it
# pays 0.1 bits more than rank 8, or worse, on 13, and not on 7.
# </details>

# %% [markdown]
# ## Why they are twins
# A step is $\theta\leftarrow\theta-\eta\,(g+\text{noise})$, with the true gradient $g$. Let $\sigma^2$ be the **variance** of
# a gradient from one pair: the mean squared length of its noise. The average of $k$ independent ones has $\sigma^2/k$. While
# $\theta$ moves little, $n$ characters bring
#
# $$\text{progress }\eta\,n\,g,\qquad\text{noise of variance about }\eta^2n\,\sigma^2/k.$$
#
# ## Exercise 1: the price of less noise
# How many pairs make the noise's *length* (not its variance) `factor` times smaller?


# %% tags=["stub"]
def pairs(factor):
    raise NotImplementedError


# %% tags=["answer"]
def pairs(factor):
    return factor**2


# %%
nbt.exercises.check(pairs, "06 pairs")

# %% [markdown]
# ## Exercise 2: the twin
# Rank `rank` learns at rate `rate`. At which rate does rank `other`, for the same work, make the same progress and the same
# noise?
#
# <details><summary>A hint</summary>
#
# The work is $nk$; write both formulas above with it.
# </details>


# %% tags=["stub"]
def twin(rank, rate, other):
    raise NotImplementedError


# %% tags=["answer"]
def twin(rank, rate, other):
    return rate * other / rank


# %%
nbt.exercises.check(twin, "06 twin")

# %% [markdown]
# ## When text is dear
# Your text has only 20,000 characters (a patient's record, a robot's day). Rank 1 may choose its rate freely.
#
# **Predict:** with its best rate, does rank 1 reach what rank 8 pays at rate 0.04, 0.33 bits? If not, why not?

# %% tags=["folded"]
print("After 20,000 characters:")
for rate in 0.005, 0.01, 0.02, 0.04, 0.08:
    one, many = (learner(rank, rate, 20_000).record.score(5_000) for rank in (1, 8))
    print(f"rate {rate:5}: rank 1 pays {one:.2f}, rank 8 pays {many:.2f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# No (on 18 of 20 fresh seeds): at small rates it has not come far enough, at large ones the noise throws it about. **Where
# text is not free, rank is worth its price.** Ranks are to NoBackTrack what batches are to ordinary training.
# </details>

# %% [markdown]
# ## Where the noise comes from
# At each character NoBackTrack has a sum $A=\sum_iv_iw_i^\top$, the pair that it carries and a new product for each unit, and
# makes one pair of it: $v=\sum_i\varepsilon_iv_i$, $w=\sum_i\varepsilon_iw_i$, with random signs $\varepsilon_i=\pm1$. The mean
# of $v\,w^\top$ is $A$. Now scale $v_i$ by some $\lambda_i>0$ and $w_i$ by $1/\lambda_i$: $A$ is the same, the noise is not.
# Its variance is
#
# $$\sum_{i\neq j}\frac{\lambda_i^2}{\lambda_j^2}|v_i|^2|w_j|^2+\text{what does not depend on }\lambda.$$
#
# ## Exercise 3: the best λ
# All other terms are balanced: $|v_j|=|w_j|$, $\lambda_j=1$. Which λ of the term $v\,w^\top$ makes the variance least?
#
# <details><summary>A hint</summary>
#
# The parts of the sum that hold this λ are, together, one number times $\lambda^2|v|^2+|w|^2/\lambda^2$.
# </details>


# %% tags=["stub"]
def scale(v, w):
    raise NotImplementedError


# %% tags=["answer"]
import math


def scale(v, w):
    return math.sqrt(math.hypot(*w) / math.hypot(*v))


# %%
nbt.exercises.check(scale, "06 scale")

# %% [markdown]
# "Very important in practice", say the slides. How important? Let every term take a power of its best λ, $\lambda^\beta$:
# none of it at β = 0, all at β = 1. Here is *one* step with five terms of very unequal length:

# %%
rng = np.random.default_rng(0)
V, W = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)) * [[0.1], [0.3], [1], [3], [10]]
for beta in 0, 0.25, 0.5, 0.75, 1:
    lam = nbt.rank_one.scales(V, W, beta)
    formula, counted = nbt.rank_one.variance(V, W, lam), nbt.rank_one.expectation(V, W, lam)[1]
    print(f"β = {beta:4}: variance {formula:6.1f}; counted over all signs {counted:6.1f}")

# %% [markdown]
# So in one step β = 1 is best, but not by much. NoBackTrack makes such a step at every character. Between two of them the
# network's Jacobian $J$ takes $v$ to $Jv$, which is shorter (the network forgets); $w$ stays as it is.
#
# **Predict:** after 1, 8, 32, 128 steps, how does the variance of β = 0 over that of β = 1 go: hardly up, up to a limit, or up
# without limit? And that of β = ½?

# %% tags=["folded"]
print("Variance, over that of β = 1:")
for horizon in 1, 8, 32, 128:
    trial.set(look="beta", horizon=horizon)
    print(f"after {horizon:3} steps: {trial.ratios[0]:5.1f} at β = 0, {trial.ratios[2]:.1f} at β = ½, 1 at β = 1")
trial.rewind()  # once more from its beginning, for a picture without marks of moved dials
trial.step(160_000)
trial.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# The picture's right panel is after 128 steps. (In your lab: *right panel* "variance, by β", and *horizon*.) β = 0 is ruinous because its factor *grows without end*: $v$ stays short, while
# nothing ever shortens $w$, to which new terms are added for ever. Any β > 0 moves some of $w$'s length into $v$, where it is
# forgotten, and the factor settles: between 1 and 4 at β = ½ (both on 20 of 20 seeds).
# That β = 1 is the least is a theorem for *one* step only; over many, other networks and texts have it between ½ and 1.
# </details>

# %% [markdown]
# ## Noise is not all: staleness
# One more error comes with learning itself. What is carried was computed with the θ of earlier characters; the gradient that
# you want has the present θ everywhere. The relative difference is called *staleness*. Even RTRL (real-time recurrent learning)
# has it, which carries all of $\partial h/\partial\theta$, without noise.
#
# **Predict:** at a rate ten times as large, how many times the staleness?

# %% tags=["folded"]
print("Staleness of the exact gradient, median over 64 characters:")
for rate in 0.0004, 0.004, 0.04:
    found = nbt.study.study(trial.learners["many"], [nbt.RTRL()], chars=64, draws=1, optimizer=nbt.SGD(rate))
    print(f"rate {rate}: {np.median(found.staleness):.3%}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# About ten times (20 of 20 seeds). It is a bias, but one that small steps make small.
# </details>

# %% [markdown]
# ## Outlook: pairs that work together
# Four independent pairs quarter the variance. Four *chosen together*, for the least variance of one step that four unbiased
# pairs can have, do better (`ReducedNoBackTrack`; each step costs more):

# %%
compared = {"one": nbt.NoBackTrack(1), "four": nbt.NoBackTrack(4), "together": nbt.ReducedNoBackTrack(4)}
found = nbt.study.study(trial.learners["many"], compared, chars=32, draws=300)
noise = {name: values["all"]["variance"][-8:].sum() for name, values in found.values.items()}
print(f"variance, over that of one pair: four pairs {noise['four'] / noise['one']:.2f}, "
      f"four chosen together {noise['together'] / noise['one']:.2f}")

# %% [markdown]
# ## For the class
# 1. *Rank 8 costs eight times as much. Is it worth it?*
# 2. *$k$ pairs divide the variance by $k$. Why not be exact, with $k=n^2$ for $n$ units, about the price of RTRL?*
# 3. *β = 0 is unbiased too. Why care?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "yes, the curve is so much lower". That is at the same rate. At equal work a smaller rate does as well; it
#    is worth it where characters are scarce.
# 2. Wrong answer: "then it is exact". The noise's length falls as $1/\sqrt{k}$ only: a hundred pairs for one digit, and $n^2$
#    leave $1/n$ of it. For that price RTRL leaves none (and `ReducedNoBackTrack` none when $k$ is the size of the state).
# 3. Wrong answer: "it averages out". It would take as many times more characters as its variance is larger, and that grows.
# </details>
#
# **Where next:** instead of a smaller rate for all parameters, one for each, small where the noise is dangerous: the Kalman
# filter, lesson 07.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 5 minutes to the first surprise (eight times the text, and more than twice the price), 10 for the lab, 15
# for exercises, 10 for λ and staleness, 5 for the class. They will say "rank wins". Usual misunderstanding: "variance / 4 =
# noise / 4". To paste: `variance rank=2`, `variance rate=0.01` (there rank 1 at η keeps up).
