# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · NoBackTrack
#
# **Goals.** Look at single gradients of NoBackTrack, and find out whether anything can be done with them. Write the method
# yourself, in a dozen lines. Say what "unbiased" promises, and what it does not.
#
# **60 minutes** · needs: lessons 03 (RTRL) and 04 (the rank-one trick) · slides: "If you cannot travel back in time" to
# "NoBackTrack: variants". Run cell by cell (Shift + Enter), not all at once.

# %%
import inspect

import numpy as np
from plotly.subplots import make_subplots

import nbt_edu as nbt
from nbt_edu.apps.cloud_draws import learned
from nbt_edu.measuring.path import Path
from nbt_edu.measuring.walk import Walk, all_signs

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")

# %% [markdown]
# ## One gradient, five times
# A network has learned for 5,000 characters; now its parameters θ (140 numbers) are frozen. It reads 16 characters more. How
# does the loss at the last of them depend on θ? RTRL knows exactly. NoBackTrack carries a small stand-in for RTRL's $G$, made
# with random signs, tossed at each character; its answer for one sequence of signs is a **draw**. Five draws of the *same*
# gradient: length, and cosine with the exact one (1: same direction).

# %%
path = Path(learned(0, nbt.jit.available()), 16, None)
exact, five, _ = path.guesses(nbt.NoBackTrack(), draws=5, seed=0)
exact = exact[-1]  # at the last character
size = np.linalg.norm(exact)
for number, draw in enumerate(five[:, -1], 1):
    length = np.linalg.norm(draw)
    print(f"draw {number}: length {length / size:.2f} |exact|, cosine {draw @ exact / length / size:5.2f}")

# %% [markdown]
# Each of them looks useless. The app makes more. Left, two of 140 directions: along the exact gradient, and the one across it
# in which draws scatter most. Dots are draws (some lie outside); one arrow is the exact gradient, the other the mean of all
# draws. Right: the distance between the two tips, in all directions.
#
# **Predict:** where is the mean of 1,000 draws? How far from the exact one? Run the next cell, choose, **Seal**, then **Run**.
# When it pauses, run the cell after it (in it, somebody guesses that the signs cancel).

# %%
app = nbt.apps.Cloud()
app.pace, app.pause_at = 100, 1000
app

# %% tags=["folded"]
print("The same draws from Python:")
cloud = nbt.apps.Cloud()
cloud.guess(end="zero", error=1)
cloud.step(1000)
print(*cloud.guesses.verdicts().values(), sep="\n")
print(cloud.sentence())
cloud.picture()

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# The mean lands on the exact gradient: on 20 of 20 fresh seeds (100 to 119) it is closer than a quarter of its length after
# 1,000 draws. A draw is *exact gradient + noise*, and the mean of the noise is zero: that is **unbiased**. The mean of $N$
# draws is off by about one draw's distance$/\sqrt N$: a hundred times as many draws, a tenth of the distance. Move **draws /
# dot** to 100: the cloud shrinks by ten, around the tip.
# </details>

# %% [markdown]
# ## What a draw is
# $G=\partial h/\partial\theta$ is too large to carry. But its evolution, from $h'=F(h,\theta)$, is *affine*: $G'=J\,G+\sum_i
# e_ib_i^\top$, with $J=\partial F/\partial h$, $b_i=\partial F_i/\partial\theta$, and basis vectors $e_i$. So put $\bar v\bar
# w^\top$ in the place of $G$. That leaves a sum of products, $(J\bar v)\bar w^\top$ and the $e_ib_i^\top$; the rank-one trick
# makes it one product again, with fresh signs $\varepsilon_i=\pm1$:
#
# $$\bar v'=\lambda_0J\bar v+\textstyle\sum_i\varepsilon_i\lambda_ie_i\;(1)
# \qquad\bar w'=\bar w/\lambda_0+\textstyle\sum_i\varepsilon_ib_i/\lambda_i\;(2)$$
# $$\lambda_0=(|\bar w|/|J\bar v|)^{\beta/2},\qquad\lambda_i=|b_i|^{\beta/2}\;(3)$$
# $$\mathbb E\,\bar v\bar w^\top=G,
# \qquad\text{so}\qquad\mathbb E\,(\partial\ell/\partial h\cdot\bar v)\,\bar w=\partial\ell/\partial\theta\;(4)$$
#
# λ evens out lengths: with β = 1, as above, both factors of a product are equally long; with β = 0 every λ is 1. Below are the
# lines that made the dots, without comments. **Find** (1), (2), (3), and $\bar w/\lambda_0$.

