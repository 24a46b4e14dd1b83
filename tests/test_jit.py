"""Write once, run twice: the same source interpreted and compiled, never stale, and whole without numba."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest
from table import ESTIMATORS, learner

import nbt_edu
from nbt_edu import BPTT, SGD, LeakyRNN, NoBackTrack, ProjectedNoBackTrack, ReducedNoBackTrack, SlidesRNN, jit
from nbt_edu.implements import implements
from nbt_edu.jit import drivers
from nbt_edu.protocols import Estimator

LEAKY = LeakyRNN(5, 0.4)
PACKAGE = pathlib.Path(nbt_edu.__file__).parent


def python(code, **environment):
    """What a fresh Python prints."""
    environment = os.environ | {"PYTHONWARNINGS": "error"} | environment
    done = subprocess.run([sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- kept on the disk ---


def doubled(x):
    """A driver of one line."""
    return 2 * x


def test_machine_code_that_cannot_be_kept_runs(monkeypatch):
    """On a full disk it is made for the session."""
    pytest.importorskip("numba")
    from nbt_edu.jit import kept

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.os, "replace", full)
    assert jit.compiled(doubled)(3.5) == 7.0
    monkeypatch.setattr(kept, "folder", full)  # not even a folder for it
    assert jit.compiled(lambda x: 3 * x)(3.5) == 10.5


# --- interpreted = compiled ---

COMPILED = [(row.estimator, LEAKY, {}) for row in ESTIMATORS.values()]
COMPILED += [
    (NoBackTrack(3), SlidesRNN(7, 0.6), {}),
    (BPTT(3), LEAKY, {"late": BPTT(4), "noisy": NoBackTrack()}),
]


@pytest.mark.parametrize("estimator, system, compare", COMPILED, ids=str)
def test_interpreted_is_compiled(estimator, system, compare):
    """The same losses, parameters and scores both ways, to rounding, over a short run.

    The reductions read small singular values off their squares, which keeps half of the digits.
    """
    rtol = 1e-5 if isinstance(estimator, ReducedNoBackTrack | ProjectedNoBackTrack) else 1e-8
    read, run = (learner(estimator, 0.05, code, network=system, compare=compare) for code in (False, True))
    for one in read, run:
        one.run(250)
    np.testing.assert_allclose(run.record.curve()[1], read.record.curve()[1], rtol=rtol)
    np.testing.assert_allclose(run._system.theta, read._system.theta, rtol=rtol, atol=rtol / 100)
    np.testing.assert_allclose(run._built.theta, read._built.theta, rtol=rtol, atol=rtol / 100)
    for name in compare:
        for key, values in read.record.gradients(name).items():
            np.testing.assert_allclose(run.record.gradients(name)[key], values, rtol=1e-6, atol=1e-9)
    assert np.abs(read._system.theta - learner(estimator, network=system)._system.theta).max() > 1e-3, "nothing was learnt"


# --- a user's own estimator ---


def constant(value):
    """A user's own estimator class, as often redefined as this is called: its answer is `value` everywhere."""

    class Count(NamedTuple):
        count: np.ndarray

    @implements(Estimator)
    class Constant(NamedTuple):
        sign: float

        def noise_vectors(self):
            return 0

        def begin(self, system):
            return Count(np.zeros(1))

        def advance(self, state, system, tape, noise):
            state.count[0] += 1.0

        def gradient(self, state, system, Q):
            return np.ones((1, 1)), np.full((1, system.theta.size), self.sign * value)

        def label(self):
            return "constant"

    return Constant(1.0)


def test_own_estimator_is_compiled_and_never_stale(monkeypatch, tmp_path):
    """A class from outside the package runs compiled; under the same source another value of a closure is another class."""
    from nbt_edu.jit import kept

    monkeypatch.setattr(kept, "folder", lambda: tmp_path)
    for value in (2.0, 3.0):
        one = learner(constant(value), compiled=True, optimizer=SGD(0.01))
        before = one._system.theta.copy()
        one.run(10)
        np.testing.assert_allclose(before - one._system.theta, 10 * 0.01 * value, rtol=1e-9)
    assert len(list(tmp_path.iterdir())) == 2


