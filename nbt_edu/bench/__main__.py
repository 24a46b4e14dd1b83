"""`python -m nbt_edu.bench [--json] [--quick]`: measures all cases and prints them as ratios to the forward pass."""

import argparse
import json
import math
import sys
from typing import NamedTuple

from tqdm import tqdm

from ..catalogue import cost
from ..jit import available
from ..learning.guards import leaves
from ..learning.precision import said
from ..output import give
from .cases import plan
from .timing import Work, cold_start, machine, ratios


class Row(NamedTuple):
    """One case on one network. spread: the middle half of the rounds' ratios, as a part of their median."""

    system: str
    estimator: str  # or "forward pass"; with its dtype, where that is float32
    optimizer: str
    units: int
    inputs: int
    us_per_step: float
    ratio_to_forward: float
    spread: float
    kilobytes: float  # what the estimator and the optimizer keep
    multiplications: str  # the estimator's share, as the catalogue says


def measure(quick=False, progress=lambda: None):
    """The rows of a plan."""
    rows = []
    for kind, units, inputs, cases in plan(quick):
        works = [Work(kind, units, inputs)] + [Work(kind, units, inputs, *case) for case in cases]
        names = [("forward pass", "")] + [(one[0].label() + "".join(map(said, one[2:])), one[1].label()) for one in cases]
        formulas = ["g*n**2 + n*m"] + [cost(one[0]).time for one in cases]
        numbers = zip(*ratios(works, 5 if quick else 15), strict=True)
        for name, work, found, formula in zip(names, works, numbers, formulas, strict=True):
            kilobytes = sum(leaf.nbytes for leaf in leaves(work.kept)) / 1024
            rows.append(Row(kind, *name, units, inputs, *(round(float(one), 4) for one in found), round(kilobytes, 1), formula))
        progress()
    return rows


def growth(rows):
    """How time grows with the units: the exponent between the two largest networks of each case, with 32 symbols."""
    cases = {}
    for row in rows:
        if row.inputs == 32:
            cases.setdefault(row[:3], []).append((row.units, row.us_per_step))
    found = []
    for (system, estimator, optimizer), times in cases.items():
        if len(times) > 1:
            (n0, t0), (n1, t1) = times[-2:]
            row = {"system": system, "estimator": estimator, "optimizer": optimizer, "from": n0, "to": n1}
            found.append(row | {"exponent": round(math.log(t1 / t0, n1 / n0), 2)})
    return found


def halves(rows):
    """What single precision saves: how many times as long a step takes in float64."""
    times, found = {(*row[:5],): row.us_per_step for row in rows}, []
    for (system, estimator, *rest), single in times.items():
        whole = times.get((system, estimator.removesuffix(said("float32")), *rest))
        if whole and estimator.endswith(said("float32")):
            row = {"system": system, "estimator": estimator, "optimizer": rest[0], "units": rest[1]}
            found.append(row | {"float64_to_float32": round(whole / single, 2)})
    return found


def table(rows):
    """Microseconds of the forward pass and ratios to it: a line for each case, a column for each size of network."""
    sizes = sorted({(row.inputs, row.units) for row in rows})
    cells = {(*row[:3], row.inputs, row.units): row for row in rows}
    heads = [f"n={units}" if inputs == 32 else f"n={units},m={inputs}" for inputs, units in sizes]
    lines = [f"{'':64}" + "".join(f"{head:>13}" for head in heads)]
    for case in dict.fromkeys(row[:3] for row in rows):
        system, estimator, optimizer = case
        line = f"{system}: {estimator}, {optimizer.partition(' rate')[0] if optimizer else 'µs'}"
        found = [cells.get((*case, *size)) for size in sizes]
        lines.append(f"{line:64}" + "".join(f"{_cell(row):>13}" for row in found))
    return "\n".join(lines)


def _cell(row):
    if not row:
        return ""
    return f"{row.ratio_to_forward:.1f}× ±{50 * row.spread:.0f}%" if row.optimizer else f"{row.us_per_step:.2f}"


def main():
    parser = argparse.ArgumentParser(prog="nbt-edu bench", description="What a step costs, beside running the network.")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--quick", action="store_true", help="few cases, small networks")
    options = parser.parse_args()
    if not available():
        print("nbt-edu: bench measures machine code: install numba, and do not set NBT_EDU_JIT=0", file=sys.stderr)
        return 2
    try:
        with tqdm(total=len(list(plan(options.quick))), disable=not sys.stderr.isatty(), leave=False) as bar:
            bar.set_description("compiling (once) and measuring")
            rows = measure(options.quick, bar.update)
        seconds = {name: round(value, 2) for name, value in cold_start().items()}
    except KeyboardInterrupt:
        return 130
    if options.json:
        found = {"machine": machine(), "rows": [row._asdict() for row in rows], "growth": growth(rows)}
        found |= {"single": halves(rows), "seconds": seconds}
        give(json.dumps(found, indent=2))
        return 0
    what = "A step: microseconds of the forward pass, and multiples of it (± half of the middle half of the rounds). m = 32."
    lines = [machine(), "", what, "", table(rows), "", "Growth of the time with n, leaky RNN:"]
    for one in growth(rows):
        if one["system"] == "leaky RNN":
            case = f"{one['estimator']} {one['optimizer'].partition(' rate')[0]}"
            lines.append(f"  n^{one['exponent']:.1f} from {one['from']} to {one['to']}  {case}")
    lines += ["", "A step in float64, in steps in float32:"]
    for one in halves(rows):
        case = f"{one['estimator']}, {one['optimizer'].partition(' rate')[0]}"
        lines.append(f"  {one['float64_to_float32']:.2f} at n = {one['units']}  {case}")
    lines += ["", "Seconds: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in seconds.items())]
    give("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
