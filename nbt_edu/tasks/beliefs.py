r"""What the last k characters tell of a text by rules, exactly: the ladder of a process with hidden states.

A reader who knows the rules, and has seen the last k characters, holds a **belief**: how probable each state of the writer is.
From state s the symbol y comes with probability P(y, s' | s), and leads to s'. By Bayes' rule a belief p becomes, after y,

    P(y) = sum_{s, s'} p(s) P(y, s' | s)         p'(s') = sum_s p(s) P(y, s' | s) / P(y)                       (1)

Before anything is seen, p is stationary. All beliefs that k characters can lead to, b, with their probabilities P_k(b), give

    H(next | last k) = sum_b P_k(b) sum_y -P_b(y) log2 P_b(y)                                                  (2)

There are as many sequences of k characters as you fear, but few beliefs: after most of them the same is known.
"""

import math
from collections import defaultdict

DIGITS = 12  # to which two beliefs must be equal to be one


def worth(start, follow, deepest):
    """[H(next | last k), k = 0, ..., `deepest`], in bits per character: (2).

    start: {state: its stationary probability}. follow: state -> [(symbol, probability, state after it)].
    """
    beliefs, found = {tuple(sorted(start.items())): 1.0}, []
    for _ in range(deepest + 1):
        bits, after = 0.0, defaultdict(float)
        for belief, weight in beliefs.items():
            for p, seen in _seen(belief, follow):
                bits -= weight * p * math.log2(p)
                after[seen] += weight * p
        found.append(bits)
        beliefs = after
    return found


def _seen(belief, follow):
    """For each symbol that may come: its probability, and the belief after it, (1)."""
    after = defaultdict(lambda: defaultdict(float))
    for state, p in belief:
        for symbol, q, then in follow(state):
            after[symbol][then] += p * q
    for states in after.values():
        total = sum(states.values())
        yield total, tuple(sorted((state, round(p / total, DIGITS)) for state, p in states.items()))
