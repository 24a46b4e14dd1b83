"""An app in a page: its sliders, its figure, its sentence and what it asks, as HTML around the data that `page.js` reads.

Whatever an app says is text here, never markup.
"""

import html
import json

FIGURE = """<section class="app" aria-label="{title}">
{asks}<div class="dials">{dials}{play}</div>
<div class="figure" role="img" aria-label="{sentence}"></div>
<p class="sentence" aria-live="polite">{sentence}</p>
<p class="line"><span>state</span> <code>{line}</code></p>
<script type="application/json">{data}</script>
</section>
"""
DIAL = """<div class="dial" title="{tip}"><label for="{key}">{label}</label><output for="{key}">{value}</output>
<input type="range" id="{key}" min="0" max="{last}" step="1" value="{start}" aria-valuetext="{value}"></div>"""
PLAY = '<div class="play"><button type="button">Play</button> <output class="count"></output></div>'


def box(data, number):
    """The HTML of an app, `number` among those of its page. data: what `grid` computed of it."""
    shown = {key: one for key, one in data.items() if key != "asks"}
    state = data["states"][start(data["dials"])]
    dials = "".join(_dial(one, f"app{number}-{i}") for i, one in enumerate(data["dials"]))
    asks = "".join(_ask(*pair) for pair in data["asks"])
    words = {key: html.escape(text) for key, text in
             (("title", data["title"]), ("sentence", state["sentence"]), ("line", state["line"]))}  # fmt: skip
    asks = f'<div class="asks"><p><strong>Predict first</strong></p>{asks}</div>\n' if asks else ""
    return FIGURE.format(dials=dials, play=PLAY if _played(data) else "", asks=asks, data=embedded(shown), **words)


def start(dials):
    """The place, among the states, of the one that is shown first."""
    place = 0
    for one in dials:
        place = place * len(one["values"]) + one["start"]
    return place


def embedded(data):
    """Data as JSON within a page: no text in it can end the script that holds it."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")


def _dial(one, key):
    words = {name: html.escape(text) for name, text in
             (("tip", one["tip"]), ("label", one["label"]), ("value", one["values"][one["start"]]))}  # fmt: skip
    return DIAL.format(key=key, last=len(one["values"]) - 1, start=one["start"], **words)


def _ask(question, answer):
    folded = f"<details><summary>Show the answer</summary><p>{html.escape(answer)}</p></details>" if answer else ""
    return f"<div><p>{html.escape(question)}</p>{folded}</div>"


def _played(data):
    """Whether there is a curve along the count, which Play reveals."""
    return any(trace["type"] == "scatter" and trace.get("xaxis", "x") in data["axes"] for trace in data["figure"]["data"])
