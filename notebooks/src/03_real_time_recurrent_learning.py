# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · Real-time recurrent learning
#
# **Goals.** Watch a single weight act, and its influence fade. Carry the exact gradient *forward* in time, by one equation.
# Count what that costs.
#
# **45 minutes** · needs: derivatives, matrix products, a little Python · slides: *If you cannot travel back in time…*, and the
# evolution of $G_t$. Run cell by cell.

# %%
import inspect

import numpy as np
import plotly.graph_objects as go

import nbt_edu as nbt
from nbt_edu.bench.timing import by_units

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")

# %% [markdown]
# ## Exact, and nothing kept of the past: what is the catch?
# A recurrent network has a *state* of $n$ numbers, its *units*. Each character changes it, by way of *weights* $\theta$: one
# multiplication a weight. To learn, we need a gradient: how the *loss*, which is high where the next character was foretold
# badly, changes with each weight. Backpropagation through time (**BPTT**) goes back over states that it kept, here four.
# Real-time recurrent learning (**RTRL**) never looks back, and is exact: it carries along how far each weight has moved each
# unit. What does this cost, compared with running?

# %%
n, symbols = 32, 6
weights = (n + symbols + 1) * n  # each unit reads all units, the symbols, and a constant 1
count = {"running": weights}
for method in nbt.BPTT(4), nbt.RTRL():
    count[type(method).__name__] = nbt.catalogue.counts(method, n, symbols)[0]  # by the library's formulas
print(f"{n} units, {weights:,} weights; multiplications a character:")
print({name: f"{number:,}" for name, number in count.items()})
bars = go.Figure(go.Bar(x=list(count), y=list(count.values()), name="count", marker_color="#767676"))
bars.update_yaxes(type="log", title="multiplications a character").update_layout(width=520, height=280, margin_t=20)
nbt.figures.Picture(bars, f"RTRL: {count['RTRL'] / count['running']:,.0f} times running. The axis goes in powers of ten.")

# %% [markdown]
# So the catch is the price. How does it grow?
#
# **Predict**, in the app below, under *Guess first*:
#
# 1. An "a" is read; the weight from "a" to unit 1 has acted. Its *influence* is how much the state would differ, had that
#    weight been a little larger. How many characters later is it less than half of what it was? (Each character replaces a
#    share of the state, the *leak*, here 0.3; the rest, 0.7, stays.)
# 2. With *twice* the units, RTRL takes about how many times as many multiplications?
#
# **Seal** both, then **Run**. It pauses at 40 characters.

# %%
app = nbt.apps.Influence()
app.pace, app.pause_at = 4, 40
app

# %% [markdown]
# Above: each cell is a weight, from what it reads (across) to the unit it feeds (down); the stronger its influence, the darker.
# Below: the boxed weight alone, while the text passes; orange: that unit would be higher, blue: lower. Right: the price. *G* is
# the table of all influences; a weight's *column* has a number for each unit. When the app has paused, run the next cell:
# the same, with the guesses 2 and 4.

# %% tags=["folded"]
print("The same run from Python:")
reading = nbt.apps.Influence()
reading.guess(half=2, clock="4")
reading.step(40)
print(*reading.guesses.verdicts().values(), sep="\n")
one, two = reading.prices()
print(f"8 to 16 units: multiplications ×{two['clock'] / one['clock']:.1f}, numbers in G ×{two['slab'] / one['slab']:.1f}")
print(reading.sentence())
reading.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# By the leak alone it would be 2 characters: 0.7 × 0.7 = 0.49. But only at first does unit 1 alone feel the weight. A
# character later others do: unit 1 passes it on. Therefore influence fades more slowly (after five characters more is left
# than the leak alone would leave, on 20 of 20 fresh seeds, 100 to 119).
#
# And twice the units cost not 2, not 4, but 12.3 times as much; the more units, the nearer to 16. Where does that come from?
# </details>
#
# ## The slab G
# All influences together are one matrix, the *slab*:
#
# $$G_t = \frac{\partial h(t)}{\partial\theta}\quad(n \times P),\qquad \frac{\partial \ell_t}{\partial\theta} =
# \frac{\partial \ell_t}{\partial h(t)}\,G_t .$$
#
# $h(t)$ is the state, $x(t)$ the character, $\ell_t$ the loss; a row a unit, a column a weight. From
# $h(t+1) = F(h(t), x(t), \theta)$ follows, by the chain rule,
#
# $$G_{t+1} = \underbrace{\frac{\partial F}{\partial\theta}}_{\text{weights act now}} +
# \underbrace{\frac{\partial F}{\partial h}}_{J}\,G_t .$$
#
# The first term lights a column up; $J$, $n \times n$, hands influence on and lets it fade. By hand:

