"""A page: the frame around a notebook's cells or around a single app."""

import html
import importlib.resources

from . import grid as grids
from .box import box

HERE = importlib.resources.files(__package__)
PLOTLY = importlib.resources.files("plotly").joinpath("package_data/plotly.min.js")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
{head}</head>
<body>
{body}
{scripts}</body>
</html>
"""
BESIDE = ("plotly.min.js", "page.js", "page.css")  # what pages of a site share


def page(title, body, moves=False, alone=False):
    """A whole HTML document. moves: whether an app stands in it. alone: it carries what it needs; else that stands beside."""
    if alone:
        head = f"<style>\n{beside('page.css')}</style>\n"
        scripts = "".join(f"<script>\n{beside(name)}\n</script>\n" for name in BESIDE[:2] if moves)
    else:
        head = '<link rel="stylesheet" href="page.css">\n'
        scripts = "".join(f'<script src="{name}"></script>\n' for name in BESIDE[:2] if moves)
    text = PAGE.format(title=html.escape(title), head=head, body=body, scripts=scripts)
    return text.encode("utf-8", "xmlcharrefreplace").decode()  # half a character, pasted by someone, is no character


def beside(name):
    """The text of one of the files that pages share. plotly's own is the copy inside the Python package."""
    return (PLOTLY if name.startswith("plotly") else HERE / name).read_text("utf-8")


def app_page(app, grid=True):
    """One app as a whole HTML document that carries plotly and opens offline.

    grid: with sliders over the states that its class tells, from 0; otherwise, or where it tells none, as it stands.
    """
    data = grids.computed(app) if grid and app.telling else grids.as_it_stands(app)
    title = html.escape(data["title"])
    return page(data["title"], f"<main><h1>{title}</h1>\n{box(data, 0)}</main>", moves=True, alone=True)
