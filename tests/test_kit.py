"""The kit under the apps: dials, state lines, sealed guesses, pace, machine code that is made elsewhere."""

import math
import re
import time
from dataclasses import dataclass

import numpy as np
import pytest
from toy import Toy

import nbt_edu as nbt
from nbt_edu.apps import compiling
from nbt_edu.apps.asks import distance
from nbt_edu.apps.dials import Dials, dial
from nbt_edu.apps.lines import LONG, digest, read_line, split_line, write_line
from nbt_edu.apps.player import Player
from nbt_edu.apps.race import Race
from nbt_edu.apps.variance import Variance
from nbt_edu.settings import Number, Whole

TEXTS = ["", " ", 'a "b" c', "two\nlines\r\n\ttab", "back\\slash\\", "ünï ∂θ 𝄞", "sha256:0123456789abcdef", "# no", "a=b c=d"]
TEXTS.append("a  # lacks b")


@dataclass(frozen=True)
class Some(Dials):
    text: str = dial("x", "text", "any")
    rate: Number(0, math.inf) = dial(0.5, "rate", "how fast", soft=(1e-3, 1), log=True)
    size: Whole(1, 9) = dial(3, "size", "how large", soft=(1, 9), restarts=True)
    parts: tuple = dial(("a",), "parts", "which", options={"a": "A", "b c": "B"})
    thing: str = dial("a", "thing", "own or not", options={"a": "A"}, own=lambda one: hasattr(one, "name"))


class Own:
    name = "<b>mine</b>"


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_keeps_any_text(text):
    dials = Some(text=text, rate=math.inf, parts=("a", "b c"))
    line = write_line("some", dials)
    assert "\n" not in line
    assert read_line(line, "some", Some) == dials


def test_a_long_text_is_named_and_given_beside():
    """A line stays short and quick to read, however long the text is."""
    text = "She sells sea shells.\n" * 100_000
    dials, start = Some(text=text), time.perf_counter()
    line = write_line("some", dials)
    assert line == f"some text={digest(text)}" and len(line) < LONG
    assert read_line(line, "some", Some, {"text": text}) == dials
    for given in {}, {"text": text + "!"}:
        with pytest.raises(ValueError, match=r"^text must be given beside the line, from_state\(line, text=…\)"):
            read_line(line, "some", Some, given)
    long_line = 'some text="' + "a\\n" * 700_000 + '"'
    assert len(read_line(long_line, "some", Some).text) == 1_400_000
    assert split_line("x " * 200_000) == (None, {})
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("line", ["", "rate=1", "some rate", "some rate=", "some foo=1", 'some text="a', "some rate=1 rate=2",
                                  "race", None, "some rate=1  # x", 'some text="\\x"'])  # fmt: skip
def test_an_unreadable_line_says_so(line):
    with pytest.raises(ValueError, match="must be (a line as copied|written as the app)"):
        read_line(line, "some", Some)


def test_own_values_are_taken_from_python_and_from_no_line():
    one = Some.declared()["thing"]
    assert Some(thing=Own()).thing.name == one.written(Own()) == "<b>mine</b>"
    with pytest.raises(ValueError, match=r"^thing must be one of a, or a thing of your own, not 'b'"):
        Some(thing="b")
    with pytest.raises(ValueError, match="^thing must be one of a"):
        read_line(write_line("some", Some(thing=Own())), "some", Some)


def test_dials_say_what_moved_and_what_begins_anew():
    first = Some()
    assert first.moved(first.replaced(rate=1, size=4)) == {"rate": 1.0, "size": 4}
    assert first.restarts(first.replaced(size=4)) and not first.restarts(first.replaced(rate=1))
    assert first.replaced(parts="b c").parts == ("b c",) and first.replaced(parts=["b c", "a"]).parts == ("a", "b c")
    for bad in (), "c", ["a", "c"], 3:
        with pytest.raises(ValueError, match="^parts must be some of a, b c"):
            first.replaced(parts=bad)
    listed = {one["name"]: one for one in Some.listed()}
    assert (listed["rate"]["high"], listed["rate"]["soft"], listed["size"]["restarts"]) == (None, [1e-3, 1], True)


