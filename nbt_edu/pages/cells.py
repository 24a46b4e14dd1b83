"""A notebook's cells as HTML: text, code and what it printed.

Of an output is shown, in this order: the app that stands there, its picture, its plain text. HTML and scripts of outputs are
left out; a page needs nothing that it does not carry.
"""

import html
import re

from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.highlight import Highlight2HTML

from ..apps.showing import APP
from .mathematics import markdown

LONG = 110  # characters of a line
CODE = Highlight2HTML(pygments_lexer="ipython3")


def body(notebook, stand):
    """All cells as HTML. stand: (what an app's output says of it) -> HTML, or None where it cannot be shown."""
    return "\n".join(_cell(cell, stand) for cell in notebook.cells if cell.source.strip())


def apps(notebook):
    """What the outputs of a notebook say of the apps that stand there, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output["data"][APP] for output in outputs if APP in output.get("data", {})]


def about(notebook):
    """What the index says of a notebook: {"title", "goals", "minutes"}, empty where it says nothing itself."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = {
        "title": re.search(r"^# +(.+)$", text, re.M),
        "goals": re.search(r"\*\*Goals\.?\*\*\.?\s*(.+?)(?:\n\s*\n|\Z)", text, re.S),
        "minutes": re.search(r"\*\*(\d+ minutes)\*\*", text),
    }
    return {key: " ".join(match[1].split()) if match else "" for key, match in found.items()}


def _cell(cell, stand):
    if cell.cell_type != "code":
        written = markdown(cell.source, cell.get("attachments")) if cell.cell_type == "markdown" else _pre(cell.source)
        return f'<div class="text">{written}</div>'
    outputs = "".join(_output(output, stand) for output in cell.outputs)
    if cell.metadata.get("jupyter", {}).get("outputs_hidden"):  # the answer to what was asked above
        outputs = f"<details><summary>What it shows</summary>{outputs}</details>"
    return f'<div class="code">{CODE(cell.source)}</div>\n{outputs}'


def _output(output, stand):
    if output.output_type == "stream":
        return _pre("".join(output.text))
    if output.output_type == "error":
        return _pre("\n".join(output.traceback))
    data = output.get("data", {})
    plain = "".join(data.get("text/plain", ""))
    if APP in data and (found := stand(data[APP])):
        return found
    if "image/png" not in data:
        return _pre(plain)
    sizes = output.metadata.get("image/png", {})
    width = "".join(f' {side}="{int(sizes[side])}"' for side in ("width", "height") if side in sizes)
    picture = "".join("".join(data["image/png"]).split())
    return f'<p class="picture"><img src="data:image/png;base64,{html.escape(picture)}" alt="{html.escape(plain)}"{width}></p>'


def _pre(text):
    """Printed text: long lines are sentences and wrap, others keep their columns and scroll."""
    kind = "output prose" if max(map(len, text.splitlines()), default=0) > LONG else "output"
    return f'<pre class="{kind}" tabindex="0">{ansi2html(text)}</pre>' if text.strip() else ""