# %%
text = nbt.Text("he sells sea shells ")
system = nbt.LeakyRNN(8, 0.3).build(0, text.inputs, np.random.default_rng(0))
h, G = system.start(), np.zeros((8, system.theta.size))
for x in text.symbols:
    h, tape = system.step(h, x)  # the tape: what both derivatives of this step need
    G = system.immediate(tape) + system.jacobian(tape) @ G  # dF/dθ + J G
print("G:", G.shape, "= units × weights")

# %% [markdown]
# Is that the influence? Ask the network itself: nudge the weight from "a" to unit 1, and read the text again.


# %%
def state(nudge):  # θ is a table: a row for each thing read (8 units, symbols, 1), a column for each unit fed
    system.theta[8 + text.alphabet.index("a"), 0] += nudge
    h = system.start()
    for x in text.symbols:
        h, _ = system.step(h, x)
    system.theta[8 + text.alphabet.index("a"), 0] -= nudge
    return h


nudged = (state(1e-5) - state(-1e-5)) / 2e-5
column = G.reshape(8, -1, 8)[:, 8 + text.alphabet.index("a"), 0]
print("column of G:", column.round(4), "the same by nudging:", np.allclose(column, nudged, atol=1e-8))

# %% [markdown]
# RTRL is just this. Below: its real source (`discount` is 1; two matrices take turns). Is it exact? It is held against BPTT
# that goes back over the *whole* past, 64 characters, and over four.

# %%
print(inspect.getsource(nbt.RTRL.advance))
learner = nbt.Learner(text, nbt.LeakyRNN(8, 0.3), nbt.RTRL(), nbt.SGD(0.01), seed=0)
learner.read(200)  # first let the output weights move: while they are zero, so is the gradient
found = nbt.study.study(learner, [nbt.BPTT(64), nbt.BPTT(4)], chars=64, draws=1)
whole, short = (row["relative_error"] for row in found.rows())
print(f"BPTT over all 64 differs from RTRL by less than 1e-10: {whole < 1e-10}")
print(f"BPTT over 4, an answer every 4 characters: its last one differs by {short:.0%} of the gradient")

# %% [markdown]
# **Predict:** somebody hands you two *wrong* slabs, $G + E$ and $G - E$, with a large $E$. Both go through twenty more
# characters. Is their *mean* right afterwards?

# %% tags=["folded"]
print("Twenty characters later:")
error = np.random.default_rng(1).normal(0, 20, G.shape)
slabs = [G, G + error, G - error]
for x in text.symbols:
    h, tape = system.step(h, x)
    slabs = [system.immediate(tape) + system.jacobian(tape) @ slab for slab in slabs]
right, up, down = slabs
print(f"each is off by {np.linalg.norm(up - right) / np.linalg.norm(right):.0%} of G")
print("their mean is right:", np.allclose((up + down) / 2, right))

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Right, to rounding: the equation is **affine** in $G$ (a matrix times $G$, plus another), so a mean goes through it unharmed.
# An estimate that is right *on average* stays so. Remember this: NoBackTrack (lesson 05) lives on it.
# </details>
#
# ## Exercise 1: the clock
# RTRL's time goes into $J\,G$. Count only weights between units: $P = n^2$. How many multiplications is that?
#
# *Hint: write down both shapes.*


# %% tags=["stub"]
def multiplications(n):
    raise NotImplementedError


# %% tags=["answer"]
def multiplications(n):
    return n * n * n**2  # each of n × n² entries of the product is a sum over n


# %%
nbt.exercises.check(multiplications, "03 multiplications")

# %% [markdown]
# ## Exercise 2: the slab
# $G$ has a row for each unit and a column for each weight. How many *bytes* does it fill, for $n$ units that each read 80
# symbols and a bias too, at 8 bytes a number?


# %% tags=["stub"]
def slab(n):
    raise NotImplementedError


# %% tags=["answer"]
def slab(n):
    return 8 * n * (n + 80 + 1) * n


# %%
nbt.exercises.check(slab, "03 slab")

# %% [markdown]
# ## "Sometimes, cannot even store $G_t$"
# **Predict:** a network of 1,000 units that reads 80 symbols fits into 9 megabytes. How large is its $G$? And what if something
# as large as GPT-2 (124 million parameters, a layer of 768) or GPT-3 (175 billion, 12,288) were trained so? (They are not
# recurrent; take a layer as the state.)

# %% tags=["folded"]
print("At 8 bytes a number:")
for name, rows, P in ("1,000 units", 1000, 1081 * 1000), ("GPT-2", 768, 124 * 10**6), ("GPT-3", 12288, 175 * 10**9):
    print(f"{name:12} weights {8 * P / 1e9:10,.3f} GB; G {8 * rows * P / 1e9:16,.1f} GB")
