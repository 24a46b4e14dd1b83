"""`nbt-edu apps`, `app` and `race`: any app without a browser, its dials as flags."""

import argparse
import contextlib
import json
import math
import pathlib
import sys

import numpy as np

from ..apps import ALL, find
from ..output import check_place, give, write_text
from ..settings import require, whole
from ..tasks import Text

RACE_FLAGS = {"N": "--n", "window": "--truncation"}  # older names of Race's flags


class Late(argparse.ArgumentParser):
    """A parser that may get its arguments when it is first asked, by `fill`: no other command then loads the apps."""

    fill = None

    def parse_known_args(self, *arguments, **settings):
        if self.fill:
            fill, self.fill = self.fill, None
            fill(self)
        return super().parse_known_args(*arguments, **settings)


def add(commands):
    """Add the three commands to a parser's, which are `Late` ones."""
    listed = commands.add_parser("apps", help="which apps there are, with their dials")
    listed.add_argument("--json", action="store_true", help="print them as JSON")
    listed.set_defaults(command=_apps)

    app = commands.add_parser("app", help="run an app without a browser: nbt-edu app race --rank 4 --steps 20000")
    app.fill = _fill_app
    race = commands.add_parser("race", help="RTRL, BPTT and NoBackTrack learn the same text side by side")
    race.fill = _fill_race


def _fill_app(app):
    names = app.add_subparsers(required=True, metavar="NAME", dest="name")
    for name in map(find, ALL):
        one = names.add_parser(name.name(), help=name.title)
        _add_dials(one, name, {})
        one.add_argument("--steps", type=int, default=name.chunk, help=f"{name.unit} to do (default {name.chunk})")
        _add_outputs(one)
        one.set_defaults(command=_app)


def _fill_race(race):
    _add_dials(race, find("race"), RACE_FLAGS)
    race.add_argument("--chars", type=int, default=300_000, help="characters to read (default 300000)")
    _add_outputs(race)
    race.set_defaults(command=_race)


def _add_dials(parser, app, other):
    for name, one in app.Dials.declared().items():
        flags = [other[name]] if name in other else []
        what = f"{one.label}: {one.tip}" + (f" ({', '.join(one.options)})" if one.options else "")
        what = f"{what} (default {one.written(one.default)})".replace("%", "%%")
        parser.add_argument(*flags, f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=what)


def _add_outputs(parser):
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--html", type=pathlib.Path, help="write a page with the figure, which opens offline")


def _apps(options):
    found = [{"name": app.name(), "title": app.title, "unit": app.unit, "dials": app.Dials.listed()} for app in map(find, ALL)]
    if options.json:
        give(json.dumps({"apps": found}, indent=2, allow_nan=False))
        return
    lines = []
    for app in found:
        lines.append(f"{app['name']}: {app['title']} (in {app['unit']})")
        width = max(len(one["name"]) for one in app["dials"])
        for one in app["dials"]:
            anew = "; starts anew" if one["restarts"] else ""
            lines.append(f"  {one['name'].ljust(width)}  {one['label']}: {one['tip']}{anew}")
    give("\n".join(lines))


def _app(options):
    app = _made(find(options.name), options)
    _run(app, whole("steps", options.steps, 1, 10**12))
    if options.json:
        arrays = {name: {key: _numbers(one) for key, one in trace.items()} for name, trace in app.frame().items()}
        found = {"app": app.name(), "state": app.state(), "count": app.count, "sentence": app.sentence(), "arrays": arrays}
        _give(options, app, json.dumps(found, allow_nan=False))
    else:
        _give(options, app, f"{app.sentence()}\n{app.state()}")


def _race(options):
    race = _made(find("race"), options)
    _run(race, whole("chars", options.chars, 4, 10**12))
    speeds = _speeds(race, min(options.chars, 20_000))
    rows = [row | {"chars_per_second": speeds.get(name)} for name, row in zip(race.learners, race.rows(), strict=True)]
    if options.json:
        methods = [{key: _number(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows]
        result = {"task": race.task.name, "floor": race.task.entropy_rate, "methods": methods}
        _give(options, race, json.dumps(result, indent=2, allow_nan=False))
    else:
        _give(options, race, _table(race, rows))


def _speeds(race, chars):
    """{method: characters a second of it alone}, of those that were measured before Ctrl-C."""
    speeds = {}
    with contextlib.suppress(KeyboardInterrupt):
        for name in race.learners:
            speeds[name] = race.speed_alone(name, chars)
    return speeds


def _made(app, options):
    """The app of the flags; what is no known task names a file of text."""
    page = options.html
    if page is not None:
        check_place(page, "html")
    values = {name: value for name, value in vars(options).items() if name in app.Dials.declared() and value is not None}
    known = app.Dials.declared().get("task")
    if known and values.get("task", known.default) not in known.options:
        require("text" not in values, "text", values.get("text"), "left out where task names a file")
        file = Text.file(values["task"])
        values = {"title": file.name} | values | {"task": "text", "text": file.text}
    made = app(**{name: app.Dials.declared()[name].read(name, text) for name, text in values.items()})
    idle = next((name for name in values if name not in made.dials.shown()), None)
    choices = ", ".join(f"{name}={one.written(getattr(made.dials, name))}" for name, one in app.Dials.declared().items()
                        if one.kind in ("choice", "several"))  # fmt: skip
    require(not idle, idle, values.get(idle), f"left out: it has no effect with {choices}")
    return made


def _run(app, steps):
    """Do `steps` units, with a progress bar when it takes long. Ctrl-C ends the work and keeps what was done."""
    try:
        app.step(steps)
    except KeyboardInterrupt:
        if not app.count:
            raise
        print(f"stopped after {app.count:,} {app.unit}", file=sys.stderr)


def _numbers(values):
    """An array as lists, what is not finite as None."""
    if isinstance(values, np.ndarray | list | tuple):
        return [_numbers(one) for one in values]
    return _number(float(values))


def _number(value):
    return value if math.isfinite(value) else None


def _said(value, form):
    """A number as text; nothing where there is none, of what Ctrl-C has kept from being read or measured."""
    return "" if value is None else format(value, form)


def _table(race, rows):
    head = ("method", "bits/char", "characters/s", "gradient cosine", "variance", "bias²")
    lines = [head]
    for row in rows:
        quality = [row[f"gradient_{key}"] for key in ("cosine", "variance", "bias2")]
        bits = "diverged" if row["diverged"] else _said(row["bits_per_char"], ".3f")
        cells = ["" if one is None or math.isnan(one) else f"{one:.3g}" for one in quality]
        lines.append((row["name"], bits, _said(row["chars_per_second"], ",.0f"), *cells))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = "\n".join(
        "  ".join(cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )
    aims = ", ".join(f"{label}" for label in race.task.references)
    done = f"{race.count:,} characters, seed {race.dials.seed}, {race.state()}"
    notes = [f"{race.task.name} ({aims} bits/char), {done}", "", text, ""]
    notes.append(
        "bits/char over the last quarter; characters/s of each method alone; gradients on RTRL's trajectory, against the "
        "exact gradient, variance and bias² over the mean of |exact|²."
    )
    return "\n".join([*notes, *(f"{row['name']} {row['diverged']}" for row in rows if row["diverged"])])


def _give(options, app, result):
    """Write the page that was asked for and print the result: both, whichever of them fails."""
    try:
        if options.html:
            from ..pages.page import app_page

            write_text(options.html, app_page(app, grid=False), "html")
    finally:
        give(result)
