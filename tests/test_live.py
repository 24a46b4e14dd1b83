"""The play loop: pieces, guests between pieces, errors that are seen, frames that do not pile up."""

import threading
import time

import pytest

from nbt_edu.apps.player import Player


class Work:
    def __init__(self, seconds=0.002):
        self.done, self.frames, self.inside, self.seconds = 0, 0, False, seconds

    def advance(self, n):
        self.inside = True
        time.sleep(self.seconds)
        self.done += n
        self.inside = False

    def draw(self):
        self.frames += 1


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def player(work):
    player = Player(work.advance, work.draw)
    yield player
    player.pause()
    player.wait_stopped()


def test_it_plays_pauses_and_draws_a_last_frame(work, player):
    player.play()
    player.wait(lambda: work.done > 100, timeout=10)
    assert player.playing
    player.pause()
    frames = work.frames
    player.wait_stopped()
    assert work.frames > frames
    done = work.done
    time.sleep(0.05)
    assert work.done == done


def test_a_guest_never_meets_a_piece_and_does_not_wait_long(work, player):
    player.play()
    player.wait(lambda: work.done > 10, timeout=10)
    waits = []
    for _ in range(20):
        start = time.perf_counter()
        with player.between():
            waits.append(time.perf_counter() - start)
            assert not work.inside
        time.sleep(0.003)
    assert sorted(waits)[10] < 0.1


def test_an_error_in_the_thread_is_told_and_raised_again(work):
    told = []

    def fails(n):
        raise ZeroDivisionError("in the thread")

    player = Player(fails, work.draw, failed=told.append)
    player.play()
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        player.wait(lambda: False, timeout=10)
    assert isinstance(told[0], ZeroDivisionError)
    assert not player.playing


def test_no_frame_while_the_viewer_is_behind(work):
    player = Player(work.advance, work.draw, ready=lambda: False)
    player.play()
    player.wait(lambda: work.done > 200, timeout=10)
    assert work.frames == 0
    player.pause()
    player.wait_stopped()
    assert work.frames == 1


def test_pause_and_run_while_preparing_leaves_one_thread(work):
    gate = threading.Event()
    player = Player(work.advance, work.draw, prepare=gate.wait)
    player.play()
    player.pause()
    player.play()
    gate.set()
    player.wait(lambda: work.done > 0, timeout=10)
    assert sum("_run" in str(thread) for thread in threading.enumerate()) <= 1
    player.pause()
    player.wait_stopped()


def test_waiting_in_vain_ends(work, player):
    player.play()
    with pytest.raises(TimeoutError):
        player.wait(lambda: False, timeout=0.1)
