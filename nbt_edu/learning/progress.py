"""A progress bar for long runs, which says so while machine code is being made."""

import sys
import threading

from tqdm import tqdm

SOON, LATER = 2.0, 10.0  # seconds: what takes less shows no bar, on a terminal or elsewhere (a notebook keeps its traces)


class Bar:
    """With it, `update(steps)` is called as steps are made. It appears after some seconds, unless TQDM_DISABLE is set."""

    def __init__(self, total, steps, compiled):
        delay = SOON if sys.stderr.isatty() else LATER
        self._bar = tqdm(total=total, delay=delay, unit=f" {steps}", unit_scale=True, leave=False)
        self._timer = threading.Timer(delay, self._compiling) if compiled else None

    def __enter__(self):
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_):
        self._started()
        self._bar.close()

    def update(self, steps):
        """So many steps were made. The first ones end the waiting for machine code, which counts in no speed."""
        if self._timer:
            self._started()
            if not self._bar.disable:
                self._bar.set_description_str("", refresh=False)
                self._bar.start_t = self._bar.last_print_t = self._bar._time()
        self._bar.update(steps)

    def _started(self):
        if self._timer:
            self._timer.cancel()
            self._timer.join()
            self._timer = None

    def _compiling(self):
        self._bar.delay = 0  # it is shown: so it must be cleared
        self._bar.set_description_str("compiling (once)", refresh=False)
        self._bar.refresh()
