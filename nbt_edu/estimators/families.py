"""What families of estimators share: fields with their ranges, and how settings take over from one another."""

from ..settings import Number, Whole

Rank = Whole(1, 4096)
Window = Whole(1, 1_000_000, "steps")
Beta = Number(0, 1, "0: no scaling, 1: equal norms")

class Ranked:
    """k pairs (v, w) with noise of their own. rank: their number k, from 1 to 4096."""

    rank: Rank = 1


class Windowed:
    """The tapes of T steps are kept. window: their number T, from 1 to 10^6."""

    window: Window = 16


def copied(state, before, after):
    """Pairs kept or copied, when their number goes from `before` to `after`: in memory of their own, the mean as it was."""
    kept = [i % before for i in range(after)]
    return type(state)(*(field[kept] for field in state))
