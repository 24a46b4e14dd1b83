"""`nbt-edu experiment`: the slides' experiments, run anew, with a verdict for each claim."""

import json
import os
import pathlib
import sys

from tqdm import tqdm

from ..output import check_place, give, make_folder, write_text
from ..settings import whole

TOPICS = "music", "shakespeare", "anbn"  # as in `experiments.suite`, which is loaded when it is asked for


def add(commands):
    """Add the command to a parser's."""
    one = commands.add_parser("experiment", help="the slides' experiments, run anew, and a verdict for each claim (hours)")
    one.add_argument("topic", choices=[*TOPICS, "all"], help="which experiments")
    one.add_argument("--quick", action="store_true", help="few and short runs: verdicts on noise and on aⁿbⁿ (3 minutes)")
    one.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    one.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: one a core)")
    one.add_argument("--out", default="nbt-edu-experiments", metavar="DIR", help="where runs are kept; it goes on from there")
    one.add_argument("--html", type=pathlib.Path, help="write a page with the figures, which opens offline")
    one.set_defaults(command=_experiment)


def _experiment(options):
    from ..experiments import suite
    from ..experiments.verdicts import judge, mapped, table

    workers = whole("workers", options.workers, 1, 1024)
    if options.html is not None:
        check_place(options.html, "html")
    out = make_folder(options.out, "out")
    make_folder(out / "results", "out")
    topics = TOPICS if options.topic == "all" else (options.topic,)
    contests = [one for topic in topics for one in suite.contests(topic, options.quick)]
    results, total = {}, sum(chars for one in contests for _, chars in one.planned())
    bar = tqdm(total=total, unit=" characters", unit_scale=True, disable=not sys.stderr.isatty(), leave=False)
    try:
        for one in contests:
            bar.set_description_str(one.name)
            results[one.name] = one.play(out / "runs", workers=workers, progress=lambda cell, result: bar.update(cell.chars))
            results[one.name].save(out / "results" / f"{one.name.replace(' ', '_')}.json")
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"what is done is kept in {out}; the same command goes on from there") from None
    finally:
        bar.close()
    verdicts, maps = judge(results), mapped(results)
    write_text(out / "table.csv", table(results), "out")
    found = json.dumps({"verdicts": [one.to_dict() for one in verdicts]}, indent=2)
    write_text(out / "verdicts.json", found, "out")
    try:
        if options.html:
            from ..pages.verdicts import verdicts_page

            write_text(options.html, verdicts_page(results, verdicts, maps), "html")
    finally:
        give(found if options.json else _told(results, verdicts, maps))


def _told(results, verdicts, maps):
    """The verdicts, the maps and what each method paid, as text."""
    from ..experiments.statistics import estimate
    from ..experiments.verdicts import told

    lines = [one.sentence() for one in verdicts]
    for title, rows in maps.items():
        lines += ["", title]
        for claim, found in rows:
            lines.append(f"  {claim.says}: {told(claim, found)}, {found.signed()}")
    for name, one in results.items():
        lines += ["", f"{name} ({one.settings['chars']:,} characters, {one.settings['seeds']} seeds):"]
        width = max(map(len, one.methods))
        for method in one.methods:
            found = estimate(one.bits(method))
            low, high = found.quartiles
            lost = f", {one.diverged(method)} diverged" if one.diverged(method) else ""
            lines.append(f"  {method.ljust(width)}  {found.median:.3f} ({low:.3f} to {high:.3f}) bits/char, "
                         f"{1e6 * one.pace(method):.3g} µs/char, {one.optimizer(method).label()}{lost}")  # fmt: skip
    return "\n".join(lines)
