"""No example of hypothesis is timed: the machine may be busy. Files that take long begin first, so that none ends alone."""

import gc
import os
import pathlib

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two processes of two threads each would wait for each other
gc.set_threshold(50_000, 10, 10)  # looking for rubbish at every 700 new objects takes a quarter of what is interpreted

# `check` and `learner` compile next to nothing: meanwhile the first notebook makes the machine code that apps need too.
LONG = ("notebooks", "check", "learner", "apps_browser", "apps", "pages_browser", "jit", "kernels", "shell_browser", "browser",
        "joint", "live_figure", "experiments", "lab", "float32", "inputs", "saves", "balancing", "kit", "sentences", "race",
        "optimizers", "signal_learning")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Files in this order, then all others as they come (two processes take a file each, in order: see the Makefile)."""
    place = {f"test_{name}": i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(pathlib.Path(item.location[0]).stem, len(LONG)))
