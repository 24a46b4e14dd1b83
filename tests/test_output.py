"""Every file is written whole or not at all, whatever ends the writing; and a sentence says what is wrong with a path."""

import ast
import errno
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from table import learner, same

import nbt_edu
from nbt_edu import BPTT, Learner, NoBackTrack, Record
from nbt_edu.measuring.study import Study, study
from nbt_edu.output import check_place, make_folder, write_text, write_whole

PACKAGE = pathlib.Path(nbt_edu.__file__).parent
WRITERS = {  # whatever has a path to save to: its method, given a path
    "learner": lambda: learner().save,
    "record": lambda: learner().record.save,
    "study": lambda: study(learner(), [NoBackTrack()], chars=2, draws=2).save,
    "text": lambda: lambda path: write_text(path, "β"),
}


def wrong_paths(folder):
    """{what is wrong: (path, what the sentence says)}."""
    (folder / "old").write_text("old")
    return {
        "missing folder": (folder / "no" / "x", "make its folder first"),
        "folder": (folder, "name a file in this folder"),
        "file as folder": (folder / "old" / "x", "name a file in a folder"),
        "long": (folder / ("x" * 5000), "choose a shorter name"),
        "number": (1, "the name of a file"),
        "bool": (True, "the name of a file"),
        "none": (None, "the name of a file"),
        "NUL": ("a\0b", "the name of a file"),
        "half a character": ("\ud800", "the name of a file"),
        "empty": ("", "the name of a file"),
        "bytes": (b"x", "the name of a file"),
    }


@pytest.mark.parametrize("kind", list(WRITERS))
def test_what_is_wrong_with_a_path_is_said_in_a_sentence(kind, tmp_path):
    write = WRITERS[kind]()
    for what, (path, said) in wrong_paths(tmp_path).items():
        with pytest.raises(ValueError, match="^path must be ") as caught:
            write(path)
        message = str(caught.value)
        assert said in message and "\n" not in message and len(message) < 300, what
    assert [path.name for path in tmp_path.iterdir()] == ["old"], "something was left behind"


@pytest.mark.parametrize("load", [Learner.restore, Record.load, Study.load], ids=["learner", "record", "study"])
def test_no_path_to_read_from_is_said_in_a_sentence(load, tmp_path):
    for path, _ in wrong_paths(tmp_path).values():
        with pytest.raises(ValueError, match="^path must be ") as caught:
            load(path)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_place_is_refused_before_the_work(tmp_path):
    for path, said in wrong_paths(tmp_path).values():
        with pytest.raises(ValueError, match="^html must be ") as caught:
            check_place(path, "html")
        assert said in str(caught.value)
    check_place(tmp_path / "new", "html")
    check_place(tmp_path / "old", "html")
    assert [path.name for path in tmp_path.iterdir()] == ["old"] and (tmp_path / "old").read_text() == "old"
    with pytest.raises(ValueError, match="^directory must be a folder that can be written"):
        make_folder(tmp_path / "old")


def test_permissions_links_and_devices_stay_what_they_are(tmp_path, monkeypatch):
    """A file keeps its mode, a link goes on pointing, a device is written to; one that is read-only is refused."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_text(link, "new")
    assert link.is_symlink() and file.read_text() == "new" and file.stat().st_mode & 0o777 == 0o640
    write_text(os.devnull, "nothing")
    assert not pathlib.Path(os.devnull).is_file()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="read-only"):
        write_text(file, "newer")
    assert file.read_text() == "new"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()])
def test_writing_that_fails_half_way_leaves_the_old_file(tmp_path, error):
    def write(file):
        file.write(b"half")
        raise error

    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ValueError if isinstance(error, OSError) else type(error)) as caught:
        write_whole(path, write)
    if isinstance(error, OSError):
        assert str(caught.value).startswith("path must be a file that can be written (No space left on device): make room")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


SAVER = """
import os, random, signal, sys, time, warnings
from nbt_edu import BPTT, SGD, AnBn, LeakyRNN, Learner, RTRL
path, times = sys.argv[1], int(sys.argv[2])
one = Learner(AnBn(5), LeakyRNN(16), RTRL(), SGD(0.01), compiled=False)
one.run(5)
one.save(path)
rng, broken = random.Random(0), 0
start = time.perf_counter()
one.save(path)
took = time.perf_counter() - start
for i in range(times):
    child = os.fork()
    if not child:
        while True:
            one.save(path)
    time.sleep(rng.uniform(0.5, 3) * took)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        broken += Learner.restore(path).chars != 5
    except ValueError:
        broken += 1