print("Twice the units:")
for n in 8, 64, 512:
    one, two = app.price(n), app.price(2 * n)
    print(f"{n:3} to {2 * n:4}: slab ×{two['slab'] / one['slab']:.2f}, clock ×{two['clock'] / one['clock']:.2f}")
methods = nbt.RTRL(), nbt.NoBackTrack(), nbt.BPTT(16), nbt.CheckpointedBPTT(16)
costs = nbt.figures.costs(methods, by_units(methods[:3]))
nbt.figures.Picture(costs, "RTRL leaves the others behind, counted and on this machine's clock; and it keeps most.")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# 8.6 gigabytes for a network that fits into a thousandth of it; 762 gigabytes; 17 million gigabytes. Twice the units make
# the slab **8** and the clock **16** times larger, in the limit where the weights between units outnumber the rest. On a
# real clock (one core, 32 symbols, `docs/speed.md`): 16 to 32 units ×10.5 (counted ×10.6), 32 to 64 ×12.9 (×12.0), 64 to
# 128 ×10.0 (×13.3). In the picture RTRL's dots lie below its line: one large product is quick work for a machine.
# </details>
#
# ## Exercise 3: how fast does it fade?
# Let a unit read no other unit, and not itself. Each character then multiplies an influence on it by 1 − leak. After how many
# characters (a real number) is half left? The leak is given in per cent.


# %% tags=["stub"]
def half_life(percent):
    raise NotImplementedError


# %% tags=["answer"]
import math


def half_life(percent):
    return math.log(0.5) / math.log(1 - percent / 100)


# %%
nbt.exercises.check(half_life, "03 half_life")

# %% [markdown]
# **Predict:** the leak goes from 0.3 to 0.1. Is the influence of "a" stronger or weaker, just after "a" was read? Does it
# stay longer? Then move **leak** in the app above and **Run** on. Let another *weight* be marked: the bias never rests.

# %% tags=["folded"]
print("The column of “a”, and (1 - leak)^5 beside it:")
for leak in 0.1, 0.3, 0.6:
    trial = nbt.apps.Influence(leak=leak)
    trial.step(40)
    size = np.linalg.norm(trial.column("rare"), axis=1)[11:]  # from the first "a" on
    left, alone = size[5] / size[0], (1 - leak) ** 5
    print(f"leak {leak}: lights up at {size[0]:.3f}; after 5 characters {left:.2f} is left, alone {alone:.2f}")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Weaker: a character replaces a smaller share of the state. And longer. Both hold on 20 of 20 seeds. What stays for long was
# written faintly. (Each page of the app's lower panel is as dark as its strongest number.)
# </details>
#
# ## While θ moves
# So far θ stood still. A learner moves it after each character; but $G$ was made with the *past* θ's: it is **stale**.
#
# **Predict:** how far off is the gradient, against a $G$ made anew with today's θ, at learning rate 0.01: 50, 5 or 0.5%? And
# at 0.001: as much, a third, a tenth?

# %% tags=["folded"]
print("Median over the second half of 20 characters:")
for rate in 0.001, 0.01:
    moving = nbt.study.study(learner, [nbt.BPTT(4)], chars=20, draws=1, optimizer=nbt.SGD(rate))
    print(f"rate {rate}: off by {np.median(moving.staleness[10:]):.2%} of the gradient")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Less than a percent (on 20 of 20 fresh seeds), and in proportion to the rate (between 7 and 15 times less at a tenth of it, on
# 19 of 20). Exact for the θ's that were; nearly for the θ that is.
# </details>
#
# ## For the class
# 1. *RTRL and BPTT compute the same number. Why is one hundreds of times dearer?*
# 2. *Would a sparse network make RTRL cheap?*
# 3. *RTRL needs no past. Does it remember any?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "it does more exact work". The factors are the same, multiplied from the other end: matrix × matrix
#    instead of vector × matrix.
# 2. Wrong answer: "yes, $J$ is sparse". Its zeros save their share of the multiplications, but $G$ fills up: what one unit
#    feels, its readers feel next.
# 3. Wrong answer: "no". $G$ is the past, summed up: of each character what still matters.
# </details>
#
# **Where next:** lesson 04 replaces a slab by two vectors; 05 lets them follow this very equation.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 12 minutes to the verdicts (the leak alone says 2; the size of $G$, 8), 15 for $G$, 18 for prices and
# fading. Show: mark "bias", leak 0.05; units 64. They will say "n³, as for any matrix product": exercise 1. Expect ×12.3 at 8
# units, ×15.2 at 64. Usual misunderstanding: exactness fails as soon as θ moves. To paste: `influence leak=0.05`.
