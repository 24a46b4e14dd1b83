"""Whose turn it is among the messages of pages: they are obeyed one at a time, in the order in which each page sent them.

A kernel may hear two messages of one page in two threads, the later one first, or both at once: ipykernel 7 hears a message in
the shell for which it last spoke to the page, so a cell that runs meanwhile leads the next one elsewhere.
"""

import threading

PATIENCE = 5.0  # seconds for which a message that is lacking is waited for
KINDS = {"pause": "run"}  # what undoes each other is of one kind


class Turns:
    """obey(message) is called for each, in one of the threads that brought them. A message has "from": [page, 1, 2, ...].

    One that comes after it was given up is obeyed late, unless a later one of its kind was obeyed, which it would undo.
    """

    def __init__(self, obey):
        self._obey, self._lock, self._busy, self._timer = obey, threading.Lock(), False, None
        self._waiting, self._next, self._last = {}, {}, {}  # {page: {number: message}}, {page: number}, {(page, kind): number}

    def take(self, message):
        """Obey it, and what else is due; or leave it to the thread that obeys already, or until its turn comes."""
        page, number = (message.get("from") if isinstance(message, dict) else None) or ("", 0)
        with self._lock:
            waiting = self._waiting.setdefault(page, {})
            waiting[number or self._next.get(page, 1) + len(waiting)] = message
        self._work()

    def _work(self):
        while turn := self._begin():
            try:
                self._obey(*turn)
            except BaseException:
                self._busy = False
                self._work()
                raise
            self._busy = False

    def _begin(self):
        """(message,): the one whose turn it is; () if there is none, or somebody is at work."""
        with self._lock:
            if self._busy:
                return ()
            for page, waiting in self._waiting.items():
                for number in sorted(waiting):
                    upto = self._next.get(page, 1)
                    if number > upto:
                        break
                    message = waiting.pop(number)
                    self._next[page] = max(upto, number + 1)
                    if self._is_news(page, number, message):
                        self._busy = True
                        return (message,)
            self._wait()
            return ()

    def _is_news(self, page, number, message):
        about = message if isinstance(message, dict) else {}
        do = about.get("do")
        kind = page, str(KINDS.get(do, do)), str(about.get("name"))
        news = number > self._last.get(kind, 0)
        self._last[kind] = max(number, self._last.get(kind, 0))
        return news

    def _wait(self):
        """For what is lacking: a while."""
        lacking = any(self._waiting.values())
        if lacking and not self._timer:
            self._timer = threading.Timer(PATIENCE, self._give_up)
            self._timer.daemon = True
            self._timer.start()
        elif self._timer and not lacking:
            self._timer.cancel()
            self._timer = None

    def _give_up(self):
        with self._lock:
            self._timer = None
            for page, waiting in self._waiting.items():
                self._next[page] = max(self._next.get(page, 1), min(waiting, default=0))
        self._work()
