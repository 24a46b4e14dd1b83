"""A real JupyterLab in headless Chromium, for the browser tests: server, page, waiting rules, what was plotted."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
]  # fmt: skip
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def jupyterlab(root, home):
    """JupyterLab serving the folder `root`, with settings of its own under `home`; gives its address."""
    port = free_port()
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    places = {"CONFIG_DIR": "config", "RUNTIME_DIR": "runtime", "DATA_DIR": "data"}
    environment = dict(os.environ, JUPYTERLAB_SETTINGS_DIR=str(home / "settings"))
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    environment |= {f"JUPYTER_{name}": str(home / folder) for name, folder in places.items()}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--ServerApp.root_dir={root}", "--IdentityProvider.token=", "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True", "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = home / "server.log"
    with open(log, "wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while not _answers(address + "/api/status"):
            assert server.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def chromium(width=1280, height=900):
    """A page of a headless Chromium of its own."""
    with browser() as one, page_of(one, width, height) as page:
        yield page


@contextlib.contextmanager
def browser():
    """A headless Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "the browser tests need Chromium: install it (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield one
        finally:
            one.close()


@contextlib.contextmanager
def page_of(browser, width, height):
    """A page that knows nothing of others. `page.complaints` gathers console errors, page errors, requests off the machine."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text[:400]))
    page.on("pageerror", lambda error: page.complaints.append(str(error)[:400]))
    page.on("request", lambda request: _is_local(request.url) or page.complaints.append(request.url[:200]))
    try:
        yield page
    finally:
        context.close()


def _is_local(url):
    return url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "file:", "data:", "blob:"))


def write_notebook(path, cells):
    """A notebook of code cells, for our kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def open_notebook(page, address, name):
    """Open a notebook and wait until its kernel is really attached (the idle dot alone shows too early)."""
    page.goto(f"{address}/lab/tree/{name}?reset", wait_until="domcontentloaded")
    page.locator(f"{PANEL} .jp-Notebook").wait_for()
    page.wait_for_function(
        """() => { const session = window.jupyterapp?.shell?.currentWidget?.sessionContext;
        return session?.isReady && session.session?.kernel?.connectionStatus === 'connected'
               && session.session.kernel.status === 'idle'; }""",
        polling=100,
    )


def run_all(page, timeout=180_000):
    """Run all cells and wait for their numbers."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(
        """panel => { const prompts = [...document.querySelectorAll(panel + ' .jp-CodeCell .jp-InputPrompt')];
        return prompts.length && prompts.every(p => /^\\[\\d+\\]:?$/.test(p.textContent.trim())); }""",
        arg=PANEL, polling=100, timeout=timeout,
    )  # fmt: skip


def plotted(page):
    """What plotly shows: [{name, x, y}]."""
    return page.evaluate(
        """panel => document.querySelector(panel + ' .js-plotly-plot').data.map(
        t => ({name: t.name, x: Array.from(t.x ?? []), y: Array.from(t.y ?? [])}))""",
        PANEL,
    )


def execute(page, code):
    """Run code in the notebook's kernel, beside the cells; gives its standard output."""
    return page.evaluate(
        """async code => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        const future = kernel.requestExecute({code}); let text = '';
        future.onIOPub = m => { if (m.content.text) text += m.content.text;
                                if (m.content.traceback) text += m.content.traceback.join('\\n'); };
        await future.done; return text; }""",
        code,
    )
