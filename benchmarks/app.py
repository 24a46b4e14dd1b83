"""What the app costs in a real browser: `python benchmarks/app.py [--minutes 3] [--json]`.

JupyterLab in headless Chromium, the Race of notebook 00 (a^n b^n, 10 units, rank 1): characters a second with and without
drawing, frames drawn a second, milliseconds from a slider's key press to learning with the new value and to a drawn
effect, and memory before and after a long run. Needs the extra `test` and Chromium.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

import nbformat

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests"))
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, run_all

CELL = """
import os, time, psutil
from nbt_edu.apps import Race
app = Race()
app
"""
SPY = """
_set, _step, _log, _new = app.race.set, app.race.step, [], []
def spy_set(**values):
    restarted = _set(**values); _new.append(app.race.chars); return restarted
def spy_step(n):
    if _new: _log.append((time.time() * 1000, _new.pop()))
    _step(n)
app.race.set, app.player._advance = spy_set, spy_step
"""
WATCH = """
() => { window.frames_ = []; let last;
  const look = () => { const x = GRAPH.data[2].x; if (x !== last) { last = x; frames_.push([Date.now(), x?.at(-1) ?? 0]); }
                       requestAnimationFrame(look); };
  look(); }
"""
GRAPH = f"document.querySelector('{PANEL} .js-plotly-plot')"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="length of the memory run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        (root / "work").mkdir()
        nbformat.write(notebook, root / "work" / "race.ipynb")
        with jupyterlab(root / "work", root / "home") as address, chromium() as page:
            results = measure(page, address, options.minutes)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        print("\n".join(f"{name:55} {value:,.1f}" for name, value in results.items()))


def measure(page, address, minutes):
    open_notebook(page, address, "race.ipynb")
    run_all(page)
    page.locator(f"{PANEL} .js-plotly-plot .main-svg").first.wait_for()
    page.evaluate(WATCH.replace("GRAPH", GRAPH))
    results = {}
    start = time.perf_counter()
    button(page, "Run")
    page.wait_for_function(f"() => {GRAPH}.data[0].x?.length > 5", polling=20)
    results["Run to first moving curve, s"] = time.perf_counter() - start
    time.sleep(3)
    rate, frames = speed(page, 10)
    results["characters/s while drawing (sum of three learners)"] = rate
    results["frames drawn/s"] = frames
    results |= latencies(page)
    before = memory(page)
    execute(page, "app.set(rank=1)")
    button(page, "Run")
    time.sleep(60 * minutes)
    button(page, "Pause")
    after = memory(page)
    for name in before:
        results[f"{name} before, MB"], results[f"{name} after {minutes:g} minutes, MB"] = before[name], after[name]
    execute(page, "app.player._draw = lambda: None; app.play()")
    results["characters/s without drawing"] = speed(page, 10)[0]
    results["drawing / not drawing"] = rate / results["characters/s without drawing"]
    assert not page.complaints, page.complaints
    return results


def button(page, name):
    page.locator(f"{PANEL} .jupyter-button").filter(has_text=name).first.click()


def speed(page, seconds):
    """Characters a second (three learners) and frames a second."""
    look = "import time; print(time.time(), app.race.chars)"
    frames = page.evaluate("() => frames_.length")
    t0, c0 = map(float, execute(page, look).split())
    time.sleep(seconds)
    t1, c1 = map(float, execute(page, look).split())
    return 3 * (c1 - c0) / (t1 - t0), (page.evaluate("() => frames_.length") - frames) / (t1 - t0)


def latencies(page, times=15):
    """Medians from the key press on the rank slider to learning with the new rank, and to a frame that shows it."""
    execute(page, SPY)
    handle = page.locator(f"{PANEL} .widget-slider").filter(has_text="rank k").locator(".noUi-handle")
    handle.focus()
    presses = []
    for i in range(times):
        presses.append(page.evaluate("() => Date.now()"))
        page.keyboard.press("ArrowRight" if i % 2 == 0 else "ArrowLeft")
        time.sleep(1.2)
    button(page, "Pause")
    time.sleep(1)
    log = json.loads(execute(page, "import json; print(json.dumps(_log))"))
    frames = page.evaluate("() => frames_")
    assert len(log) == times, (len(log), times)
    learned = [at - press for press, (at, _) in zip(presses, log, strict=True)]
    drawn = [next(at for at, x in frames if at > press and x > chars) - press
             for press, (_, chars) in zip(presses, log, strict=True)]  # fmt: skip
    return {
        "slider to learning with the new value, ms (median)": statistics.median(learned),
        "slider to a drawn effect, ms (median)": statistics.median(drawn),
        "slider to a drawn effect, ms (worst)": max(drawn),
    }


def memory(page):
    """MB of the kernel and of the page's heap, after a collection."""
    page.evaluate("() => { window.gc?.(); }")
    time.sleep(3)
    kernel = execute(page, "import gc; gc.collect(); print(psutil.Process().memory_info().rss / 1e6)")
    return {"kernel": float(kernel), "page heap": page.evaluate("() => performance.memory.usedJSHeapSize / 1e6")}


if __name__ == "__main__":
    main()
