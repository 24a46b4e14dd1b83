"""Apps: what an app computes, says and draws is in a file here, without widgets; `shell` shows it (extra `lab`).

`app` and `showing` are what they share, `dials` how settings are declared, `lines` how they are written, `asks` what is to be
guessed, `player` the play loop, `compiling` machine code in the background. `race_again` makes an experiment's Race.

May be imported here: everything but the command line.
"""

import importlib

ALL = ["Race", "Chain", "Strip", "Influence", "Signs", "Cloud", "Variance", "Metric"]  # modules: in small letters

__all__ = ["ALL", "App", "Ask", "Dials", "again", "dial", "find", *ALL]
KIT = {"App": "app", "Ask": "asks", "Dials": "dials", "again": "race_again", "dial": "dials"}


def find(name):
    """The class of an app, by its name in state lines. Raises ValueError."""
    from ..settings import require

    found = next((one for one in ALL if isinstance(name, str) and one.lower() == name.lower()), None)
    require(found, "app", name, f"one of {', '.join(one.lower() for one in ALL)}")
    return getattr(importlib.import_module(f"{__name__}.{found.lower()}"), found)


def __getattr__(name):
    if name in KIT:
        return getattr(importlib.import_module(f"{__name__}.{KIT[name]}"), name)
    if name in ALL:
        return find(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
