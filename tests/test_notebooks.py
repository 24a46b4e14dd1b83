"""The notebooks: as their sources say, executed, compared, and readable without a kernel."""

import os
import pathlib
import re
import subprocess
import sys

import jupytext
import nbformat
import pytest

import nbt_edu

ROOT = pathlib.Path(__file__).parents[1] / "notebooks"
SOURCES = sorted((ROOT / "src").glob("[0-9]*.py"))  # index.py is no lesson: see test_course.py
sys.path.insert(0, str(ROOT))
from build import instructors, students  # noqa: E402

EDITIONS = [(source, ROOT, students) for source in SOURCES]
EDITIONS += [(source, ROOT / "instructors", instructors) for source in SOURCES]
NBVAL = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "--nbval", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
QUIET = os.environ | {"TQDM_DISABLE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # the other plugins take a second to load


@pytest.fixture(params=EDITIONS, ids=lambda e: f"{e[0].stem}-{e[2].__name__}")
def edition(request):
    source, folder, keep = request.param
    path = folder / f"{source.stem}.ipynb"
    return path, nbformat.read(path, 4), [cell for cell in map(keep, jupytext.read(source).cells) if cell]


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_it_is_built_from_its_source(edition):
    _, notebook, cells = edition
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in cells], "run: make notebooks"


def test_it_was_executed_from_top_to_bottom_without_an_error(edition):
    _, notebook, _ = edition
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum(output.output_type == "stream" for output in outputs) >= 5
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", [
    pytest.param(folder / f"{source.stem}.ipynb", id=f"{source.stem}-{keep.__name__}", marks=marks)
    for source, folder, keep in EDITIONS
    for marks in [pytest.mark.slow if keep is students else ()]  # they hold what the instructors' hold, but for the answers
])  # fmt: skip
def test_printed_numbers_are_the_same_again(path):
    run = subprocess.run([*NBVAL, path], capture_output=True, text=True, timeout=280, env=QUIET)
    assert run.returncode == 0, run.stdout[-3000:]


def test_a_changed_digit_is_noticed(tmp_path):
    notebook = nbformat.read(ROOT / f"{SOURCES[0].stem}.ipynb", 4)
    notebook.cells = code(notebook)[:2]
    first = next(cell for cell in notebook.cells if any(output.output_type == "stream" for output in cell.outputs))
    first.outputs[0].text = first.outputs[0].text.replace("ready", "reedy")
    nbformat.write(notebook, tmp_path / "changed.ipynb")
    run = subprocess.run([*NBVAL, "changed.ipynb"], capture_output=True, text=True, timeout=120, cwd=tmp_path, env=QUIET)
    assert run.returncode == 1, run.stdout[-2000:]


def test_no_cell_asks_not_to_be_compared(edition):
    """nbval skips what a cell's comment or tag tells it to."""
    _, notebook, _ = edition
    for cell in notebook.cells:
        assert "nbval" not in cell.source.lower()
        assert not [tag for tag in cell.metadata.get("tags", ()) if tag.startswith(("nbval", "raises", "skip"))]


def test_it_keeps_the_contract_of_the_course(edition):
    _, notebook, _ = edition
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    words = sum(len(re.sub(r"<details>.*?</details>", "", text, flags=re.S).split()) for text in texts)
    lengths = [len(cell.source.splitlines()) for cell in code(notebook)]
    assert words <= 900  # beside the answers, which stand apart
    assert 20 <= len(notebook.cells) <= 35
    assert max(lengths) <= 12
    text = "\n".join(cell.source for cell in notebook.cells)
    assert all(word in text for word in ("Goals", "minutes", "slides", "Predict", "For the class", "wrong answer", "next"))
    pictures = [output for cell in code(notebook) for output in cell.outputs if "image/png" in output.get("data", {})]
    assert pictures


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_stub_raises_and_every_answer_is_right(source, capsys):
    cells = jupytext.read(source).cells
    stubs = [cell.source for cell in cells if "stub" in cell.metadata.get("tags", [])]
    answers = [cell.source for cell in cells if "answer" in cell.metadata.get("tags", [])]
    assert 2 <= len(stubs) == len(answers)
    checks = [cell.source for cell in cells if "exercises.check(" in cell.source]
    assert len(checks) == len(stubs)
    for stub, answer, check in zip(stubs, answers, checks, strict=True):
        name = re.search(r"def (\w+)", stub)[1]
        assert check == f'nbt.exercises.check({name}, "{source.stem[:2]} {name}")', "the answer is not to be seen in its cell"
        scope = {"nbt": nbt_edu}
        exec(stub, scope)
        with pytest.raises(NotImplementedError):
            scope[name](*nbt_edu.exercises.EXERCISES[f"{source.stem[:2]} {name}"].calls()[0])
        exec(check, scope)
        exec(answer, scope)
        exec(check, scope)
        assert capsys.readouterr().out == f"{name}: still to be written\n{name}: right\n"
    checked = nbformat.read(ROOT / "instructors" / f"{source.stem}.ipynb", 4)
    printed = "".join(output.text for cell in code(checked) for output in cell.outputs if output.output_type == "stream")
    assert printed.count(": right") == len(stubs)


def test_every_slide_has_its_place_and_the_place_is_there():
    rows = [line.split(" | ") for line in (ROOT.parent / "docs" / "slides.md").read_text("utf-8").splitlines() if " | " in line]
    for slide, number, heading in (row for row in rows[1:] if not row[2].startswith("—")):
        source = next((ROOT / "src").glob(f"{number}_*.py")).read_text("utf-8")
        assert f"# ## {heading.removesuffix(' |')}\n" in source, (slide, heading)
