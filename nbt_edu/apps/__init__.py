"""Apps: what an app computes and says is in a file here, without widgets; `shell` shows it (extra `lab`).

May be imported here: everything but the command line.
"""

import importlib

SHELLS = {"Race": "race"}  # app: its module in `shell`, imported when it is first asked for

__all__ = ["Race"]


def __getattr__(name):
    if name in SHELLS:
        return getattr(importlib.import_module(f"{__name__}.shell.{SHELLS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
