"""Open JupyterLab on copies of the notebooks: what `nbt-edu lab` and `make lab` do.

The copies are the student's: a file that exists is never overwritten.
"""

import contextlib
import importlib.util
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

from .output import make_folder, write_text, write_whole

FIRST = "index.ipynb"  # the map of the course
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def open_lab(directory="nbt-edu-notebooks", browser=True, port=None) -> int:
    """Copy the notebooks into `directory` and serve them there until Ctrl-C; answers the exit status."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError("JupyterLab is not installed: run pip install 'nbt-edu[lab,shakespeare]'")
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"port {port} is not between 1 and 65535: leave it out to take a free one")
    directory = Path(directory).resolve()
    copy_notebooks(directory)
    with tempfile.TemporaryDirectory(prefix="nbt-edu-", ignore_cleanup_errors=True) as private:
        overrides = Path(private, "labconfig", "default_setting_overrides.json")
        overrides.parent.mkdir()
        write_text(overrides, json.dumps(NO_NEWS))
        return _serve(_command(directory, browser and has_browser(), port), _environment(private), private)


def copy_notebooks(directory):
    """Copy into `directory` each of our notebooks that is not there yet, and say what was done."""
    make_folder(directory)
    for source in sorted(our_notebooks().glob("*.ipynb")):
        target, data = directory / source.name, source.read_bytes()
        if not target.exists():
            write_whole(target, lambda file, data=data: file.write(data), "directory")
            print(f"nbt-edu: copied {source.name} to {directory}")
        elif not _holds(target, data):
            print(f"nbt-edu: kept your {source.name}; rename it to get the original beside it")


def _holds(path, data):
    """Whether a file is just that; what cannot be read is not."""
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def has_browser():
    """Whether a page can be shown here: there is a browser and, on Linux, a screen for it."""
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def our_notebooks():
    """The folder of the notebooks: in the installed package or, in a checkout, beside it."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("00_*.ipynb")):
            return folder
    raise ValueError("this installation lacks the notebooks: install nbt-edu again")


def _command(directory, browser, port):
    """The command that starts JupyterLab on the first notebook."""
    command = [sys.executable, "-m", "jupyterlab"]
    command += [f"--ServerApp.root_dir={directory}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    command += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    command += ["--KernelManager.transport_encryption=auto"]  # without it, each kernel warns of eavesdroppers
    # No news, no updates, no catalogue of extensions: nothing is asked of the internet.
    command += ["--LabApp.news_url=None", "--LabApp.extension_manager=readonly"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if not browser:
        command += ["--no-browser"]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    return command


def _environment(private):
    """Our environment, with the `private` folder's settings first, its own run-time files and a secret token."""
    config = os.pathsep.join(filter(None, (private, os.environ.get("JUPYTER_CONFIG_PATH"))))
    token = {"JUPYTER_TOKEN": secrets.token_hex(24)}  # given by us, or Jupyter prints its own address as well
    return token | os.environ | {"JUPYTER_CONFIG_PATH": config, "JUPYTER_RUNTIME_DIR": private}


def _serve(command, environment, private) -> int:
    """Run the server until it ends by itself, or until we are stopped: then end it and its kernels cleanly."""
    for name in ("SIGTERM", "SIGHUP"):  # `kill`, or a closed terminal: as Ctrl-C
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    # In a session of its own, the server does not see Ctrl-C and cannot ask "Shut down (y/[n])?".
    server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        address = _wait_for_address(server, private)
        if address:
            print(f"nbt-edu: JupyterLab is at {address} (open it if no page appears; Ctrl-C stops)", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C only ends the waiting
            server.wait()
        print("nbt-edu: stopped; your notebooks are kept")
        return 0


def _wait_for_address(server, private):
    """The first notebook's address, once the server listens; None if it has ended instead."""
    from jupyter_server.serverapp import list_running_servers

    while server.poll() is None:
        if info := next(list_running_servers(private), None):
            return f"{info['url']}lab/tree/{FIRST}?token={info['token']}"
        time.sleep(0.1)
    return None
