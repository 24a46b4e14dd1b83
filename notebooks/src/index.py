# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Learn as you go: the course
# Run the cell below (Shift + Enter): it checks the installation and shows where you are.

# %%
import nbt_edu as nbt

print("nbt_edu is ready; machine code:", "yes" if nbt.jit.available() else "no: slow")
nbt.course.Map()

# %% [markdown]
# ## How to work
# Each lesson begins with a surprise: guess, **Seal** your guess, press **Run**, then read why. Run it cell by cell (Shift +
# Enter), not all at once. Write your answer where a cell says `NotImplementedError`; the check below it says whether it is
# right, or what was confused. These notebooks are your own copies: change what you like. All of it works offline.
#
# | you have | do |
# |---|---|
# | 20 minutes | [00](00_learn_as_you_go.ipynb) down to *A text with a memory*: the bet, and what was going on |
# | 2 hours | [00](00_learn_as_you_go.ipynb) and [02](02_backpropagation_through_time.ipynb), a break, then the apps at the head of [05](05_nobacktrack.ipynb) and [07](07_kalman.ipynb) |
# | a term | all of them in order, one a week: write every exercise, and answer *For the class* before you unfold the answers |