def test_guesses_are_sealed_before_and_opened_where_they_are_about():
    app = Toy()
    app.guess(end=0.3, side="up", curve=[(200, 0.5), (0, 0.0)])
    app.step(199)
    assert app.guesses.verdicts() == {} and "your walk" not in app.frame()
    app.step(500)  # past the place: it is opened there all the same
    x = Toy()
    x.step(200)
    truth, verdicts = x.x[-1], app.guesses.verdicts()
    assert f"You said 0.3; it is {truth:.3g}" in verdicts["end"]
    assert verdicts["side"] == ("You said above: right." if truth > 0 else "You said above; it is below.")
    off = math.sqrt(np.mean([(0.5 * (i + 1) / 200 - one) ** 2 for i, one in enumerate(x.x)]))
    assert verdicts["curve"] == f"Your curve is off by {off:.2g} on average."
    assert "your walk" in app.frame() and len(app.framed().data) == len(app.figure().data) + 1
    app.rewind()
    assert app.guesses.verdicts() == {} and "end" in app.guesses.sealed
    app.step(200)
    assert app.guesses.verdicts() == verdicts
    app.reset()
    assert app.guesses.sealed == {}


def test_a_guess_that_cannot_be_kept_is_refused():
    app = Toy()
    for bad, said in [({"end": "x"}, "end must be a number"), ({"side": "left"}, "side must be one of up, down"),
                      ({"curve": [(0, 1)]}, "curve must be two points"), ({"curve": "drawn"}, "curve must be two points"),
                      ({"nonsense": 1}, "guess must be among end, side, curve")]:  # fmt: skip
        with pytest.raises(ValueError, match=f"^{said}"):
            app.guess(**bad)
    app.step(1)
    with pytest.raises(ValueError, match="^guess must be given before Run: 1 turns are done, so rewind first"):
        app.guess(end=1)


def test_a_guess_is_far_off_by_what_is_written():
    guess = np.array([[0.0, 0.0], [2.0, 2.0]])
    assert distance(guess, [0, 1, 2, 9], [0, 1, 2, 5]) == 0
    assert distance(guess, [0, 1, 2], [1, 2, math.nan]) == 1
    assert math.isnan(distance(guess, [5], [1]))
    end = Toy.asks[0]
    assert end.verdict(3.0, 2.0) == "You said 3; it is 2: 50% too much."
    assert end.verdict(-3.0, 2.0) == "You said -3; it is 2."


def test_the_pace_is_kept():
    app = Toy()
    app.pace = 200
    app.play()
    time.sleep(1.0)
    app.pause()
    app.player.wait_stopped()
    assert 100 <= app.count <= 300


def test_a_change_within_a_run_is_prepared_before_the_next_piece():
    """Else that piece would wait for the compiler, and the app with it, in silence."""
    ready, wanted, wrong = [0], [0], []

    def prepare():
        ready[0] = wanted[0]

    def work(n):
        if ready != wanted:
            wrong.append((ready[0], wanted[0]))
        time.sleep(0.002)
        return n

    player = Player(prepare, work, lambda: None, wrong.append)
    player.play()
    for i in range(1, 21):
        time.sleep(0.01)
        with player.between():
            wanted[0] = i
            player.carefully()
    player.wait(lambda: ready == [20])
    player.pause()
    player.wait_stopped()
    assert wrong == [] and ready == [20]


def test_names_of_dials_that_were_moved_together_do_not_meet():
    app = Toy()
    for rate in 0.2, 0.3, 0.4:
        app.step(1)
        app.set(rate=rate)
    app.step(997)
    app.set(rate=0.5)
    app.set(shape="saw")
    layout = app.scene()["layout"]
    assert [one["x0"] for one in layout["shapes"]] == [1, 2, 3, 1000]
    named = [(one["x"], one["text"]) for one in layout["annotations"] if "textangle" in one]
    assert named == [(3, "rate 0.4"), (1000, "rate 0.5, shape saw")]
    around = app.around()
    app.step(9000)
    assert app.around() != around
    app.step(20_000)
    named = [(one["x"], one["text"]) for one in app.scene()["layout"]["annotations"] if "textangle" in one]
    assert named == [(1000, "rate 0.5, shape saw")]


