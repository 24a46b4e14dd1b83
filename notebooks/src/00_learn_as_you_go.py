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
# **Goals.** Bet on one of two wrong gradients, and see who wins. Train a network *while it reads*, in three ways, and move
# their settings as they learn. Read off a plot how far back a network remembers.
#
# **45 minutes** · needs: derivatives, a little Python · slides: the whole talk in brief (Yann Ollivier, *Learn as you go:
# training recurrent networks online without backtracking*, 2015). Run cell by cell (Shift + Enter), not all at once.

# %%
import nbt_edu as nbt

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")

# %% [markdown]
# ## Which would you bet on?
# A network reads a text and predicts each next character. To learn *as it reads* it needs a gradient at every step. **RTRL**
# (real-time recurrent learning) carries it along exactly, at a great price. **BPTT** (backpropagation through time) looks back
# a few characters, here four: it has a *bias*. **NoBackTrack** carries a cheap random stand-in, right on average: it has
# *variance*. How wrong are the two, measured beside the exact one? (1: as wrong as the gradient is long.)

# %%
first = nbt.apps.Race()
first.step(20_000)
exact = first.records["RTRL"]  # it carries the others along, and compares
print(f"BPTT:        bias²    / |exact|² = {exact.gradient_summary('BPTT')['bias2']:.2f}")
print(f"NoBackTrack: variance / |exact|² = {exact.gradient_summary('NoBackTrack')['variance']:.2f}")

# %%
nbt.figures.Picture(nbt.figures.gradient_errors(exact), "NoBackTrack's error is far larger than BPTT's.")

# %% [markdown]
# So the noise is four times as long as the gradient ($\sqrt{16.7}$). Now each trains a network of its own, on the same text.
#
# **Predict:** which of the two is ahead at 300,000 characters? Run the next cell: the app appears. Choose under *Guess first*, press
# **Seal**, then **Run**; it pauses at 300,000. (A first run may say "compiling (once)".)

# %%
app = nbt.apps.Race()
app.pause_at = 300_000
app

# %% [markdown]
# Left: bits that each network pays per character; less is better (thin grey lines: see *The ladder*, below). *BPTT-4* looks
# back four characters; *rank 1* is NoBackTrack with one random stand-in. When yours has paused, run the next cell. (There,
# somebody bets on BPTT.)

# %% tags=["folded"]
print("The same run from Python:")
race = nbt.apps.Race()
race.guess(leader="BPTT")
race.step(300_000)
print(race.guesses.verdicts()["leader"])
print(race.sentence())
race.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# On 20 of 20 fresh seeds (100 to 119) NoBackTrack is ahead. **Noise averages out, if steps are small enough for it; bias does
# not.** The way is not smooth: now and then noise throws the orange network back, and it recovers. Run on, and on some seeds
# BPTT comes closer.
# </details>

# %% [markdown]
# ## What was going on
# A network with state $h$ and parameters $\theta$ reads characters $x(t)$:
#
# $$h(t+1) = F(h(t), x(t), \theta), \qquad \ell_t = -\log_2 p(\text{the character that came}).$$
#
# $\ell_t$ depends on $\theta$ through the *whole past*. How to get the derivative?
#
# | method | cost per character | keeps | gradient |
# |---|---|---|---|
# | RTRL | (units)⁴ | (units)³ numbers: $\partial h/\partial\theta$ | exact |
# | BPTT-$T$ | about twice running the network | $T$ states; $\theta$ moves once in $T$ characters | biased |
# | NoBackTrack | two to five times running it | two vectors: $\partial h/\partial\theta \approx v\,w^\top$ | unbiased, noisy |
#
# What is done with the gradient is the same for all: here a Kalman filter (lesson 07); *optimizer* offers others.

# %% [markdown]
# ## A text with a memory
# Some a's, a newline, *as many* b's, a newline; how many, $n$, is drawn anew each time, from 1 to $N$.

# %%
task = nbt.AnBn(8)
print(nbt.sample(task, chars=36, seed=0))

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
# ## The ladder
# And a perfect predictor that sees the last $k$ characters only? These are the thin grey lines: a curve *below* a line remembers
# more than that line. (BPTT-4's *gradient* looks back four characters; its *state* may carry more.)

