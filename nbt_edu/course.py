"""The course as a map: the lessons, what each asks and needs, and which exercises are right in your copies.

All of it is read from the notebooks when it is asked for: titles, goals and minutes from their headers, right exercises from
what the check cells had printed when a copy was last saved. Nothing is kept elsewhere, so nothing goes stale.
"""

import json
import os
import re
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from .lab import our_notebooks
from .settings import require

LESSONS = "[0-9][0-9]_*.ipynb"
CHECK = re.compile(r"""exercises\.check\(.*["']\d\d (\w+)["']""")
DONE = "A lesson is done when all its exercises are right in your copy: save its notebook, then run this cell again."
HEAD = ("lesson", "minutes", "needs", "exercises right")
LEFT = ' style="text-align: left; vertical-align: top"'
BAR = ' style="width: 60px"'  # what is in it is said beside it


class Lesson(NamedTuple):
    """What a notebook says of itself. right, of: its exercises; trouble: why it cannot be read, if so."""

    file: str
    title: str
    goal: str = ""
    minutes: int = 0
    needs: str = ""
    right: int = 0
    of: int = 0
    trouble: str = ""

    @property
    def open(self):
        """Whether something is left to do."""
        return self.right < self.of


class Map:
    """The map of the notebooks in a folder, as it is now: a table with links in JupyterLab, text elsewhere."""

    def __init__(self, folder="."):
        require(isinstance(folder, str | os.PathLike), "folder", folder, "a path: a string or a pathlib.Path")
        names = {path.name for path in our_notebooks().glob(LESSONS)} | _there(folder)
        self.lessons = [lesson(Path(folder, name)) for name in sorted(names)]
        self.next = next((one for one in self.lessons if one.open), None)
        self.minutes = sum(one.minutes for one in self.lessons)

    def said(self, one):
        """What is done of a lesson, in words."""
        if one.trouble:
            return one.trouble
        state = f"{one.right} of {one.of}"
        return f"{state}, next" if one is self.next else state if one.open else f"{state}, done"

    def foot(self):
        """What the lessons come to, and what "done" means."""
        right, of = (sum(getattr(one, name) for one in self.lessons) for name in ("right", "of"))
        return f"{self.minutes} minutes in all; {right} of {of} exercises are right. {DONE}"

    def __repr__(self):
        rows = [HEAD, *((one.title, str(one.minutes or ""), one.needs, self.said(one)) for one in self.lessons)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, self.foot()])

    def _repr_html_(self):
        head = "".join(f"<th{LEFT}>{name}</th>" for name in HEAD)
        return f"<table><tr>{head}</tr>{''.join(map(self._row, self.lessons))}</table><p>{escape(self.foot())}</p>"

    def _row(self, one):
        title = escape(one.title)
        link = title if one.trouble else f'<a href="{quote(one.file)}">{title}</a>'
        bar = f'<progress value="{one.right}" max="{one.of}" aria-hidden="true"{BAR}></progress> ' if one.of else ""
        said = escape(self.said(one)).replace(" of ", "&nbsp;of&nbsp;")
        said = f"<strong>{said}</strong>" if one is self.next else said
        cells = f"<strong>{link}</strong><br>{escape(one.goal)}", one.minutes or "", escape(one.needs), bar + said
        return f"<tr>{''.join(f'<td{LEFT}>{cell}</td>' for cell in cells)}</tr>"


def _there(folder):
    """Names of the lessons in a folder: none where there is no such folder."""
    try:
        return {path.name for path in Path(folder).glob(LESSONS)}
    except (OSError, ValueError):  # too long a name, a zero byte
        return set()


def lesson(path):
    """The lesson in a file: what its header says, and the exercises whose check had printed "right" when it was saved."""
    name = path.stem.replace("_", " ")
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        checks = [(key, cell) for cell in cells for key in CHECK.findall("".join(cell["source"]))]
        right = {key for key, cell in checks if f"{key}: right" in _printed(cell)}
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        return Lesson(
            path.name,
            _found(r"^# +(.+)$", text) or name,
            _found(r"\*\*Goals\.\*\*\s+([^.?!]+[.?!])", text),
            int(_found(r"\*\*(\d+) minutes\*\*", text) or 0),
            _found(r"needs:\s+([^·]+)", text),
            len(right),
            len({key for key, _ in checks}),
        )
    except FileNotFoundError:
        return Lesson(path.name, name, trouble="not in this folder: nbt-edu lab brings it")
    except Exception:  # whatever is in the file, it is no notebook
        return Lesson(path.name, name, trouble="cannot be read: rename it, and nbt-edu lab brings the original")


def _printed(cell):
    return "".join("".join(output.get("text", "")) for output in cell.get("outputs", ())).splitlines()


def _found(pattern, text):
    """What a header says at a place, on one line, without marks of emphasis and what stands in brackets."""
    match = re.search(pattern, text, re.M)
    return re.sub(r" \([^)]*\)|[*$]", "", " ".join(match[1].split())) if match else ""