def test_a_change_of_size_does_not_carry_the_old_piece_over():
    """A piece is counted in units: after a change it begins with one again, whatever the units cost then."""
    app = Race(compiled=False, units=2)
    app.step(3)
    app.player._n = 100_000
    app.set(units=16)
    assert app.player._n == 1
    app.player._n = 100_000
    app.set(rank=32)
    assert app.player._n == 1


def test_a_refused_restart_leaves_all_as_it_was():
    app = Race(compiled=False)
    app.step(30)
    before = app.learners, app.dials, app.count
    for bad in {"units": 4096, "N": 3}, {"task": "text", "text": "aaaa"}:
        with pytest.raises(ValueError, match=r"units|text"):
            app.set(**bad)
        assert (app.learners, app.dials, app.count) == before
    app.step(5)


def test_a_refused_move_takes_every_learner_back(monkeypatch):
    app = Race(compiled=False)
    app.step(30)
    before = {name: (one.estimator, one.optimizer, dict(one.compare)) for name, one in app.learners.items()}
    dials, refuse = app.dials, app.learners["NoBackTrack"].set

    def too_large(estimator, **others):
        if estimator.rank > 1:
            raise ValueError("estimator needs more memory than this machine has")
        refuse(estimator, **others)

    monkeypatch.setattr(app.learners["NoBackTrack"], "set", too_large)
    with pytest.raises(ValueError, match="memory"):
        app.set(rank=9, kalman_rate=0.5)
    assert app.dials == dials and app.moves == []
    assert before == {name: (one.estimator, one.optimizer, dict(one.compare)) for name, one in app.learners.items()}


def test_it_runs_interpreted_while_another_process_compiles(monkeypatch):
    """A first run starts at once, says why it is slow, and changes over when machine code is there."""

    class Compiler:
        ended = None

        def poll(self):
            return self.ended

    monkeypatch.setattr(compiling, "LOADED", set())
    monkeypatch.setattr(compiling, "kept", lambda program: Compiler.ended is not None)
    monkeypatch.setattr(compiling, "elsewhere", lambda program: Compiler())
    app = Race(methods="BPTT")
    app.pressed_step()
    assert (app.count, app.compiled) == (1000, False)
    app.play()
    app.wait(1200)
    assert "compiling (once)" in app.status()["message"]
    app.set(units=6)
    assert not app.learners["BPTT"].compiled
    Compiler.ended = 0
    app.player.wait(lambda: app.compiled and app.count > 3000, timeout=250)
    app.pause()
    app.player.wait_stopped()
    assert app.learners["BPTT"].compiled and "compiling" not in app.status()["message"]


def test_a_dial_that_measures_does_not_wait_for_the_compiler(monkeypatch):
    """Variance measures when its right panel is chosen: interpreted, where that needs machine code which is not there."""
    app = Variance()
    app.step(60)
    assert app.compiled
    monkeypatch.setattr(compiling, "LOADED", {app.program()})
    monkeypatch.setattr(compiling, "kept", lambda program: False)
    measured, measure = [], Variance.measure
    monkeypatch.setattr(Variance, "measure", lambda self: (measured.append(self.compiled), measure(self)))
    app.set(look="rank", horizon=4)
    assert measured == [False] and app.ratios[0] == 1
    app.step(60)
    assert app.compiled


