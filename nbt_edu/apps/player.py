"""The play loop: a thread works in short pieces and publishes now and then, while the kernel stays free.

Others touch what is worked on only inside `with player.between():`, which falls between two pieces; guests go first. An
exception in the thread is kept, handed to `failed`, and raised again by `wait()`: it is never lost.
"""

import contextlib
import threading
import time

PIECE = 0.015  # seconds of work between two looks at the world
MOST = 100_000  # units in a piece


class Player:
    """Run and pause of an app's work.

    prepare(): called in the thread before each piece, while others may go between. work(n): does at most n units and answers
    how many; 0 says that there is nothing to do just now. publish(): what is to be seen. failed(error): told of an exception.
    """

    def __init__(self, prepare, work, publish, failed):
        self._prepare, self._work, self._publish, self._failed = prepare, work, publish, failed
        self._lock, self._guests, self._n, self._changes = threading.RLock(), [], 1, 0
        self._thread, self._stop, self._starting = None, threading.Event(), threading.Lock()
        self._stop.set()
        self.error, self.preparing = None, False

    @property
    def playing(self):
        """Whether the work goes on."""
        return not self._stop.is_set()

    @property
    def working(self):
        """Whether a thread is there: it publishes a last time before it ends."""
        return self._thread is not None and self._thread.is_alive()

    def play(self, told=lambda: None):
        """Start working in a thread, unless it works already; `told` is called before it starts. Returns at once."""
        with self._starting:
            if not self.playing:
                self.error, self.preparing, self._stop = None, True, threading.Event()
                if not self.working:
                    told()
                self._thread = threading.Thread(target=self._run, args=(self._stop, self._thread), daemon=True)
                self._thread.start()

    def pause(self):
        """Ask the thread to publish a last time and end. Returns at once."""
        self._stop.set()

    def wait_stopped(self):
        """Wait for the end of a thread that was paused."""
        if self._thread:
            self._thread.join()

    def wait(self, until, timeout=60.0):
        """Let it play until `until()` is true; raises what the thread raised, or TimeoutError."""
        end = time.monotonic() + timeout
        while not until() and self.error is None and self._thread and self._thread.is_alive():
            if time.monotonic() > end:
                raise TimeoutError(f"not reached within {timeout:g} s")
            time.sleep(0.005)
        if self.error:
            raise self.error

    def carefully(self):
        """What is worked on has changed: the next piece is prepared anew, and is one unit: how long one takes is unknown."""
        self._n = 1
        self._changes += 1

    @contextlib.contextmanager
    def between(self):
        """Inside this context no piece runs. Guests go first: they wait for one piece at most."""
        self._guests.append(None)  # a list loses none among threads, a number might
        try:
            self._lock.acquire()
        finally:
            self._guests.pop()
        try:
            yield
        finally:
            self._lock.release()

    def _run(self, stop, previous):
        try:
            if previous:
                previous.join()
            self.carefully()
            while not stop.is_set():
                self.preparing, before = True, self._changes
                self._prepare()
                self.preparing = False
                while self._guests:
                    time.sleep(0.0005)
                with self._lock:
                    if self._changes != before:
                        continue
                    done = not stop.is_set() and self._piece()
                    self._publish()
                if not done:
                    time.sleep(PIECE / 3)
            with self._lock:
                self._publish()
        except Exception as error:
            stop.set()
            self.error = error
            self._failed(error)

    def _piece(self):
        """Work about PIECE seconds; answers the units done."""
        start, asked = time.perf_counter(), self._n
        done = self._work(asked)
        spent = max(time.perf_counter() - start, 1e-6)
        if done == asked or spent > PIECE:
            self._n = min(MOST, max(1, round(self._n * min(2.0, max(0.1, PIECE / spent)))))
        return done
