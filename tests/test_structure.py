"""The house: which room may import from which, no circles, what each room says of itself, and no module too long."""

import ast
import pathlib

import nbt_edu

PACKAGE = pathlib.Path(nbt_edu.__file__).parent
ORDER = [  # a module imports from its own room and from those before it
    {"jit"}, {"settings"}, {"output", "kernels", "rank_one"}, {"protocols"}, {"implements"}, {"systems", "readouts"},
    {"estimators", "optimizers", "tasks"}, {"catalogue", "exercises"}, {"learning"}, {"measuring"}, {"experiments"},
    {"figures"}, {"apps", "bench"}, {"apps.shell", "pages"}, {"lab", "warm"}, {"cli", "course"},
]  # fmt: skip
ALONE = {"plain", "rank_one", "lab"}  # of the package they import the settings and `output`, at most
LEVEL = {room: i for i, rooms in enumerate(ORDER) for room in rooms}
LATE = {("cli", "lab"), ("apps", "apps.shell")}  # within a function: when asked for


def room(module):
    """The room of a dotted module name within the package."""
    return "apps.shell" if module.startswith("apps.shell") else module.split(".")[0]


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts), path, ast.parse(path.read_text("utf-8"))


def imports(name, tree):
    """The modules of the package that a module imports from, dotted."""
    package = name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            for alias in node.names:
                yield ".".join([*base, *([node.module] if node.module else [alias.name])])


def test_imports_point_one_way():
    wrong = []
    for name, _, tree in modules():
        here = room(name)
        if name == "__init__" or here in ALONE:
            continue
        for target in imports(name, tree):
            there = room(target) if target else here
            if there != here and (here, there) not in LATE and not LEVEL[there] < LEVEL[here]:
                wrong.append(f"{name} -> {target}")
    assert not wrong


def test_the_lonely_import_settings_at_most():
    for name, _, tree in modules():
        if name in ALONE:
            assert set(imports(name, tree)) <= {"settings", "output"}, name


def test_no_circles():
    """Within the rooms too, module by module, of what is imported when a module is loaded."""
    found = {name.removesuffix(".__init__"): tree for name, _, tree in modules()}
    graph = {}
    for name, _, tree in modules():
        top = ast.Module([node for node in tree.body if isinstance(node, ast.ImportFrom)], [])
        graph[name.removesuffix(".__init__")] = {target for target in imports(name, top) if target in found}
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            path.append(name)
            for target in sorted(graph[name] - {name.rpartition(".")[0]}):
                visit(target)
            path.pop()
            done.add(name)

    for name in graph:
        visit(name)


def test_the_root_is_small_and_every_room_says_what_lives_there():
    root = [path.stem for path in PACKAGE.glob("*.py")]
    assert len(root) <= 12, sorted(root)
    for path in PACKAGE.rglob("__init__.py"):
        words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert path.parent == PACKAGE or "May be imported here:" in words, path


def test_no_module_is_too_long():
    long = {name: lines for name, path, _ in modules() if (lines := len(path.read_text("utf-8").splitlines())) > 250}
    assert not long


def test_widgets_are_imported_in_the_shell_alone():
    heavy = {"ipywidgets", "anywidget", "traitlets"}
    for name, _, tree in modules():
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
        assert room(name) == "apps.shell" or not names & heavy, name


def test_tab_shows_what_is_loaded_late():
    assert {"apps", "check", "figures", "study", "catalogue", "plain", "Learner", "implements"} <= {*dir(nbt_edu)}