@pytest.mark.parametrize("begin", ["play", "pressed_step"])
def test_a_run_whose_very_numbers_count_waits_for_machine_code(monkeypatch, begin):
    """The numbers of interpreted and compiled runs part by rounding: such a run begins when machine code is there."""

    class Compiler:
        ended = None

        def poll(self):
            return self.ended

        def wait(self):
            assert app.count == 0 and "begins then" in app.status()["message"]
            Compiler.ended = 0

    monkeypatch.setattr(compiling, "LOADED", set())
    monkeypatch.setattr(compiling, "kept", lambda program: Compiler.ended is not None)
    monkeypatch.setattr(compiling, "elsewhere", lambda program: Compiler())
    app = nbt.apps.again(nbt.experiments.shipped()["music dense sgd x1"], "RTRL", "NoBackTrack rank 1")
    interpreted, proceed = [], Race.proceed

    def watched(self, n):
        interpreted.append(self is app and not self.compiled)
        return proceed(self, n)

    monkeypatch.setattr(Race, "proceed", watched)
    getattr(app, begin)()
    if begin == "play":
        time.sleep(0.5)
        Compiler().wait()
        app.wait(100, timeout=250)
        app.pause()
        app.player.wait_stopped()
    assert app.count and not any(interpreted)


def test_a_combination_is_compiled_once_whatever_its_numbers():
    programs = {Race(units=n, rank=k, seed=s).program() for n, k, s in [(3, 1, 0), (4, 2, 1)]}
    assert programs == {"race"}
    assert Race(optimizer="adam", methods="BPTT").program() == "race methods=BPTT optimizer=adam"


def test_another_process_really_compiles(monkeypatch, tmp_path):
    """The mark it leaves is the one that is looked for."""
    program = Race(methods=("BPTT", "NoBackTrack"), optimizer="sgd").program()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    process = compiling.elsewhere(program)
    assert compiling.elsewhere(program) is process
    assert process.wait(200) == 0
    assert [file.name for file in tmp_path.rglob("ready-*")] == [compiling.mark(program).name]
    assert len([*tmp_path.rglob("*.code")]) == 2


@dataclass(frozen=True)
class Steps(Dials):
    steps: Whole(1, 9) = dial(1, "steps", "a name that is taken")


class Wrong(Toy):
    telling, asks = {}, ()

    def figure(self):
        figure = super().figure()
        figure.data[0].name = "walked"
        return figure


@pytest.mark.parametrize(("change", "said"), [
    ({}, "has arrays ['walk'] for which figure() has no trace of that name"),
    ({"figure": Toy.figure, "telling": {"q": (1,)}}, "tells of ['q']: name its dials"),
    ({"figure": Toy.figure, "asks": (Toy.asks[2]._replace(trace="run"),)}, "asks for curves over ['run']"),
    ({"figure": lambda self: Toy.figure(self).update_layout(meta={"count": ["x9"]})}, "counts along ['x9']"),
    ({"sentence": None}, "lacks the method sentence"),
    ({"Dials": Steps}, "has dials called ['steps']"),
])  # fmt: skip
def test_an_app_whose_parts_do_not_fit_is_told_so(change, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        type("Wrong", (Wrong,), change)().scene()


def test_a_dial_that_cannot_be_made_is_told_so():
    @dataclass(frozen=True)
    class Few(Dials):
        rate: Number(0, math.inf) = dial(1.0, "rate", "how fast")

    with pytest.raises(TypeError, match=r"^dial rate needs soft=\(low, high\)"):
        Few()

    @dataclass(frozen=True)
    class Plain(Dials):
        rate: float = dial(1.0, "rate", "how fast")

    with pytest.raises(TypeError, match=r"^dial rate needs an annotation"):
        Plain()


@pytest.mark.parametrize(("name", "bad"), [("pace", -5), ("pace", 0), ("pace", math.nan), ("pace", "x"), ("pace", True),
                                           ("pause_at", 1000.5), ("pause_at", 0), ("pause_at", "soon")])  # fmt: skip
def test_pace_and_pause_are_checked(name, bad):
    app = Toy()
    with pytest.raises(ValueError, match=f"^{name} must be"):
        setattr(app, name, bad)
    assert getattr(app, name) is None


def test_half_a_character_becomes_a_question_mark():
    assert Toy(title="\ud800x").dials.title == "?x"
