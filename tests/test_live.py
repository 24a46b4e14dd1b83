"""The play loop: pieces, guests between pieces, errors that are seen."""

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
        return n

    def draw(self):
        self.frames += 1


def made(work, prepare=lambda: None, advance=None, failed=lambda error: None):
    return Player(prepare, advance or work.advance, work.draw, failed)


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def player(work):
    player = made(work)
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

    player = made(work, advance=fails, failed=told.append)
    player.play()
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        player.wait(lambda: False, timeout=10)
    assert isinstance(told[0], ZeroDivisionError)
    assert not player.playing


def test_a_guest_may_come_while_the_thread_prepares(work):
    """Compiling takes long: a Reset that is clicked meanwhile is not lost, and does not wait for it."""
    gate = threading.Event()
    player = made(work, prepare=gate.wait)
    player.play()
    start = time.perf_counter()
    with player.between():
        assert time.perf_counter() - start < 0.5
    gate.set()
    player.pause()
    player.wait_stopped()


def test_pieces_end_by_time_whatever_a_unit_costs(work):
    """From cheap units to dear ones: the piece that follows is short again, and so is the one after a change."""
    cost, pieces = [1e-6], []

    def advance(n):
        start = time.perf_counter()
        time.sleep(n * cost[0])
        work.done += n
        pieces.append(time.perf_counter() - start)
        return n

    player = made(work, advance=advance)
    player.play()
    player.wait(lambda: work.done > 30_000, timeout=20)
    with player.between():
        cost[0] = 5e-3
        player.carefully()
        pieces.clear()
    player.wait(lambda: len(pieces) > 10, timeout=20)
    player.pause()
    player.wait_stopped()
    assert max(pieces) < 0.2


def test_pause_and_run_while_preparing_leaves_one_thread(work):
    gate = threading.Event()
    player = made(work, prepare=gate.wait)
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
