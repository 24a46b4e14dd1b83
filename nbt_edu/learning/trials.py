"""What a learner expects, writes, and is worth on another task: theta stays as it is, and so does the learner."""

import copy

import numpy as np

from ..implements import part
from ..settings import real, require
from .loop import predict_chunk
from .randomness import BLOCK, generator
from .record import Record
from .streams import Examples, room


def copies(learner):
    """Copies of its network, readout and state."""
    system, theta = learner._system, learner._system.theta.copy()
    if isinstance(system, tuple):
        system = system._replace(theta=theta)
    else:
        system = copy.copy(system)
        system.theta = theta
    return system, copy.deepcopy(learner._built), copy.deepcopy(learner._state)


def expected(learner, piece):
    """What is expected after the one input of a piece: {symbol: probability}, or values in their own unit."""
    h, _ = learner._system.step(learner._state.h, piece.inputs[0])
    p = learner._built.predict(h)
    if learner.task.alphabet is None:
        return piece.mean[0] + piece.scale[0] * p
    return dict(zip(learner.task.alphabet, p.tolist(), strict=True))


def evaluate(learner, task, chars):
    """The record of predicting a task, nothing learnt."""
    part("task", task)
    alike = (task.alphabet, task.inputs, task.outputs) == (learner.task.alphabet, learner.task.inputs, learner.task.outputs)
    wanted = f"one with the alphabet, inputs and outputs of the learner's own task ({learner.task.name})"
    require(alike, "task", task, wanted)
    system, readout, _ = learner.parts()
    examples, h, old = Examples(task, learner.seed, "evaluation", learner.dtype), system.start(), learner.record
    record = Record(task.name, old.method, old.seed, old.measure, task.outputs, task.entropy_rate, task.references)
    run = predict_chunk if learner.compiled else predict_chunk.interpreted
    while chars:
        piece = examples.ahead(min(chars, BLOCK))
        losses, predictions = room(task, len(piece.inputs))
        if not losses.size:
            record.end()
            break
        with np.errstate(all="ignore"):
            run(system, readout, h, piece.inputs, piece.targets, losses, predictions)
        finite = np.isfinite(losses)
        good = len(losses) if finite.all() else int(finite.argmin())
        record.append(piece.own_losses(losses)[:good], piece.squared_errors(predictions)[:good], [], 0.0)
        if good < len(losses):
            record.diverged = f"diverged at {record.steps[:-1]} {record.chars:,}: a loss is not finite"
            break
        chars -= len(losses)
    return record


def write(learner, chars, temperature):
    """The text that the network writes."""
    require(learner.task.alphabet is not None, "task", learner.task.name, "of characters, to write a text")
    temperature = real("temperature", temperature)
    require(0 <= temperature < np.inf, "temperature", temperature, "a finite number, 0 or more (0 takes the most probable)")
    piece = learner._examples.peek(1)
    require(len(piece.inputs), "task", learner.task.name, "one that has a character to begin with")
    rng, h, x = generator(learner.seed, "writing", learner.chars), learner._state.h.copy(), piece.inputs[0]
    text = []
    for _ in range(chars):
        h, _ = learner._system.step(h, x)
        p = learner._built.predict(h).astype(float)
        if temperature:
            p = np.exp((np.log(np.maximum(p, 1e-300)) - np.log(p.max())) / temperature)
            x = int(rng.choice(p.size, p=p / p.sum()))
        else:
            x = int(p.argmax())
        text.append(learner.task.alphabet[x])
    return "".join(text)
