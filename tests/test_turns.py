"""Messages that come in disorder are obeyed in order, one at a time."""

import threading
import time

import pytest
from toy import Toy

from nbt_edu.apps.shell import turns, view_of
from nbt_edu.apps.shell.turns import Turns


def message(number, do="set", name="rate", page="page"):
    return {"do": do, "name": name, "value": str(number), "from": [page, number]}


def numbers(obeyed):
    return [one["from"][1] for one in obeyed]


def until(reached):
    end = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("order", [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)])
def test_they_are_obeyed_as_they_were_sent(order):
    obeyed = []
    queue = Turns(obeyed.append)
    for number in order:
        queue.take(message(number))
    assert numbers(obeyed) == [1, 2, 3]


def test_pages_do_not_wait_for_each_other():
    obeyed = []
    queue = Turns(obeyed.append)
    queue.take(message(2, page="slow"))
    queue.take(message(1, page="quick"))
    queue.take(message(1, page="slow"))
    assert [one["from"] for one in obeyed] == [["quick", 1], ["slow", 1], ["slow", 2]]


def test_one_thread_obeys_what_another_has_brought_meanwhile():
    obeyed, begun, free = [], threading.Event(), threading.Event()

    def obey(one):
        if not obeyed:
            begun.set()
            free.wait(10)
        obeyed.append(one | {"thread": threading.get_ident()})

    queue = Turns(obey)
    worker = threading.Thread(target=queue.take, args=[message(1)])
    worker.start()
    begun.wait(10)
    queue.take(message(3))
    queue.take(message(2))
    assert obeyed == []
    free.set()
    worker.join(10)
    assert numbers(obeyed) == [1, 2, 3] and {one["thread"] for one in obeyed} == {worker.ident}


def test_what_goes_wrong_holds_nothing_up():
    obeyed = []

    def obey(one):
        obeyed.append(one)
        if one["from"][1] == 1:
            raise ZeroDivisionError

    queue = Turns(obey)
    queue.take(message(2))
    with pytest.raises(ZeroDivisionError):
        queue.take(message(1))
    queue.take(message(3))
    assert numbers(obeyed) == [1, 2, 3]


def test_many_failures_hold_nothing_up():
    obeyed = []

    def obey(one):
        obeyed.append(one)
        raise ZeroDivisionError

    queue = Turns(obey)
    for number in range(3000, 1, -1):
        queue.take(message(number))
    with pytest.raises(ZeroDivisionError):
        queue.take(message(1))
    assert numbers(obeyed) == [*range(1, 3001)]


def test_no_page_keeps_the_others_waiting():
    """A page that always has something due: its next message comes while it is obeyed."""
    obeyed = []

    def obey(one):
        obeyed.append(one)
        if len(obeyed) == 1:
            for page in "slow", "quick":
                queue.take(message(1 + (page == "quick"), page=page))
        if one["from"][0] == "quick" and len(obeyed) < 50:
            queue.take(message(one["from"][1] + 2, page="quick"))

    queue = Turns(obey)
    queue.take(message(1, page="quick"))
    assert [one["from"][0] for one in obeyed].index("slow") <= 2


def test_a_message_waits_no_shorter_because_another_page_has_waited(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 30.0)
    obeyed = []
    queue = Turns(obeyed.append)
    queue.take(message(2, page="A"))
    queue._waiting["A"][2] = message(2, page="A"), time.monotonic() - 40
    queue.take(message(2, page="B"))
    queue.take(message(1, page="B"))
    assert [one["from"] for one in obeyed] == [["A", 2], ["B", 1], ["B", 2]]


@pytest.mark.parametrize("about", [["bad", "2"], "nonsense", [[], 1], None, [1], {"page": 1}])
def test_a_malformed_message_stops_no_page(about):
    obeyed = []
    queue = Turns(obeyed.append)
    queue.take({"do": [], "from": about})
    queue.take(message(1))
    assert len(obeyed) == 2


def test_a_lost_message_is_given_up_and_a_late_one_undoes_nothing(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    obeyed = []
    queue = Turns(obeyed.append)
    queue.take(message(5))
    until(lambda: obeyed)
    monkeypatch.setattr(turns, "PATIENCE", 30.0)
    queue.take(message(6, "pause", None))
    for late in message(1), message(2, "run", None), message(3, "set", "beta"):
        queue.take(late)
    assert numbers(obeyed) == [5, 6, 3]
    queue.take(message(8))
    queue.take(message(7))
    assert numbers(obeyed) == [5, 6, 3, 7, 8]


def test_messages_without_a_number_are_obeyed_as_they_come():
    obeyed = []
    queue = Turns(obeyed.append)
    for one in {"do": "step"}, "nonsense", None, {"do": "step"}:
        queue.take(one)
    assert obeyed == [{"do": "step"}, "nonsense", None, {"do": "step"}]


def test_an_app_ends_at_the_last_thing_asked_for():
    app = Toy()
    view = view_of(app)
    for number, value in (2, "0.2"), (1, "0.1"), (4, "0.4"), (3, "0.3"):
        view._handle_custom_msg({"do": "set", "name": "rate", "value": value, "from": ["page", number]}, [])
    assert app.dials.rate == 0.4 and view.status["answered"] == {"page": 4}
