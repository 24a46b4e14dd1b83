"""A figure of several columns, for a phone: its panels below each other, each with the notes that belong to it."""

GAP, LEGEND = 90, 30  # pixels between two panels: for a title and the numbers of an axis; more with a legend
LEAST = 150  # pixels of a panel's height
TITLES = 48  # pixels more above a panel for its title, over a legend in several lines
BESIDE = 78  # pixels of the right margin where labels stand beside a panel
MARGIN = {"l": 48, "r": 10, "t": 60, "b": 45}


def stacked(layout):
    """What changes in a plain layout on a narrow page, {key of the layout: value}; of a single column only the margins."""
    panels = _panels(layout)
    if len({left for _, _, (left, _), _ in panels}) < 2:
        return {"margin": {**layout.get("margin", {}), "l": MARGIN["l"], "r": MARGIN["r"]}}
    tall = layout.get("height", 450) - 85
    each = max(LEAST, *(round(tall * (top - low)) for *_, (low, top) in panels))
    legends = {key: one for key, one in layout.items() if key.startswith("legend")}
    titles = TITLES * any(map(_titles, layout.get("annotations", ())))
    gap = GAP + LEGEND * (len(legends) > 1) + titles
    whole = len(panels) * each + (len(panels) - 1) * gap
    places = {}
    for i, (x, y, wide, high) in enumerate(panels):
        top = 1 - i * (each + gap) / whole
        places[x, y] = wide, high, (top - each / whole, top)
    beside = any("domain" in note.get("xref", "") and note.get("x", 0) > 1 for note in layout.get("annotations", ()))
    margin = MARGIN | {"r": BESIDE} if beside else MARGIN
    margin = margin | {"t": MARGIN["t"] + titles}
    changed = {"height": whole + margin["t"] + MARGIN["b"], "margin": margin}
    for (x, y), (_, _, high) in places.items():
        changed[x] = {**layout[x], "domain": [0, 1]}
        changed[y] = {**layout[y], "domain": list(high)}
    notes = [_moved(note, places.values()) for note in layout.get("annotations", ())]
    if len(legends) > 1:  # each stands over its panel
        changed |= {key: _moved({"xref": "paper", "yref": "paper", **one}, places.values()) for key, one in legends.items()}
    return changed | ({"annotations": notes} if notes else {})


def _panels(layout):
    """[(x axis, y axis, ends across, ends upwards)], row by row from the top. Axes that lie over others have no panel."""
    panels = []
    for y in sorted(key for key in layout if key.startswith("yaxis")):
        about = layout[y]
        if "overlaying" in about:
            continue
        x = "xaxis" + about.get("anchor", "x" + y[5:])[1:]
        if x in layout and "overlaying" not in layout[x]:
            panels.append((x, y, tuple(layout[x].get("domain", (0, 1))), tuple(about.get("domain", (0, 1)))))
    return sorted(panels, key=lambda panel: (-round(panel[3][1], 3), panel[2][0]))


def _titles(note):
    """Whether a note stands above a panel, by the panel's own measure."""
    return "domain" in note.get("yref", "") and note.get("y", 0) > 1


def _moved(note, places):
    """A note placed on the paper, within or right above a panel, goes with that panel; a title goes above a taller legend."""
    if _titles(note):
        return note | {"yshift": TITLES - 10, "font": {**note.get("font", {}), "size": 11}}
    if note.get("xref") != "paper" or note.get("yref") != "paper":
        return note
    if not {"x", "y"} <= note.keys():
        return note
    for (left, right), (low, top), (new_low, new_top) in places:
        if left <= note["x"] <= right and low <= note["y"] <= top + 0.02:
            across = (note["x"] - left) / (right - left)
            return note | {"x": across, "y": new_low + (note["y"] - low) / (top - low) * (new_top - new_low)}
    return note
