"""The map of the course: what it says is what the notebooks say, a student's work counts, damage is survived."""

import json
import pathlib
import re
import shutil

import jupytext
import nbformat
import pytest

from nbt_edu import course
from nbt_edu.exercises import EXERCISES
from nbt_edu.pages.site import Site

NOTEBOOKS = pathlib.Path(__file__).parents[1] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


@pytest.fixture
def mine(tmp_path):
    """A student's copies."""
    for path in LESSONS:
        shutil.copy(path, tmp_path)
    return tmp_path


def printed(path, key, text):
    """Save a notebook in which the check of an exercise has printed a text."""
    notebook = nbformat.read(path, 4)
    cell = next(cell for cell in notebook.cells if f'"{key}"' in cell.source)
    cell.outputs = [nbformat.v4.new_output("stream", text=text)]
    nbformat.write(notebook, path)


def test_every_lesson_is_there_with_what_its_header_says():
    shown = course.Map(NOTEBOOKS)
    assert [one.file for one in shown.lessons] == [path.name for path in LESSONS]
    for path, one in zip(LESSONS, shown.lessons, strict=True):
        header = nbformat.read(path, 4).cells[0].source
        plain = re.sub(r" \([^)]*\)|[*$]", "", " ".join(header.split()))
        assert header.startswith(f"# {one.title}\n") and one.title.startswith(path.name[:2])
        assert f"**{one.minutes} minutes**" in header
        assert one.needs and one.needs in plain
        assert len(one.goal) > 20 and one.goal in plain
        assert (one.right, one.of) == (0, sum(key.startswith(path.name[:2]) for key in EXERCISES))
    assert shown.minutes == sum(one.minutes for one in shown.lessons) > 200
    assert f"{shown.minutes} minutes in all; 0 of" in repr(shown)
    assert shown.next is shown.lessons[0]


def test_links_lead_to_the_notebooks():
    html = course.Map(NOTEBOOKS)._repr_html_()
    links = re.findall(r'<a href="([^"]+)">', html)
    assert [NOTEBOOKS / link for link in links] == LESSONS
    text = (NOTEBOOKS / "src" / "index.py").read_text("utf-8")
    assert all((NOTEBOOKS / link).is_file() for link in re.findall(r"\]\((\S+)\)", text))


def test_a_right_answer_in_a_saved_copy_counts(mine):
    first = mine / LESSONS[0].name
    printed(first, "00 floor", "floor: right\n")
    one, two = course.Map(mine).lessons[:2]
    assert (one.right, two.right) == (1, 0)
    printed(first, "00 span", "span(3) is too small: right\nspan: right!\n")
    assert course.lesson(first).right == 1
    printed(first, "00 span", "span: right\n")
    shown = course.Map(mine)
    assert (shown.said(shown.lessons[0]), shown.said(shown.lessons[1])) == ("2 of 2, done", "0 of 3, next")
    assert "<strong>0&nbsp;of&nbsp;3, next</strong>" in shown._repr_html_()


def test_who_has_done_all_has_no_next():
    shown = course.Map(NOTEBOOKS / "instructors")
    assert shown.next is None and all(one.right == one.of for one in shown.lessons)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [{"source": 1}]}', "\x00", "[" * 10**5]
)
def test_a_damaged_copy_is_survived(mine, text):
    path = mine / LESSONS[1].name
    path.write_text(text)
    one = course.Map(mine).lessons[1]
    assert one.trouble.startswith("cannot be read") and one.title == path.stem.replace("_", " ")
    path.unlink()
    path.mkdir()
    assert course.Map(mine).lessons[1].trouble.startswith("cannot be read")
    path.rmdir()
    shown = course.Map(mine)
    assert shown.lessons[1].trouble.startswith("not in this folder")
    assert repr(shown).count("not in this folder") == shown._repr_html_().count("not in this folder") == 1
    assert path.name not in shown._repr_html_()


def test_a_copy_that_is_hardly_a_notebook_any_more(mine):
    (mine / "12_<b>mine.ipynb").write_text(json.dumps({"cells": [{"cell_type": "raw", "source": ["<b>"]}]}))
    shown = course.Map(mine)
    assert (shown.lessons[-1].minutes, shown.lessons[-1].of) == (0, 0)
    assert "<b>" not in shown._repr_html_() and "&lt;b&gt;" in shown._repr_html_()


def test_an_empty_folder_says_what_to_do(tmp_path):
    assert repr(course.Map(tmp_path)).count("nbt-edu lab brings it") == len(LESSONS)


def test_the_site_has_an_index_of_its_own():
    assert [*Site(NOTEBOOKS).notebooks] == [path.stem for path in LESSONS]


def test_the_index_is_built_from_its_source_and_shows_the_map_of_today():
    index = nbformat.read(NOTEBOOKS / "index.ipynb", 4)
    assert [cell.source for cell in index.cells] == [
        cell.source for cell in jupytext.read(NOTEBOOKS / "src" / "index.py").cells
    ]
    (code,) = (cell for cell in index.cells if cell.cell_type == "code")
    said, shown = code.outputs
    assert said.text.startswith("nbt_edu is ready")
    assert shown.data["text/plain"] == repr(course.Map(NOTEBOOKS)), "run: make notebooks"
    assert shown.data["text/html"] == course.Map(NOTEBOOKS)._repr_html_()
