"""The command line, as a user types it."""

import json
import math
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from nbt_edu import Learner
from nbt_edu.apps import ALL
from nbt_edu.cli import apps, main


def run(*arguments, **options):
    command = [sys.executable, "-c", "import sys; from nbt_edu.cli import main; sys.exit(main())", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, **options)


def test_race_prints_the_json_that_is_promised(capsys):
    assert main(["race", "--task", "anbn", "--n", "32", "--units", "10", "--chars", "2000", "--seed", "0", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["task"] == "anbn"
    assert result["floor"] == pytest.approx(1 / 7)
    assert len(result["methods"]) == 3
    for method in result["methods"]:
        assert {"name", "bits_per_char", "chars_per_second", "gradient_cosine", "gradient_variance"} <= method.keys()
        assert 0.1 < method["bits_per_char"] < 2
        assert method["chars_per_second"] > 100


def test_race_prints_a_table_and_writes_a_page_that_needs_no_network(capsys, tmp_path):
    page = tmp_path / "race.html"
    assert main(["race", "--chars", "1000", "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("RTRL", "BPTT-4", "NoBackTrack rank 1", "floor 0.273", "characters/s"))
    text = page.read_text("utf-8")
    assert "Plotly.react" in text
    assert '<script src="http' not in text
    assert "After 1,000 characters" in text


def test_a_file_of_text_is_a_task(capsys, tmp_path):
    file = tmp_path / "poem.txt"
    file.write_text("the rain in spain stays mainly in the plain. " * 5, "utf-8")
    assert main(["race", "--task", str(file), "--chars", "500", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["floor"] is None
    assert result["task"] == "poem.txt"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--rate", "nan"], "rate"),
        (["--rate", "-1"], "rate"),
        (["--rate", "0.01"], "no effect with task=anbn, methods=RTRL+BPTT+NoBackTrack, optimizer=kalman"),
        (["--rank", "0"], "rank"),
        (["--units", "1000000"], "units"),
        (["--chars", "0"], "chars"),
        (["--n", "1"], "N"),
        (["--task", "no/such/file.txt"], "path"),
        (["--task", "BINARY"], "text"),
        (["--task", "EMPTY"], "text"),
        (["--task", "ONE"], "different"),
        (["--chars", "10", "--html", "no/such/folder/x.html"], "html"),
    ],
)
def test_bad_input_gives_one_sentence_and_status_2(arguments, word, capsys, tmp_path):
    for name, data in ("BINARY", b"\x00\xff\x80abc"), ("EMPTY", b""), ("ONE", b"aaaa"):
        (tmp_path / name).write_bytes(data)
    arguments = [str(tmp_path / a) if a in ("BINARY", "EMPTY", "ONE") else a for a in arguments]
    assert main(["race", *arguments]) == 2
    message = capsys.readouterr().err.strip()
    assert word in message
    assert len(message.splitlines()) == 1
    assert "Traceback" not in message


def test_a_diverging_race_reports_it_and_ends_well(capsys, tmp_path):
    file = tmp_path / "t.txt"
    file.write_text("abcd efgh", "utf-8")
    assert main(["race", "--task", str(file), "--optimizer", "sgd", "--rate", "1e12", "--chars", "3000"]) == 0
    assert "diverged at character" in capsys.readouterr().out


def test_help_and_unknown_words():
    assert "race" in run("--help").stdout
    wrong = run("race", "--rank", "many")
    assert wrong.returncode == 2
    assert "rank must be a whole number" in wrong.stderr and "Traceback" not in wrong.stderr


def test_apps_are_listed_as_promised(capsys):
    assert main(["apps", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["apps"]
    assert [one["name"] for one in found] == [name.lower() for name in ALL]
    for one in found:
        assert {"name", "title", "unit", "dials"} <= one.keys()
        assert all({"name", "kind", "default", "low", "high", "restarts"} <= dial.keys() for dial in one["dials"])
    assert main(["apps"]) == 0
    assert "rank k" in capsys.readouterr().out


def test_any_app_runs_without_a_browser(capsys, tmp_path):
    page = tmp_path / "race.html"
    command = ["app", "race", "--rank", "3", "--methods", "BPTT+NoBackTrack", "--steps", "500", "--html", str(page)]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["app"], found["count"]) == ("race", 500)
    assert found["state"] == "race methods=BPTT+NoBackTrack rank=3"
    assert found["sentence"].startswith("After 500 characters")
    assert len(found["arrays"]["BPTT"]["y"]) == len(found["arrays"]["BPTT"]["x"]) > 10
    assert "After 500 characters" in page.read_text("utf-8")
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[1] == found["state"]


# --- what has run for hours is not lost ---

SHORT = ["race", "--chars", "60", "--units", "3"]


def piped(*arguments, shell="", **environment):
    """`python -m nbt_edu.cli`, interpreted, with its output led elsewhere by a shell's words."""
    command = shlex.join([sys.executable, "-m", "nbt_edu.cli", *arguments]) + shell
    environment = os.environ | {"NBT_EDU_JIT": "0"} | environment
    return subprocess.run(["bash", "-c", command], capture_output=True, timeout=200, env=environment)


def test_a_terminal_that_lacks_letters_gets_the_result(tmp_path):
    """As a table, and as JSON that is still JSON: of a text with letters beyond the 16-bit ones."""
    (tmp_path / "letters.txt").write_text("😀β😀aβ" * 9, "utf-8")
    where = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = piped(*SHORT, "--beta", "0.5", **where)
    assert done.returncode == 0 and rb"NoBackTrack rank 1 \u03b2=0.5" in done.stdout and not done.stderr
    done = piped("app", "race", "--units", "3", "--steps", "60", "--task", str(tmp_path / "letters.txt"), "--json", **where)
    assert done.returncode == 0 and "😀" in json.loads(done.stdout)["state"]


@pytest.mark.parametrize("reader", ["| head -1", "| true"])
def test_a_pipe_that_is_closed_is_no_error(reader, tmp_path):
    page = tmp_path / "page.html"
    done = piped(*SHORT, "--html", str(page), shell=f" {reader}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 0 and not done.stderr
    assert "After 60 characters" in page.read_text("utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_a_result_that_does_not_fit_stands_on_standard_error(tmp_path):
    page = tmp_path / "page.html"
    done = piped(*SHORT, "--html", str(page), shell=" > /dev/full")
    said = done.stderr.decode().splitlines()
    assert done.returncode == 2 and "anbn" in said[0] and "Traceback" not in done.stderr.decode()
    assert said[-1].startswith("nbt-edu: standard output cannot be written (No space left on device): the result stands above")
    assert "After 60 characters" in page.read_text("utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_a_page_that_does_not_fit_does_not_take_the_result_along():
    done = piped(*SHORT, "--html", "/dev/full")
    assert done.returncode == 2 and b"NoBackTrack rank 1" in done.stdout
    assert done.stderr.startswith(b"nbt-edu: html must be a file that can be written (No space left on device): make room")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_a_file_whose_name_is_no_text(tmp_path):
    file, page = os.fsencode(tmp_path / "x") + b"\xff.txt", os.fsencode(tmp_path / "y") + b"\xfe.html"
    with open(file, "wb") as to:
        to.write(b"to be or not to be. " * 100_000)
    command = [sys.executable, "-m", "nbt_edu.cli", *SHORT, "--task", file, "--html", page]
    done = subprocess.run(command, capture_output=True, timeout=200, env=os.environ | {"NBT_EDU_JIT": "0"})
    assert done.returncode == 0 and os.path.exists(page)
    assert len(done.stdout) < 2000 and b"text=sha256:" in done.stdout, "a state line is a line, of a file of 2 MB too"


def test_what_is_no_number_is_null_in_json(capsys, monkeypatch):
    """Infinity too: JSON has none."""
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    rows = apps.find("race").rows
    monkeypatch.setattr(apps.find("race"), "rows", lambda self: [row | {"gradient_bias2": math.inf} for row in rows(self)])
    assert main([*SHORT, "--json"]) == 0
    assert [row["gradient_bias2"] for row in json.loads(capsys.readouterr().out)["methods"]] == [None] * 3


# --- Ctrl-C ---


@pytest.mark.parametrize("first", ["BPTT", "NoBackTrack"])
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_ctrl_c_before_all_methods_have_read(first, flags, capsys, monkeypatch):
    """Those that have not are said to have no number; what the others found is printed."""
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    read = Learner.read

    def interrupted(self, chars, *rest):
        if self.estimator.label().startswith(first):
            raise KeyboardInterrupt
        return read(self, chars, *rest)

    monkeypatch.setattr(Learner, "read", interrupted)
    assert main([*SHORT, *flags]) == 0
    out, err = capsys.readouterr()
    assert "stopped after 1 characters" in err
    if flags:
        found = {row["name"]: row["bits_per_char"] for row in json.loads(out)["methods"]}
        assert found["RTRL"] > 0 and found["NoBackTrack rank 1"] is None
    else:
        assert "RTRL" in out and " None" not in out and " nan" not in out


def test_warm_tells_what_is_there(tmp_path, monkeypatch, capsys):
    """Before anything is compiled nothing is ready; where there is no compiler a sentence says so."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    from nbt_edu.jit import kept

    kept.folder.cache_clear()
    try:
        assert main(["warm", "--status"]) == 0
        out = capsys.readouterr().out
        assert "missing  race" in out and "machine code of 0 of" in out
    finally:
        kept.folder.cache_clear()
    monkeypatch.setenv("NBT_EDU_JIT", "0")
    assert main(["warm"]) == 0
    assert "nothing is compiled here" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_made_behind_is_ready_and_may_be_killed(tmp_path, monkeypatch):
    """A process of low priority makes what apps need; killed on the way it leaves nothing that stops anything."""
    from nbt_edu import warm
    from nbt_edu.jit import kept

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept.folder.cache_clear()
    try:
        names = "cloud", "variance"
        killed = warm.behind(*names)
        while not warm.status()["cloud"][0]:
            time.sleep(0.5)
        killed.kill()
        killed.wait()
        assert warm.behind(*names).wait(500) == 0
        assert [warm.status()[name] for name in names] == [(1, 1), (3, 3)]
        assert warm.status()["race"][0] == 0
    finally:
        kept.folder.cache_clear()


def test_ctrl_c_while_speed_is_measured_keeps_the_race(capsys, monkeypatch):
    monkeypatch.setenv("NBT_EDU_JIT", "0")

    def interrupted(self, name, chars):
        if name == "BPTT":
            raise KeyboardInterrupt
        return 1234.0

    monkeypatch.setattr(apps.find("race"), "speed_alone", interrupted)
    assert main(SHORT) == 0
    assert "1,234" in capsys.readouterr().out


def test_ctrl_c_before_anything_is_done_says_so(monkeypatch, capsys):
    def interrupted(self, n):
        raise KeyboardInterrupt

    monkeypatch.setattr(apps.find("race"), "step", interrupted)
    assert main(SHORT) == 130
    assert capsys.readouterr().err == "nbt-edu: stopped\n"


@pytest.mark.slow  # it begins to compile the race, and is stopped
def test_ctrl_c_while_compiling_is_heard_at_once(tmp_path):
    """On a cold cache, a few seconds into the half minute that a race takes to compile."""
    pytest.importorskip("numba")
    command = [sys.executable, "-m", "nbt_edu.cli", "race", "--chars", "2000"]
    with subprocess.Popen(
        command, env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        time.sleep(8)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, err = process.communicate(timeout=100)
        assert time.monotonic() - start < 10 and process.returncode == 130 and b"Traceback" not in err
