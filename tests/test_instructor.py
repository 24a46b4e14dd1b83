"""INSTRUCTOR.md: every state line gives the sentence printed below it, plans add up, headings are there."""

import pathlib
import re

import pytest

from nbt_edu import apps

ROOT = pathlib.Path(__file__).parents[1]
TEXT = (ROOT / "INSTRUCTOR.md").read_text("utf-8")
LINES = re.findall(r"^(\w.*) @ ([\d,]+)\n((?: {4}.+\n)+)", TEXT, re.M)  # state line @ units, and what the app then says
PLANS = re.findall(r"^## \w+ hours: (\d+) minutes$(.+?)(?=^## )", TEXT, re.M | re.S)
ROWS = [re.findall(r"^\| (\d+) \| (\S+) \| (.+?) \| (.+) \|$", plan, re.M) for _, plan in PLANS]
LESSONS = re.findall(r"^### (\d\d) · (\w+)\n(.+?)(?=^##)", TEXT, re.M | re.S)


def source(number):
    """The source of a lesson."""
    return next((ROOT / "notebooks" / "src").glob(f"{number}_*.py")).read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("line", "units", "said"), LINES, ids=[f"{line} @ {units}" for line, units, _ in LINES])
def test_an_app_says_what_is_printed(line, units, said):
    app = apps.find(line.split()[0]).from_state(line)
    assert app.state() == line
    app.step(int(units.replace(",", "")))
    assert app.sentence() == " ".join(said.split())


def test_every_line_of_a_box_was_read():
    boxes = re.findall(r"^```text\n(.+?)^```$", TEXT, re.M | re.S)
    assert len(re.findall(r"^\S", "".join(boxes), re.M)) == len(LINES) > 20


def test_minutes_add_up():
    assert [minutes for minutes, _ in PLANS] == ["120", "240"]
    for (minutes, _), rows in zip(PLANS, ROWS, strict=True):
        assert sum(int(row[0]) for row in rows) == int(minutes)
        assert "break" in [row[3] for row in rows]


@pytest.mark.parametrize(("number", "heading"), sorted({row[1:3] for rows in ROWS for row in rows if row[1] != "—"}))
def test_a_heading_that_is_named_is_there(number, heading):
    assert f"# ## {heading}\n" in source(number)


def test_headings_named_in_passing_are_there():
    named = re.findall(r"\((\d\d), \*(.+?)\*", " ".join(TEXT.split()))
    assert len(named) == 3
    assert all(f"# ## {heading}\n" in source(number) for number, heading in named)


def test_each_lesson_has_what_a_teacher_needs():
    assert [name for _, name, _ in LESSONS][: len(apps.ALL)] == apps.ALL  # those after them show Race, on the slides' tasks
    assert [int(number) for number, _, _ in LESSONS] == [*range(len(LESSONS))]
    for number, name, text in LESSONS:
        assert all(f"**{word}.**" in text for word in ("Ask", "They say", "Then", "Misunderstanding")), number
        app = name if name in apps.ALL else "Race"
        assert re.search(rf"^{app.lower()}.* @ ", text, re.M), number


@pytest.mark.parametrize("told", sorted({row[3] for rows in ROWS for row in rows if ": " in row[3]}))
def test_dials_named_in_the_plans_are_there(told):
    name = next((name for _, name, _ in LESSONS if told.startswith(f"{name}: ")), None)
    dials = apps.find(name).Dials.declared().values() if name else ()
    known = {dial.label for dial in dials} | {value for dial in dials for value in dial.options or ()}
    assert not name or {*re.findall(r"(?<!\*)\*(\w[^*]*)\*", told)} <= known
