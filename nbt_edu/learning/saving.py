"""Learners to files and back."""

from .. import estimators, optimizers, readouts, systems, tasks
from ..settings import from_dict, to_dict
from .archive import fill, read_archive, whole_file, write_archive
from .record import Record

FORMAT = "nbt_edu learner 3"
PARTS = ("task", "network", "estimator", "optimizer", "readout")
SHIPPED = [getattr(module, name) for module in (estimators, optimizers, readouts, systems, tasks) for name in module.__all__]


def save(path, learner, arrays):
    """Write a learner's settings, record and arrays."""
    head, saved = learner.record.to_parts()
    settings = {name: to_dict(getattr(learner, name)) for name in PARTS}
    compare = {name: to_dict(one) for name, one in learner.compare.items()}
    head = {"format": FORMAT, "settings": settings, "compare": compare, "replicas": learner.replicas, "record": head}
    head["read"] = learner._examples.count
    write_archive(path, head, saved | {f"array {i}": array for i, array in enumerate(arrays)})


def restore(path, classes, make):
    """The learner of a file: make(**settings), read on to where it was, with its arrays filled in."""
    head, saved = read_archive(path, FORMAT)
    with whole_file(path):
        known = [*SHIPPED, *classes]
        settings = {name: from_dict(one, known) for name, one in head["settings"].items()}
        compare = {name: from_dict(one, known) for name, one in head["compare"].items()}
        record = Record.from_parts(head["record"], saved)
        learner = make(**settings, seed=record.seed, compare=compare, replicas=head["replicas"])
        learner._examples.skip(head["read"])
        for i, array in enumerate(learner._arrays()):
            fill(array, saved[f"array {i}"])
        learner.record = record
    return learner
