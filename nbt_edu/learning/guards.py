"""Guards around long work: memory that is not there, and Ctrl-C at a bad moment."""

import contextlib
import os
import signal
import threading


def leaves(state):
    """The arrays of a state, at any depth."""
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


@contextlib.contextmanager
def affordable(name, value):
    """Turn a failure to find memory into a ValueError that names the argument."""
    try:
        yield
    except MemoryError:
        raise ValueError(f"{name} = {value} needs more memory than this machine has: choose less") from None


def weigh(state):
    """Raise MemoryError when a state, whose zeros take no room until they are written, would not fit."""
    if hasattr(os, "sysconf"):
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if sum(leaf.nbytes for leaf in leaves(state)) > 0.8 * physical:
            raise MemoryError


@contextlib.contextmanager
def uninterrupted():
    """Let Ctrl-C wait for the end of a piece, so that it never falls within a character."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught = []
    before = signal.signal(signal.SIGINT, lambda *args: caught.append(args))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught and callable(before):
        before(*caught[0])
