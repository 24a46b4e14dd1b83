"""The benchmark: what it reports, and that the yardstick in C does the library's arithmetic."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nbt_edu import BPTT, RTRL, SGD, NoBackTrack
from nbt_edu.bench import __main__ as bench
from nbt_edu.bench import cases, timing

ROOT = pathlib.Path(__file__).parents[1]
FIELDS = ("system", "estimator", "optimizer", "units", "inputs", "us_per_step", "ratio_to_forward")


@pytest.fixture
def small(monkeypatch):
    """Two networks and two cases, in short turns."""
    chosen = [(NoBackTrack(), SGD(1e-5)), (BPTT(16), SGD(1e-5))]
    plan = [("leaky RNN", 4, 5, chosen), (cases.SIGNAL, 8, 5, chosen)]
    monkeypatch.setattr(bench, "plan", lambda quick=False: plan)
    monkeypatch.setattr(timing, "SECONDS", 0.0005)
    monkeypatch.setattr(bench, "cold_start", lambda: {"import": 0.1})


def test_json_has_the_fields_that_are_promised(small, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", "--json"])
    assert bench.main() == 0
    found = json.loads(capsys.readouterr().out)
    assert "numba" in found["machine"]
    assert [row["estimator"] for row in found["rows"]] == 2 * ["forward pass", "NoBackTrack rank 1", "BPTT-16"]
    for row in found["rows"]:
        assert all(field in row for field in FIELDS)
        assert row["us_per_step"] > 0
        assert row["ratio_to_forward"] == 1 if row["estimator"] == "forward pass" else row["ratio_to_forward"] > 0.5


def test_the_table_has_a_line_for_each_case(small, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", "--quick"])
    assert bench.main() == 0
    out = capsys.readouterr().out
    assert "leaky RNN: NoBackTrack rank 1, SGD" in out
    assert "n=4,m=5" in out


def test_ratios_are_taken_within_a_round():
    """A machine that slows down tenfold halfway changes no ratio."""

    class Slowing:
        def __init__(self, base):
            self.base, self.turns = base, 0

        def turn(self):
            self.turns += 1
            return self.base * (10 if self.turns > 5 else 1)

    times, middle, spread = timing.ratios([Slowing(2.0), Slowing(6.0)], 11)
    np.testing.assert_allclose(times, [20, 60])
    np.testing.assert_allclose(middle, [1, 3])
    np.testing.assert_allclose(spread, [0, 0])


def test_growth_is_an_exponent():
    rows = [bench.Row("leaky RNN", "RTRL", "SGD", n, 32, 5.0 * n**3, 1.0, 0.0, 0.0, "n**3") for n in (16, 32, 64)]
    assert bench.growth(rows)[0] | {"system": 0} == {
        "system": 0, "estimator": "RTRL", "optimizer": "SGD", "from": 32, "to": 64, "exponent": 3.0,
    }  # fmt: skip


def test_the_plan_measures_what_was_asked_for():
    measured = {(kind, units, inputs) for kind, units, inputs, _ in cases.plan()}
    assert {("leaky RNN", n, m) for n in (16, 32, 64, 128, 256) for m in (32, 80)} <= measured
    assert {("GRU", 32, 32), ("LSTM", 32, 32), ("leaky RNN", 512, 32)} <= measured


def test_a_case_that_diverges_is_not_timed():
    with pytest.raises(ArithmeticError, match="diverged"):
        timing.Work("leaky RNN", 8, 5, NoBackTrack(beta=0.0), SGD(1e9))


def test_without_machine_code_it_says_so():
    done = subprocess.run(
        [sys.executable, "-m", "nbt_edu.bench"], env=os.environ | {"NBT_EDU_JIT": "0"}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "install numba" in done.stderr


def test_the_yardstick_loses_the_same_bits():
    """And writes a filter's blocks once. Skipped where there is no C compiler, which continuous integration has."""
    if not shutil.which("cc"):
        assert "CI" not in os.environ, "continuous integration needs a C compiler"
        pytest.skip("no C compiler: install one to hold the library against the yardstick in C")
    code = "import peers; library = peers.yardstick(); peers.agree(library); peers.blocks_once(library, 5)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "benchmarks", check=True, timeout=200)


def test_ratios_by_units_go_to_their_estimators(monkeypatch):
    monkeypatch.setattr(timing, "ratios", lambda works, rounds: (None, np.arange(len(works)) * works[1].turn(), None))
    monkeypatch.setattr(timing.Work, "turn", lambda work: work.args(3)[0].start().size)
    found = timing.by_units([RTRL(), NoBackTrack()], units=(4, 8), m=6)
    assert {name: (units, list(ratios)) for name, (units, ratios) in found.items()} == {
        "RTRL": ((4, 8), [4, 8]), "NoBackTrack rank 1": ((4, 8), [8, 16]),
    }  # fmt: skip


def test_single_precision_stands_beside_double(monkeypatch):
    """The same case at the same size, in turns; and nothing else is compared."""
    for units in cases.SINGLE_UNITS:
        chosen = next(found for kind, n, m, found in cases.plan() if (kind, n, m) == ("leaky RNN", units, 32))
        single = {case[:3] for case in cases.SINGLE if units <= case[3]}
        assert single and {(*case[:2], "float32") for case in chosen} >= single == {case for case in chosen if len(case) > 2}
    others = [found for _, n, m, found in cases.plan() if n not in cases.SINGLE_UNITS or m != 32]
    assert {len(case) for found in others for case in found} == {2}
    monkeypatch.setattr(timing, "SECONDS", 0.0005)
    monkeypatch.setattr(bench, "plan", lambda quick=False: [("leaky RNN", 4, 5, [cases.CASES[0][:2], cases.SINGLE[0][:3]])])
    rows = bench.measure()
    assert [row.estimator for row in rows] == ["forward pass", "NoBackTrack rank 1", "NoBackTrack rank 1, float32"]
    assert rows[2].kilobytes == pytest.approx(rows[1].kilobytes / 2, abs=0.06)
    (found,) = bench.halves([rows[0], rows[1]._replace(us_per_step=3.0), rows[2]._replace(us_per_step=2.0)])
    assert found["float64_to_float32"] == 1.5
