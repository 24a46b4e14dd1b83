"""Frames that an app's figure draws a second in a real browser: `python benchmarks/shell.py [--seconds 8]`.

JupyterLab in headless Chromium; three apps that do next to no work: curves of a race's size (two panels, three curves each), a
heat map of 64 x 64, and the toy of the tests (four panels, every kind of trace). Needs the extra `test` and Chromium.
"""

import argparse
import pathlib
import sys
import tempfile

TESTS = pathlib.Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, run_all, write_notebook

CELLS = [
    f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
import numpy as np, plotly.graph_objects as go
from plotly.subplots import make_subplots
from nbt_edu.apps.app import App
from nbt_edu.figures.style import framed
from toy import Toy

class Curves(App):
    def build(self): self.n = 0
    def proceed(self, n): self.n += n
    def figure(self):
        figure = framed(make_subplots(1, 2), 840, None)
        for panel in 1, 2:
            for name in "abc":
                figure.add_scatter(name=f"{{name}} {{panel}}", mode="lines", row=1, col=panel)
        return figure.update_layout(meta={{"count": ["x", "x2"]}})
    def arrays(self):
        x = np.linspace(0, self.n, 200)
        return {{f"{{name}} {{panel}}": {{"x": x, "y": np.sin(x / (self.n + 1) * 9 + panel + ord(name))}}
                for panel in (1, 2) for name in "abc"}}
    def sentence(self): return f"{{self.n}} done."

class Heat(Curves):
    def figure(self): return framed(go.Figure(go.Heatmap(name="heat")), 840, None)
    def arrays(self): return {{"heat": {{"z": np.random.default_rng(self.n).normal(size=(64, 64))}}}}

apps = {{"six curves": Curves(), "heat map of 64 x 64": Heat(), "toy, four panels": Toy(), "toy, as fast as it can": Toy()}}
for one in apps.values():
    one.pace = 1000
apps["toy, as fast as it can"].pace = None
apps["six curves"]""",
    "apps['heat map of 64 x 64']",
    "apps['toy, four panels']",
    "apps['toy, as fast as it can']",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "work").mkdir()
        write_notebook(root / "work" / "frames.ipynb", CELLS)
        with jupyterlab(root / "work", root / "home") as address, chromium() as page:
            open_notebook(page, address, "frames.ipynb")
            run_all(page)
            page.locator(f"{PANEL} .nbt-app .main-svg").nth(3).wait_for()
            names = execute(page, "print(*apps, sep='|')").strip().split("|")
            for i, name in enumerate(names):
                page.locator(f"{PANEL} .nbt-app").nth(i).scroll_into_view_if_needed()
                print(f"{name:25} {drawn(page, name, options.seconds):5.1f} frames/s")
            assert not page.complaints, page.complaints


def drawn(page, name, seconds):
    """Frames drawn a second, by the page's own account to the kernel: each is told once."""
    count = "told.append(message) if message.get('do') == 'drawn' else None"
    execute(page, f"told = []; apps[{name!r}].viewers[0].on_msg(lambda _, message, __: {count}); apps[{name!r}].play()")
    page.wait_for_timeout(2000)
    look = "print(len(told))"
    before = int(execute(page, look))
    page.wait_for_timeout(1000 * seconds)
    after = int(execute(page, look))
    execute(page, f"apps[{name!r}].pause()")
    return (after - before) / seconds


if __name__ == "__main__":
    main()
