"""The play loop: a thread trains in short pieces and draws now and then, while the kernel stays free.

`advance(n)` trains n characters; `draw()` publishes a frame. Others touch what is trained only inside
`with player.between():`, which falls between two pieces. An exception in the thread is kept, handed to `failed`, and
raised again by `wait()`: it is never lost.
"""

import contextlib
import threading
import time

PIECE = 0.015  # seconds of training between two looks at the world
FRAMES = 15  # frames a second, at most


class Player:
    """Run/pause of a training. `ready()` says whether the viewer has drawn what was sent (back-pressure).

    prepare: called once in the thread before the first piece (compilation), while others may already change settings.
    """

    def __init__(self, advance, draw, prepare=lambda: None, ready=lambda: True, failed=lambda error: None):
        self._advance, self._draw, self._prepare, self._ready, self._failed = advance, draw, prepare, ready, failed
        self._lock, self._guests, self._n = threading.RLock(), 0, 32
        self._thread, self._stop = None, threading.Event()
        self._stop.set()
        self.error = None

    @property
    def playing(self):
        """Whether training goes on."""
        return not self._stop.is_set()

    def play(self):
        """Start training in a thread, unless it runs already. Returns at once."""
        if not self.playing:
            self.error, self._stop = None, threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stop, self._thread), daemon=True)
            self._thread.start()

    def pause(self):
        """Ask the thread to draw a last frame and end. Returns at once."""
        self._stop.set()

    def wait_stopped(self):
        """Wait for the end of a thread that was paused."""
        if self._thread:
            self._thread.join()

    def wait(self, until, timeout=60.0):
        """Let it play until `until()` is true; raises what the thread raised, or TimeoutError."""
        end = time.monotonic() + timeout
        while not until() and self.error is None and self._thread.is_alive():
            if time.monotonic() > end:
                raise TimeoutError(f"not reached within {timeout:g} s")
            time.sleep(0.005)
        if self.error:
            raise self.error

    @contextlib.contextmanager
    def between(self):
        """Inside this context no piece runs. Guests go first: they wait for one piece at most."""
        self._guests += 1
        try:
            self._lock.acquire()
        finally:
            self._guests -= 1
        try:
            yield
        finally:
            self._lock.release()

    def _run(self, stop, previous):
        try:
            if previous:
                previous.join()
            self._prepare()
            drawn = 0.0
            while not stop.is_set():
                while self._guests:
                    time.sleep(0.0005)
                with self._lock:
                    self._piece()
                    if time.monotonic() - drawn > 1 / FRAMES and self._ready():
                        self._draw()
                        drawn = time.monotonic()
            with self._lock:
                self._draw()
        except Exception as error:
            stop.set()
            self.error = error
            self._failed(error)

    def _piece(self):
        """Train about PIECE seconds."""
        start = time.perf_counter()
        self._advance(self._n)
        spent = max(time.perf_counter() - start, 1e-6)
        self._n = min(100_000, max(1, round(self._n * min(2.0, max(0.5, PIECE / spent)))))
