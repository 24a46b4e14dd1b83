"""`docs/trust.md` promises nothing that no test holds."""

import ast
import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent
NAMED = re.compile(r"`(tests/\w+\.py)::(\w+)`")


def promises():
    """The lines of the page's lists, each with those below it that belong to it."""
    text = (ROOT / "docs" / "trust.md").read_text("utf-8")
    return [" ".join(one.split()) for one in re.findall(r"^- (.*(?:\n  .*)*)", text, re.M)]


def names_in(file):
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_promise_names_a_test_that_exists():
    found = promises()
    assert len(found) > 30
    for line in found:
        named = NAMED.findall(line)
        assert named or line.startswith("*Not promised*"), f"no test holds: {line}"
        for file, name in named:
            assert (ROOT / file).exists() and name in names_in(file), f"{file}::{name} is not there, which is to hold: {line}"


def test_the_pages_lead_to_it():
    assert "docs/trust.md" in (ROOT / "README.md").read_text("utf-8")
