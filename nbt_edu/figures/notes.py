"""Music notation as notes on a staff: a picture of our own (SVG), for the texts of `tasks.music` and what a network writes.

The staff has no clef: its lowest line is e, and c hangs on a line of its own below. The letter stands under each note. What is
no note is written as it stands, in red, and red is the line after a bar that does not last three quarters (or, of the first
bar, which may have begun before the text, that lasts longer).
"""

import html
import re

from ..settings import require, string
from ..tasks.music import BAR, LENGTHS

WIDTH, ROW = 840, 104  # of the picture, and the height of a staff with what belongs to it (pixels)
TOP, SPACE = 34, 9  # the highest line of a staff, and from line to line
BEGIN, END = 34, 6  # room before the first bar and after the last
LONGEST = 10_000  # characters
NOTE = re.compile(rf"([a-g])({'|'.join(map(re.escape, LENGTHS))})")
INK, WRONG = "#222222", "#B00020"


class Notes:
    """A text in music notation, as a picture in a notebook; `svg` is that picture, `text` the text, which a reader hears."""

    def __init__(self, text):
        require(len(string("text", text)) <= LONGEST, "text", text, f"of at most {LONGEST:,} characters")
        self.text = "".join(one if one.isprintable() else " " for one in text)
        self.svg = _picture(self.text)

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return self.svg


def notes(text):
    """A text such as `c4 e8 g8 c4 | f2. | `, drawn as notes: a `Notes`. Raises ValueError for what is no text."""
    return Notes(text)


def _picture(text):
    marks, x, row = [], BEGIN, 0
    for bar in re.findall(r"[^|]*\|?", text):
        words, first = bar.removesuffix("|").split(), not marks
        if x + sum(map(_room, words)) + SPACE > WIDTH - END and x > BEGIN:
            x, row = BEGIN, row + 1
        for word in words:
            marks.append(f'<g transform="translate({x} {row * ROW})">{_note(word)}</g>')
            x += _room(word)
        if bar.endswith("|"):
            lasts = sum(LENGTHS[found[2]] if (found := NOTE.fullmatch(word)) else 2 * BAR for word in words)
            wrong = lasts > BAR or (lasts < BAR and not first)
            marks.append(f'<g transform="translate({x} {row * ROW})">{_line(0, TOP, TOP + 4 * SPACE, wrong)}</g>')
            x += 2 * SPACE
    staves = "".join(_staff(i * ROW) for i in range(row + 1))
    height, heard = (row + 1) * ROW, html.escape(f"Notes: {text}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{heard}" style="max-width: 100%; background: white" font-family="serif" text-anchor="middle" '
        f'fill="{INK}" stroke-width="1.3">{staves}{"".join(marks)}</svg>'
    )


def _staff(top):
    lines = "".join(f'<path d="M0 {TOP + i * SPACE}H{WIDTH}" stroke="#999999" stroke-width="1"/>' for i in range(5))
    look = f'x="14" font-size="{2.4 * SPACE:g}" font-weight="bold"'
    meter = "".join(f'<text {look} y="{TOP + (2 * i + 1.8) * SPACE:g}">{digit}</text>' for i, digit in enumerate("34"))
    return f'<g transform="translate(0 {top})">{lines}{meter if not top else ""}</g>'


def _line(x, top, bottom, wrong=False):
    return f'<path d="M{x:g} {top:g}V{bottom:g}" stroke="{WRONG if wrong else INK}" stroke-width="{2.6 if wrong else 1.3}"/>'


def _room(word):
    """How wide a note is with what follows it: the longer it lasts, the wider."""
    found = NOTE.fullmatch(word)
    return 20 + 6 * LENGTHS[found[2]] if found else 20 + 9 * len(word[:8])


def _note(word):
    """Head, stem, flag, dot and letter of a note at x = 0; or the word as it is."""
    found = NOTE.fullmatch(word)
    if not found:
        return f'<text x="{4 * len(word[:8])}" y="{ROW - 8}" font-size="15" fill="{WRONG}">{html.escape(word[:8])}</text>'
    pitch, duration = found.groups()
    step = "cdefgab".index(pitch) - 2  # from the lowest line on, by lines and spaces
    y, stem = TOP + (4 - step / 2) * SPACE, 0.62 * SPACE
    fill = "white" if duration.startswith("2") else INK
    parts = [f'<path d="M-10 {y:g}H10" stroke="{INK}"/>'] if pitch == "c" else []
    parts.append(_line(stem, y - 1, y - 3.4 * SPACE))
    if duration == "8":
        parts.append(f'<path transform="translate({stem:g} {y - 3.4 * SPACE:g})" d="M0 0C1 8 10 9 6 20C7 13 3 11 0 9Z"/>')
    parts.append(f'<ellipse cy="{y:g}" rx="6" ry="4.2" transform="rotate(-20 0 {y:g})" fill="{fill}" stroke="{INK}"/>')
    if duration.endswith("."):
        parts.append(f'<circle cx="12" cy="{y - (SPACE / 2 if step % 2 == 0 else 0):g}" r="1.9"/>')
    return "".join([*parts, f'<text y="{ROW - 8}" font-size="14" fill="#555555">{pitch}</text>'])
