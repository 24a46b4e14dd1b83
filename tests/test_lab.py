"""`nbt-edu lab`: copies that keep a student's work, clear refusals, and a real JupyterLab from start to Ctrl-C."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import webbrowser

import pytest
from browsing import PANEL, chromium

from nbt_edu import lab


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """Two notebooks that stand for ours."""
    folder = tmp_path / "ours"
    folder.mkdir()
    for name in (lab.FIRST, "01_next.ipynb"):
        (folder / name).write_text("{}")
    monkeypatch.setattr(lab, "our_notebooks", lambda: folder)
    return folder


def test_notebooks_are_copied_into_a_new_folder(notebooks, tmp_path):
    lab.copy_notebooks(tmp_path / "new" / "mine")
    assert sorted(path.name for path in (tmp_path / "new" / "mine").iterdir()) == ["01_next.ipynb", lab.FIRST]


def test_a_changed_notebook_is_kept_and_the_student_is_told(notebooks, tmp_path, capsys):
    lab.copy_notebooks(tmp_path / "mine")
    (tmp_path / "mine" / lab.FIRST).write_text("my own answers")
    (tmp_path / "mine" / "01_next.ipynb").unlink()
    capsys.readouterr()
    lab.copy_notebooks(tmp_path / "mine")
    assert (tmp_path / "mine" / lab.FIRST).read_text() == "my own answers"
    assert (tmp_path / "mine" / "01_next.ipynb").exists()
    said = capsys.readouterr().out
    assert f"kept your {lab.FIRST}" in said
    assert "copied 01_next.ipynb" in said


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_refused(notebooks, tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"^directory must be a folder that can be written \(.*\): "):
        lab.open_lab(tmp_path / place)


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_an_impossible_port_is_refused(port, tmp_path):
    with pytest.raises(ValueError, match=f"port {port} is not between 1 and 65535"):
        lab.open_lab(tmp_path, port=port)


def test_without_jupyterlab_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"JupyterLab is not installed: run pip install 'nbt-edu\[lab"):
        lab.open_lab(tmp_path)


def test_a_page_needs_a_browser_and_on_linux_a_screen(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(webbrowser, "get", lambda: "a browser")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert not lab.has_browser()
    monkeypatch.setenv("DISPLAY", ":0")
    assert lab.has_browser()

    def none():
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    assert not lab.has_browser()


@pytest.fixture
def server(tmp_path):
    """`nbt-edu lab`, started as a person would: the process, its address, the first notebook, the token."""
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "settings")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "JUPYTER_TOKEN"):
        environment.pop(name, None)
    script = "import sys; from nbt_edu.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "lab", tmp_path / "mine"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's & makes us deaf to Ctrl-C
    )  # fmt: skip
    said = ""
    while not (found := re.search(r"JupyterLab is at (\S+)/lab/tree/(\S+)\?token=(\w+) ", said)):
        line = process.stdout.readline()
        assert line, f"nbt-edu lab ended by itself: {said}"
        said += line
    yield process, *found.groups()
    process.terminate()
    process.communicate()


def get(address, token=""):
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"} if token else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_the_server_answers_to_us_only_and_ends_cleanly(server, stop):
    process, address, first, token = server
    assert first == lab.FIRST
    assert lab.FIRST in [file["name"] for file in get(f"{address}/api/contents", token)["content"]]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{address}/api/contents")

    settings = get(f"{address}/lab/api/settings/@jupyterlab/apputils-extension:notification", token)
    defaults = settings["schema"]["properties"]
    assert (defaults["fetchNews"]["default"], defaults["checkForUpdates"]["default"]) == ("false", False)

    process.send_signal(stop)
    said = process.stdout.read()
    assert process.wait() == 0
    assert "your notebooks are kept" in said
    assert "Traceback" not in said
    with pytest.raises(OSError):
        get(f"{address}/api")


@pytest.mark.browser
def test_the_first_page_is_the_map_without_pop_up_or_request_off_the_machine(server):
    _, address, first, token = server
    with chromium() as page:
        page.goto(f"{address.replace('localhost', '127.0.0.1')}/lab/tree/{first}?token={token}")
        page.locator(f"{PANEL} .jp-Notebook").wait_for()
        page.locator('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        page.wait_for_timeout(2000)  # the time in which the question about news would pop up
        assert page.locator(".Toastify__toast").count() == 0
        assert page.locator(".jp-Dialog").count() == 0
        page.locator(f"{PANEL} .jp-OutputArea").get_by_role("link", name="01 · Dynamical systems").click()
        page.locator(f"{PANEL} h1", has_text="01 · Dynamical systems").wait_for()
        assert page.complaints == []
