"""Guards around long work: parts that do not fit, memory that is not there, Ctrl-C at a bad moment."""

import _thread
import contextlib
import os
import signal
import threading

from .. import jit
from ..implements import lacking, required
from ..settings import require
from .rehearsal import rehearse

MOMENT = 0.05  # seconds


def admit(system, readout, optimizer, estimators, compiled):
    """Refuse, in one sentence, what these parts cannot do together (ValueError), or not compiled (TypeError)."""
    if compiled:
        required(network=system, readout=readout, optimizer=optimizer)
        for one in estimators:
            required(estimator=one)
    for one in estimators:
        missing = lacking(one, system)
        wanted = f"one that does without {missing}, which {type(system).__name__} does not offer"
        require(not missing, "estimator", one.label(), wanted)


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


def prepare(learner):
    """Make machine code, by learning from nothing, before anything is read: Ctrl-C need not wait for it, and loses nothing."""
    made = learner._watched, learner.optimizer
    if learner.compiled and learner._made != made:
        jit.look_again(learner._system, learner._built, made)
        with heard_while_compiling():
            piece = learner._examples.peek(0)
            learner._run(piece.inputs, piece.targets, learner._noise.block(learner.chars)[:0])
        rehearse(learner)
        learner._made = made


@contextlib.contextmanager
def heard_while_compiling():
    """Let Ctrl-C end the work of the compiler: a moment later where it falls into LLVM's calls of Python, which swallow it."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    later = []  # the timer of the next attempt

    def heard(number, frame):
        while later:
            later.pop().cancel()
        if _swallowed(frame):
            later.append(threading.Timer(MOMENT, _thread.interrupt_main))
            later[0].start()
        else:
            before(number, frame)

    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if later:
        later.pop().cancel()
        before(signal.SIGINT, None)


def _swallowed(frame):
    """Whether an exception raised here would be lost: in a call from C, or while an object is cleared away."""
    while frame:
        if os.path.join("llvmlite", "binding") in frame.f_code.co_filename or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


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
