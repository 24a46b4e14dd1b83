"""The command line, as a user types it."""

import json
import subprocess
import sys

import pytest

from nbt_edu.apps import ALL
from nbt_edu.cli import main


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
