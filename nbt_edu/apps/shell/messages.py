"""What the page asks of an app: a message is {"do": one of DO, ...}. What cannot be done raises ValueError, in a sentence."""

from ...settings import require
from ..lines import DIGEST, digest, read_line, split_line


def obey(app, message):
    """Do what a message asks for."""
    do = message.get("do") if isinstance(message, dict) else message
    require(do in DO, "message", do, f"one of {', '.join(DO)}")
    DO[do](app, message)


def _set(app, message):
    name = message["name"]
    known = app.Dials.declared()
    require(name in known, "dial", name, f"one of {', '.join(known)}")
    app.set(**{name: known[name].read(name, message["value"])})


def _state(app, message):
    line = message["line"]
    app.set(**read_line(line, app.name(), app.Dials, _beside(app, line)).values())


def _beside(app, line):
    """The long texts that a line names by their digest, where they are the app's present ones."""
    named = {name: text for name, text in split_line(line)[1].items() if DIGEST.fullmatch(text)}
    present = {name: getattr(app.dials, name, None) for name in named}
    return {name: text for name, text in present.items() if isinstance(text, str) and digest(text) == named[name]}


def _pace(app, message):
    with app.player.between():
        app.pace = message["value"]
        app.player.carefully()


def _pause_at(app, message):
    text = str(message["value"]).replace(",", "").strip()
    app.pause_at = _number(text) if text else None
    if app.pause_at is not None and app.pause_at <= app.count:
        app.tell(f"{app.pause_at:,} {app.unit} are done already: it will pause there after Rewind")


def _guess(app, message):
    name, value = message["name"], message["value"]
    require(name in app.guesses.asks, "guess", name, f"among {', '.join(app.guesses.asks)}")
    ask = app.guesses.asks[name]
    if not str(value).strip():
        raise ValueError({"choice": "Choose", "number": "Write a number", "curve": "Sketch"}[ask.kind] + " first, then seal.")
    if ask.kind == "choice":
        value = next((one for one in ask.options if str(one) == value), value)
    elif ask.kind == "number":
        value = _number(value)
    else:
        value = [_number(one) for one in str(value).replace(",", " ").split()]
    app.guess(**{name: value})


def _number(text):
    try:
        return float(text)
    except ValueError:
        return text


DO = {
    "run": lambda app, message: app.play(),
    "pause": lambda app, message: app.pause(),
    "step": lambda app, message: app.pressed_step(),
    "rewind": lambda app, message: app.rewind(),
    "new_seed": lambda app, message: app.new_seed(),
    "reset": lambda app, message: app.reset(),
    "set": _set,
    "state": _state,
    "pace": _pace,
    "pause_at": _pause_at,
    "guess": _guess,
}
