"""How an app's work is done: in pieces, at a pace, up to where it is to pause, with guesses opened exactly at their place."""

import time

from ..learning.guards import uninterrupted
from ..settings import real, require, whole

PIECE = 0.1  # seconds of work between two looks at Ctrl-C and the progress bar
TOP = 1e12  # units a second, at most


class Working:
    """The part of `App` that does its work."""

    _pace = _pause_at = None

    @property
    def pace(self):
        """Units a second, or None: as fast as it can."""
        return self._pace

    @pace.setter
    def pace(self, value):
        pace = None if value is None else real("pace", value)
        require(pace is None or 0 < pace < TOP, "pace", value, f"{self.unit} a second, or None: as fast as it can")
        self._pace, self._since = pace, None

    @property
    def pause_at(self):
        """The count at which it pauses, or None."""
        return self._pause_at

    @pause_at.setter
    def pause_at(self, value):
        self._pause_at = None if value is None else whole("pause_at", value, 1, 10**12)

    def _do(self, n, progress=lambda done: None):
        """Do n units, in pieces that Ctrl-C does not break: it waits for the end of one."""
        end, size = self.count + n, 1
        while self.count < end and not self.finished:
            start = time.perf_counter()
            with uninterrupted():
                done = self._advance(min(end - self.count, size))
            progress(done)
            size = max(1, round(size * min(2.0, PIECE / max(time.perf_counter() - start, 1e-6))))

    def _advance(self, n):
        """Do at most n units, up to the next guess that is to be opened; answers how many."""
        n = min(n, self.guesses.room(self.count))
        start, done = self.count, self.proceed(n)
        done = n if done is None else done
        self.count = start + done
        self.guesses.open(self, self.count)
        return done

    def _work(self, n):
        """A piece for the player: of n units, as many as pace and `pause_at` allow; none while it waits for machine code."""
        if self._waits:
            return 0
        if self.pause_at is not None and self.count < self.pause_at:
            n = min(n, self.pause_at - self.count)
        if self.pace:
            now = time.monotonic()
            owed = self.pace * (now - self._since) if self._since else 1
            n = min(n, int(owed))
            if not n:
                return 0
            self._since = now if owed > 0.3 * self.pace + 2 or not self._since else self._since + n / self.pace
        done = self._advance(n)
        if self.finished or self.count == self.pause_at:
            self.player.pause()
            self.tell(f"paused at {self.count:,} {self.unit}" if self.count == self.pause_at else "")
        return done

    def _failed(self, error):
        self.tell(f"stopped: {type(error).__name__}: {error}", stays=True)
        self.publish(now=True)
