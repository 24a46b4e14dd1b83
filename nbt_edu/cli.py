"""The command line: `nbt-edu lab` opens the notebooks, `race` runs the race without a browser, `list` says what is shipped,
`check` proves what the library says, `bench` measures what a step costs, `html` makes pages of the notebooks."""

import argparse
import html
import json
import os
import pathlib
import subprocess
import sys
from importlib.util import find_spec

from tqdm import tqdm

from .apps.race import METHODS, RaceModel, Settings
from .settings import whole
from .tasks import Text


def main(arguments=None):
    """Run a command; answers the exit status: 0, 1 for a failed check, 2 for a bad argument, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except ValueError as error:
        print(f"nbt-edu: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="nbt-edu", description="Learn and compare online training of recurrent nets.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    lab = commands.add_parser("lab", help="open JupyterLab on a copy of the notebooks")
    lab.add_argument("directory", nargs="?", default="nbt-edu-notebooks", metavar="DIR", help="where the copy is kept")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.add_argument("--port", type=int, help="port of the server (default: a free one)")
    lab.set_defaults(command=_lab)

    race = commands.add_parser("race", help="RTRL, BPTT and NoBackTrack learn the same text side by side")
    default = vars(Settings())
    race.add_argument("--task", default="anbn", help="anbn, shakespeare, or a file of text (default anbn)")
    for flag, name, kind, what in [
        ("--n", "N", int, "longest a^n b^n"),
        ("--units", "units", int, "units of the network"),
        ("--leak", "leak", float, "leak of the units, above 0 and up to 1"),
        ("--rate", "rate", float, "learning rate"),
        ("--clip", "clip", float, "largest norm of a gradient"),
        ("--rank", "rank", int, "NoBackTrack's rank k"),
        ("--beta", "beta", float, "exponent of NoBackTrack's lambda-scaling, from 0 to 1"),
        ("--truncation", "window", int, "BPTT's truncation T, characters"),
        ("--seed", "seed", int, "seed of weights, text and signs"),
    ]:
        race.add_argument(flag, dest=name, type=kind, default=default[name], help=f"{what} (default {default[name]})")
    race.add_argument("--chars", type=int, default=200_000, help="characters to read (default 200000)")
    race.add_argument("--json", action="store_true", help="print the result as JSON")
    race.add_argument("--html", type=pathlib.Path, help="write a page with the figures, which opens offline")
    race.set_defaults(command=_race)

    listed = commands.add_parser("list", help="what is shipped: estimators with claims and costs, and the rest")
    listed.add_argument("--json", action="store_true", help="print it as JSON")
    listed.set_defaults(command=_list)

    check = commands.add_parser("check", help="prove every system and estimator against independent oracles (a minute)")
    check.add_argument("--json", action="store_true", help="print the table as JSON")
    check.set_defaults(command=_check)

    bench = commands.add_parser("bench", help="measure what a step costs, beside running the network (minutes)")
    bench.add_argument("--json", action="store_true", help="print the numbers as JSON")
    bench.add_argument("--quick", action="store_true", help="few cases, small networks (a minute)")
    bench.set_defaults(command=_bench)

    pages = commands.add_parser("html", help="the notebooks as pages that move without a kernel and open offline")
    pages.add_argument("directory", nargs="?", default="nbt-edu-pages", metavar="DIR", help="where they are written")
    pages.add_argument("--instructors", action="store_true", help="of the edition with the answers")
    pages.set_defaults(command=_html)
    return parser


def _lab(options):
    from .lab import open_lab

    return open_lab(options.directory, browser=not options.no_browser, port=options.port)


def _race(options):
    race = RaceModel(**_settings(options))
    _run(race, options.chars)
    speeds = {name: race.speed(name, min(options.chars, 20_000)) for name in METHODS}
    rows = [row | {"chars_per_second": speeds[name]} for row, name in zip(race.rows(), METHODS, strict=True)]
    if options.json:
        methods = [{key: None if value != value else value for key, value in row.items()} for row in rows]
        result = {"task": race.task.name, "floor": race.task.entropy_rate, "methods": methods}
        print(json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(_table(race, rows))
    if options.html:
        _write_page(race, options.html)


def _check(options):
    from .measuring import check

    with tqdm(total=check.planned(), disable=not sys.stderr.isatty(), leave=False) as bar:
        report = check.run(lambda row: bar.update())
    if options.json:
        print(json.dumps({"rows": [row._asdict() for row in report.rows]}, indent=2, ensure_ascii=False))
    else:
        print(report)
    return 0 if report.passed else 1


def _html(options):
    if not (find_spec("nbconvert") and find_spec("latex2mathml")):
        raise ValueError("nbconvert and latex2mathml are not installed: run pip install 'nbt-edu[lab,shakespeare]'")
    from .lab import our_notebooks
    from .pages.site import Site

    site = Site(our_notebooks() / "instructors" if options.instructors else our_notebooks())
    with tqdm(total=site.planned(), unit=" states", disable=not sys.stderr.isatty(), leave=False) as bar:
        path = site.write(options.directory, bar.update)
    print(f"nbt-edu: wrote a page for each notebook; open {path.resolve()} in a browser")


def _list(options):
    from .catalogue import listing

    found = listing()
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for kind, rows in found.items():
        print(f"{kind}:")
        width = max(len(row["name"]) for row in rows)
        for row in rows:
            rest = ", ".join(f"{key} {_said(value)}" for key, value in row.items() if key not in ("name", "class") and value)
            print(f"  {row['name'].ljust(width)}  {rest}")


def _said(value):
    return f"{value:.4g}" if isinstance(value, float) else " and ".join(value) if isinstance(value, list) else value


def _bench(options):
    from .bench.timing import ONE_CORE

    flags = [f"--{name}" for name in ("json", "quick") if getattr(options, name)]
    command = [sys.executable, "-m", "nbt_edu.bench", *flags]  # numpy reads the number of threads when it is imported
    return subprocess.run(command, env=os.environ | ONE_CORE).returncode


def _settings(options):
    values = {name: value for name, value in vars(options).items() if name in vars(Settings())}
    if options.task not in ("anbn", "shakespeare"):
        file = Text.file(options.task)
        values |= {"task": "text", "text": file.text, "title": file.name}
    return values


def _run(race, chars):
    """Read `chars` characters, with a progress bar on a terminal. Ctrl-C ends the race and keeps what was read."""
    chars = whole("chars", chars, 4, 10**12)
    bar = tqdm(total=chars, unit=" characters", unit_scale=True, disable=not sys.stderr.isatty(), leave=False)
    bar.set_description("compiling (once)")
    try:
        with bar:
            while race.chars < chars and not race.finished:
                race.step(min(1000, chars - race.chars))
                bar.set_description("")
                bar.update(race.chars - bar.n)
    except KeyboardInterrupt:
        if not race.chars:
            raise
        print(f"stopped at character {race.chars:,}", file=sys.stderr)


def _table(race, rows):
    head = ("method", "bits/char", "characters/s", "gradient cosine", "variance", "bias²")
    lines = [head]
    for row in rows:
        bits = "diverged" if row["diverged"] else f"{row['bits_per_char']:.3f}"
        quality = [f"{row[f'gradient_{key}']:.3g}" for key in ("cosine", "variance", "bias2")]
        lines.append((row["name"], bits, f"{row['chars_per_second']:,.0f}", *quality))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = "\n".join(
        "  ".join(cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )
    aims = ", ".join(f"{label}" for label in race.task.references)
    notes = [
        f"{race.task.name} ({aims} bits/char), {race.chars:,} characters, seed {race.settings.seed}, {race.state()}",
        "",
        text,
        "",
        "bits/char over the last quarter; characters/s of each method alone; gradients on RTRL's trajectory, against the "
        "exact gradient, variance and bias² relative to |exact|².",
    ]
    notes += [f"{row['name']} {row['diverged']}" for row in rows if row["diverged"]]
    return "\n".join(notes)


def _write_page(race, path):
    from . import figures

    page = figures.side_by_side(race.records, width=1100).to_html(include_plotlyjs=True, full_html=True, default_width="1100px")
    words = f"{html.escape(race.sentence())} <code>{html.escape(race.state())}</code>"
    note = f"<p style='font: 16px sans-serif; max-width: 1100px; margin: 1em'>{words}</p>"
    try:
        path.write_text(page.replace("<body>", f"<body>{note}", 1), "utf-8")
    except OSError as error:
        raise ValueError(f"html {str(path)!r} cannot be written ({error.strerror}): name a file in a folder of yours") from None
