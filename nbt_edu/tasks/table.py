"""Tables of numbers in files of text (CSV): read whole, each fault told with its line and column, and with its remedy."""

import csv
import io
import math

import numpy as np

from ..settings import require
from .files import read_text


def read_columns(path, columns=None, targets=None):
    """The named columns of a CSV file, (T, m), and those named as targets, (T, k), or None when none are.

    Raises ValueError, one sentence that names file, line and column, for whatever is not a number.
    """
    lines, comma = _cells(path)
    first = lines[0][1]
    headed = any(cell and _number(cell, comma) is None for cell in first)
    names = first if headed else [str(i + 1) for i in range(len(first))]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    require(not twice, "path", str(path), f"a file whose columns have different names ({twice[:1]} comes twice)")
    targets = None if targets is None else _choice("targets", targets, names)
    columns = [name for name in names if name not in (targets or ())] if columns is None else _choice("columns", columns, names)
    require(columns, "targets", targets, "a part of the columns, so that some are left to read")
    rows = _rows(path, lines[headed:], names, [*columns, *(targets or ())], comma)
    return rows[:, : len(columns)], None if targets is None else rows[:, len(columns) :]


def _cells(path):
    """[(line number, [cell, ...])], and whether a comma may stand for the decimal point."""
    text = read_text(path).rstrip("\r\n")
    require(text.strip(), "path", str(path), "a file with some numbers in it; this one is blank")
    first = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ";\t" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in row] or [""]) for row in reader]
    except csv.Error as error:
        raise ValueError(f"path {str(path)!r}, line {reader.line_num} is not CSV ({error}); mend its quotes") from None
    return lines, delimiter == ";"


def _choice(argument, chosen, names):
    """A list of names of columns, from one name or several."""
    listed = [chosen] if isinstance(chosen, str) else chosen
    fits = isinstance(listed, list | tuple) and listed and all(name in names for name in listed)
    require(fits, argument, chosen, f"one or more of the columns {names[:8]}")
    return list(listed)


def _rows(path, lines, names, wanted, comma):
    """The wanted columns of all lines, (T, columns)."""
    places, rows = [names.index(name) for name in wanted], np.empty((len(lines), len(wanted)))
    for row, (number, cells) in zip(rows, lines, strict=True):
        where = f"path {str(path)!r}, line {number}"
        if cells == [""]:
            cells = cells * len(names)
        if len(cells) != len(names):
            raise ValueError(f"{where} has {len(cells)} cells, the first line {len(names)}; complete the line or leave it out")
        for j, place in enumerate(places):
            cell = cells[place]
            value = _number(cell, comma)
            if value is None or not math.isfinite(value):
                raise ValueError(f"{where}, column {names[place]!r} {_fault(cell, value, cells, names, comma)}")
            row[j] = value
    return rows


def _fault(cell, value, cells, names, comma):
    """What is wrong with a cell, and what to do."""
    if not cell:
        return "is empty; fill the gap or leave the line out"
    if value is not None:
        return f"is {value}; put a finite number there or leave the line out"
    numeric = [name for name, other in zip(names, cells, strict=True) if _number(other, comma) is not None]
    return f"is not a number but {cell[:40]!r}; mend it, or name the columns of numbers: columns={numeric[:8]}"


def _number(cell, comma):
    """A cell as a float, or None."""
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None
