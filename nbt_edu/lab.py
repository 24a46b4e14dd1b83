"""Open JupyterLab on copies of the notebooks: what `nbt-edu lab` and `make lab` do.

The copies are the student's: an existing file is never overwritten.
"""

import filecmp
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

FIRST = "00_learn_as_you_go.ipynb"
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def open_lab(directory="nbt-edu-notebooks", browser=True, port=None) -> int:
    """Copy the notebooks into `directory` and serve them until Ctrl-C; the server's exit status, 0 after Ctrl-C."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError("lab: JupyterLab is not installed; install it with: pip install 'nbt-edu[lab,shakespeare]'")
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"port: {port} is not between 1 and 65535; leave it out to take a free one")
    directory = Path(directory).resolve()
    copy_notebooks(directory)
    with tempfile.TemporaryDirectory(prefix="nbt-edu-") as config:
        overrides = Path(config, "labconfig", "default_setting_overrides.json")
        overrides.parent.mkdir()
        overrides.write_text(json.dumps(NO_NEWS))
        return serve(command(directory, browser and has_browser(), port), environment(config))


def copy_notebooks(directory):
    """Copy every shipped notebook into `directory` that is not there yet, and say what was done."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for source in sorted(shipped_notebooks().glob("*.ipynb")):
            target = directory / source.name
            if not target.exists():
                shutil.copyfile(source, target)
                print(f"nbt-edu: copied {source.name} to {directory}")
            elif not filecmp.cmp(source, target, shallow=False):
                print(f"nbt-edu: kept your {source.name}; rename or delete it to get the original again")
    except OSError as error:
        raise ValueError(f"directory: cannot write the notebooks to {directory} ({error.strerror}); "
                         "name a folder of your own") from error


def shipped_notebooks():
    """The notebooks inside the installed package or, in a checkout, beside it."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / FIRST).is_file():
            return folder
    raise ValueError(f"lab: {FIRST} is missing from this installation; install nbt-edu again")


def command(directory, browser, port):
    """The command that starts JupyterLab on the first notebook."""
    options = [
        f"--ServerApp.root_dir={directory}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        "--LabApp.news_url=None",  # nothing is asked of the internet: no news, no updates, no list of extensions
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if not browser:
        options.append("--no-browser")
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *options]


def environment(config):
    """This process's environment, with our JupyterLab settings first and a fresh secret token."""
    paths = [config, *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {
        "JUPYTER_TOKEN": secrets.token_hex(24),
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(paths),
    }


def has_browser():
    """Whether this machine can show a page: a browser, and on Linux a screen for it."""
    if sys.platform == "linux" and not any(map(os.environ.get, ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"])):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def serve(command, env) -> int:
    """Run the server until it ends or until we are told to stop; then stop it and its kernels cleanly."""
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), signal.default_int_handler)  # as if Ctrl-C had been pressed
    # In a session of its own, Ctrl-C reaches only us: Jupyter's "Shut down (y/[n])?" is never asked.
    server = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        address = wait_for_address(server)
        if address:
            print(f"nbt-edu: JupyterLab is open at {address} (stop it with Ctrl-C)", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        print("nbt-edu: stopped; your notebooks are kept", flush=True)
        return 0


def wait_for_address(server):
    """The address of the first notebook once the server listens; None if it ended instead."""
    from jupyter_server.serverapp import list_running_servers

    while server.poll() is None:
        for info in list_running_servers():
            if info["pid"] == server.pid:
                return f"{info['url']}lab/tree/{FIRST}?token={info['token']}"
        time.sleep(0.1)
    return None