# %%
for line in inspect.getsource(nbt.NoBackTrack.advance).splitlines():
    print(line.split("  #")[0])

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# | in the source | is |
# |---|---|
# | `lam`, `lam0` | (3): $\vert b_i\vert^2$ to the power β/4; `TINY` avoids 0/0 |
# | `jvp(tape, v)` | $J\bar v$, without writing $J$ down |
# | `combine(v, lam0, Jv, lam, signs)` | (1), in place |
# | `scale /= lam0` | $\bar w/\lambda_0$: a number is divided, not a whole vector |
# | `add_vjp_theta(w, tape, …)` | (2): adds $\sum_i \varepsilon_i b_i/\lambda_i$; answers how $\vert\bar w\vert^2$ changes |
# | `if …` | housekeeping against rounding |
#
# `tape` holds a step's derivatives, `noise` its signs. No $n\times p$ matrix anywhere: time and memory are those of running the
# network, a few times over.
# </details>
#
# ## All signs there are
# Three units, two steps: $2^6 = 64$ sequences of signs. All can be tried.
#
# **Predict:** how far is the mean of all 64 products $\bar v\bar w^\top$ from $G$? And a single one: what will it look like
# beside $G$?

# %% tags=["folded"]
system = nbt.LeakyRNN(3, 0.5).build(0, 3, np.random.default_rng(0))
walk, one, products = Walk(system, [0, 1], np.eye(3)[:2]), nbt.NoBackTrack(), []
G = walk.influences()[-1]
for signs in walk.signs(one):
    state = one.begin(system)
    for tape, coins in zip(walk.tapes, signs, strict=True):
        one.advance(state, system, tape, coins)
    products.append(state.scale[0] * np.outer(state.v[0], state.w[0].ravel()))
print(f"G: {G.shape[0]} x {G.shape[1]} numbers; products: {len(products)}")
for some in 1, 8, 64:
    print(f"mean of the first {some:2}: off by {np.linalg.norm(np.mean(products[:some], 0) - G) / np.linalg.norm(G):.2f} |G|")
print("all 64: less than 1e-12:", bool(np.abs(np.mean(products, 0) - G).max() < 1e-12))

# %% tags=["folded"]
shown = {"exact G": G, "one draw of v wᵀ": products[20], "mean of all 64": np.mean(products, 0)}
titles = [title for name in shown for title in (name, "its singular values")]
heat = make_subplots(3, 2, subplot_titles=titles, vertical_spacing=0.16, column_widths=[0.75, 0.25])
for row, (name, matrix) in enumerate(shown.items(), 1):
    heat.add_heatmap(z=matrix, name=name, zmin=-0.7, zmax=0.7, colorscale="RdBu", showscale=False, row=row, col=1)
    heat.add_bar(x=[1, 2, 3], y=np.linalg.svd(matrix, compute_uv=False), name=f"{name}: singular values", row=row, col=2)
heat.update_yaxes(title="unit", showticklabels=False, col=1).update_xaxes(showticklabels=False)
heat.update_xaxes(title="parameter: 7 sources × 3 units", row=3, col=1)
heat.update_traces(marker_color="#767676", showlegend=False, col=2).update_yaxes(range=[0, 1.1], col=2)
heat.update_layout(width=840, height=380)
nbt.figures.Picture(heat, "The middle one looks unlike the upper one: one singular value, not three. The lower one is equal to it.")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# The mean of all is $G$, to rounding: not because 64 is many, but because each cross term occurs as often with + as with −. One
# draw has rank one: all its rows are multiples of one pattern, so it *cannot* look like $G$: of its three singular values only
# one is not zero, where $G$ has three. (Rows: units.
# Columns: parameters, one from each of 7 sources, the 3 units, the 3 symbols and a constant, to each unit.)
# </details>
#
# The library proves it of every method (of yours too), reading symbols or signals:

# %%
nbt.check.estimator(nbt.NoBackTrack(), on=nbt.LeakyRNN(3))

# %% [markdown]
# ## Exercise 1: your own
# `walk.J` holds a matrix $J$ for each step, `walk.B` one whose rows are the $b_i$; `walk.toss()` gives fresh signs, one for
# each unit. Answer $\bar v\bar w^\top$ at the end of the walk, by (1)–(3) with β = 1. Both start at zero; at the first step
# take $\lambda_0 = 1$.
#
# *Hint: what is `signs @ B`?*


# %% tags=["stub"]
def nobacktrack(walk):
    raise NotImplementedError


# %% tags=["answer"]
import numpy as np