print(broken)
"""


def python(code, *arguments, **options):
    """The output of a program."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = os.environ | {"NBT_EDU_JIT": "0", "TQDM_DISABLE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, env=environment, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of the process")
def test_a_save_killed_fifty_times_loses_nothing(tmp_path):
    """Each time the file is a whole one; beside it lies at most what the killed one had not finished."""
    assert python(SAVER, tmp_path / "learner.npz", 50).split() == ["0"]
    names = [path.name for path in tmp_path.iterdir()]
    assert "learner.npz" in names and len(names) <= 51 and all(name.endswith((".npz", ".part")) for name in names)


FULL = """
import resource, signal, sys
from nbt_edu import BPTT, SGD, AnBn, LeakyRNN, Learner, RTRL
from nbt_edu.output import write_text
path, page = sys.argv[1:]
one = Learner(AnBn(5), LeakyRNN(6), RTRL(), SGD(0.01), compiled=False)
one.run(5)
one.save(path)
write_text(page, "old")
size, said = len(open(path, "rb").read()), set()
one.run(5)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in range(0, size - 20, max(1, size // 40)):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for write in (lambda: one.save(path), lambda: write_text(page, "x" * (limit + 10_000))):
        try:
            write()
        except ValueError as error:
            said.add(str(error).partition(" (")[0])
        else:
            print("was written")
    assert Learner.restore(path).chars == 5 and open(page).read() == "old"
print(said)
"""


def test_a_disk_that_fills_at_any_byte_loses_nothing(tmp_path):
    """A limit of the file's size stands for the disk; 40 sizes of it."""
    pytest.importorskip("resource")
    assert python(FULL, tmp_path / "a.npz", tmp_path / "page").strip() == "{'path must be a file that can be written'}"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_real_disk_that_is_full_loses_nothing(tmp_path):
    """A disk of 64 kB in memory, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    try:
        small, big = learner(BPTT(3)), learner(NoBackTrack(64))
        small.run(5)
        big._state.estimate.w[:] = np.random.default_rng(0).normal(size=big._state.estimate.w.shape)
        small.save(disk / "x.npz")
        with pytest.raises(ValueError, match="^path must be a file that can be written .No space left.*: make room"):
            for i in range(20):
                big.save(disk / f"{i}.npz")
        with pytest.raises(ValueError, match="make room"):
            big.save(disk / "x.npz")
        same(Learner.restore(disk / "x.npz"), small)
        assert not list(disk.glob("*.part"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_nothing_else_writes_files():
    """`output` is the only module that opens a file to write it, or calls what does."""
    methods = {"write_text", "write_bytes", "tofile", "save", "savez", "savez_compressed", "dump", "copyfile", "write_html"}
    handed = {("learning.archive", "savez_compressed"), ("learning.learner", "save")}  # to an open file; to `saving.save`
    handed |= {("cli.experiment", "save")}  # to `Results.save`
    handed |= {("figures.picture", "save")}  # to bytes in memory
    handed |= {("jit.kept", "write_bytes"), ("jit.kept", "dump")}  # beside and renamed too; it can always be made anew
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                method = isinstance(node.func, ast.Attribute)
                called = node.func.attr if method else getattr(node.func, "id", "")
                words = [one.value for one in [*node.args, *(k.value for k in node.keywords)] if isinstance(one, ast.Constant)]
                opened = called == "open" and {*words} & {"w", "wb", "x", "xb", "a", "ab", "w+", "r+", "r+b", "w+b"}
                if opened or (method and called in methods):
                    found.add((name, called))
    assert {(name, called) for name, called in found if name != "output"} <= handed
