"""What Race costs in a real browser: `python benchmarks/app.py [--minutes 10] [--json]`.

JupyterLab in headless Chromium, a Race of four learners (a^n b^n, 10 units): characters a second with and without drawing,
frames drawn a second, milliseconds from a dial's key press to learning with the new value and to a drawn effect, the same just
after a change to a large network, and memory at minute 2 and at the end of a long run. Needs the extra `test` and Chromium.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests"))
from browsing import PANEL, chromium, execute, jupyterlab, open_notebook, run_all, write_notebook

CELL = """
import gc, json, time, psutil
from nbt_edu.apps import Race
app = Race(methods=("RTRL", "BPTT", "NoBackTrack", "second NoBackTrack"))
app.compile()
app
"""
SPY = """
view, learnt, sent, drawn, moves = app.viewers[0], [], {}, [], []
_set, _proceed, _draw = app.set, app.proceed, view._draw
def set(**values):
    before = app.dials
    restarted = _set(**values)
    if app.dials != before: moves.append(time.time())
    return restarted
def proceed(n):
    done = _proceed(n)
    while len(learnt) < len(moves): learnt.append((1000 * time.time(), app.count))
    return done
def draw():
    _draw(); sent[view._number] = app.count
app.set, app.proceed, view._draw = set, proceed, draw
def heard(_, message, __):
    if message.get("do") == "drawn": drawn.append((1000 * time.time(), sent.get(message["number"], 0)))
view.on_msg(heard)
"""
APP = f"{PANEL} .nbt-app"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the memory run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "work").mkdir()
        write_notebook(root / "work" / "race.ipynb", [CELL])
        with jupyterlab(root / "work", root / "home") as address, chromium() as page:
            results = measure(page, address, options.minutes)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        print("\n".join(f"{name:60} {value:,.1f}" for name, value in results.items()))


def measure(page, address, minutes):
    open_notebook(page, address, "race.ipynb")
    run_all(page)
    page.locator(f"{APP} .main-svg").first.wait_for()
    execute(page, SPY)
    start = time.perf_counter()
    press(page, "Run")
    page.wait_for_function(f"() => document.querySelector('{APP} .js-plotly-plot').data[0].x?.length > 5", polling=20)
    results = {"Run to first moving curve, s": time.perf_counter() - start}
    time.sleep(3)
    drawing, frames = speed(page, 10)
    results["characters/s while drawing, each of four learners"] = drawing
    results["frames drawn/s"] = frames
    results |= latencies(page)
    results |= after_growing(page)
    press(page, "Pause")
    execute(page, "view.follow, follow = (lambda now=False: None), view.follow; app.play()")
    time.sleep(2)
    results["characters/s without drawing"] = speed(page, 10)[0]
    results["drawing / not drawing"] = drawing / results["characters/s without drawing"]
    execute(page, "app.pause(); app.player.wait_stopped(); view.follow = follow; app.rewind()")
    if minutes:
        results |= long_run(page, minutes)
    assert not page.complaints, page.complaints
    return results


def press(page, name):
    page.locator(APP).get_by_role("button", name=name, exact=True).click()


def speed(page, seconds):
    """Characters a second of each learner, and frames a second."""
    look = "print(time.time(), app.count, len(drawn))"
    t0, c0, f0 = map(float, execute(page, look).split())
    time.sleep(seconds)
    t1, c1, f1 = map(float, execute(page, look).split())
    return (c1 - c0) / (t1 - t0), (f1 - f0) / (t1 - t0)


def latencies(page, times=15):
    """From the key press on the rank slider to learning with the new rank, and to a frame that shows it."""
    execute(page, "moves.clear(); learnt.clear(); drawn.clear()")
    slider = page.locator(APP).get_by_role("slider", name="rank k")
    slider.focus()
    presses = []
    for i in range(times):
        presses.append(1000 * time.time())
        page.keyboard.press("ArrowRight" if i % 2 == 0 else "ArrowLeft")
        time.sleep(1.2)
    learnt, drawn = json.loads(execute(page, "print(json.dumps([learnt, drawn]))"))
    assert len(learnt) == times, (len(learnt), times)
    shown = [next(at for at, count in drawn if at > press and count >= learnt[i][1]) - press for i, press in enumerate(presses)]
    return {
        "dial to learning with the new value, ms (median)": statistics.median(
            at - press for press, (at, _) in zip(presses, learnt, strict=True)
        ),
        "dial to a drawn effect, ms (median)": statistics.median(shown),
        "dial to a drawn effect, ms (worst)": max(shown),
    }


def after_growing(page):
    """From 10 to 64 units while it plays, and a dial right after it."""
    execute(page, "app.set(units=64); moves.clear(); learnt.clear(); pressed = 1000 * time.time(); app.set(rank=5)")
    time.sleep(3)
    learnt, pressed = json.loads(execute(page, "print(json.dumps([learnt, pressed]))"))
    start = time.perf_counter()
    press(page, "Reset")
    page.wait_for_function(f"() => document.querySelector('{APP}').textContent.includes('default settings')", polling=20)
    reset = time.perf_counter() - start
    execute(page, "app.set(methods=('RTRL', 'BPTT', 'NoBackTrack', 'second NoBackTrack')); app.play()")
    time.sleep(1)
    return {"dial to learning just after 10 -> 64 units, ms": learnt[0][0] - pressed, "Reset at 64 units, ms": 1000 * reset}


def long_run(page, minutes):
    """MB of the kernel and of the page's heap at minute 2 and at the end, after a collection."""
    press(page, "Run")
    time.sleep(120)
    before = memory(page)
    time.sleep(max(0, 60 * (minutes - 2)))
    after = memory(page)
    press(page, "Pause")
    return {f"{name} at minute {at:g}, MB": one[name] for at, one in ((2, before), (minutes, after)) for name in one}


def memory(page):
    page.evaluate("() => { window.gc?.(); }")
    time.sleep(3)
    kernel = execute(page, "gc.collect(); print(psutil.Process().memory_info().rss / 1e6)")
    return {"kernel": float(kernel), "page heap": page.evaluate("() => performance.memory.usedJSHeapSize / 1e6")}


if __name__ == "__main__":
    main()
