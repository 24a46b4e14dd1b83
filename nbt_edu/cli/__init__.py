"""The command line: `nbt-edu lab` opens the notebooks, `warm` makes machine code ahead, `app` and `race` run an app without a
browser, `experiment` answers the slides' question, `list` says what is shipped, `check` proves what the library says, `bench`
measures what a step costs, `html` makes pages.

May be imported here: everything of the package.
"""

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec

from tqdm import tqdm

from ..output import give
from . import apps, experiment


def main(arguments=None):
    """Run a command; answers the exit status: 0, 1 for a failed check, 2 for a bad argument, 130 for Ctrl-C."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a result is never lost to a letter that the terminal lacks
    try:
        options = _parser().parse_args(arguments)
        return options.command(options) or 0
    except ValueError as error:
        print(f"nbt-edu: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        print(": ".join(filter(None, ("nbt-edu", "stopped", str(error)))), file=sys.stderr)
        return 130
    except OSError as error:
        print(f"nbt-edu: {error.strerror or error}: what it needs cannot be read or written", file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(prog="nbt-edu", description="Learn and compare online training of recurrent nets.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=apps.Late)
    lab = commands.add_parser("lab", help="open JupyterLab on a copy of the notebooks")
    lab.add_argument("directory", nargs="?", default="nbt-edu-notebooks", metavar="DIR", help="where the copy is kept")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.add_argument("--port", type=int, help="port of the server (default: a free one)")
    lab.set_defaults(command=_lab)

    warm = commands.add_parser("warm", help="make machine code for all apps now (a minute or two, once)")
    warm.add_argument("--status", action="store_true", help="only say what is there")
    warm.set_defaults(command=_warm)

    apps.add(commands)
    experiment.add(commands)

    listed = commands.add_parser("list", help="what is shipped: estimators with claims and costs, and the rest")
    listed.add_argument("--json", action="store_true", help="print it as JSON")
    listed.set_defaults(command=_list)

    check = commands.add_parser("check", help="prove every system and estimator against independent oracles (half a minute)")
    check.add_argument("--json", action="store_true", help="print the table as JSON")
    check.add_argument(
        "--compiled", action="store_true", help="the machine code too (ten minutes, where it must be made first)"
    )
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
    from ..lab import open_lab
    from ..warm import behind

    behind()
    return open_lab(options.directory, browser=not options.no_browser, port=options.port)


def _warm(options):
    from .. import warm

    if not options.status:
        lines = warm.planned()
        with tqdm(total=len(lines), unit=" programs", disable=not sys.stderr.isatty(), leave=False) as bar:
            warm.warm(lines, lambda line, seconds: bar.update())
    give(warm.told(warm.status()))


def _check(options):
    from ..measuring import check

    with tqdm(total=check.planned(options.compiled), disable=not sys.stderr.isatty(), leave=False) as bar:
        report = check.run(lambda row: bar.update(), options.compiled)
    if options.json:
        give(json.dumps({"rows": [row._asdict() for row in report.rows]}, indent=2))
    else:
        give(report)
    return 0 if report.passed else 1


def _html(options):
    if not (find_spec("nbconvert") and find_spec("latex2mathml")):
        raise ValueError("nbconvert and latex2mathml are not installed: run pip install 'nbt-edu[lab,shakespeare]'")
    from ..lab import our_notebooks
    from ..pages.site import Site

    site = Site(our_notebooks() / "instructors" if options.instructors else our_notebooks())
    with tqdm(total=site.planned(), unit=" states", disable=not sys.stderr.isatty(), leave=False) as bar:
        path = site.write(options.directory, bar.update)
    give(f"nbt-edu: wrote a page for each notebook; open {path.resolve()} in a browser")


def _list(options):
    from ..catalogue import listing

    found = listing()
    if options.json:
        give(json.dumps(found, indent=2))
        return
    lines = []
    for kind, rows in found.items():
        lines.append(f"{kind}:")
        width = max(len(row["name"]) for row in rows)
        for row in rows:
            rest = ", ".join(f"{key} {_said(value)}" for key, value in row.items() if key not in ("name", "class") and value)
            lines.append(f"  {row['name'].ljust(width)}  {rest}")
    give("\n".join(lines))


def _said(value):
    return f"{value:.4g}" if isinstance(value, float) else " and ".join(value) if isinstance(value, list) else value


def _bench(options):
    from ..bench.timing import ONE_CORE

    flags = [f"--{name}" for name in ("json", "quick") if getattr(options, name)]
    command = [sys.executable, "-m", "nbt_edu.bench", *flags]  # numpy reads the number of threads when it is imported
    return subprocess.run(command, env=os.environ | ONE_CORE).returncode
