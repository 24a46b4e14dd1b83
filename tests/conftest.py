"""No example of hypothesis is timed: the machine may be busy. Files that take long begin first, so that none ends alone."""

import pathlib

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG = ("pages_browser", "notebooks", "apps_browser", "apps", "jit", "browser", "check", "joint", "shell_browser",
        "live_figure", "optimizers", "float32", "signal_learning", "race", "balancing")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Files in this order, then all others as they come (two processes take a file each, in order: see the Makefile)."""
    place = {f"test_{name}": i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(pathlib.Path(item.location[0]).stem, len(LONG)))
