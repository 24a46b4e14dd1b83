"""What Race says: a table, a sentence, and the lines of Python that make the very run."""

import dataclasses
import json
import math

from .lines import LONG


def rows_of(learners):
    """One dict a method: name, bits_per_char over the last quarter, chars_per_second, and its gradient's quality.

    gradient_cosine, gradient_variance and gradient_bias2 (means, over the mean |exact gradient|^2) are those along RTRL's
    trajectory over its last quarter; None where RTRL does not run. RTRL's own are 1 and 0 by definition, and its speed is that
    with the comparison.
    """
    exact, rows = learners["RTRL"].record if "RTRL" in learners else None, []
    for name, learner in learners.items():
        record, quality = learner.record, {"cosine": None, "variance": None, "bias2": None}
        if name == "RTRL":
            quality = {"cosine": 1.0, "variance": 0.0, "bias2": 0.0}
        elif exact and exact.chars:
            quality = exact.gradient_summary(name, last=max(1, exact.chars // 4))
        rows.append({
            "name": label_of(name, learner),
            "bits_per_char": record.score(last=max(1, record.chars // 4)) if record.chars and not record.diverged else None,
            "chars_per_second": record.chars_per_second,
            "gradient_cosine": quality["cosine"],
            "gradient_variance": quality["variance"],
            "gradient_bias2": quality["bias2"],
            "diverged": record.diverged,
        })  # fmt: skip
    return rows


def label_of(name, learner):
    """A learner's name in words: its estimator's, unless it has a name of its own."""
    label = learner.estimator.label()
    return label if label.startswith(name) else f"{name} ({label})"


def sentence_of(learners, rows, count):
    """The state of the race in one sentence: what a reader who does not see the figure needs."""
    first = next(iter(learners.values()))
    task, measure = first.task, first.record.measure
    if not count:
        return f"{task.name}: no {first.record.steps[:-1]} read yet."
    parts = []
    for row in rows:
        bits = row["bits_per_char"]
        said = row["diverged"].partition(":")[0] if row["diverged"] else "not begun" if bits is None else f"{bits:.2f}"
        parts.append(f"{row['name']} {said}")
    noise = [
        f"; {row['name']}'s gradient variance is {row['gradient_variance']:.2g} times the mean |exact gradient|²"
        for row in rows if row["gradient_variance"] and not math.isnan(row["gradient_variance"])
    ][:1]  # fmt: skip
    aims = ", ".join(task.references)
    remedy = " To mend it: Rewind with a lower rate, or with β = 1." if any(row["diverged"] for row in rows) else ""
    what = f"{'bits/char' if task.alphabet is not None else measure} over the last quarter"
    return f"After {count:,} {first.record.steps}, {what}: {'; '.join(parts)} ({aims}){''.join(noise)}.{remedy}"


def code_of(race):
    """The lines that make this very run with the library."""
    dials = race.first
    own = [type(one).__name__ for one in race.own.values() if not type(one).__module__.startswith("nbt_edu.")]
    lines = [
        "import nbt_edu as nbt",
        *(f"# {name} is a class of your own: import it too" for name in own),
        "",
        f"task = {_task(dials)}",
        f"network = {_call(dials.network())}",
        "learners = {",
    ]
    lines += [
        f"    {name!r}: nbt.Learner(task, network, {_settings(one)}, seed={dials.seed}),"
        for name, one in race.parts(dials).items()
    ]
    lines += ["}"]
    done = 0
    for count, values in race.moves:
        lines += _run(count - done)
        before, dials, done = dials, dials.replaced(**values), count
        old, new = race.parts(before), race.parts(dials)
        lines += [f"learners[{name!r}].set({_settings(one)})" for name, one in new.items() if one != old[name]]
    lines += [*_run(race.count - done), "for learner in learners.values():", "    print(learner.record.sentence())"]
    return "\n".join(lines) + "\n"


def _run(chars):
    return [f"for learner in learners.values():\n    learner.read({chars})"] if chars else []


def _settings(one):
    parts = f"estimator={_call(one['estimator'])}, optimizer={_call(one['optimizer'])}"
    if one["compare"]:
        parts += ", compare={" + ", ".join(f"{name!r}: {_call(other)}" for name, other in one["compare"].items()) + "}"
    return parts


def _task(dials):
    if not isinstance(dials.task, str):
        return f"...  # {json.dumps(str(dials.task.name))}, a task of your own"
    if dials.task == "shakespeare":
        return "nbt.Shakespeare()"
    if dials.task == "text" and len(dials.text) > LONG:
        return f"nbt.Text.file(...)  # {json.dumps(dials.title)}, your text of {len(dials.text):,} characters"
    return _call(dials.learned())


def _call(settings):
    """An object of settings as the library's user writes it, without what is a default."""
    if not type(settings).__module__.startswith("nbt_edu."):
        return f"{type(settings).__name__}(...)"
    if dataclasses.is_dataclass(settings):
        fields = {field.name: (getattr(settings, field.name), field.default) for field in dataclasses.fields(settings)}
    else:
        fields = {
            name: (value, settings._field_defaults.get(name, dataclasses.MISSING)) for name, value in settings._asdict().items()
        }
    given = ", ".join(f"{name}={_value(value)}" for name, (value, default) in fields.items() if value != default)
    return f"nbt.{type(settings).__name__}({given})"


def _value(value):
    return 'float("inf")' if value == math.inf else repr(value)
