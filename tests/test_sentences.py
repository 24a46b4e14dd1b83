"""What a user's own class does wrong is told in one sentence: file, line, what, remedy. What is not wrong simply compiles."""

import importlib.util
import sys
import textwrap

import numpy as np
import pytest

import nbt_edu as nbt
from nbt_edu.jit.places import spot
from nbt_edu.jit.sentences import explain

HEAD = """
from typing import Any, NamedTuple
import numpy as np
import nbt_edu as nbt
from nbt_edu.kernels import assign, norm2
"""
STATE = "class State(NamedTuple):\n    a: Any\n    b: Any\n"
TWO = "return State(np.zeros(1), np.zeros(2))"
GOOD = {
    "before": "",
    "above": "@nbt.implements(nbt.protocols.Estimator)",
    "fields": "rate: float = 1.0",
    "begin": "return np.zeros(1)",
    "advance": "state[0] += 1.0",
    "gradient": "return np.ones((1, 1)), np.ones((1, system.theta.size))",
    "more": "",
}


def source(**parts):
    """A file with an estimator of a user's own, some parts of it changed."""
    parts = GOOD | parts
    body = [parts["fields"]]
    for call in "begin(self, system)", "advance(self, state, system, tape, noise)", "gradient(self, state, system, Q)":
        body.append(f"def {call}:\n" + textwrap.indent(parts[call.split("(")[0]], "    "))
    body = textwrap.indent("\n".join([*body, parts["more"]]), "    ")
    return "\n".join((HEAD, parts["before"], parts["above"], "class Mine:", body))


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Import a file, made of parts, that is called mine.py; answers its module and the line that is marked."""

    def make(**parts):
        text = source(**parts)
        (tmp_path / "mine.py").write_text(text)
        spec = importlib.util.spec_from_file_location("mine", tmp_path / "mine.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "mine", module)
        marked = [i for i, line in enumerate(text.split("\n"), 1) if "# here" in line]
        return spec, module, marked

    return make


def run(spec, module, compiled, **settings):
    spec.loader.exec_module(module)
    settings = {"optimizer": nbt.SGD(0.01)} | settings
    one = nbt.Learner(nbt.AnBn(3), nbt.LeakyRNN(4, 0.3), module.Mine(), compiled=compiled, **settings)
    return one.run(20).bits_per_char()


def told(call, line, *words):
    """The sentence of a TypeError, of this form."""
    with pytest.raises(TypeError) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence and len(sentence) < 400, sentence
    for word in (f"mine.py, line {line}", *words):
        assert word in sentence, sentence
    return sentence


# --- what cannot be compiled, and runs interpreted ---

HELPER = "def helper(x):\n    return 2 * x"
MISTAKES = {
    "helper": ({"before": HELPER, "advance": "state[0] += helper(1.0)  # here"}, "helper", "@nbt.jit.scalar"),
    "class": ({"before": "class Foo:\n    x = 1.0", "advance": "state[0] += Foo().x  # here"}, "Foo", "NamedTuples"),
    "einsum": ({"advance": "state[0] += np.einsum('i,i', state, state)  # here"}, "np.einsum", "nbt_edu.kernels"),
    "in another method": (
        {"advance": "state[0] += self._x(state)", "more": "def _x(self, y):\n    return np.einsum('i,i', y, y)  # here"},
        "np.einsum", "_x (", "loop"),
    "generator": ({"advance": "rng = np.random.default_rng(1)  # here"}, "default_rng", "noise_vectors"),
    "try": ({"advance": "try:\n    state[0] += 1\nexcept ValueError:  # here\n    state[0] = 0"}, "try/except", "`if`"),
    "with": ({"advance": "with np.errstate(all='ignore'):  # here\n    state[0] += 1"}, "`with`", "take its lines out"),
    "f-string": ({"advance": "s = f'{state[0]:.3f}'  # here"}, "f-string", "label"),
    "isinstance": ({"before": "from nbt_edu.systems import Net", "advance": "state[0] += isinstance(system, Net)  # here"},
                   "isinstance", "method"),
    "replace": ({"advance": "other = self._replace(rate=2.0)  # here"}, "_replace", "assign"),
    "one name": ({"advance": "x = 0\nif state[0] > 1:\n    x = np.zeros(3)\nstate[0] += np.sum(x)  # here"},
                 "x is now int, now 1d array of float64", "two names"),
    "sum over a generator": ({"advance": "state[0] += sum(x for x in state)  # here"}, "generator expression", "loop"),
    "global list": ({"before": "LIST = [1, 2.0]", "advance": "state[0] += LIST[0]  # here"}, "LIST", "tuple"),
    "numpy's keyword": ({"advance": "state[0] += np.sum(np.ones(2), keepdims=True)[0]  # here"}, "keepdims", "loops"),
    "two dtypes": ({"advance": "state[0] += np.dot(np.ones(3, np.float32), np.ones(3))  # here"}, "two dtypes", "theta.dtype"),
    "whole numbers": ({"advance": "state[0] += np.ones(3, np.int64) @ np.ones(3, np.int64)  # here"}, "not floats", "astype"),
    "class attribute": ({"fields": "rate: float = 1.0\nK = 3", "advance": "state[0] += self.K  # here"}, "Mine.K", "K: int = "),
    "property": ({"more": "@property\ndef two(self):\n    return 2", "advance": "state[0] += self.two  # here"},
                 "Mine.two", "self.two()"),
    "import": ({"advance": "import math  # here\nstate[0] += math.exp(1.0)"}, "import", "top of the file"),
    "function in a field": ({"above": "@nbt.implements(nbt.protocols.Estimator)  # here", "fields": "f: object = abs"},
                            "field f is a function", "method"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_runs_only_interpreted_is_told_with_its_remedy(name, load):
    parts, *words = MISTAKES[name]
    spec, module, (line,) = load(**parts)
    assert np.isfinite(run(spec, module, False))
    assert told(lambda: run(spec, module, True), line, *words).endswith("; or pass compiled=False")


def test_what_is_seen_only_as_it_runs_names_the_class(load):
    spec, module, (line,) = load(above="@nbt.implements(nbt.protocols.Estimator)  # here",
                                 advance="state[0] += np.zeros((3, 4)).T.reshape(-1)[0]")  # fmt: skip
    told(lambda: run(spec, module, True), line, "reshaped", "np.ascontiguousarray")


# --- what runs neither way ---

WRONG = {
    "field": ({"before": STATE, "begin": TWO, "advance": "state.a[0] += state.foo[0]  # here"}, "State.foo", "fields are a, b"),
    "field of a tape": ({"advance": "state[0] += tape.foo  # here"}, "Tape.foo", "fields are h, x"),
    "assignment": ({"before": STATE, "begin": TWO, "advance": "state.a = state.a + 1  # here"}, "field a of State", "in place"),
    "kernel": ({"advance": "assign(state)  # here"}, "assign(1d array of float64)", "it is assign(y, x)"),
    "kernel's dimensions": ({"advance": "assign(state, np.zeros((2, 2)))  # here"}, "2d array", "it is assign(y, x)"),
    "method": ({"advance": "u = system.jvp(tape)  # here"}, "'u'", "it is jvp(self, tape, u)"),
    "types": ({"advance": "state[0] += state[0] * 'a'  # here"}, "mul(float64, str)", "types"),
    "one dimension": ({"above": "@nbt.implements(nbt.protocols.Estimator)  # here",
                       "gradient": "return np.ones(1), np.ones(system.theta.size)"}, "answer", "nbt.protocols.Estimator"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_remedy(name, load):
    parts, *words = WRONG[name]
    spec, module, (line,) = load(**parts)
    told(lambda: run(spec, module, True), line, *words)


def test_a_method_that_answers_nothing_is_told_what_is_asked(load):
    spec, module, (line,) = load(advance="pass\n# here", gradient="pass")
    told(lambda: run(spec, module, True), line + 1, "Mine.gradient", "what it answers", "answer A (R, K), B (K, P)")


def test_an_unknown_name_is_told(load):
    spec, module, (line,) = load(advance="state[0] += thing  # here")
    told(lambda: run(spec, module, True), line - 1, "thing", "define or import")


@pytest.mark.parametrize("value, kind", [("[1.0]", "list"), ("None", "NoneType"), ("'x'", "str"), ("{}", "dict"), ("0", "int")])
def test_a_state_is_made_of_arrays(value, kind, load):
    """Both ways, as the learner is made: a state is changed in place, saved and weighed."""
    spec, module, (line,) = load(before=STATE, begin=f"# here\nreturn State(np.zeros(1), {value})")
    for compiled in False, True:
        told(lambda compiled=compiled: run(spec, module, compiled), line - 1, "State whose b", kind, "array of numbers")


def test_a_class_that_does_not_keep_to_its_protocol_is_refused(load):
    spec, module, (line,) = load(above="# here")
    told(lambda: run(spec, module, True), line + 1, "Mine", "put @nbt.implements(nbt.protocols.Estimator) above")
    spec, module, (line,) = load(above="@nbt.implements(nbt.protocols.Optimizer)  # here")
    told(lambda: run(spec, module, True), line, "Mine", "lacks the method apply(self, state, theta, A, B)")
    spec, module, (line,) = load(more="# here\ndef label(self, long):\n    return 'mine'")
    told(lambda: run(spec, module, True), line + 1, "Mine.label", "(self, long)", "label(self)", "write it so")


# --- what simply works ---

NAMES = "class State(NamedTuple):\n    start: Any\n    label: Any\n    window: Any\n    step: Any\n"
WORKS = {
    "no field": {"fields": ""},
    "a word": {"fields": "kind: str = 'a'", "advance": "state[0] += 1.0 if self.kind == 'a' else 2.0"},
    "methods": {
        "more": "def _x(self, y, z=2.0):\n    return z * y\n",
        "advance": "state[0] += self._x(1.0) + self._x(1.0, z=3.0) + self._x(1.0, 3.0)",
    },
    "names": {
        "before": NAMES,
        "begin": "return State(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1))",
        "more": "def step(self, state, action):\n    state.start[0] += action\n",
        "advance": "self.step(state, 1.0)\nstate.step[0] += state.label[0] + state.window[0] + state.start[0]",
    },
}


@pytest.mark.parametrize("name", WORKS)
def test_what_is_well_written_compiles(name, load):
    spec, module, _ = load(**WORKS[name])
    assert run(spec, module, True) == pytest.approx(run(spec, module, False))


def test_classes_without_fields_work_wherever_they_stand(load):
    """As an optimizer, and as a comparison, among the fields of another class."""

    @nbt.implements(nbt.protocols.Optimizer)
    class Still:
        def begin(self, theta):
            return np.zeros(1)

        def apply(self, state, theta, A, B):
            state[0] += 1.0

    spec, module, _ = load(fields="", more="def noise_vectors(self):\n    return 1")
    run(spec, module, False)
    both = [run(spec, module, compiled, optimizer=Still(), compare=[module.Mine(), nbt.BPTT(2)]) for compiled in (True, False)]
    assert both[0] == pytest.approx(both[1])


# --- the sentence itself ---


def test_files_are_named_as_one_calls_them_from_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert spot(str(tmp_path / "code" / "mine.py"), 3) == "code/mine.py, line 3"
    assert spot("/elsewhere/mine.py", 3) == "mine.py, line 3"


def test_a_long_or_strange_message_is_one_short_sentence():
    def driver(x):
        return x

    for text in ("", "\x1b[1mstrange\x1b[0m " * 100, "line\n" * 100):
        sentence = explain(ValueError(text), driver, (1.0,))
        assert "\n" not in sentence and "\x1b" not in sentence and len(sentence) < 400 and "test_sentences.py" in sentence