def nobacktrack(walk):
    v, w = np.zeros(walk.J.shape[1]), np.zeros(walk.B.shape[2])
    for J, B in zip(walk.J, walk.B, strict=True):
        signs, Jv = walk.toss(), J @ v
        lam = np.sqrt(np.linalg.norm(B, axis=1))
        lam0 = np.sqrt(np.linalg.norm(w) / np.linalg.norm(Jv)) if w.any() else 1.0
        v = lam0 * Jv + signs * lam
        w = w / lam0 + (signs / lam) @ B
    return np.outer(v, w)


# %%
nbt.exercises.check(nobacktrack, "05 nobacktrack")

# %% [markdown]
# **Predict:** to save time, somebody tosses the signs once and takes the same ones at every step. Is the mean still right after
# one step? After two?

# %% tags=["folded"]
print("Mean gradient over all 8 signs, the same at every step:")
q = np.random.default_rng(2).normal(size=(4, 3))
for T in 1, 2, 4:
    walk = Walk(system, [0, 1, 2, 0][:T], q[:T])
    said = [walk.answers(one, np.repeat(signs, T, axis=0))[-1] for signs in all_signs(3, 1, 1, 3)]
    off = np.linalg.norm(np.mean(said, 0) - walk.exact()[-1]) / np.linalg.norm(walk.exact()[-1])
    print(f"{T} step{'s' * (T > 1)}: off by {off:.2f} |exact|")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Right after one step, wrong from two on. $\bar v$ already holds $\varepsilon_i$ from the step before; times the
# $\varepsilon_i b_i$ of this one that is $\varepsilon_i^2 = 1$: a cross term that does not average out. Test a method over two
# steps at least.
# </details>

# %% [markdown]
# ## Exercise 2: the cosine of one draw
# **Variance**: a draw's mean squared distance from its mean. Let $V$ = variance/|exact|². A draw's cosine is about (its mean ·
# exact)/(|exact| × its root mean square length). What is that, from $V$ alone?
#
# *Hint: the mean of a draw is the exact gradient; what is the mean of its squared length?*


# %% tags=["stub"]
def cosine(variance):
    raise NotImplementedError


# %% tags=["answer"]
def cosine(variance):
    return 1 / (1 + variance) ** 0.5


# %%
nbt.exercises.check(cosine, "05 cosine")

# %% [markdown]
# ## Is unbiased good?
# **Predict** for each, then run: (a) the stretch (**horizon**) has 1, 4, 16, 64 characters. Does the noise pile up without end?
# (b) β = 0. Is it biased? (c) rank 4: a draw is the mean of four pairs $(\bar v,\bar w)$. What does it buy?

# %% tags=["folded"]
print("2,000 draws of each:")
for dials in {"horizon": 1}, {"horizon": 4}, {}, {"horizon": 64}, {"beta": 0.0}, {"beta": 0.0, "horizon": 64}, {"rank": 4}:
    cloud = nbt.apps.Cloud(**dials)
    cloud.step(2000)
    (near, far), off = cloud.draws.one(), cloud.draws.errors[-1]
    said = ", ".join(f"{name} {value:g}" for name, value in dials.items()) or "horizon 16"
    print(f"{said:20} one draw: cosine {near:.2f}, {far:5.2f} away; the mean: {off:.3f}; {100 * far**2:6,.0f} draws for 0.1")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# (a) It grows at first and then levels off: the network forgets, and what it forgets takes its noise along. From 16 to 64
# characters the distance changes by less than half on 18 of 20 seeds. (b) β = 0 is unbiased too, as is any λ that is set
# before its signs are tossed. But the mean needs more draws to come within 0.1 (last column): here 4 times as many, 14 times
# at 64 characters. **Unbiased says where the mean is, not how many draws it takes.** (c) Half the distance: a quarter of the
# draws, at four times the price.
# </details>

# %% [markdown]
# ## And when θ moves?
# A learner does not read one stretch a thousand times: it moves θ after every character, and averages over *time*.
#
# **Predict:** θ is moved by NoBackTrack's own answer at every step, at rate η. Is the mean of its answers still that
# of RTRL's along the same steps? (All 512 signs of three units, three steps.)

