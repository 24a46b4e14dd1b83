"""Build the notebooks from their sources, in two editions, and execute them: `make notebooks`.

A source (`src/NN_name.py`, jupytext's percent format) has cells tagged "stub", "answer", "folded" and "instructor". The
students' edition keeps the stubs, folds the answers away, and the outputs of folded cells; the instructors' edition
(`instructors/`) has the answers in place of the stubs, all outputs open, and what is for the teacher alone.
`src/index.py`, the map of the course, is no lesson: it has one edition, built last, because it reads the others.
Outputs are what the cells really printed; widget state is not saved.
"""

import os
import pathlib
import sys

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = pathlib.Path(__file__).parent
os.environ["TQDM_DISABLE"] = "1"  # a progress bar is no output to keep


def students(cell):
    """The cell as students get it, or None."""
    tags = cell.metadata.get("tags", [])
    if "instructor" in tags:
        return None
    if "folded" in tags:
        cell.metadata["jupyter"] = {"outputs_hidden": True}  # until the student unfolds what was asked
    if "answer" not in tags:
        return cell
    return nbformat.v4.new_markdown_cell(f"<details><summary>An answer</summary>\n\n```python\n{cell.source}\n```\n</details>")


def instructors(cell):
    """The cell as instructors get it, or None."""
    return None if "stub" in cell.metadata.get("tags", []) else cell


def build(source, folder, edition):
    """Write one edition of one notebook, executed, into a folder."""
    notebook = jupytext.read(source)
    notebook.cells = [cell for cell in map(edition, notebook.cells) if cell]
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    NotebookClient(notebook, timeout=300, store_widget_state=False, resources={"metadata": {"path": str(folder)}}).execute()
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    path = folder / f"{source.stem}.ipynb"
    nbformat.write(notebook, path)
    print(f"{path.relative_to(HERE.parent)}: {len(notebook.cells)} cells")


if __name__ == "__main__":
    (HERE / "instructors").mkdir(exist_ok=True)
    for source in sorted((HERE / "src").glob("*.py")):
        if not sys.argv[1:] or source.stem in sys.argv[1:]:
            build(source, HERE, students)
            if source.stem != "index":
                build(source, HERE / "instructors", instructors)
