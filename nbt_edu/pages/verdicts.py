"""The verdicts as one page that opens offline: sentences, figures, and all that each method paid."""

import html

import plotly.io

from .. import figures
from .page import PLOTLY, page

TITLE = "Does it work? The slides' claims, tried"


def verdicts_page(results, verdicts, maps):
    """HTML, for {name: Results}, [Verdict] and {title: [(claim, estimate)]}."""
    said = (f"<li>{html.escape(one.sentence())}</li>" for one in verdicts)
    parts = [f"<h1>{html.escape(TITLE)}</h1>", "<ul>", *said, "</ul>"]
    drawn = [("", figures.verdicts(verdicts))] if verdicts else []
    drawn += [(title, figures.verdict_map(rows)) for title, rows in maps.items()]
    drawn += [(name, figures.contest(one)) for name, one in results.items()]
    for title, figure in drawn:
        parts.append(f"<h2>{html.escape(title)}</h2>" if title else "")
        parts.append(plotly.io.to_html(figure, include_plotlyjs=False, full_html=False, config={"displayModeBar": False}))
    script = f"<script>\n{PLOTLY.read_text('utf-8')}\n</script>"
    return page(TITLE, f"{script}\n<main>{''.join(parts)}</main>", alone=True)
