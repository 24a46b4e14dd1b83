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
# **Goals.** See noise average out where bias does not. Train a network *while it reads*, in three ways, and move their
# settings as they learn. Read off a plot how far back a network remembers.
#
# **25 minutes** · needs: derivatives, a little Python · slides: the whole talk in brief (Yann Ollivier, *Learn as you go:
# training recurrent networks online without backtracking*, 2015).

# %%
import nbt_edu as nbt

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no, it will be slow")

# %% [markdown]
# ## Which would you bet on?
# Two ways to estimate a gradient, beside the exact one. An error² of 1 is an error as long as the gradient itself.

# %%
first = nbt.apps.Race()
first.step(20_000)
for name in "BPTT", "NoBackTrack":
    found = first.records["RTRL"].gradient_summary(name)
    print(f"{name:12} error² / |exact|²: bias² {max(found['bias2'], 0):5.2f}   variance {found['variance']:5.1f}")

# %%
figure = nbt.figures.gradient_errors(first.records["RTRL"])
nbt.figures.Picture(figure, "NoBackTrack's error is far larger than BPTT's.")

# %% [markdown]
# One estimate (blue) forgets what happened more than four characters ago. The other (orange) forgets nothing, but drowns the
# gradient in noise four to five times as long. Both now train a network on the same text, 300,000 characters.
#
# **Predict:** who will be ahead? Seal your guess under *Guess first*, then press **Run**. (A first run may say "compiling
# (once)".)

# %%
app = nbt.apps.Race()
app

# %% [markdown]
# Left: bits per character that each network pays for the next character. The black one has the exact gradient. The dotted
# lines are explained below. When you have looked, run the next two cells: their outputs are folded until then.

# %% tags=["folded"]
race = nbt.apps.Race()
race.guess(leader="BPTT")
race.step(300_000)
print(race.guesses.verdicts()["leader"])
print(race.sentence())

# %% tags=["folded"]
race.picture()

# %% [markdown]
# On 20 of 20 fresh seeds (100 to 119) it is so. **Noise averages out over many small steps; bias does not.** What is true of
# *your* run the app prints below its curves.

# %% [markdown]
# ## What was going on
# A network with state $h$ and parameters $\theta$ reads characters $x(t)$ and predicts the next one:
#
# $$h(t+1) = F(h(t), x(t), \theta), \qquad \ell_t = -\log_2 p(\text{the character that came}).$$
#
# Online learning moves $\theta$ as it reads, along $\partial\ell_t/\partial\theta$. But $\ell_t$ depends on $\theta$ through
# the *whole past*. How to get the derivative?
#
# | method | cost per character, $n$ units | keeps | gradient |
# |---|---|---|---|
# | RTRL | $n^4$ | $n^3$ numbers | exact |
# | BPTT-$T$ | about twice running the network | $T$ states; $\theta$ moves once in $T$ characters | biased |
# | NoBackTrack | two to five times running the network | two vectors | unbiased, noisy |
#
# What is done with the gradient is the same for all three: here a Kalman filter (lesson 07); *optimizer* offers others.

# %% [markdown]
# ## A text with a memory
# $a^n b^n$: some a's, a newline, *as many* b's, a newline, with $n$ drawn anew each time, from 1 to $N$.

# %%
task = nbt.AnBn(8)
print(nbt.sample(task, chars=40, seed=0))

# %% [markdown]
# ## Exercise 1: the floor
# Only $n$ is unpredictable: $\log_2 N$ bits for each sequence. What does even a perfect predictor pay, in bits *per
# character*?
#
# *Hint: how many characters has a sequence on average?*


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
# ## The ladder
# And a perfect predictor that sees the last $k$ characters only? These are the dotted lines: a curve that stays on one
# remembers no more than that.

# %%
for k, bits in task.ladder().items():
    print(f"memory {k:2}: {bits:.3f} bits per character")

# %% [markdown]
# ## Exercise 2: how far back?
# How many characters must a window hold to reach from the first a to the last b?
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
# ## Predict, then move one slider
# Guess first, then move it in the app, then run the cell. **Rewind** starts again with the same seed; **Reset** restores all.
#
# 1. **λ exponent β** from 1 to 0: NoBackTrack no longer gives its two vectors equal norms. What happens to its variance?
# 2. **rank k** from 1 to 8: eight pairs of vectors instead of one. By what factor does the variance fall?

# %% tags=["folded"]
for settings in {}, {"beta": 0.5}, {"beta": 0.0}, {"rank": 8}:
    trial = nbt.apps.Race(**settings)
    trial.step(20_000)
    found = trial.records["RTRL"].gradient_summary("NoBackTrack")
    print(f"{trial.state():14} variance {found['variance']:9.3g} |exact|²")

# %% [markdown]
# Equal norms are "very important in practice", say the slides. β = 1 is best for a *single* step; over many, β = ½ is about as
# good. And $k$ pairs divide the variance by about $k$, at $k$ times the cost.
#
# 3. **truncation T** from 4 to 17, the span of $n = 8$: does BPTT's bias vanish? Who is ahead then?

# %% tags=["folded"]
for T in 4, 17:
    trial = nbt.apps.Race(window=T)
    trial.step(300_000)
    bias = trial.records["RTRL"].gradient_summary("BPTT")["bias2"]
    print(f"T = {T:2}: bias² {bias:.2f} |exact|²;", trial.sentence().partition(": ")[2].partition(" (")[0])

# %% [markdown]
# The bias stays: a loss early in a window looks back only a little. Yet BPTT-17 is ahead on 19 of 20 seeds. So ask not when the
# bias *vanishes* but when it stops *losing*; and who told you the span was 17?
#
# 4. **optimizer**: gradient descent, and its learning rate times ten. Who gains, who suffers?

# %% tags=["folded"]
for rate in 0.002, 0.02:
    trial = nbt.apps.Race(optimizer="sgd", rate=rate)
    trial.step(100_000)
    print(f"rate {rate}:", trial.sentence().partition(": ")[2].partition(" (")[0])

# %% [markdown]
# RTRL and BPTT gain. NoBackTrack loses on most seeds: a larger step averages over fewer characters.

# %% [markdown]
# ## Your own text, your own code
# Choose *your own text* in the app and paste anything. A race is kept as one short line; **Code** shows the Python that makes
# it.

# %%
mine = nbt.apps.Race(task="text", text="She sells sea shells by the sea shore. ", methods=("BPTT", "NoBackTrack"))
mine.step(20_000)
print(mine.state(), mine.words(), mine.code(), sep="\n\n")

# %% [markdown]
# ## For the class
# 1. *RTRL is exact. Why does anyone use something else?*
# 2. *NoBackTrack's noise is four to five times longer than the gradient. How can it learn?*
# 3. *Why not simply make T large?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "it is unstable". It is the cost, $n^4$ a character: move **units** and watch each method's speed.
# 2. Wrong answer: "the noise must be small". It is large but *unbiased*; many small steps average it.
# 3. Wrong answer: "it would be slower". Per character it costs the same; but it keeps $T$ states, θ moves once in $T$
#    characters, and the span must be known beforehand.
# </details>
#
# **Where next:** you can now say what bias and variance do to online learning. The methods themselves are short files of the
# library: start with `nbt_edu/plain.py`.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 5 minutes up to *Run* (let everyone seal a guess; most say BPTT); 5 for the curves; 10 for the sliders;
# 5 for the questions. On the screen at 300,000 characters: black near the floor, orange between memory 8 and the floor, blue
# above. The usual misunderstanding: "unbiased means good". Show β = 0, which is unbiased too. To paste: `race beta=0.0`,
# `race window=17`.