OWN = """
import sys
from typing import NamedTuple
import numpy as np
import nbt_edu as nbt
SCALE = {scale}
class Count(NamedTuple):
    count: np.ndarray
@nbt.implements(nbt.protocols.Estimator)
class Mine:
    def begin(self, system):
        return Count(np.zeros(1))
    def advance(self, state, system, tape, noise):
        state.count[0] += 1.0
    def gradient(self, state, system, Q):
        return np.ones((1, 1)), np.full((1, system.theta.size), {body})
one = nbt.Learner(nbt.AnBn(3), nbt.LeakyRNN(3, 0.5), Mine(), nbt.SGD(0.01))
before = one._system.theta.copy()
one.read(10)
print(round(float((before - one._system.theta).mean()) * 10, 9))
"""


def own(tmp_path, **values):
    """What a fresh Python finds with an estimator of `OWN`, and the files of machine code that stand there then."""
    (tmp_path / "mine.py").write_text(OWN.format(**{"scale": 1.0, "body": "SCALE"} | values))
    path = os.pathsep.join((str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")))
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "NBT_EDU_JIT": "1", "PYTHONPATH": path}
    command = [sys.executable, tmp_path / "mine.py"]
    done = subprocess.run(command, env=os.environ | cache, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return float(done.stdout), {one.name: one.stat().st_mtime_ns for one in (tmp_path / "cache").rglob("*.code")}


@pytest.mark.slow
def test_a_class_of_ones_own_is_kept_and_never_stale(tmp_path):
    """Of a script: loaded in the next session; another constant that it reads, or another line, is seen."""
    first, kept = own(tmp_path)
    again, same = own(tmp_path)
    assert first == again == 1.0 and len(kept) == 1 and same == kept
    other, more = own(tmp_path, scale=2.0)
    assert other == 2.0 and len(more) == 2 and kept.items() < more.items()
    changed, most = own(tmp_path, body="SCALE + 1.0")
    assert changed == 2.0 and len(most) == 3
    back, _ = own(tmp_path)
    assert back == 1.0


def test_what_cannot_be_written_down_is_not_kept():
    """What reads a dictionary, another library, or calls a function of one's own: such machine code lives in memory only."""
    from nbt_edu.jit import kept

    table, number = {"scale": 1.0}, 2.0
    assert kept.keepable(lambda x: x * number, [])
    assert not kept.keepable(lambda x: x * table["scale"], [])
    assert not kept.keepable(lambda x: pytest.approx(x), [])
    assert not kept.keepable(lambda x: doubled(x), [])
    two = [type(constant(1.0)), type(constant(2.0))]
    assert not kept.keepable(doubled, two)  # of one name: which is which could not be told
    assert kept.made_of(doubled, two[0]) != kept.made_of(doubled, two[1])


def test_damaged_machine_code_is_made_anew(monkeypatch, tmp_path):
    """Empty, cut, with a bit turned over, of other things: it is never run, and stops nothing; then it is whole again."""
    from nbt_edu.jit import kept

    monkeypatch.setattr(kept, "folder", lambda: tmp_path)

    def run():
        drivers._dispatcher.cache_clear()
        return jit.compiled(doubled)(3.5)

    assert run() == 7.0
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    turned = bytearray(whole)
    turned[len(whole) // 2] ^= 4
    for damaged in b"", whole[:20], whole[: len(whole) // 2], bytes(turned), hashlib.sha256(b"x").digest() + b"x", b"\0" * 5000:
        file.write_bytes(damaged)
        assert run() == 7.0
        assert len(file.read_bytes()) == len(whole) and [*tmp_path.iterdir()] == [file]
    file.unlink()
    file.mkdir()  # what can neither be read nor written
    assert run() == 7.0


def test_machine_code_is_loaded_not_made(monkeypatch, tmp_path):
    from numba.core import compiler

    from nbt_edu.jit import kept

    monkeypatch.setattr(kept, "folder", lambda: tmp_path)
    drivers._dispatcher.cache_clear()
    assert jit.compiled(doubled)(3.5) == 7.0
    drivers._dispatcher.cache_clear()
    monkeypatch.setattr(compiler, "compile_extra", None)
    assert jit.compiled(doubled)(3.5) == 7.0


def test_a_numba_with_other_insides_compiles_as_it_does(monkeypatch):
    from nbt_edu.jit import lean

    monkeypatch.setattr(lean, "NEEDED", ("_never_heard_of",))
    drivers._dispatcher.cache_clear()
    assert jit.compiled(lambda x: 5 * x)(3.5) == 17.5


def test_what_cannot_be_compiled_is_told_in_one_sentence():
    """A typing error is one line with the place and the way out, not forty (`test_sentences`); interpreted it runs."""

    @jit.compiled
    def driver(x):
        return {"no": x}.get("way", {2.0: x})

    form = r"^driver \(.*test_jit\.py, line \d+\) cannot be compiled: .*compiled=False$"
    with pytest.raises(TypeError, match=form) as caught:
        driver(1.0)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert driver.interpreted(1.0) == {2.0: 1.0}


def test_a_class_keeps_to_the_protocol():
    """What is missing, or takes another number of arguments, is told where the class is made; names are free."""

    class Short:
        x: float = 1.0

        def begin(self, system):
            return None

    with pytest.raises(TypeError, match=r"^Short \(.*test_jit.py, line \d+\) lacks the method advance\(self, state, system,"):
        implements(Estimator)(Short)

    class Wrong(Short):
        def advance(self, state, net, tape, signs):
            return None

        def gradient(self, state, Q):
            return Q

    with pytest.raises(TypeError, match=r"^Wrong.gradient \(.* takes \(self, state, Q\); an Estimator is asked "):
        implements(Estimator)(Wrong)


# --- other Pythons ---

EVERYTHING = """
from nbt_edu.implements import implements
from nbt_edu.protocols import Estimator
from nbt_edu import BPTT, RTRL, SGD, AnBn, LeakyRNN, Learner, NoBackTrack
for estimator in RTRL(), BPTT(3), NoBackTrack(2):
    print(Learner(AnBn(3), LeakyRNN(4, .3), estimator, SGD(.1), compare=[BPTT(2)]).run(30).bits_per_char())
"""
HEAVY = ("numba", "plotly", "ipywidgets", "anywidget", "matplotlib", "IPython", "scipy", "jax")


def test_runs_with_nothing_but_numpy():
    """The core is whole without numba and all that draws; the same numbers come when the compiler is switched off."""
    blocked = python(f"import sys; sys.modules |= dict.fromkeys({HEAVY!r}){EVERYTHING}")
    switched_off = python(f"import sys{EVERYTHING}assert 'numba' not in sys.modules", NBT_EDU_JIT="0")
    assert blocked == switched_off and len({float(bits) for bits in blocked.split()}) == 3


def test_import_is_light():
    """`import nbt_edu` loads neither the compiler nor anything that draws."""
    assert python(f"import sys, nbt_edu; print({{*{HEAVY!r}}} & {{*sys.modules}})") == "set()\n"


TINY = """
from .jit import compiled
from .kernels import norm2
@compiled
def length2(x):
    return norm2(x)
"""


def test_an_edit_is_seen_where_it_matters_and_only_there(tmp_path):
    """Machine code is kept for the next session; an edit of a file that it depends on makes it anew, of another one not."""
    copy = tmp_path / "nbt_edu"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tiny.py").write_text(TINY)
    code = "import numpy as np; from nbt_edu.tiny import length2; print(length2(np.array([3.0, 4.0])))"

    def run():
        printed = python(code, PYTHONPATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"), NBT_EDU_JIT="1")
        return float(printed), {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.code")}

    first, kept = run()
    again, same = run()
    assert first == again == 25 and kept and same == kept
    for other in "tasks/anbn.py", "kernels/networks.py", "estimators/rtrl.py":
        (copy / other).write_text((copy / other).read_text() + "# an edit")
    assert run() == (first, kept)
    kernels = (copy / "kernels" / "vectors.py").read_text()
    assert kernels.count("s += x[i] * x[i]") == 1
    (copy / "kernels" / "vectors.py").write_text(kernels.replace("s += x[i] * x[i]", "s += 2 * x[i] * x[i]"))
    edited, more = run()
    assert edited == 50 and kept.items() < more.items()
