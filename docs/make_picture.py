"""Make the README's moving picture: a wrong answer, what the check says, the X-ray of it, and both
after the repair, in a real JupyterLab.

    python docs/make_picture.py                      # writes docs/convbook.gif

Needs Chromium, and the packages of the `dev` extra.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

CELLS = [
    "import numpy as np\nfrom convbook.checks import convolution as check\nfrom convbook.widgets import ConvXray",
    "def corr2d(x, k):\n"
    "    k = k[::-1, ::-1]\n"
    "    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1\n"
    "    y = np.zeros((rows, columns))\n"
    "    for r in range(rows):\n"
    "        for c in range(columns):\n"
    "            y[r, c] = (x[r : r + k.shape[0], c : c + k.shape[1]] * k).sum()\n"
    "    return y",
    "check.corr2d(corr2d)",
    "ConvXray(corr2d)",
]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  return context?.isReady && context.session?.kernel?.status === "idle";
}"""
WRONG_LINE = "    k = k[::-1, ::-1]\n"
MEND = """([cell, code]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = cell;
  notebook.widgets[cell].model.sharedModel.setSource(code);
  notebook.mode = "command";
  notebook.scrollToItem(cell);
  notebook.node.focus();
}"""
SIZE = {"width": 1060, "height": 720}


def notebook() -> dict:
    """Return the little notebook that is filmed."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": s,
            "outputs": [],
            "execution_count": None,
        }
        for n, s in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def serve(folder: Path) -> tuple[subprocess.Popen, str]:
    """Start JupyterLab in a folder and return its process and address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
               "--ServerApp.token=",
               "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")})  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(address + "/api", timeout=2)
            break
        except OSError:
            time.sleep(0.5)
    return process, address


def film(page) -> list[tuple[bytes, int]]:
    """Play the scene and return its frames, each with the milliseconds it stays."""
    frames = []

    def keep(milliseconds: int) -> None:
        frames.append((page.screenshot(), milliseconds))

    def run() -> None:
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(1500)

    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.press("Escape")
    run()
    keep(1200)
    run()
    keep(1500)
    run()
    page.get_by_text("the kernel is flipped").wait_for(timeout=60_000)
    keep(3500)
    run()
    xray = page.locator(".jp-OutputArea-output").filter(has_text="X-ray").last
    xray.wait_for(timeout=120_000)
    xray.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    keep(2500)
    step = page.get_by_role("button", name="Next output")
    for _ in range(4):
        step.click()
        page.wait_for_timeout(250)
        keep(700)
    page.evaluate(MEND, [1, CELLS[1].replace(WRONG_LINE, "")])
    page.wait_for_timeout(500)
    keep(1800)
    run()
    run()
    page.get_by_text("✓ corr2d").first.wait_for(timeout=60_000)
    keep(2000)
    again = page.get_by_role("button", name="X-ray again")
    again.scroll_into_view_if_needed()
    again.click()
    page.get_by_text("All 16 outputs of corr2d").wait_for(timeout=60_000)
    xray.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    keep(1500)
    for _ in range(3):
        step.click()
        page.wait_for_timeout(250)
        keep(700)
    keep(3000)
    return frames


def main() -> None:
    from PIL import Image
    from playwright.sync_api import sync_playwright

    target = Path(__file__).resolve().parent / "convbook.gif"
    folder = Path(tempfile.mkdtemp(prefix="convbook-picture-"))
    (folder / "convolution.ipynb").write_text(json.dumps(notebook()))
    process, address = serve(folder)
    try:
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport=SIZE)
            page.goto(f"{address}/doc/tree/convolution.ipynb")
            page.get_by_text("check.corr2d(corr2d)").wait_for(timeout=120_000)
            page.wait_for_function(READY, timeout=120_000)  # cells run before there is a kernel are lost
            frames = film(page)
            browser.close()
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
    pictures = [
        Image.open(io.BytesIO(png)).convert("P", palette=Image.Palette.ADAPTIVE, colors=96)
        for png, _ in frames
    ]
    pictures[0].save(target, save_all=True, append_images=pictures[1:], loop=0, optimize=True,
                     duration=[milliseconds for _, milliseconds in frames])  # fmt: skip
    print(f"{target.name}: {len(frames)} frames, {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
