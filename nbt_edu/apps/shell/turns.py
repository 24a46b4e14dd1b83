"""Whose turn it is among the messages of pages: they are obeyed one at a time, in the order in which each page sent them.

A kernel may hear two messages of one page in two threads, the later one first, or both at once: ipykernel 7 hears a message in
the shell for which it last spoke to the page, so a cell that runs meanwhile leads the next one elsewhere.
"""

import threading
import time

PATIENCE = 5.0  # seconds for which a message waits for those before it
KINDS = {"pause": "run"}  # what undoes each other is of one kind


def origin(message):
    """(page, number) of a message that has "from": [page, 1, 2, ...]; ("", 0) of any other."""
    match message.get("from") if isinstance(message, dict) else None:
        case [str(page), int(number)]:
            return page, number
    return "", 0


class Turns:
    """obey(message) is called for each, in one of the threads that brought them, which raises what it raised.

    One that comes after it was given up is obeyed late, unless a later one of its kind was obeyed, which it would undo.
    """

    def __init__(self, obey):
        self._obey, self._lock, self._busy, self._timer = obey, threading.Lock(), None, None
        self._waiting = {}  # {page: {number: (message, when it came)}}
        self._next, self._last = {}, {}  # {page: number}, {(page, kind): number}

    def take(self, message):
        """Obey it, and what else is due; or leave it to the thread that obeys already, or until its turn comes."""
        page, number = origin(message)
        with self._lock:
            waiting = self._waiting.setdefault(page, {})
            waiting[number or max([self._next.get(page, 1) - 1, *waiting]) + 1] = message, time.monotonic()
        self._work()

    def _work(self):
        trouble, turn = None, True
        while turn:
            mine, turn = object(), ()
            try:
                turn = self._begin(mine)
                if turn:
                    self._obey(*turn)
            except BaseException as error:  # what comes after it is obeyed all the same
                trouble = trouble or error
            finally:
                if self._busy is mine:
                    self._busy = None
        if trouble:
            raise trouble

    def _begin(self, mine):
        """(message,): the one whose turn it is, for the thread that is at work as `mine`; () if none is due, or another is."""
        with self._lock:
            if self._busy:
                return ()
            for page, waiting in self._waiting.items():
                while waiting and self._is_due(page, min(waiting)):
                    number = min(waiting)
                    message, _ = waiting.pop(number)
                    self._next[page] = max(self._next.get(page, 1), number + 1)
                    if self._is_news(page, number, message):
                        self._busy = mine
                        self._waiting[page] = self._waiting.pop(page)  # the other pages' turn
                        return (message,)
            self._wait()
            return ()

    def _is_due(self, page, number):
        """When all before it were obeyed, or one has waited for long."""
        since = min(came for _, came in self._waiting[page].values())
        return number <= self._next.get(page, 1) or time.monotonic() - since >= PATIENCE

    def _is_news(self, page, number, message):
        do, name = (message.get("do"), message.get("name")) if isinstance(message, dict) else (None, None)
        kind = page, KINDS.get(str(do), str(do)), str(name)
        last = self._last.get(kind, 0)
        self._last[kind] = max(number, last)
        return number > last

    def _wait(self):
        """Look again when what waits has waited for long."""
        came = [came for waiting in self._waiting.values() for _, came in waiting.values()]
        if came and not self._timer:
            timer = threading.Timer(max(0.0, min(came) + PATIENCE - time.monotonic()), self._look_again)
            timer.daemon = True
            timer.start()
            self._timer = timer

    def _look_again(self):
        with self._lock:
            self._timer = None
        self._work()
