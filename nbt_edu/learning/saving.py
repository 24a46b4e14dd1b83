"""Learners to files and back."""

import json

import numpy as np

from .. import estimators, optimizers, systems, tasks
from ..settings import from_dict, to_dict
from .record import Record, fill, read_archive, whole_file

FORMAT = "nbt_edu learner 1"
SHIPPED = [getattr(module, name) for module in (estimators, optimizers, systems, tasks) for name in module.__all__]


def save(path, learner, arrays):
    """Write a learner's settings, record and arrays."""
    head, saved = learner.record.to_parts()
    settings = {name: to_dict(getattr(learner, name)) for name in ("task", "network", "estimator", "optimizer")}
    compare = {name: to_dict(one) for name, one in learner.compare.items()}
    head = {"format": FORMAT, "settings": settings, "compare": compare, "replicas": learner.replicas, "record": head}
    saved |= {f"array {i}": array for i, array in enumerate(arrays)}
    with open(path, "wb") as file:
        np.savez_compressed(file, head=json.dumps(head), **saved)


def restore(path, classes, make):
    """The learner of a file, made by make(**settings), with its arrays filled in, and its record."""
    head, saved = read_archive(path, FORMAT)
    with whole_file(path):
        known = [*SHIPPED, *classes]
        settings = {name: from_dict(one, known) for name, one in head["settings"].items()}
        compare = {name: from_dict(one, known) for name, one in head["compare"].items()}
        record = Record.from_parts(head["record"], saved)
        learner, arrays = make(**settings, seed=record.seed, compare=compare, replicas=head["replicas"])
        for i, array in enumerate(arrays):
            fill(array, saved[f"array {i}"])
    return learner, record
