"""A real browser for the tests: a bare page with one widget, and JupyterLab with kernel and comm.

Import the fixtures you need into a folder's `conftest.py`. Chromium is that of the system; where it is missing
the tests are skipped and say so. No request may leave the machine: the guard stops it, and the test fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PLACES = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
LAB_READY_MILLISECONDS = 120_000  # a machine may be busy with other things

HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>widget</title></head>
<body><main id="here"></main></body></html>"""

# A model as anywidget hands it over: what is set from Python arrives by `arrive`, what is sent is kept.
START = """async ({ module, css, state, sends }) => {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const values = { ...state };
  const listeners = new Map();
  const tell = (name) => [...(listeners.get(`change:${name}`) ?? [])].forEach((act) => act());
  const model = {
    sent: [], saved: 0, values,
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      tell(name);
    },
    save_changes() { this.saved += 1; },
    on(event, act) { listeners.set(event, (listeners.get(event) ?? new Set()).add(act)); },
    off(event, act) { listeners.get(event)?.delete(act); },
    listening: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    arrive(news) {
      Object.assign(values, news);
      Object.keys(news).forEach(tell);
    },
  };
  if (sends) model.send = (message) => model.sent.push(message);
  window.model = model;
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  window.end = await widget.render({ model, el: document.getElementById("here") });
}"""


def chromium_path() -> str:
    """Return where the system's Chromium is, or skip the test with the reason."""
    found = next((path for name in PLACES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a running headless Chromium with an empty profile, one for all tests of a worker."""
    path = chromium_path()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Remember what a page must not do: raise, complain, or ask for anything outside the machine."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.leaks: list[str] = []

    def guard(self, context: Any) -> None:
        """Refuse every request of a browser context that would leave the machine."""

        def decide(route: Any) -> None:
            address = urlsplit(route.request.url)
            inside = address.scheme in ("file", "data", "blob", "about") or address.hostname in (
                "127.0.0.1",
                "localhost",
            )
            if inside:
                route.continue_()
            else:
                self.leaks.append(route.request.url)
                route.abort()

        context.route("**/*", decide)

    def listen(self, page: Any) -> None:
        """Collect what a page raises and complains about."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return the watch over this test's pages; afterwards nothing may have leaked or gone wrong."""
    one = Watch()
    yield one
    assert not one.leaks, f"a request left the machine: {one.leaks}"
    assert not one.errors, f"the page complained: {one.errors}"


@pytest.fixture
def open_page(chromium: Any, watch: Watch) -> Iterator[Callable[..., Any]]:
    """Return a function that opens an empty guarded page: `open_page(dark=, width=, still=)`."""
    contexts = []

    def opened(dark: bool = False, width: int = 900, still: bool = False) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if still else "no-preference",
        )
        contexts.append(context)
        watch.guard(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch.listen(page)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def show(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that shows a widget's real module on a bare page; `window.model` is the model.

    `window.end()` is what the module's `render` returned.
    """

    def shown(widget: Any, sends: bool = True, **page_options: Any) -> Any:
        page = open_page(**page_options)
        page.set_content(HOST)
        about = {"module": str(widget._esm), "css": str(widget._css), "state": widget.state(), "sends": sends}
        page.evaluate(START, about)
        page.wait_for_selector(".convbook")
        return page

    return shown


def violations(page: Any, within: str = ".convbook", preload: bool = True) -> list[str]:
    """Return what axe finds wrong with the accessibility of a part of a page.

    Without `preload` axe does not fetch the page's style sheets, which a browser refuses for a page from a disk.
    """
    if not AXE.exists():
        pytest.skip("axe-core is not installed (run: npm install)")
    page.evaluate(AXE.read_text("utf-8"))
    run = "([within, preload]) => axe.run(within, { preload, resultTypes: ['violations'] })"
    found = page.evaluate(run, [within, preload])
    return [f"{one['id']}: {one['help']} — {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


class Lab:
    """A JupyterLab server of our own, in an empty folder, with an own configuration; or Notebook 7's."""

    program, path = "jupyterlab", "lab/tree/{}?reset"
    options = (
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
    )

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = folder / "root"
        self.root.mkdir()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            **{f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")},
        }
        environment |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "HOME": str(folder)}
        environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"), "OMP_NUM_THREADS": "1"}
        _no_news(folder)
        command = [sys.executable, "-m", self.program, "--no-browser", "--allow-root", f"--port={self.port}"]
        command += [f"--ServerApp.root_dir={self.root}", "--IdentityProvider.token=", "--ip=127.0.0.1"]
        command += [*self.options, "--ServerApp.port_retries=0"]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, env=environment, start_new_session=True
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(900):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=1).close()
                return
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def write(self, name: str, cells: list[str]) -> Path:
        """Write a notebook of code cells into the server's folder."""
        import nbformat

        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        path = self.root / name
        nbformat.write(notebook, path)
        return path

    def open(self, page: Any, name: str) -> None:
        """Open a notebook on a page and wait until its kernel is idle."""
        page.set_default_timeout(LAB_READY_MILLISECONDS)
        page.goto(f"{self.address}/{self.path.format(name)}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function("() => window.jupyterapp !== undefined")
        # The notebook's own signs say "idle" before there is a kernel; what is run then is lost.
        page.wait_for_function(
            """() => {
              const context = window.jupyterapp.shell.currentWidget?.sessionContext;
              return context?.isReady && context.session?.kernel?.status === "idle";
            }"""
        )

    def run_all(self, page: Any) -> None:
        """Run all cells of the open notebook, as the menu does."""
        self.command(page, "notebook:run-all-cells")

    def command(self, page: Any, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Start one of JupyterLab's commands; what it waits for (a cell, a dialog) is not waited for."""
        code = "([name, args]) => { window.jupyterapp.commands.execute(name, args); }"
        page.evaluate(code, [name, arguments or {}])

    def close(self) -> None:
        """Stop the server and its kernels."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.log.close()


class Notebook7(Lab):
    """Notebook 7, which comes with nbgrader and treats keys in another way than JupyterLab."""

    program, path = "notebook", "notebooks/{}"
    options = ("--JupyterNotebookApp.expose_app_in_browser=True",)


def _no_news(folder: Path) -> None:
    """Keep JupyterLab from asking whether it may fetch news: a person's own setting, here."""
    target = folder / "settings" / "@jupyterlab" / "apputils-extension"
    target.mkdir(parents=True)
    (target / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a running JupyterLab, one for all tests of a worker."""
    chromium_path()
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook7]:
    """Return a running Notebook 7, one for all tests of a worker."""
    chromium_path()
    server = Notebook7(tmp_path_factory.mktemp("notebook7"))
    yield server
    server.close()
