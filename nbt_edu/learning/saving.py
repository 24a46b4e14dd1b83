"""Learners to files and back."""

import numpy as np

from .. import estimators, optimizers, readouts, systems, tasks
from ..protocols.entries import misfit
from ..settings import from_dict, require, to_dict, whole
from .archive import read_archive, write_archive
from .randomness import BLOCK
from .record import Record

FORMAT = "nbt_edu learner 3"
PARTS = {"task": tasks, "network": systems, "estimator": estimators, "optimizer": optimizers, "readout": readouts}
SHIPPED = {part: [getattr(module, name) for name in module.__all__] for part, module in PARTS.items()}


def save(path, learner, arrays):
    """Write a learner's settings, record and arrays."""
    head, saved = learner.record.to_parts()
    settings = {name: to_dict(getattr(learner, name)) for name in PARTS}
    compare = {name: to_dict(one) for name, one in learner.compare.items()}
    head = {"format": FORMAT, "settings": settings, "compare": compare, "replicas": learner.replicas, "record": head}
    head |= {"read": learner._examples.count, "dtype": learner.dtype}
    write_archive(path, head, saved | {f"array {i}": array for i, array in enumerate(arrays)})


def restore(path, classes, make):
    """The learner of a file: make(**settings), read on to where it was, with its arrays filled in."""
    fits = isinstance(classes, list | tuple) and all(isinstance(one, type) for one in classes)
    require(fits, "classes", classes, "a list of your own classes")
    with read_archive(path, FORMAT) as archive:
        head = archive.head
        settings = {name: from_dict(one, [*SHIPPED[name], *classes]) for name, one in head["settings"].items()}
        known = [*SHIPPED["estimator"], *classes]
        compare = {name: from_dict(one, known) for name, one in head["compare"].items()}
        record = Record.from_parts(head["record"], archive)
        made = {"seed": record.seed, "replicas": head["replicas"], "dtype": head.get("dtype", "float64")}  # older files: double
        learner = make(**settings, **made, compare=compare)
        for i, array in enumerate(learner._arrays()):
            archive.fill(f"array {i}", array)
        wrong = _misfit(learner, record)
        if wrong:
            raise ValueError(wrong)
        learner._examples.skip(whole("read", head["read"], 0, learner.chars + BLOCK))  # a piece that diverged does not count
        learner.record = record
    return learner


def _misfit(learner, record):
    """What a restored learner cannot be, in a few words; or ""."""
    state, inputs = learner._state, learner.task.inputs
    if record.chars > learner.chars:
        return f"{learner.chars} steps made and {record.chars} recorded"
    if not np.isfinite(state.h[: learner.network.units]).all():
        return "the network's state is not finite"
    if not learner._examples.sound():
        return "the signal's mean and deviation are no such numbers"
    return misfit(state, inputs) or (isinstance(learner._built, tuple) and misfit(learner._built, inputs)) or ""
