"""docs/speed.md and its figure, from what `nbt-edu bench --json` and `python benchmarks/peers.py --json` printed.

    python benchmarks/report.py bench.json peers.json
"""

import json
import pathlib
import sys

import matplotlib.pyplot as plt

from nbt_edu.figures import style

DRAWN = ("forward pass", "BPTT-16", "NoBackTrack rank 1", "NoBackTrack rank 4", "NoBackTrack rank 16", "RTRL")
DOCS = pathlib.Path(__file__).parents[1] / "docs"
TEXT = """# What a step costs

Written by `benchmarks/report.py` from one run of `nbt-edu bench --json` and `python benchmarks/peers.py --json`, one core,
warm, on {machine}. Repeat it with `make bench`.

A step is one character: network, softmax readout, loss, gradient estimate, and the update of all parameters. Numbers are
multiples of the *forward pass* (network and readout, no learning) of the same network, machine code like the rest: the median
over rounds in which all cases of a network take turns. ± is half of the middle half of the rounds. m is the number of symbols.

![Time of a step against the number of units](speed.svg)

## Leaky network, m = 32

{leaky}

## Leaky network, m = 80

{wide}

## Gated networks, m = 32

{gated}

## Growth and memory

The exponent x of n^x between the two largest networks measured, and what estimator and optimizer keep at n = 64.

{growth}

## Beside others

The same work, in turns with loops written by hand in C (`benchmarks/yardstick.c`), the bare product J G of RTRL (numpy),
PyTorch's autograd, a compiled `scan` in JAX (double precision, as here), and our own source interpreted. Above 1, ours
is the slower one. The block filter and sixteen pairs stand beside their bounds, loops in C that do no more than
read and write what they keep.

{peers}

## Starting

Import of the package: {import_} s. The first character of a combination of network, estimator and optimizer: {first_compile} s
when it is compiled, once for all sessions; {from_cache} s with machine code from the disk.
"""


def grid(rows, heads, cell):
    """A Markdown table: {first cell: {head: row}}."""
    lines = ["| | " + " | ".join(map(str, heads)) + " |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cell(row[head]) if head in row else "" for head in heads) + " |"
              for name, row in rows.items()]  # fmt: skip
    return "\n".join(lines)


def case(row, system=False):
    """A short name: estimator, and optimizer where it is not SGD."""
    name, optimizer = row["estimator"], row["optimizer"].partition(" rate")[0]
    if optimizer != "SGD":
        name = f"{name}, {optimizer or 'µs'}"
    return f"{row['system']}: {name}" if system else name


def ratios(rows, system=False):
    """Table of the ratios to the forward pass, whose own line is in microseconds."""
    table = {}
    for row in rows:
        table.setdefault(case(row, system), {})[f"n = {row['units']}"] = row
    heads = sorted({head for found in table.values() for head in found}, key=lambda head: int(head[4:]))

    def cell(row):
        if row["estimator"] == "forward pass":
            return f"{row['us_per_step']:.2f}"
        return f"{row['ratio_to_forward']:.1f} ±{50 * row['spread']:.0f} %"

    return grid(table, heads, cell)


def draw(rows):
    """Microseconds a step against units, for the leaky network with 32 symbols."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    curves = {}
    for row in rows:
        if row["estimator"] in DRAWN and row["optimizer"][:3] in ("", "SGD"):
            curves.setdefault(row["estimator"], []).append((row["units"], row["us_per_step"]))
    for name, points in curves.items():
        line = {"color": "#767676", "linestyle": ":"} if name == "forward pass" else {"color": style(name)["color"]}
        axes.loglog(*zip(*points, strict=True), marker="o", markersize=3, **line)
        axes.annotate(name, points[-1], xytext=(5, 0), textcoords="offset points", va="center", fontsize=8, color=line["color"])
    sizes = sorted({row["units"] for row in rows})
    axes.set_xticks(sizes, sizes)
    axes.minorticks_off()
    axes.set_xlim(right=2.6 * sizes[-1])
    axes.set(xlabel="units n", ylabel="microseconds a step", title="Leaky network, 32 symbols")
    figure.savefig(DOCS / "speed.svg", metadata={"Date": None})


def main(bench, peers):
    bench, peers = (json.loads(pathlib.Path(path).read_text("utf-8")) for path in (bench, peers))
    leaky = [row for row in bench["rows"] if row["system"] == "leaky RNN"]
    narrow = [row for row in leaky if row["inputs"] == 32]
    kept = {case(row): f"{row['kilobytes']:,.0f} kB" for row in narrow if row["units"] == 64}
    growth = {
        case(one): {"x": f"{one['exponent']:.1f}", "n": f"{one['from']} to {one['to']}", "kept": kept.get(case(one), "")}
        for one in bench["growth"] if one["system"] == "leaky RNN"
    }  # fmt: skip
    beside = {}
    for row in peers["rows"]:
        beside.setdefault(f"{row['work']} / {row['peer']}", {})[f"n = {row['units']}"] = row
    plt.rcParams["svg.hashsalt"] = "speed"
    draw(narrow)
    text = TEXT.format(
        machine=bench["machine"],
        leaky=ratios(narrow),
        wide=ratios([row for row in leaky if row["inputs"] == 80]),
        gated=ratios([row for row in bench["rows"] if row["system"] != "leaky RNN"], system=True),
        growth=grid(growth, ["x", "n", "kept"], str),
        peers=grid(beside, list(next(iter(beside.values()))), lambda row: f"{row['ratio']:.3g} ±{50 * row['spread']:.0f} %"),
        import_=bench["seconds"]["import"],
        first_compile=bench["seconds"]["first_compile"],
        from_cache=bench["seconds"]["from_cache"],
    )
    (DOCS / "speed.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
