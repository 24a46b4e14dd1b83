"""Many cells, on any executor. What is done stands in a folder, a file a cell, and is never done twice.

An executor is anything with `submit(function, argument)` whose answers have `done()` and `result()`: `concurrent.futures`,
`distributed.Client`, submitit. Results are written by whoever called, beside and then renamed: a sweep that is killed goes on
with the cells that were not yet written.
"""

import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import signal
import threading
import time

from ..output import make_folder, write_text
from ..settings import function, require, whole
from .cells import Cell, run

WAIT = 0.05  # seconds between two looks at what is under way
TRIES = 3  # of an executor that lost its workers


def sweep(cells, folder, executor=None, workers=1, progress=lambda cell, result: None):
    """The results of cells, in their order: read from the folder where they stand, else made and written there.

    executor: None for processes of our own, `workers` of them, one thread each. progress: called with each cell and its result.
    Ctrl-C stops at once and loses the cells that were under way. Raises ValueError when workers die again and again.
    """
    fits = isinstance(cells, list | tuple) and all(isinstance(one, Cell) for one in cells)
    require(fits, "cells", cells, "a list of nbt_edu.experiments.cells.Cell")
    folder, workers = make_folder(folder, "folder"), whole("workers", workers, 1, 1024)
    function("progress", progress)
    keys = {cell: cell.key() for cell in dict.fromkeys(cells)}
    found = {}
    for cell, key in keys.items():
        if result := _read(folder / f"{key}.json"):
            found[cell] = result
            progress(cell, result)

    def done(cell, result):
        write_text(folder / f"{keys[cell]}.json", json.dumps(result), "folder")
        found[cell] = result
        progress(cell, result)

    missing = [cell for cell in keys if cell not in found]
    if executor is not None:
        _submit(executor, missing, done)
    else:
        for _ in range(TRIES):
            missing = [cell for cell in keys if cell not in found]
            if missing:
                with _processes(workers) as own, contextlib.suppress(_LOST):
                    _submit(own, missing, done)
    lost = sum(cell not in found for cell in keys)
    require(not lost, "workers", f"dead, {lost} of {len(keys)} cells not done", "alive (memory?): run it again, it goes on")
    return [found[cell] for cell in cells]


_LOST = concurrent.futures.BrokenExecutor


def _submit(executor, cells, done):
    """Have cells run, and hand over each result as it comes."""
    pending = {}
    try:
        for cell in cells:
            pending[executor.submit(run, cell)] = cell
        while pending:
            ready = [future for future in pending if future.done()]
            for future in ready:
                result = future.result()
                done(pending.pop(future), result)
            if not ready:
                time.sleep(WAIT)
    finally:
        for future in pending:
            getattr(future, "cancel", bool)()


@contextlib.contextmanager
def _processes(workers):
    """Processes that compute with one thread each, do not hear Ctrl-C, and end when this ends."""
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    before = {name: os.environ.get(name) for name in one}
    os.environ.update(one)
    context = multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(workers, context, _bound)
    try:
        yield pool
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _bound():
    """Of a worker: Ctrl-C is for its parent to hear; when that is gone, `kill -9` say, it ends too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=lambda: (multiprocessing.parent_process().join(), os._exit(1)), daemon=True).start()


def _read(path):
    """The result in a file; None where there is none that can be read: it is then made anew."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"seed", "settings", "bits", "levels", "seconds"} <= found.keys() else None