# %%
for k, bits in task.ladder().items():
    print(f"memory {k:2}: {bits:.3f} bits per character")

# %% [markdown]
# 16 reach the floor: after eight b's nothing is left to guess.
#
# ## Predict, then move one slider
# Guess; then **Rewind**, move the slider and run; then run the cell.
#
# 1. **λ exponent β** from 1 to 0. Scaling $v$ by λ and $w$ by 1/λ leaves the product alone, but not the noise; β = 1 makes both
#    equally long. What happens to the variance?
# 2. **rank k** from 1 to 8: eight pairs $(v, w)$, averaged. By what factor does the variance fall?

# %% tags=["folded"]
print("Over 20,000 characters:")
for settings in {}, {"beta": 0.5}, {"beta": 0.0}, {"rank": 8}:
    trial = nbt.apps.Race(**settings)
    trial.step(20_000)
    found = trial.records["RTRL"].gradient_summary("NoBackTrack")
    print(f"{settings!s:13} variance {found['variance']:9.3g} |exact|²")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Equal norms are "very important in practice", say the slides: without, the variance is at least twenty times larger, here over a thousand. β = 1 is
# best for a *single* step; over many, here, β = ½ is as good. And $k$ pairs divide the variance by about $k$, at $k$ times the cost.
# </details>
#
# 3. **truncation T** from 4 to 17, the span of $n = 8$: does BPTT's bias vanish? Is it or NoBackTrack ahead then?

# %% tags=["folded"]
print("At 300,000 characters:")
for T in 4, 17:
    trial = nbt.apps.Race(window=T)
    trial.step(300_000)
    bias = trial.records["RTRL"].gradient_summary("BPTT")["bias2"]
    print(f"T = {T:2}: bias² {bias:.2f} |exact|²;", trial.sentence().split(": ")[1].split(" (")[0])

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# The bias stays: a loss early in a window looks back only a little. (It is mean error² over mean |exact|²: where the gradient is
# long counts most, so it is not the height of the curve.) Yet BPTT-17 is ahead of NoBackTrack on 19 of 20 seeds, though it
# moves θ more rarely. A bias is fatal only where what it leaves out is what the task needs. And who told you that the span was 17?
# </details>
#
# 4. **optimizer**: gradient descent, and its learning rate times ten. Who gains, who suffers?

# %% tags=["folded"]
print("At 100,000 characters:")
for seed, rate in (0, 0.002), (0, 0.02), (1, 0.002), (1, 0.02):
    trial = nbt.apps.Race(optimizer="sgd", rate=rate, seed=seed)
    trial.step(100_000)
    print(f"seed {seed}, rate {rate}:", trial.sentence().split(": ")[1].split(" (")[0])

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# RTRL and BPTT gain on every seed, NoBackTrack loses on most, and may lose all: larger steps average over fewer characters.
# </details>

# %% [markdown]
# ## Your own text, your own code
# Choose *your own text* in the app and paste anything. The line under *state* keeps a race: copy it; pasted, it brings it
# back. *Code* shows the Python that makes it.

# %%
mine = nbt.apps.Race(task="text", text="She sells sea shells by the sea shore. ")
mine.step(20_000)
print(mine.state(), mine.words(), sep="\n")

# %% [markdown]
# ## For the class
# 1. *RTRL is exact. Why does anyone use something else?*
# 2. *NoBackTrack's noise is several times longer than the gradient. How can it learn?*
# 3. *Why not simply make T large?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "it is unstable". It is the cost: move **units** and watch each method's speed.
# 2. Wrong answer: "the noise must be small". It is large but *unbiased*; many small steps average it.
# 3. Wrong answer: "it would be slower". Per character it costs the same; but it keeps $T$ states, θ moves once in $T$
#    characters, and the span must be known beforehand.
# </details>
#
# **Where next:** you can now say what bias and variance do to online learning. The methods are short files of the library:
# start with `nbt_edu/plain.py`.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 10 minutes up to *Run* (all seal a guess; most say BPTT), 5 for the curves, 20 for exercises and
# sliders, 10 for the questions. At 300,000: black near the floor, orange between memory 8 and the floor, blue above. Usual
# misunderstanding: "unbiased means good": show β = 0, unbiased too. To paste: `race beta=0.0`, `race window=17`.
