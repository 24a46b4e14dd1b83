# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 · Learn as you go
#
# **Goals.** See three ways to train a recurrent network *while it reads*: exactly (RTRL), looking back a little
# (truncated BPTT), and never looking back (NoBackTrack). Move their settings while they learn. Read off a plot what the
# best possible predictor could do.
#
# **20 minutes** · needs: derivatives, a little Python · slides: the whole talk in brief (Yann Ollivier, *Learn as you go:
# training recurrent networks online without backtracking*, 2015).

# %% [markdown]
# ## Does everything work here?
# Run this cell (Shift + Enter). It should print one line.

# %%
import nbt_edu as nbt
from nbt_edu import jit

print("nbt_edu is ready; machine code:", "yes" if jit.available() else "no, it will be slow")

# %% [markdown]
# ## The problem
# A network with state $h$ and parameters $\theta$ reads characters $x(t)$ and predicts the next one:
#
# $$h(t+1) = F(h(t), x(t), \theta), \qquad \ell_t = -\log_2 p(\text{the character that came}).$$
#
# Online learning moves $\theta$ after every character: $\theta \leftarrow \theta - \eta\, \partial\ell_t/\partial\theta$.
# But $\ell_t$ depends on $\theta$ through the *whole past*. How to get the derivative?
#
# | method | cost per step | stores the past? | gradient |
# |---|---|---|---|
# | RTRL | $n^4$ for $n$ units | no | exact |
# | BPTT, truncated to $T$ | about that of running the network | $T$ states | biased |
# | NoBackTrack | about that of running the network | no | unbiased, noisy |

# %% [markdown]
# ## A text with a memory
# $a^n b^n$: some a's, a newline, *as many* b's, a newline, with $n$ drawn anew each time, from 1 to $N$.

# %%
task = nbt.AnBn(8)
print(nbt.sample(task, chars=40, seed=0))

# %% [markdown]
# **Predict:** which characters of such a text can be predicted for sure, which cannot? How many bits, per character, must
# even a perfect predictor pay? (You will compute it in exercise 1.)

# %% [markdown]
# ## One learner
# Ten units, read 20,000 characters, learn on the way.

# %%
learner = nbt.Learner(
    task=task,
    network=nbt.LeakyRNN(units=10, leak=0.3),
    estimator=nbt.NoBackTrack(rank=1),
    optimizer=nbt.SGD(0.002),
    seed=0,
)
record = learner.run(20_000)
print(f"{record.bits_per_char(last=5_000):.2f} bits per character at the end")

# %%
nbt.figures.Picture(nbt.figures.learning_curves(record), record.sentence())

# %% [markdown]
# The dotted line is the floor: no predictor can go below it. **Read it off** before you go on.

# %% [markdown]
# ## The race
# Now three learners, side by side, on the same text. Press **Run**, then move sliders: they act *within* the running
# training. (The first run may say "compiling (once)".)
#
# * Left: bits per character of each learner.
# * Right: what is wrong with each gradient, beside the exact one, on the exact learner's path. NoBackTrack is noisy: its
#   *variance*. BPTT forgets: its *bias²*. Both relative to |exact gradient|². RTRL's error is zero.

# %%
app = nbt.apps.Race()
app

# %% [markdown]
# What it looks like after 40,000 characters with the default settings:

# %%
race = nbt.apps.race.RaceModel()
race.step(40_000)
print(race.sentence())

# %%
nbt.figures.Picture(nbt.figures.side_by_side(race.records), race.sentence())

# %% [markdown]
# ## Predict, then move one slider
# Write your guess down first. **Rewind** starts again with the same seed; **Reset** restores all.
#
# 1. **λ exponent β** from 1 to 0: NoBackTrack no longer equalises the norms of its two vectors. What happens to the
#    variance? To the learning?
# 2. **rank k** from 1 to 8: eight pairs instead of one. By what factor does the variance fall?
# 3. **truncation T** from 4 to 17: when does BPTT's bias vanish, and why there?
# 4. **learning rate** times ten: who suffers first?

# %%
for beta in 1.0, 0.5, 0.0:
    trial = nbt.apps.race.RaceModel(beta=beta)
    trial.step(4_000)
    quality = trial.records["RTRL"].gradient_summary("NoBackTrack")
    print(f"β = {beta}: variance {quality['variance']:10.3g} |exact|²")

# %%
for rank in 1, 2, 4, 8:
    trial = nbt.apps.race.RaceModel(rank=rank)
    trial.step(4_000)
    quality = trial.records["RTRL"].gradient_summary("NoBackTrack")
    print(f"rank {rank}: variance {quality['variance']:6.3g} |exact|², cosine {quality['cosine']:.2f}")

# %% [markdown]
# Equal norms are "very important in practice", say the slides; and $k$ pairs divide the variance by about $k$, at $k$
# times the cost.

# %% [markdown]
# ## Exercise 1: the floor
# Only $n$ is unpredictable: $\log_2 N$ bits for each sequence. How many characters has a sequence on average? Write the
# entropy rate, in bits per character.
#
# *Hint: a's and b's together are $2n$ characters, and $n$ is $(N+1)/2$ on average.*


# %% tags=["stub"]
def floor(N):
    raise NotImplementedError


# %% tags=["answer"]
import math


def floor(N):
    return math.log2(N) / (2 * (N + 1) / 2 + 2)


# %%
nbt.exercises.check(floor, "00 floor")

# %% [markdown]
# ## Exercise 2: how far back?
# To know that the b's end, the network must have counted from the first a. How many characters must a window hold to
# read from the first a to the last b?
#
# *Hint: write the sequence for n = 1 and count.*


# %% tags=["stub"]
def span(n):
    raise NotImplementedError


# %% tags=["answer"]
def span(n):
    return 2 * n + 1


# %%
nbt.exercises.check(span, "00 span")

# %% [markdown]
# ## Your own text
# Choose *your own text* in the app and paste anything; or write it here. A race is kept as one short line.

# %%
mine = nbt.apps.Race(task="text", text="She sells sea shells by the sea shore. ", units=16)
print(mine.state())

# %% [markdown]
# ## For the class
# 1. *RTRL is exact. Why does anyone use something else?* Common wrong answer: "because it is unstable". It is the cost:
#    $n^4$ per step; try the **units** slider and watch the speed.
# 2. *The variance of NoBackTrack's gradient is twenty times |exact|²: noise four to five times longer than the gradient.
#    How can it learn?* Common wrong answer: "the noise is small". It is not; it is *unbiased*, and averages out over many
#    small steps.
# 3. *Why not simply make T large?* Common wrong answer: "it would be slower". Per character it costs the same; it stores
#    $T$ states, and the span must be known beforehand.
#
# **Where next:** the slides' table of algorithms, one by one, in the library's sources: each is one short file.

# %%
print(nbt.RTRL.__doc__.splitlines()[0])
print(nbt.BPTT.__doc__.splitlines()[0])
print(nbt.NoBackTrack.__doc__.splitlines()[0])