# %% tags=["folded"]
theta, noisy, rtrl = system.theta.copy(), nbt.NoBackTrack(), nbt.RTRL()
for rate in 0, 0.001, 0.01, 0.1:
    off = total = 0
    for signs in all_signs(3, 1, 3):
        system.theta[:], h, states = theta, system.start(), (noisy.begin(system), rtrl.begin(system))
        for x, coins in enumerate(signs):
            h, tape = system.step(h, x)
            noisy.advance(states[0], system, tape, coins), rtrl.advance(states[1], system, tape, coins)
            g, true = (np.matmul(*m.gradient(s, system, q[:1])) for m, s in zip((noisy, rtrl), states, strict=True))
            system.theta[:] -= rate * g.reshape(theta.shape)
        off, total = off + g - true, total + true
    print(f"rate {rate:5}: the mean is off by {np.linalg.norm(off) / np.linalg.norm(total) + 0.0:.5f} |exact|")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# Only for η = 0. The signs that made $\bar v\bar w^\top$ also moved θ, and so the $J$ that it meets next. The bias grows
# with η in proportion: a second price of large steps, beside noise. And RTRL's own $G$ is *stale* then: it mixes derivatives at
# old θ's. Small steps cure both: that is what "over time the parameter evolves in the correct direction" (slides) rests on.
# </details>

# %% [markdown]
# ## NoBackTrack with memory
# BPTT over a window of $T$ characters is exact inside it and blind before; NoBackTrack sees the whole past, through noise. So
# let $\bar v\bar w^\top$ stand for the past where the window *begins*, and BPTT do the rest (`nbt.MemoryNoBackTrack`, once a
# window; `Sliding…` at every character).
#
# **Predict** for $T$ = 1, 2, 4, 8: has it bias, or noise? Is one draw nearer to the exact gradient than BPTT-$T$? The mean of
# how many is?

# %% tags=["folded"]
print("At the last of 16 characters, in |exact|²; 1,000 draws:")
methods, windows = {"NoBackTrack": nbt.NoBackTrack()}, (1, 2, 4, 8)
for T in windows:
    methods |= {f"BPTT-{T}": nbt.SlidingBPTT(T), f"memory {T}": nbt.SlidingMemoryNoBackTrack(T)}
rows = nbt.study.study(learned(0, nbt.jit.available()), methods, chars=16, draws=1000).rows()
for row in rows:
    bias2 = round(row["bias2"], 3) + 0.0
    print(f"{row['name']:12} variance {row['variance']:6.3f}, bias² {bias2:6.3f} ± {row['bias2_error']:.3f}")
for T, bptt, memory in zip(windows, rows[1::2], rows[2::2], strict=True):
    few, many = (row["variance"] / bptt["bias2"] for row in (memory, rows[0]))
    print(f"as near as BPTT-{T}: the mean of {few:.0f} draws with memory {T}, of {many:,.0f} without memory")

# %% [markdown]
# <details><summary>After you have looked</summary>
#
# BPTT-$T$ has bias and no noise. With memory there is noise and no bias (bias² is estimated from draws: zero to about its error,
# or a little below). Both shrink as $T$ grows: the noise falls on exactly what BPTT forgets. So one draw is farther off than
# BPTT-$T$, but the mean of $N$ draws has variance$/N$ left, and bias stays: on 20 of 20 fresh seeds, at each $T$, the mean of
# fewer than 40 draws is as near as BPTT-$T$. Without memory that number grows with $T$. **Memory is the bridge:** with an
# empty window this is NoBackTrack, with all the past in it full BPTT; between them you pay BPTT's storage of $T$ steps, and
# noise, not bias.
# </details>
#
# ## For the class
# 1. *Each draw is nearly at right angles to the gradient. Why is it worth anything?*
# 2. *Could one not toss one sign a step, for all units?*
# 3. *"The mean lands, so β does not matter." What is wrong?*
#
# <details><summary>Answers, with the usual wrong answer</summary>
#
# 1. Wrong answer: "because errors are small". They are several times the gradient. But they have mean zero, and the small part
#    along the gradient is always there: it adds up like $N$, noise like $\sqrt N$.
# 2. Wrong answer: "yes, one fair sign is as good as another". Cross terms $e_i b_j^\top$ of two units would have the sign
#    $\varepsilon^2 = 1$ and stay: wrong after one step. Signs must differ between units, and between steps.
# 3. Wrong answer: "nothing, it is unbiased". Draws are not free: in a learner they are characters.
# </details>
#
# **Where next:** 06: what rank and λ really buy over time; 07: the Kalman filter. To read: `nbt_edu/plain.py`.

# %% [markdown] tags=["instructor"]
# **For the teacher.** 10 minutes for Cloud, 10 for the source, 20 up to the end of exercise 1, 20 for the rest. At 1,000
# draws: cosine 0.23 of one, 0.996 of the mean. Usual misunderstanding: "unbiased means good": paste `cloud beta=0.0
# horizon=64`. To show: move **draws / dot** while it runs.
