"""What is shipped: the wheel, the two lists of packages for conda and Binder, and Binder's recipe."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def run(*command, **options):
    """The standard output and error of a command that must succeed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", *map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def environment(path):
    """An environment.yml as (what conda installs, what pip installs)."""
    *conda, pip = yaml.safe_load((ROOT / path).read_text("utf-8"))["dependencies"]
    return conda, pip["pip"]


def pins(path):
    """The versions that an environment.yml asks of pip, by name."""
    return dict(line.split("==") for line in environment(path)[1] if line != "-e .")


def test_conda_and_binder_install_the_same():
    assert environment("environment.yml")[0] == environment("binder/environment.yml")[0]
    assert environment("environment.yml")[1] == [*environment("binder/environment.yml")[1], "-e ."]


def test_the_pinned_versions_are_those_that_the_project_allows():
    extras = PROJECT["optional-dependencies"]
    wanted = [Requirement(line) for line in PROJECT["dependencies"] + extras["lab"] + extras["shakespeare"]]
    pinned = pins("binder/environment.yml")
    assert set(pinned) == {requirement.name for requirement in wanted}
    assert all(pinned[requirement.name] in requirement.specifier for requirement in wanted)


def test_conda_brings_python_and_pip_only():
    python, pip = environment("binder/environment.yml")[0]
    name, version = python.split("=")
    assert (name, pip) == ("python", "pip")
    assert version in SpecifierSet(PROJECT["requires-python"])


def test_binder_builds_from_our_recipe():
    pytest.importorskip("repo2docker")
    recipe = run("repo2docker", "--no-build", "--debug", ROOT)
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in recipe
    assert "RUN ./binder/postBuild" in recipe
    assert "py-2d3-2e11" in recipe  # Python 3.11, as environment.yml asks


def test_post_build_installs_the_project_and_compiles():
    script = (ROOT / "binder/postBuild").read_text("utf-8")
    assert "pip install --no-deps ." in script
    assert "-m nbt_edu.warm" in script
    assert (ROOT / "nbt_edu/warm.py").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run("build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def files(folder, pattern):
    """The files under a folder, but for what Jupyter and Python leave behind."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob(pattern) if path.is_file()}
    return {name for name in found if ".ipynb_checkpoints" not in name and "__pycache__" not in name}


def test_wheel_carries_the_package_and_the_notebooks_only(wheel):
    code = {f"nbt_edu/{name}" for name in files(ROOT / "nbt_edu", "*")}
    notebooks = {f"nbt_edu/notebooks/{name}" for name in files(ROOT / "notebooks", "*.ipynb")}
    assert "nbt_edu/notebooks/00_learn_as_you_go.ipynb" in notebooks
    assert {name for name in files(wheel, "*") if ".dist-info/" not in name} == code | notebooks


def test_wheel_carries_both_licences(wheel):
    licences = {path.name for path in wheel.glob("*.dist-info/licenses/*")}
    assert licences == {"LICENSE", "LICENSE-notebooks"}


def test_an_installed_wheel_finds_its_notebooks(wheel, tmp_path):
    script = "import nbt_edu.lab, pathlib; nbt_edu.lab.copy_notebooks(pathlib.Path('copies'))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {script}"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert {path.name for path in (tmp_path / "copies").iterdir()} == {
        path.name for path in (ROOT / "notebooks").glob("*.ipynb")
    }
