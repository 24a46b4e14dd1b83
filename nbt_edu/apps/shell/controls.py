"""The race's sliders, buttons and lines of text. They say what was asked for; what is done is in `apps.race`."""

import ipywidgets as widgets

TASKS = {"aⁿbⁿ": "anbn", "Shakespeare": "shakespeare", "your own text": "text"}
ORDER = ("rate", "beta", "rank", "task", "N", "window", "units", "seed")
STYLE = {"description_width": "96px"}
ACTIONS = {
    "Run": "start or pause the race",
    "Step": "let each method read 1,000 characters",
    "Rewind": "back to character 0, same seed",
    "New seed": "another seed, at random",
    "Reset": "default settings, character 0",
}


class Controls:
    """moved(name, value): a setting was changed; pasted(line): a state line was given; pressed(name): a button."""

    def __init__(self, moved, pasted, pressed):
        self.inputs, self.buttons, self._listening = _inputs(), {}, True
        for name, widget in self.inputs.items():
            widget.observe(lambda change, name=name: self._heard(name, change["new"], moved), "value")
        for name, tooltip in ACTIONS.items():
            self.buttons[name] = widgets.Button(description=name, tooltip=tooltip, layout=widgets.Layout(width="84px"))
            self.buttons[name].on_click(lambda _, name=name: pressed(name))
        self.status = widgets.HTML(layout=widgets.Layout(min_height="44px", width="99%"))
        self.line = widgets.Text(
            description="state", tooltip="copy this line to keep a race; paste one to get it back", continuous_update=False,
            style={"description_width": "40px"}, layout=widgets.Layout(width="360px"),
        )  # fmt: skip
        self.line.observe(lambda change: self._listening and pasted(change["new"]), "value")

    def around(self, figure):
        """All of it in one widget, around a figure."""
        columns = widgets.Layout(grid_template_columns="repeat(3, 33.3%)")
        grid = widgets.GridBox([self.inputs[name] for name in ORDER], layout=columns)
        bar = widgets.HBox([*self.buttons.values(), self.line], layout=widgets.Layout(align_items="center"))
        parts = [grid, self.inputs["text"], bar, self.status, figure]
        return widgets.VBox(parts, layout=widgets.Layout(width="842px"))

    def show(self, settings, line):
        """Follow the settings, without acting on them."""
        self._listening = False
        if not isinstance(settings.task, str):
            self.inputs["task"].options = {**TASKS, settings.task.name: settings.task}
        for name, widget in self.inputs.items():
            if _rounded(name, widget.value) != getattr(settings, name):
                widget.value = getattr(settings, name)
        self.line.value = line
        self._listening = True
        self.inputs["text"].layout.display = None if settings.task == "text" else "none"
        self.inputs["N"].disabled = settings.task != "anbn"

    def _heard(self, name, value, moved):
        if self._listening:
            moved(name, _rounded(name, value))


def _rounded(name, value):
    """A log slider's steps, such as 10^-2.7, as people write them: 0.002."""
    return float(f"{value:.2g}") if name == "rate" else value


def _inputs():
    """{setting: its widget}. Every slider has a text field beside it."""

    def make(kind, description, tooltip, **options):
        layout = options.pop("layout", widgets.Layout(width="268px"))
        return kind(description=description, tooltip=tooltip, style=STYLE, layout=layout, **options)

    whole, real, log = widgets.IntSlider, widgets.FloatSlider, widgets.FloatLogSlider
    late = {"continuous_update": False}
    large = widgets.Layout(width="99%", height="90px")
    return {
        "rate": make(log, "learning rate", "η: how far each gradient moves the parameters. Acts at once",
                     min=-5, max=0, step=0.05, readout_format=".2g"),
        "beta": make(real, "λ exponent β", "0: no scaling, 1: equal norms. Acts at once", min=0, max=1, step=0.05),
        "rank": make(whole, "rank k", "number of pairs (v, w) averaged by NoBackTrack. Acts at once", min=1, max=32),
        "window": make(whole, "truncation T", "BPTT looks back at most T characters. Acts at once", min=1, max=64),
        "N": make(whole, "longest n", "aⁿbⁿ with n from 1 to this. Restarts the race", min=2, max=64, **late),
        "units": make(whole, "units", "size of the network. Restarts the race", min=2, max=64, **late),
        "task": make(widgets.Dropdown, "text", "what is to be predicted. Restarts the race", options=TASKS),
        "seed": make(widgets.IntText, "seed", "weights, text and signs follow from it. Restarts the race", **late),
        "text": make(widgets.Textarea, "your text", "the text to be predicted. Restarts the race", layout=large,
                     placeholder="paste any text here, then click elsewhere", **late),
    }  # fmt: skip
