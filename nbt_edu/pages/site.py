"""All notebooks as a folder of pages, with an index; plotly.js lies once beside them."""

import html
import json
import math
from pathlib import Path

import nbformat

from .. import apps
from ..apps.app import App
from ..output import make_folder, write_text
from . import cells, grid
from .box import box
from .mathematics import markdown
from .page import BESIDE, beside, page

TITLE = "Learn as you go: training recurrent networks online"
INDEX = """<main class="index"><h1>{title}</h1>
<p>The notebooks as pages: their figures move without a kernel, over settings that were computed ahead. To move everything,
run them: <code>nbt-edu lab</code>.</p>
<ul>
{rows}
</ul></main>"""


class Site:
    """The pages of the lessons in a folder: of `index.ipynb`, which needs a kernel, it has its own.

    find: name -> class of an app (ValueError for an unknown one).
    """

    def __init__(self, notebooks, find=apps.find):
        self.notebooks = {path.stem: nbformat.read(path, 4) for path in sorted(Path(notebooks).glob("[0-9]*.ipynb"))}
        self.find, self._known = find, {}

    def planned(self):
        """How many times `write` calls `tell`."""
        found = {_key(one): self._app(one) for notebook in self.notebooks.values() for one in cells.apps(notebook)}
        states = (math.prod(map(len, grid.states(app).values())) for app in found.values() if app)
        return sum(states) + len(self.notebooks)

    def write(self, directory, tell=lambda: None):
        """Write all pages into a folder, made if it is not there; answers the index page's path. tell: called as work is done.

        Raises ValueError when the folder cannot be written.
        """
        for name in BESIDE:
            _save(directory, name, beside(name))
        for name in self.notebooks:
            _save(directory, f"{name}.html", self.page(name, tell))
            tell()
        return _save(directory, "index.html", self.index())

    def page(self, name, tell=lambda: None):
        """The page of one notebook."""
        notebook, boxes = self.notebooks[name], []

        def stand(about):
            data = self._computed(about, tell)
            if data is None:
                return None
            boxes.append(box(data, len(boxes)))
            return boxes[-1]

        body = cells.body(notebook, stand)
        top = '<nav><a href="index.html">All notebooks</a></nav>'
        title = cells.about(notebook)["title"] or name
        return page(title, f"{top}\n<main>\n{body}\n</main>\n{self._steps(name)}", moves=bool(boxes))

    def index(self):
        """The page that leads to the others."""
        rows = []
        for name, notebook in self.notebooks.items():
            about = cells.about(notebook)
            goals = markdown(about["goals"]).strip().removeprefix("<p>").removesuffix("</p>")
            minutes = f' <span class="minutes">{html.escape(about["minutes"])}</span>' if about["minutes"] else ""
            link = f'<a href="{html.escape(name)}.html">{html.escape(about["title"] or name)}</a>'
            rows.append(f"<li>{link}{minutes}<br>{goals}</li>")
        return page(TITLE, INDEX.format(title=html.escape(TITLE), rows="\n".join(rows)))

    def _steps(self, name):
        """Links to the notebooks before and after."""
        names = list(self.notebooks)
        i = names.index(name)
        beside = [("Back", names[i - 1])] * (i > 0) + [("Next", other) for other in names[i + 1 : i + 2]]
        titles = {other: html.escape(cells.about(self.notebooks[other])["title"] or other) for _, other in beside}
        return "<nav>" + " ".join(f'<a href="{html.escape(b)}.html">{a}: {titles[b]}</a>' for a, b in beside) + "</nav>"

    def _computed(self, about, tell):
        """What stands behind an app's sliders, computed once for all notebooks; None for an app that cannot be made anew."""
        key = _key(about)
        if key not in self._known:
            app = self._app(about)
            self._known[key] = app and grid.computed(app, about["count"], tell)
        return self._known[key]

    def _app(self, about):
        try:
            kind = self.find(about["app"])
            return kind.from_state(about["state"]) if issubclass(kind, App) else None
        except ValueError:  # an unknown app, or a line that lacks what no line can hold: its picture stays
            return None


def _key(about):
    return json.dumps(about, sort_keys=True)


def _save(directory, name, text):
    return write_text(make_folder(directory) / name, text, "directory")
