"""How much memory a student's server needs on a hub: JupyterLab itself, and a kernel in which a unit runs.

    python benchmarks/student_memory.py --unit 10

Starts a server with the extensions of this environment and a kernel beside it, runs the unit's solution cell by
cell with one thread, and prints megabytes. Pages that several processes share count in parts (PSS) on Linux.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import start_new_kernel

COURSE = Path(__file__).resolve().parent.parent


def megabytes(process: psutil.Process) -> float:
    """Return the memory of a process and of all that it has started."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            told = one.memory_full_info()
        except psutil.NoSuchProcess:  # it has ended between the two lines
            continue
        total += getattr(told, "pss", told.rss)
    return total / 1e6


def server_memory() -> float:
    """Return the megabytes of a JupyterLab server after it has shown its page."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="convbook-memory-") as home:
        words = ["lab", "--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", *words], cwd=home, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": home}
        )  # fmt: skip
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/lab", timeout=10).close()
                    return megabytes(psutil.Process(server.pid))
                except urllib.error.URLError:
                    time.sleep(0.2)
            raise SystemExit("JupyterLab did not start within two minutes")
        finally:
            server.terminate()
            server.wait()


def kernel_memory(notebook: Path) -> tuple[float, float, float]:
    """Return the megabytes of a kernel that has just started, after the imports, and at most between cells."""
    cells = [cell for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    manager, client = start_new_kernel(env=environment, cwd=str(notebook.parent))
    try:
        process = psutil.Process(manager.provisioner.pid)
        seen = [megabytes(process)]
        for cell in cells:
            client.execute_interactive(cell.source, timeout=900, output_hook=lambda message: None)
            seen.append(megabytes(process))
        return seen[0], seen[1], max(seen)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main() -> None:
    """Measure and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unit", default="10", help="number of the unit (10)")
    unit = int(parser.parse_args().unit)
    (notebook,) = COURSE.glob(f"solutions/{unit:02d}_*/*.ipynb")
    server = server_memory()
    started, imported, most = kernel_memory(notebook)
    print(f"JupyterLab's server                    {server:6.0f} MB")
    print(f"a kernel, started                      {started:6.0f} MB")
    print(f"unit {unit:02d}: after its imports            {imported:6.0f} MB")
    print(f"unit {unit:02d}: at most, after a cell        {most:6.0f} MB")
    print(f"server and kernel together, at most    {server + most:6.0f} MB")


if __name__ == "__main__":
    main()
