"""A JupyterHub for a test: the recipe in etc/hub, started on free ports of this machine, asked over HTTP."""

from __future__ import annotations

import http.cookiejar
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil

CONFIG = """
c = get_config()
load_subconfig({recipe!r})
c.JupyterHub.services.append({{"name": "test", "api_token": {token!r}}})
c.JupyterHub.load_roles.append({{"name": "test", "services": ["test"], "scopes": ["admin:users", "tokens"]}})
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # this machine may be busy with other tests
"""
PROXY = Path("node_modules", ".bin", "configurable-http-proxy")


def free_ports(count: int) -> list[int]:
    """Return ports that are free now; all are held until the last is found, so they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def until(what: str, question: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Ask again and again and return the first answer that is something; fail when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.3)
    raise AssertionError(f"{what}: nothing came in {seconds:.0f} seconds")


class Hub:
    """A hub with the course in `folder`/course; everything it writes stays in `folder`."""

    def __init__(self, folder: Path, repository: Path):
        self.folder, self.token = folder, secrets.token_hex(16)
        self.log = folder / "hub.log"
        (folder / "config.py").write_text(
            CONFIG.format(
                recipe=str(folder / "course" / "etc" / "hub" / "jupyterhub_config.py"), token=self.token
            )
        )
        public, hub, proxy = free_ports(3)
        self.address = f"http://127.0.0.1:{public}"
        command = [
            sys.executable, "-m", "jupyterhub", "--config", "config.py",
            f"--JupyterHub.bind_url={self.address}", f"--JupyterHub.hub_bind_url=http://127.0.0.1:{hub}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}",
            f"--ConfigurableHTTPProxy.command={repository / PROXY}",
        ]  # fmt: skip
        home = folder / "home"
        home.mkdir(parents=True)
        environment = os.environ | {"HOME": str(home), "NO_COLOR": "1"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def ask(
        self, path: str, token: str | None = None, data: Any = None, method: str = ""
    ) -> tuple[int, bytes]:
        """Return the status and the body of an answer; `data` goes as JSON."""
        body = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {token or self.token}", "Content-Type": "application/json"}
        kind = method or ("GET" if data is None else "POST")
        request = urllib.request.Request(self.address + path, body, headers, method=kind)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:  # nobody listens yet
            return 0, b""

    def json(self, path: str, token: str | None = None, data: Any = None, method: str = "") -> Any:
        """Return what was asked for, as data; fail where the answer is not a good one."""
        status, body = self.ask(path, token, data, method)
        assert 200 <= status < 300, f"{path}: {status}\n{body[-2000:].decode()}\n{self.said()[-6000:]}"
        return json.loads(body or b"null")

    def said(self) -> str:
        """Return what the hub, its services and all servers have said."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self) -> None:
        """Wait until hub and services are there."""

        def ready() -> bool:
            assert self.process.poll() is None, f"the hub has ended:\n{self.said()[-6000:]}"
            return self.ask("/hub/api/")[0] == 200

        until("the hub", ready)

    def log_in(self, name: str, password: str) -> bool:
        """Fill in the login form as in a browser and return whether the hub let the person in."""
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies), _Stay)
        browser.open(f"{self.address}/hub/login", timeout=60).close()
        (xsrf,) = [cookie.value for cookie in cookies if cookie.name == "_xsrf"]
        form = urlencode({"username": name, "password": password, "_xsrf": xsrf}).encode()
        try:
            browser.open(f"{self.address}/hub/login?next=%2Fhub%2Fhome", form, timeout=60)
        except urllib.error.HTTPError as answer:
            assert answer.code in (302, 403), answer.code
            return answer.code == 302
        raise AssertionError("the hub neither let the person in nor refused")

    def person(self, name: str) -> Person:
        """Return a person, who has a token of their own from here on."""
        return Person(self, name, self.json(f"/hub/api/users/{name}/tokens", data={})["token"])

    def stop(self) -> list[str]:
        """End the hub as `systemctl stop` does and return what was still running after that; then end it too."""
        family = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _, left = psutil.wait_procs(family[1:], timeout=40)
        names = [" ".join(one.cmdline()) for one in left if one.is_running()]
        for one in left:
            one.kill()
        return names


class _Stay(urllib.request.HTTPRedirectHandler):
    """Show a redirection instead of following it."""

    def redirect_request(self, *request: Any) -> None:
        return None


class Person:
    """Somebody with a server of their own, who works through its REST interface as JupyterLab does."""

    def __init__(self, hub: Hub, name: str, token: str):
        self.hub, self.name, self.token = hub, name, token

    def start(self) -> None:
        """Ask for a server."""
        status, body = self.hub.ask(f"/hub/api/users/{self.name}/server", self.token, {})
        assert status in (201, 202), body

    def wait(self) -> None:
        """Wait until the server is there."""

        def ready() -> bool:
            about = self.hub.json(f"/hub/api/users/{self.name}", self.token)
            return about["servers"].get("", {}).get("ready", False)

        until(f"{self.name}'s server", ready)

    def json(self, path: str, data: Any = None, method: str = "") -> Any:
        """Return what the own server answers."""
        return self.hub.json(f"/user/{self.name}/{path}", self.token, data, method)

    def read(self, path: str) -> Any:
        """Return a file's content: text, or a notebook as data."""
        return self.json(f"api/contents/{quote(path)}")["content"]

    def write(self, path: str, notebook: dict) -> None:
        """Save a notebook."""
        self.json(
            f"api/contents/{quote(path)}",
            {"type": "notebook", "format": "json", "content": notebook},
            "PUT",
        )

    def nbgrader(self, action: str, assignment: str, course: str) -> list[dict]:
        """Press a button of the assignment list: `fetch`, `submit` or `fetch_feedback`; return the list after it."""
        done = self.json(f"assignments/{action}", {"course_id": course, "assignment_id": assignment})
        assert done["success"], done["value"]
        return done["value"]

    def submissions(self, course: str) -> list[dict]:
        """Return what the assignment list shows as handed in."""
        listed = self.json(f"assignments?{urlencode({'course_id': course})}")
        return [one for item in listed["value"] for one in item.get("submissions", [])]

    def pull(self, repository: str, branch: str, folder: str) -> str:
        """Open an nbgitpuller link and return what it said when it had finished."""
        words = urlencode({"repo": repository, "branch": branch, "targetpath": folder})
        _, body = self.hub.ask(f"/user/{self.name}/git-pull/api?{words}", self.token)
        return body.decode()


def course_in(folder: Path, repository: Path, unit: str) -> Path:
    """Copy what a class with one unit needs of the repository and return the course's folder."""
    course = folder / "course"
    for part in (Path("solutions", unit), Path("etc", "hub")):
        shutil.copytree(repository / part, course / part)
    shutil.copy(repository / "nbgrader_config.py", course)
    return course
